package daemon

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"

	"nerva/core/api"
	"nerva/core/commands"
	"nerva/core/config"
	"nerva/core/gate"
	"nerva/core/policy"
	"nerva/core/protected"
	"nerva/core/workflows"
)

// settings is the configuration in force. Readers take it as a whole from the atomic pointer; mu makes
// reloads come one after the other.
type settings struct {
	paths   config.Paths
	models  *models
	vision  *models // those that are shown pictures
	hide    func(secret string)
	home    string
	folders ownFolders
	app     func(name string) string // the id of an application
	log     *slog.Logger

	mu  sync.Mutex
	now atomic.Pointer[inForce]
}

// inForce is one configuration and why the files on disk are not it.
type inForce struct {
	config.Config
	policy  policy.Policy
	fence   commands.Fence
	guarded *protected.List
	places  gate.Places
	denied  func(app string) bool // of the clipboard
	plays   []*workflows.Compiled
	problem string
}

// newSettings loads the configuration; hide is told each key and each secret so that no log shows it, and app gives the id of what an
// application may be called by.
func newSettings(o Options, hide func(secret string), app func(name string) string) *settings {
	home, err := os.UserHomeDir()
	if err != nil {
		home = "/"
	}
	s := &settings{
		paths: o.Paths, models: newModels(o.Paths.User, hide, o.Log), vision: newModels(o.Paths.User, hide, o.Log.With("for", "pictures")), hide: hide, home: home, folders: o.ownFolders(), app: app, log: o.Log,
	}
	_ = s.load() // it is logged and stands in the status; a daemon must run on something
	return s
}

func (s *settings) load() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var before *config.Config
	if now := s.now.Load(); now != nil {
		before = &now.Config
	}
	c, err := config.LoadOr(s.paths, before)
	var kept *config.KeepError
	if errors.As(err, &kept) {
		s.log.Warn("there will be no copy of the configuration on the day on which it is wrong", "error", err)
		err = nil
	}
	guarded := s.protect(c)
	now := &inForce{
		Config: c, policy: s.compile(c), fence: c.Commands.Fence(s.wrong), guarded: guarded, places: s.arrange(c, guarded),
		denied: c.Clipboard.Denies(s.wrong), plays: c.Plays(s.wrong),
	}
	for _, what := range c.Later() {
		s.log.Warn(what)
	}
	if err != nil {
		now.problem = err.Error()
		s.log.Error("the configuration on disk is not in force", "error", err, "provider", c.LLM.Provider)
	}
	s.now.Store(now)
	if err := readSecrets(config.Expand(c.Secrets.Path), s.hide); err != nil {
		s.log.Warn(err.Error())
	}
	s.models.configure(c.LLM)
	s.vision.configure(c.LLM.Seeing())
	return err
}

// reload is load for somebody who asked for it.
func (s *settings) reload(ctx context.Context) error {
	if err := s.load(); err != nil {
		return api.Errorf(api.InvalidInput, "the configuration was not taken over: %w", err)
	}
	s.models.look(ctx)
	return nil
}

// wrong is for what was found right when the file was read.
func (s *settings) wrong(key, problem string) {
	s.log.Error("the configuration in force is wrong", "key", key, "problem", problem)
}

func (s *settings) policy() policy.Policy { return s.now.Load().policy }

func (s *settings) maxRounds() int { return s.now.Load().LLM.MaxRounds }

func (s *settings) calendars() []string { return s.now.Load().Calendar.Paths }

func (s *settings) notesPath() string { return config.Expand(s.now.Load().Notes.Path) }

func (s *settings) status() api.StatusConfig {
	return api.StatusConfig{Path: s.paths.User, Error: s.now.Load().problem}
}

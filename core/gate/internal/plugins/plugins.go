// Package plugins makes skills of other people's programs: folders with a skill.toml and an executable, which gets the
// input as JSON on its standard input and answers with a JSON object.
//
// The folders own what a plugin is. The package keeps nothing: a Folder may be used from any goroutine, and each call
// reads the files anew, so that what was hashed, and agreed to, is what runs. It must not know policy or who is
// asked; how a program is kept in is the Runner's business.
package plugins

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"nerva/core/api"
	"nerva/core/gate/internal/skills"
)

// Settings are what the user gives a plugin. It can't give itself anything.
type Settings struct {
	Risk    api.Risk // empty: dangerous
	Network bool
	Write   []string // absolute folders
}

// Run is one execution.
type Run struct {
	Name    string
	Files   []File // of the plugin's folder
	Exec    string // which of them
	Input   []byte // its standard input
	Network bool
	Write   []string
	Limit   time.Duration
}

// Answer is what a program left behind.
type Answer struct {
	Stdout, Stderr []byte
	Exit           int
	Truncated      bool // Stdout or Stderr
}

// Runner runs a plugin's program in a sandbox. Its error says why it could not run, or what ended it.
type Runner interface {
	RunPlugin(ctx context.Context, r Run) (Answer, error)
}

// Options go with New.
type Options struct {
	// Dir is the folder of the plugins' folders, usually $XDG_CONFIG_HOME/nerva/skills. It need not exist.
	Dir      string
	Settings func(name string) Settings
	Runner   Runner
	Log      *slog.Logger
}

// Folder is the folder of the plugins.
type Folder struct{ o Options }

// New makes a Folder of Options without reading it.
func New(o Options) *Folder { return &Folder{o} }

// names of plugins are those of their skills. Letters of one kind only, so that none looks like another.
var names = regexp.MustCompile(`\A[a-z][a-z0-9_]{0,47}\z`)

// Load reads every plugin, in the order of their names. taken says which names are nerva's own. What is wrong with a
// plugin is an error that names it, and the others are there all the same.
func (f *Folder) Load(taken func(name string) bool) (all []*skills.Skill, wrong map[string]error) {
	wrong = map[string]error{}
	entries, err := os.ReadDir(f.o.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		wrong[filepath.Base(f.o.Dir)] = api.Errorf(api.Failed, "the folder of plugins can't be read: %w; check its permissions", err)
	}
	for _, e := range entries {
		name := e.Name()
		switch {
		case name[0] == '.':
			continue
		case !names.MatchString(name):
			err = api.Errorf(api.InvalidInput, "the plugin %.64q has no name for a skill; use small letters, digits and _, with a letter first", name)
		case taken(name):
			err = api.Errorf(api.InvalidInput, "the plugin %s has the name of one of nerva's own skills; rename its folder", name)
		default:
			var s *skills.Skill
			if s, err = f.read(name); err == nil {
				all = append(all, s)
				continue
			}
		}
		wrong[name] = err
	}
	return all, wrong
}

// read makes the skill of one plugin as it is on the disk now.
func (f *Folder) read(name string) (*skills.Skill, error) {
	failed := func(err error) error {
		return api.Errorf(api.Unavailable, "the plugin %s can't be used: %w; mend it, or take its folder away", name, err)
	}
	files, content, err := readFolder(filepath.Join(f.o.Dir, name))
	if err != nil {
		return nil, failed(err)
	}
	at := slices.IndexFunc(files, func(f File) bool { return f.Name == manifestName })
	if at < 0 {
		return nil, failed(fmt.Errorf("it has no %s", manifestName))
	}
	m, schema, err := parse(files[at].Data)
	if err != nil {
		return nil, failed(fmt.Errorf("%s: %w", manifestName, err))
	}
	at = slices.IndexFunc(files, func(f File) bool { return f.Name == m.Exec })
	if at < 0 || !files[at].Executable {
		return nil, failed(fmt.Errorf("%s is no executable file of its folder", m.Exec))
	}
	s, err := m.skill(name, schema)
	if err != nil {
		return nil, failed(err)
	}
	s.Content, s.Risk = content, f.o.Settings(name).Risk
	if s.Risk == "" {
		s.Risk = api.Dangerous
	}
	s.Fresh = func() (*skills.Skill, error) { return f.read(name) }
	s.Run = f.runs(name, m, files)
	return s, nil
}

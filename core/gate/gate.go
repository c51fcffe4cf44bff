// Package gate is the one way to run a skill: schema, policy, question, audit, execution, audit. The
// executors lie in its internal folder, where nothing else can reach them.
//
// A Gate owns the list of skills, of which a reload changes those of plugins, and the yeses that hold for a whole run, under a
// mutex; any goroutine may call it, and every call runs in the goroutine that made it. It must not know models, the
// bus or the overlay: who can be asked is behind the Asker that comes with each call.
package gate

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nerva/core/api"
	"nerva/core/audit"
	"nerva/core/gate/internal/plugins"
	"nerva/core/gate/internal/skills"
	"nerva/core/learned"
	"nerva/core/policy"
)

// What the executors act with.
type (
	Deps          = skills.Deps
	App           = skills.App
	AppLauncher   = skills.AppLauncher
	Notes         = skills.Notes
	Note          = skills.Note
	Clipboard     = skills.Clipboard
	Timers        = skills.Timers
	Commands      = skills.Commands
	CommandResult = skills.CommandResult
	Places        = skills.Places
	Vision        = skills.Vision
)

// What plugins run with.
type (
	Plugins        = plugins.Options
	PluginSettings = plugins.Settings
	PluginRun      = plugins.Run
	PluginAnswer   = plugins.Answer
)

const (
	askLimit     = 60 * time.Second // DESIGN: no answer within this time is a refusal
	runLimit     = 30 * time.Second // for an executor that has no limit of its own
	stopLimit    = 5 * time.Second  // for an executor to return once its context has ended
	recordLimit  = 5 * time.Second  // for a record to become durable
	inputLimit   = 256 << 10        // bytes; more than any skill has use for
	defaultLimit = 1 << 20          // bytes of output
)

// Call is a proposed call: nothing in it is trusted.
type Call struct {
	Run    uint64 // 0 outside of runs
	Caller api.Caller
	Skill  string
	Input  json.RawMessage // as it was written, JSON or not; empty means {}
	// TaintedBy says what untrusted things the run has taken in; empty means that it is not tainted.
	TaintedBy []string
	// Host is the server outside of this machine that is shown what the call returns; empty: nobody is.
	Host string
	// Limit is how many bytes of output are of use to the caller; 0 means 1 MiB. What is longer is cut.
	Limit int
}

// Outcome is what became of a call. On an error all fields but Output are set.
type Outcome struct {
	// State is never StepRunning.
	State  api.StepState
	Output json.RawMessage
	// Cut says that Output is not all of it: it was longer than Call.Limit.
	Cut bool
	// Untrusted says that a part of output, or error, may have been written by anybody; Did then says what was taken
	// in: "read the windows".
	Untrusted bool
	Did       string
}

// Asker puts a question to a person and waits for the answer. It returns who answered: overlay, terminal or
// peer. Where nobody can answer it returns ErrNobody at once; when ctx ends, ctx's error.
//
// Answers are taken thus: ForRun holds for exactly this call as long as the run goes on and its taint is the
// same. Always holds for good, for exactly what was asked: this call, this kind for this host, a plugin's files as
// they are. What the question does not offer is taken as api.Question.Taken
// says. Any other word is a refusal.
type Asker interface {
	Ask(ctx context.Context, q api.Question) (d api.Decision, by string, err error)
}

// Options go with New. All of them must be set.
type Options struct {
	// Policy gives the one in force and is called for each call.
	Policy func() policy.Policy
	// Learned has what was answered for good.
	Learned *learned.Store
	Audit   *audit.Log
	Log     *slog.Logger
	// Plugins says where they are and what they are given. Only its Dir may be empty: there are none.
	Plugins Plugins
}

// Gate runs skills.
type Gate struct {
	o     Options
	all   atomic.Pointer[catalogue]
	own   []*entry
	hands hands

	mu    sync.Mutex
	yes   map[uint64]yeses // by run
	wrote []string         // paths that tainted runs have written, oldest first
}

// New makes a gate with every skill there is; those of plugins come with LoadPlugins.
func New(d Deps, o Options) (*Gate, error) {
	all, err := skills.All(d)
	if err != nil {
		return nil, err
	}
	return newGate(all, o)
}

func newGate(all []*skills.Skill, o Options) (*Gate, error) {
	g := &Gate{o: o, hands: hands{acting: map[*act]struct{}{}}, yes: map[uint64]yeses{}}
	for _, s := range all {
		e, err := newEntry(s)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(g.own, func(other *entry) bool { return other.ID == s.ID }) {
			return nil, fmt.Errorf("two skills are called %s", s.ID)
		}
		g.own = append(g.own, e)
	}
	g.all.Store(newCatalogue(g.own))
	return g, nil
}

// Skills lists what there is: nerva's own in a fixed order, and then those of plugins.
func (g *Gate) Skills() []api.Skill {
	entries := g.all.Load().entries
	list := make([]api.Skill, len(entries))
	for i, e := range entries {
		list[i] = e.Skill.Skill
	}
	return list
}

// Package gate is the one way to run a skill: schema, policy, question, audit, execution, audit. The
// executors lie in its internal folder, where nothing else can reach them.
//
// A Gate owns the list of skills, which never changes, and the yeses that hold for a whole run, under a
// mutex; any goroutine may call it, and every call runs in the goroutine that made it. It must not know models, the
// bus or the overlay: who can be asked is behind the Asker that comes with each call.
package gate

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"nerva/core/api"
	"nerva/core/audit"
	"nerva/core/gate/internal/skills"
	"nerva/core/learned"
	"nerva/core/policy"
)

// What the executors act with.
type (
	Deps        = skills.Deps
	App         = skills.App
	AppLauncher = skills.AppLauncher
	Notes       = skills.Notes
	Note        = skills.Note
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
	// Untrusted says that output, or error, may have been written by anybody; Did then says what was taken
	// in: "read the windows".
	Untrusted bool
	Did       string
}

// Asker puts a question to a person and waits for the answer. It returns who answered: overlay, terminal or
// peer. Where nobody can answer it returns ErrNobody at once; when ctx ends, ctx's error.
//
// Answers are taken thus: ForRun holds for exactly this call as long as the run goes on and its taint is the
// same, and is Once outside of a run. Always holds for exactly this call for good, and is ForRun where the question does
// not offer it. Any other word is a refusal.
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
}

// Gate runs skills.
type Gate struct {
	o      Options
	skills []*entry
	byID   map[string]*entry
	hands  hands

	mu  sync.Mutex
	yes map[uint64]yeses // by run
}

type entry struct {
	*skills.Skill
	schema *jsonschema.Resolved
}

// New makes a gate with every skill there is.
func New(d Deps, o Options) (*Gate, error) {
	all, err := skills.All(d)
	if err != nil {
		return nil, err
	}
	return newGate(all, o)
}

func newGate(all []*skills.Skill, o Options) (*Gate, error) {
	g := &Gate{o: o, byID: map[string]*entry{}, hands: hands{acting: map[*act]struct{}{}}, yes: map[uint64]yeses{}}
	for _, s := range all {
		resolved, err := s.Schema.Resolve(nil)
		if err != nil {
			return nil, fmt.Errorf("schema of %s: %w", s.ID, err)
		}
		e := &entry{Skill: s, schema: resolved}
		if g.byID[s.ID] != nil {
			return nil, fmt.Errorf("two skills are called %s", s.ID)
		}
		g.skills, g.byID[s.ID] = append(g.skills, e), e
	}
	return g, nil
}

// Skills lists what there is, in a fixed order.
func (g *Gate) Skills() []api.Skill {
	list := make([]api.Skill, len(g.skills))
	for i, e := range g.skills {
		list[i] = e.Skill.Skill
	}
	return list
}

// Package session carries out requests in words: it lets a model propose calls, takes each through the gate,
// and tells everybody who watches what happens.
//
// Each open run has two goroutines. The worker speaks with the model and calls the gate, one call after the
// other. The owner holds the run's state; the worker, watchers and those who answer questions post to it and wait,
// so events have one order and a late subscriber gets a state that the following events continue. What is over
// lies in the database only. The Manager's mutex guards which runs are open, nothing else.
//
// The package must not know D-Bus, the overlay or what a skill does. It imports the gate for its words; the
// gate, the model and the overlay's presence are handed in.
package session

import (
	"context"
	"database/sql"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"nerva/core/api"
	"nerva/core/gate"
	"nerva/core/llm"
)

const (
	maxOpen   = 32 // runs at a time; whoever asks for more is a script gone wild
	maxPrompt = 64 << 10
	drain     = 500 * time.Millisecond // for watchers to take the last events when the daemon stops
)

// Gate is what runs a proposed call; *gate.Gate is one.
type Gate interface {
	Skills() []api.Skill
	Do(ctx context.Context, c gate.Call, ask gate.Asker) (gate.Outcome, error)
	Show(ctx context.Context, c gate.Call, kind, request string, ask gate.Asker) (gate.Outcome, error)
	Forget(run uint64)
}

// Options go with New.
type Options struct {
	Gate Gate
	DB   *sql.DB
	// Model gives the model as configured now, and the host outside of this machine that it is on, empty where it is
	// here. It is called once for each run.
	Model func(context.Context) (model llm.Model, outside string, err error)
	// MaxRounds gives how often a run may turn to the model; nil or a value below 1 means 25.
	MaxRounds func() int
	// Overlay gives the unique bus name of the overlay that is attached; nil means there never is one. It is
	// called from the goroutines of runs and must not block.
	Overlay func() (peer string, attached bool)
	// Started is told each run's number before anything happens in it, those of Execute too; it may be nil
	// and must not block.
	Started func(run uint64)
	// Redact takes the secrets out of a step's input or output before it goes into the database; nil keeps
	// them as they are.
	Redact func(json []byte) []byte
	Log    *slog.Logger // gets a line when a run begins and one when it ends; nil drops them
}

// Manager implements api.Agent and api.Skills.
type Manager struct {
	o       Options
	history *history
	ctx     context.Context // of all runs
	cancel  context.CancelFunc

	mu       sync.Mutex
	open     map[uint64]*run
	stopping bool           // nothing new may begin
	closed   bool           // nobody may watch any more
	work     sync.WaitGroup // runs and single calls; Add only under mu while not stopping
	pumps    sync.WaitGroup // Add only under mu while not closed
	drained  chan struct{}  // closed when watchers have had their time
}

var (
	_ api.Agent  = (*Manager)(nil)
	_ api.Skills = (*Manager)(nil)
)

// New opens the history of runs. Those that were open when the last daemon died are failed now. The manager
// works until Stop.
func New(ctx context.Context, o Options) (*Manager, error) {
	if o.Redact == nil {
		o.Redact = func(json []byte) []byte { return json }
	}
	h, err := openHistory(ctx, o.DB, o.Redact)
	if err != nil {
		return nil, err
	}
	if o.Overlay == nil {
		o.Overlay = func() (string, bool) { return "", false }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Started == nil {
		o.Started = func(uint64) {}
	}
	m := &Manager{o: o, history: h, open: map[uint64]*run{}, drained: make(chan struct{})}
	m.ctx, m.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return m, nil
}

// Ask implements api.Agent.
func (m *Manager) Ask(ctx context.Context, prompt string, o api.AskOptions) (uint64, error) {
	prompt = strings.TrimSpace(prompt)
	if prompt == "" {
		return 0, api.Errorf(api.InvalidInput, "the request is empty; say in words what you want")
	}
	return m.Play(ctx, Piece{Prompt: prompt, Model: m.o.Model}, o)
}

// Piece is a run with a model of its own.
type Piece struct {
	Prompt string
	// Model is as in Options.
	Model func(context.Context) (model llm.Model, outside string, err error)
	// Rounds is how often the run may turn to it beyond MaxRounds.
	Rounds int
}

// Play starts a run of a piece, as Ask does with the model that is configured.
func (m *Manager) Play(ctx context.Context, p Piece, o api.AskOptions) (uint64, error) {
	if n := len(p.Prompt); n > maxPrompt {
		return 0, api.Errorf(api.InvalidInput, "the request has %d bytes; at most %d are taken", n, maxPrompt)
	}
	if err := m.begin(); err != nil {
		return 0, err
	}
	runCtx, cancel := context.WithCancel(m.ctx)
	r, err := m.start(ctx, p.Prompt, o, cancel)
	if err != nil {
		cancel()
		m.work.Done()
		return 0, err
	}
	go func() {
		defer m.work.Done()
		defer cancel()
		state, answer := m.converse(runCtx, r, p)
		m.finish(r, state, answer)
	}()
	return r.id, nil
}

// begin counts a run or a single call that is about to begin; work.Done ends it.
func (m *Manager) begin() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stopping {
		return api.Errorf(api.Unavailable, "nerva is stopping; ask again in a moment")
	}
	if len(m.open) >= maxOpen {
		return api.Errorf(api.Busy, "%d runs are open; wait for one to end, or cancel one", maxOpen)
	}
	m.work.Add(1)
	return nil
}

// start makes a run known and starts its owner, which ends with finish.
func (m *Manager) start(ctx context.Context, prompt string, o api.AskOptions, cancel context.CancelFunc) (*run, error) {
	now := api.Run{Time: time.Now(), Prompt: prompt, State: api.Thinking, Caller: o.Caller.Name, Peer: o.Caller.Peer}
	id, err := m.history.begin(ctx, now)
	if err != nil {
		return nil, api.Errorf(api.Failed, "the run can't begin: %w; look at the disk of the state folder", err)
	}
	now.ID = id
	r := &run{id: id, caller: o.Caller, taint: slices.Clone(o.TaintedBy), kind: o.Kind, cancel: cancel, posts: make(chan func(*state)), gone: make(chan struct{})}
	m.mu.Lock()
	m.open[id] = r
	m.mu.Unlock()
	go r.own(&state{run: now, interactive: o.Interactive, questions: map[string]chan reply{}})
	// No word of a person's or a model's goes into the log of the daemon, which others may read.
	m.o.Log.Info("a run began", "run", id, "caller", o.Caller.Name)
	m.o.Started(id)
	return r, nil
}

// finish ends a run: it is in the database, and no longer among the open ones, before anybody hears that it
// is over. Where the database fails the run stays in memory.
func (m *Manager) finish(r *run, end api.State, answer string) {
	m.o.Gate.Forget(r.id)
	var last api.Run
	r.post(func(s *state) { last = s.end(end, answer) })
	if err := m.history.finish(last); err != nil {
		m.o.Log.Error("a run's end is not in the database; it is kept in memory", "run", r.id, "error", err)
	} else {
		m.mu.Lock()
		delete(m.open, r.id)
		m.mu.Unlock()
	}
	m.o.Log.Info("a run ended", "run", r.id, "state", last.State, "calls", len(last.Steps), "took", time.Since(last.Time).Round(time.Millisecond))
	r.post(func(s *state) { s.finish(last) })
	<-r.gone
}

// find gives an open run, nil where there is none.
func (m *Manager) find(id uint64) *run {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.open[id]
}

// Cancel implements api.Agent. To cancel a run that is over is no error.
func (m *Manager) Cancel(ctx context.Context, id uint64) error {
	r := m.find(id)
	if r == nil {
		_, err := m.history.load(ctx, id)
		return err
	}
	r.cancel()
	select {
	case <-r.gone:
		return nil
	case <-ctx.Done():
		return api.Errorf(api.Busy, "run %d is still stopping; look again in a moment", id)
	}
}

// Runs implements api.Agent. Steps come with open runs only; Watch gives those of the others.
func (m *Manager) Runs(ctx context.Context, limit int) ([]api.Run, error) {
	open := m.opened() // before the list: one that ends meanwhile would look open for ever
	list, err := m.history.list(ctx, limit)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if r := open[list[i].ID]; r != nil {
			list[i] = r.now()
		}
	}
	return list, nil
}

// opened gives the open runs.
func (m *Manager) opened() map[uint64]*run {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.open)
}

// Open is how many runs are not over.
func (m *Manager) Open() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.open)
}

// Stop cancels everything and waits until it has ended and the watchers have heard of it. If ctx ends before
// that, something may still be going on.
func (m *Manager) Stop(ctx context.Context) error {
	m.mu.Lock()
	m.stopping = true
	m.mu.Unlock()
	m.cancel()
	if err := waitFor(ctx, &m.work); err != nil {
		return api.Errorf(api.Busy, "runs were still going when the time to stop was over: %w", err)
	}
	m.mu.Lock()
	first := !m.closed
	m.closed = true
	m.mu.Unlock()
	limited, cancel := context.WithTimeout(ctx, drain)
	defer cancel()
	if err := waitFor(limited, &m.pumps); err != nil {
		m.o.Log.Warn("a watcher did not take its last events")
	}
	if first {
		close(m.drained)
	}
	m.pumps.Wait()
	return nil
}

func waitFor(ctx context.Context, group *sync.WaitGroup) error {
	done := make(chan struct{})
	go func() {
		group.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

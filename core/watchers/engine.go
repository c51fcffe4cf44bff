package watchers

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nerva/core/api"
)

// Options go with New. All of them must be set.
type Options struct {
	Outcomes Outcomes
	Clock    Clock
	Now      func() time.Time
	Log      *slog.Logger
}

// waiting is how many events may wait for the engine's goroutine. Whoever posts more waits itself.
const waiting = 256

// Engine has the rules in force. Post, Set, List and Wants may be called from any goroutine.
type Engine struct {
	o     Options
	rules atomic.Pointer[ruleset]
	hits  chan hit
	reset chan struct{} // holds one: rules has changed
	ended chan struct{} // closed when Run has returned
	set   sync.Mutex    // held by Set

	// The rest is Run's alone.
	armed time.Time // what Clock was set to last and has not rung for
	fired []Outcome
}

// ruleset is what is in force at one time. It never changes; what the states have in them does.
type ruleset struct {
	all      []*state            // in the order of the configuration
	bySource map[string][]*state // without those that are off, nor those on the timer, which nobody posts to
}

// state is a rule with what it remembers. A rule that a reload leaves as it is keeps it.
type state struct {
	rule   *Compiled
	fires  atomic.Uint64
	last   atomic.Int64 // nanoseconds since 1970 of the last firing; 0: none
	failed atomic.Bool  // it has been logged that the rule could not be judged or filled

	// The rest is Run's alone.
	recent  []time.Time // firings within at_most
	pending Event
	due     time.Time // of pending; zero: there is none
	next    time.Time // of the timer; zero: not known yet
}

// hit is an event that fits a rule.
type hit struct {
	state *state
	event Event
}

// New makes an engine without rules. Nothing fires until Run runs.
func New(o Options) *Engine {
	e := &Engine{o: o, hits: make(chan hit, waiting), reset: make(chan struct{}, 1), ended: make(chan struct{})}
	e.rules.Store(&ruleset{})
	return e
}

// Set puts rules in force in the place of those that were. One that is the same as before keeps its counters, what it
// waits for and when it is due.
func (e *Engine) Set(rules []*Compiled) {
	e.set.Lock()
	defer e.set.Unlock()
	before := e.rules.Load().all
	now := &ruleset{bySource: map[string][]*state{}}
	for _, r := range rules {
		s := &state{rule: r}
		if i := slices.IndexFunc(before, func(b *state) bool { return reflect.DeepEqual(b.rule.Rule, r.Rule) }); i >= 0 {
			s = before[i]
		}
		now.all = append(now.all, s)
		if r.Enables() && r.next == nil {
			now.bySource[r.On] = append(now.bySource[r.On], s)
		}
	}
	e.rules.Store(now)
	select {
	case e.reset <- struct{}{}:
	default: // it has yet to look, and will see these
	}
}

// Wants gives what the rules that are on want of a source, so that it watches that and nothing else; nothing where there
// is no rule for it.
func (e *Engine) Wants(source string) []Match {
	var all []Match
	for _, s := range e.rules.Load().bySource[source] {
		all = append(all, s.rule.Match)
	}
	return all
}

// List tells the rules and what became of them.
func (e *Engine) List() []api.Watcher {
	var list []api.Watcher
	for _, s := range e.rules.Load().all {
		w := api.Watcher{Name: s.rule.Name, On: s.rule.On, Enabled: s.rule.Enables(), Fired: s.fires.Load()}
		if ns := s.last.Load(); ns != 0 {
			at := time.Unix(0, ns)
			w.Last = &at
		}
		list = append(list, w)
	}
	return list
}

// Post gives an event to the rules. Each that it fits will have it, unless debounce, at_most or quiet say otherwise: nothing is
// dropped because there is much. Where more fits than the engine's goroutine takes over, Post waits, at most as long as
// Outcomes take for what waits already; it fails where ctx ends first or Run has ended.
func (e *Engine) Post(ctx context.Context, event Event) error {
	states := e.rules.Load().bySource[event.Source]
	if len(states) == 0 {
		return nil
	}
	event = event.complete(states[0].rule.empty)
	for _, s := range states {
		if event.Only != nil && !event.Only(s.rule.Match) {
			continue
		}
		key, err := s.rule.judge(event)
		if err != nil {
			e.log(s, "a watcher's rule can't be judged")
		}
		if key != "" {
			continue
		}
		select {
		case e.hits <- hit{s, event}:
		case <-ctx.Done():
			return ctx.Err()
		case <-e.ended:
			return errEnded
		}
	}
	return nil
}

var errEnded = errors.New("the watchers have ended")

// log says it once for each rule: the next thousand events would say the same. The error may quote the event, which the
// journal is not to have.
func (e *Engine) log(s *state, what string) {
	if !s.failed.Swap(true) {
		e.o.Log.Warn(what+"; `nerva watchers test` says why", "rule", s.rule.Name)
	}
}

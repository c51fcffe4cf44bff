package watchers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"nerva/core/api"
)

// Run fires rules until ctx ends, and returns its error; earlier only where the clock can't be set. It is called once.
func (e *Engine) Run(ctx context.Context) error {
	defer close(e.ended)
	for {
		if err := e.arm(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-e.reset:
			e.ring()
		case <-e.o.Clock.Rings():
			e.armed = time.Time{}
			e.ring()
		case h := <-e.hits:
			e.take(h)
			// What waits already is handed on together.
			for range len(e.hits) {
				e.take(<-e.hits)
			}
		}
		e.deliver(ctx)
	}
}

func (e *Engine) take(h hit) {
	if !slices.Contains(e.rules.Load().all, h.state) {
		return // a reload has changed the rule since
	}
	if wait := h.state.rule.limits.debounce; wait > 0 {
		h.state.pending, h.state.due = h.event, e.o.Now().Add(wait)
		return
	}
	e.fire(h.state, h.event)
}

// ring fires what is due.
func (e *Engine) ring() {
	now := e.o.Now()
	for _, s := range e.rules.Load().all {
		if !s.rule.Enables() {
			continue
		}
		s.mind(now)
		if !s.due.IsZero() && !now.Before(s.due) {
			event := s.pending
			s.pending, s.due = Event{}, time.Time{}
			e.fire(s, event)
		}
		if s.rule.next != nil && !now.Before(s.next) {
			// Several that were slept through are one.
			s.next = s.rule.next(now)
			e.tick(s, now)
		}
	}
}

// mind sets what is due anew where it is not known yet, or where the clock was set back since.
func (s *state) mind(now time.Time) {
	if latest := now.Add(s.rule.limits.debounce); s.due.After(latest) {
		s.due = latest
	}
	if s.rule.next == nil {
		return
	}
	if next := s.rule.next(now); s.next.IsZero() || s.next.After(next) {
		s.next = next
	}
}

// tick is the timer's event for one rule.
func (e *Engine) tick(s *state, now time.Time) {
	event := Event{Source: s.rule.On, Time: now, Fields: map[string]any{"Text": s.rule.Name}}.complete(s.rule.empty)
	key, err := s.rule.judge(event)
	if err != nil {
		e.log(s, "a watcher's rule can't be judged")
	}
	if key == "" {
		e.take(hit{s, event})
	}
}

// fire makes the outcome of a rule, unless it is to be quiet or has fired often enough.
func (e *Engine) fire(s *state, event Event) {
	now, l := e.o.Now(), s.rule.limits
	if l.quiet(now) {
		return
	}
	if l.most > 0 {
		s.recent = slices.DeleteFunc(s.recent, func(t time.Time) bool { return now.Sub(t) >= l.per || t.After(now) })
		if len(s.recent) >= l.most {
			return
		}
	}
	outcome, err := s.rule.fill(event)
	if err != nil {
		e.log(s, "a watcher's rule can't be filled")
		return
	}
	if l.most > 0 {
		s.recent = append(s.recent, now)
	}
	s.fires.Add(1)
	s.last.Store(now.UnixNano())
	e.fired = append(e.fired, outcome)
}

// deliver hands on what has fired, in order but for suggestions, which go together. An outcome that is not taken is
// logged: there is nobody else to tell.
func (e *Engine) deliver(ctx context.Context) {
	var suggestions []Outcome
	for _, o := range e.fired {
		if o.Kind == Suggest {
			suggestions = append(suggestions, o)
			continue
		}
		if err := e.o.Outcomes.Do(ctx, o); err != nil && !errors.Is(err, context.Canceled) {
			e.o.Log.Warn("what a watcher's rule wants is not done", "rule", o.Rule, "code", api.CodeOf(err))
		}
	}
	if len(suggestions) > 0 {
		if err := e.o.Outcomes.Suggest(ctx, suggestions); err != nil && !errors.Is(err, context.Canceled) {
			e.o.Log.Warn("suggestions of watchers' rules are lost", "count", len(suggestions), "error", err)
		}
	}
	clear(e.fired) // the texts may be large
	e.fired = e.fired[:0]
}

// arm sets the clock to what is due first. What has moved away since is found out when it rings: a burst does not set it
// again and again.
func (e *Engine) arm() error {
	var first time.Time
	for _, s := range e.rules.Load().all {
		if !s.rule.Enables() {
			continue
		}
		for _, at := range []time.Time{s.due, s.next} {
			if !at.IsZero() && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
	}
	if first.Equal(e.armed) || !first.IsZero() && !e.armed.IsZero() && e.armed.Before(first) {
		return nil
	}
	if err := e.o.Clock.Set(first); err != nil {
		return fmt.Errorf("watchers: %w", err)
	}
	e.armed = first
	return nil
}

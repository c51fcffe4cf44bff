package daemon

import (
	"context"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/desk"
	"nerva/core/policy"
	"nerva/core/suggestions"
	"nerva/core/wallclock"
	"nerva/core/watchers"
)

// openWatching opens the rules of watchers and what was suggested; it comes after the session.
func (p *parts) openWatching(ctx context.Context, server *bus.Server) error {
	store, err := suggestions.Open(ctx, p.db)
	if err != nil {
		return err
	}
	clock, err := wallclock.New()
	if err != nil {
		return err
	}
	p.clocks = append(p.clocks, clock)
	p.watching = &watching{
		store: store, agent: p.session, notifier: p.o.Desk.Notifier, share: p.settings.share,
		suggested: server.Suggested, changed: p.finder.setSuggestions, log: p.o.Log,
		jobs: make(chan watchers.Outcome), buttons: map[desk.Shown]watchers.Outcome{},
	}
	p.watching.engine = watchers.New(watchers.Options{Outcomes: p.watching, Clock: clock, Now: wallClock, Log: p.o.Log})
	p.finder.suggestions = p.watching
	p.setRules()
	return p.watching.refresh(ctx)
}

// watch runs the rules until the daemon stops.
func (p *parts) watch() {
	p.work.Go(func() { p.untilStopped("what watchers' rules are for", p.watching.engine.Run(p.ctx)) })
	p.work.Go(func() { p.untilStopped("buttons of notifications", p.watching.follow(p.ctx, &p.work)) })
	for range workers {
		p.work.Go(func() { p.watching.work(p.ctx) })
	}
}

// setRules puts the rules of the configuration in force.
func (p *parts) setRules() {
	p.watching.engine.Set(p.settings.rules())
}

// rules are those of the configuration; none where watchers are switched off.
func (s *settings) rules() []*watchers.Compiled {
	now := s.now.Load()
	if !now.Watchers.Enabled {
		return nil
	}
	return now.Watch(s.home, s.wrong)
}

// share says whether a model may be shown what an event had in it.
func (s *settings) share(ctx context.Context, kind string) policy.Verdict {
	_, host, err := s.models.current(ctx)
	if err != nil || host == "" {
		return policy.Verdict{Decision: policy.Allow} // a model that can't be asked is shown nothing
	}
	return s.policy().Share(kind, host)
}

var _ api.Watchers = (*watching)(nil)

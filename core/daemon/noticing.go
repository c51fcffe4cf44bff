package daemon

import (
	"context"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/desk"
	"nerva/core/policy"
	"nerva/core/sources"
	"nerva/core/suggestions"
	"nerva/core/wallclock"
	"nerva/core/watchers"
)

// openSources makes the rules' engine and what tells it of events; it comes before what they listen to.
func (p *parts) openSources() error {
	clock, err := wallclock.New()
	if err != nil {
		return err
	}
	p.clocks = append(p.clocks, clock)
	p.watching = &watching{
		notifier: p.o.Desk.Notifier, share: p.settings.share, changed: p.finder.setSuggestions, log: p.o.Log,
		jobs: make(chan watchers.Outcome), buttons: map[desk.Shown]watchers.Outcome{},
	}
	p.watching.engine = watchers.New(watchers.Options{Outcomes: p.watching, Clock: clock, Now: wallClock, Log: p.o.Log})
	p.finder.suggestions = p.watching
	p.sources = sources.New(sources.Options{Engine: p.watching.engine, Desk: p.o.Desk, Home: p.settings.home, Log: p.o.Log})
	return nil
}

// openWatching opens what was suggested and puts the rules in force; it comes after the session, which carries out what they
// want.
func (p *parts) openWatching(ctx context.Context, server *bus.Server) (err error) {
	p.watching.agent, p.watching.suggested = p.session, server.Suggested
	if p.watching.store, err = suggestions.Open(ctx, p.db); err != nil {
		return err
	}
	p.setRules()
	return p.watching.refresh(ctx)
}

// watch runs the rules until the daemon stops.
func (p *parts) watch() {
	p.work.Go(func() { p.untilStopped("what watchers' rules want", p.watching.engine.Run(p.ctx)) })
	p.work.Go(func() { p.untilStopped("buttons of notifications", p.watching.follow(p.ctx, &p.work)) })
	p.work.Go(func() { p.untilStopped("what rules are for", p.sources.Run(p.ctx)) })
	for range workers {
		p.work.Go(func() { p.watching.work(p.ctx) })
	}
}

// setRules puts the rules of the configuration in force.
func (p *parts) setRules() {
	p.watching.engine.Set(p.settings.rules())
	p.sources.Changed()
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

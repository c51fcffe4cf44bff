package daemon

import (
	"context"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/gate"
	"nerva/core/policy"
	"nerva/core/sources"
	"nerva/core/suggestions"
	"nerva/core/watchers"
)

// openSources makes the rules' engine and what tells it of events; it comes before what they listen to.
func (p *parts) openSources(server *bus.Server) error {
	clock, err := p.clock()
	if err != nil {
		return err
	}
	p.watching = &watching{
		notifier: p.o.Desk.Notifier, share: p.settings.share, judge: p.judge, hold: server.Hold,
		suggested: server.Suggested, changed: p.finder.setSuggestions, log: p.o.Log,
		jobs: make(chan watchers.Outcome),
	}
	p.watching.engine = watchers.New(watchers.Options{Outcomes: p.watching, Clock: clock, Now: wallClock, Log: p.o.Log})
	p.finder.suggestions = p.watching
	p.sources = sources.New(sources.Options{Engine: p.watching.engine, Desk: p.o.Desk, Home: p.settings.home, Log: p.o.Log})
	return nil
}

// openWatching opens what was suggested and puts the rules in force; it comes after the session, which carries out what they
// want.
func (p *parts) openWatching(ctx context.Context) (err error) {
	p.watching.agent = p.session
	if p.watching.store, err = suggestions.Open(ctx, p.db); err != nil {
		return err
	}
	return p.setRules(ctx)
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

// setRules puts the rules of the configuration in force, and forgets what others have suggested.
func (p *parts) setRules(ctx context.Context) error {
	p.ruling.Lock()
	defer p.ruling.Unlock()
	rules := p.settings.rules()
	p.watching.engine.Set(rules)
	p.sources.Changed()
	return p.watching.keep(ctx, rules)
}

// judge says what would become of a call of a rule's now.
func (p *parts) judge(a watchers.Action, taint string) policy.Decision {
	e, err := p.gate.Explain(gate.Call{Caller: watcher, Skill: a.Skill, Input: a.Input, TaintedBy: []string{taint}})
	if err != nil {
		return policy.Deny
	}
	return policy.Decision(e.Decision)
}

// rules are those of the configuration; none where watchers are switched off.
func (s *settings) rules() []*watchers.Compiled {
	now := s.now.Load()
	if !now.Watchers.Enabled {
		return nil
	}
	return now.Watch(s.home, s.wrong)
}

// share says why the model may not be shown what an event had in it.
func (s *settings) share(ctx context.Context, kind string) error {
	_, host, err := s.models.current(ctx)
	if err != nil || host == "" {
		return err
	}
	return s.mayShow(kind, host)
}

// mayShow is for a request that nobody can be asked about before it is sent: a yes in the configuration is needed.
func (s *settings) mayShow(kind, host string) error {
	if s.policy().Share(kind, host).Decision == policy.Allow {
		return nil
	}
	return api.Errorf(api.Denied, "nothing was asked: %s, outside of this computer, would be shown what was noticed; "+
		"set llm.share.%s to \"allow\" if it may be, or use a model on this computer", host, kind)
}

var _ api.Watchers = (*watching)(nil)

package daemon

import (
	"context"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/gate"
	"nerva/core/llm"
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
	meetings, err := p.clock()
	if err != nil {
		return err
	}
	p.watching = &watching{
		notifier: p.o.Desk.Notifier, share: p.settings.share, interprets: p.settings.interprets, asks: p.asks, judge: p.judge, hold: server.Hold,
		suggested: server.Suggested, changed: p.finder.setSuggestions, log: p.o.Log,
		jobs: make(chan watchers.Outcome),
	}
	p.watching.engine = watchers.New(watchers.Options{Outcomes: p.watching, Clock: clock, Now: wallClock, Log: p.o.Log})
	p.finder.suggestions = p.watching
	p.sources = sources.New(sources.Options{
		Engine: p.watching.engine, Desk: p.o.Desk, Home: p.settings.home, Calendars: p.settings.calendars, Clock: meetings, Now: wallClock, Log: p.o.Log,
	})
	return nil
}

// openWatching opens what was suggested and puts the rules in force; it comes after the session, which carries out what they
// want.
func (p *parts) openWatching(ctx context.Context) (err error) {
	p.watching.agent = requests{p.session, p.watching, playbook{p}}
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

// setRules puts the rules of the configuration in force, and its workflows, which they run; it forgets what others have suggested.
func (p *parts) setRules(ctx context.Context) error {
	p.ruling.Lock()
	defer p.ruling.Unlock()
	rules := p.settings.rules()
	p.finder.setWorkflows(p.settings.workflows())
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

// asks says whether a workflow has a question to the model in it; one that there is not has none.
func (p *parts) asks(workflow string) bool {
	w, err := playbook{p}.find(workflow)
	return err == nil && w.Asks()
}

// rules are those of the configuration; none where watchers are switched off.
func (s *settings) rules() []*watchers.Compiled {
	now := s.now.Load()
	if !now.Watchers.Enabled {
		return nil
	}
	return now.Watch(s.home, s.wrong)
}

// interprets says that the offline interpreter is the model, as far as it is known by now.
func (s *settings) interprets() bool { return s.models.status.Load().Provider == llm.Offline }

// share says whether the model may be shown what is of a kind; an error says why it never may.
func (s *settings) share(ctx context.Context, kind string) (policy.Decision, error) {
	_, host, err := s.models.current(ctx)
	if err != nil || host == "" || kind == "" {
		return policy.Allow, err
	}
	v := s.policy().Share(kind, host)
	if v.Decision == policy.Deny {
		return v.Decision, api.Errorf(api.Denied, "nothing was asked: %s, outside of this computer, would be shown what was noticed, and llm.share.%s "+
			"denies that; change it, or use a model on this computer", host, kind)
	}
	return v.Decision, nil
}

var _ api.Watchers = (*watching)(nil)

package session

import (
	"context"
	"encoding/json"
	"time"

	"nerva/core/api"
	"nerva/core/gate"
)

// Skills implements api.Skills.
func (m *Manager) Skills(context.Context) ([]api.Skill, error) { return m.o.Gate.Skills(), nil }

// Execute implements api.Skills: one call, without a model. If the gate asks, the call becomes a run, so that
// the question is shown, answered and cancelled like any other; a call without a question leaves no run.
func (m *Manager) Execute(ctx context.Context, skill string, input json.RawMessage, o api.AskOptions) (json.RawMessage, error) {
	if err := m.begin(); err != nil {
		return nil, err
	}
	defer m.work.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(m.ctx, cancel)()
	e := &execution{m: m, o: o, cancel: cancel, begun: time.Now()}
	out, err := m.o.Gate.Do(ctx, gate.Call{Caller: o.Caller, Skill: skill, Input: input, TaintedBy: o.TaintedBy}, e)
	e.finish(ctx, out, err)
	return out.Output, err
}

// execution is one call of Execute; run is there once a question was asked.
type execution struct {
	m      *Manager
	o      api.AskOptions
	cancel context.CancelFunc
	begun  time.Time
	ask    *asker
	step   api.Step
}

// Ask implements gate.Asker.
func (e *execution) Ask(ctx context.Context, q api.Question) (api.Decision, string, error) {
	if !e.m.answerable(e.o.Interactive) {
		return "", "", gate.ErrNobody
	}
	r, err := e.m.start(ctx, q.Skill+" "+clip(string(q.Input), maxPrompt), e.o, e.cancel)
	if err != nil {
		return "", "", err
	}
	e.ask = &asker{m: e.m, r: r}
	e.step = api.Step{Skill: q.Skill, Input: q.Input, State: api.StepRunning}
	r.post(func(s *state) { e.step.ID = s.step(e.step) })
	return e.ask.Ask(ctx, q)
}

func (e *execution) finish(ctx context.Context, out gate.Outcome, err error) {
	if e.ask == nil {
		return
	}
	r := e.ask.r
	r.post(func(s *state) { s.step(finished(e.step, out, err, time.Since(e.begun)-e.ask.waited)) })
	if err != nil {
		state, answer := ended(ctx, err)
		e.m.finish(r, state, answer)
		return
	}
	e.m.finish(r, api.Done, string(out.Output))
}

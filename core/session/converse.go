package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"nerva/core/api"
	"nerva/core/gate"
	"nerva/core/llm"
)

const (
	defaultRounds = 25
	maxRefusals   = 3
	maxCalls      = 16       // of one turn
	maxOutput     = 64 << 10 // bytes of one result that a model gets
	maxText       = 1 << 20  // bytes of text in one run
	maxTalk       = 4 << 20  // bytes of a whole conversation
	maxName       = 64       // bytes of a skill's name: a model may make one up
)

// conversation is the worker's state of one run.
type conversation struct {
	m        *Manager
	r        *run
	outside  string // the model's host, if it is not this machine
	talk     llm.Request
	size     int
	taint    []string
	sources  map[string]bool // what is in taint, without its time
	refusals int             // in a row
}

// converse carries out a run. It returns how the run ended and its answer.
func (m *Manager) converse(ctx context.Context, r *run, p Piece) (api.State, string) {
	model, outside, err := p.Model(ctx)
	if err == nil {
		err = m.show(ctx, r, p.Prompt, outside)
	}
	if err != nil {
		return ended(ctx, err)
	}
	c := &conversation{m: m, r: r, outside: outside, taint: slices.Clone(r.taint), sources: map[string]bool{}}
	c.talk = llm.Request{System: system(time.Now()), Tools: m.o.Gate.Skills()}
	c.say(llm.Message{Role: llm.User, Text: p.Prompt})
	rounds := defaultRounds
	if m.o.MaxRounds != nil {
		if n := m.o.MaxRounds(); n > 0 {
			rounds = n
		}
	}
	rounds += p.Rounds
	for range rounds {
		turn, err := c.turn(ctx, model)
		if err != nil {
			return ended(ctx, err)
		}
		if len(turn.Calls) == 0 {
			return api.Done, strings.TrimSpace(turn.Text)
		}
		if err := c.calls(ctx, turn); err != nil {
			return ended(ctx, err)
		}
	}
	return api.FailedRun, fmt.Sprintf(
		"Stopped after %d rounds without an answer; ask for less at a time, or raise llm.max_rounds.", rounds)
}

// show asks whether the very model that is about to be asked may be shown what is in the request of the user's.
func (m *Manager) show(ctx context.Context, r *run, prompt, outside string) error {
	if outside == "" || r.kind == "" {
		return nil
	}
	call := gate.Call{Run: r.id, Caller: r.caller, TaintedBy: r.taint, Host: outside}
	out, err := m.o.Gate.Show(ctx, call, r.kind, prompt, &asker{m: m, r: r})
	if err != nil {
		// As a call that was not run: whoever follows the run tells by its steps that it was denied.
		step := finished(api.Step{Skill: gate.Showing, Input: shown("")}, out, err, 0)
		r.post(func(s *state) { s.step(step) })
	}
	return err
}

// ended tells a cancelled run from a failed one. A failed run's answer is the sentence of its error.
func ended(ctx context.Context, err error) (api.State, string) {
	if ctx.Err() != nil {
		return api.CancelledRun, ""
	}
	return api.FailedRun, err.Error()
}

func (c *conversation) say(message llm.Message) {
	c.talk.Messages = append(c.talk.Messages, message)
	c.size += len(message.Text)
	for _, call := range message.Calls {
		c.size += len(call.Name) + len(call.Arguments)
	}
}

// errTooLong ends a turn that brings more text than anybody reads.
var errTooLong = api.Errorf(api.Failed, "the model wrote more than %d bytes and was stopped; ask again, more narrowly", maxText)

// turn lets the model continue, and passes on what it says while it does.
func (c *conversation) turn(ctx context.Context, model llm.Model) (llm.Turn, error) {
	c.r.post(func(s *state) { s.become(api.Thinking); s.paragraph = true })
	limited, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	streamed := 0
	turn, err := model.Turn(limited, c.talk, func(p llm.Progress) {
		if p.Notice != "" {
			c.r.post(func(s *state) { s.notice(p.Notice) })
		}
		if streamed += len(p.Delta); c.size+streamed > maxTalk || streamed > maxText {
			cancel(errTooLong)
			return
		}
		c.r.post(func(s *state) { s.text(p.Delta) })
	})
	switch {
	case errors.Is(context.Cause(limited), errTooLong) || len(turn.Text) > maxText:
		return turn, errTooLong
	case err != nil:
		return turn, err
	case ctx.Err() != nil:
		return turn, ctx.Err()
	case turn.Text == "" && len(turn.Calls) == 0:
		return turn, api.Errorf(api.Failed, "the model answered with nothing; ask again, or choose another model")
	}
	if streamed == 0 {
		c.r.post(func(s *state) { s.text(turn.Text) })
	}
	return turn, nil
}

// calls takes a turn's calls through the gate, one after the other. Its error ends the run.
func (c *conversation) calls(ctx context.Context, turn llm.Turn) error {
	c.say(llm.Message{Role: llm.Assistant, Text: turn.Text, Calls: turn.Calls})
	for i, call := range turn.Calls {
		told := llm.Message{Text: fmt.Sprintf("not run: at most %d calls are taken in one turn", maxCalls), Failed: true}
		if i < maxCalls {
			told = c.call(ctx, call)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if c.refusals >= maxRefusals {
			return api.Errorf(api.Denied, "Stopped because %d calls in a row were refused; ask again in other words if you want something else.", maxRefusals)
		}
		told.Role, told.CallID, told.Name = llm.Tool, call.ID, call.Name
		c.say(told)
		if c.size > maxTalk {
			return api.Errorf(api.Failed, "the conversation has more than %d bytes and was stopped; ask for less at a time", maxTalk)
		}
	}
	return nil
}

// call takes one proposed call through the gate and returns what the model is told.
func (c *conversation) call(ctx context.Context, call llm.Call) llm.Message {
	step := api.Step{Skill: clip(call.Name, maxName), Input: shown(call.Arguments), State: api.StepRunning}
	c.r.post(func(s *state) { s.become(api.Running); step.ID = s.step(step) })
	ask := &asker{m: c.m, r: c.r}
	start := time.Now()
	out, err := c.m.o.Gate.Do(ctx, gate.Call{
		Run: c.r.id, Caller: api.Caller{Name: "agent", Peer: c.r.caller.Peer, PID: c.r.caller.PID},
		Skill: call.Name, Input: json.RawMessage(call.Arguments), TaintedBy: c.taint,
		Host: c.outside, Limit: maxOutput,
	}, ask)
	c.r.post(func(s *state) { s.step(finished(step, out, err, time.Since(start)-ask.waited)) })
	if out.Untrusted && !c.sources[out.Did] {
		c.sources[out.Did] = true
		c.taint = append(c.taint, out.Did+" at "+time.Now().Format("15:04"))
	}
	// A call that nobody was asked about shows no good will: between refusals it would keep the questions coming.
	switch {
	case out.State == api.StepRefused:
		c.refusals++
	case out.State == api.StepOK && ask.asked:
		c.refusals = 0
	}
	if err != nil {
		return llm.Message{Text: err.Error(), Failed: true}
	}
	return llm.Message{Text: string(out.Output), Cut: out.Cut}
}

// finished is step with what came of it.
func finished(step api.Step, out gate.Outcome, err error, took time.Duration) api.Step {
	step.State, step.Output, step.DurationMS = out.State, out.Output, took.Milliseconds()
	if err != nil {
		step.Error = err.Error()
	}
	return step
}

// shown gives arguments as JSON, whatever a model wrote.
func shown(arguments string) json.RawMessage {
	switch {
	case strings.TrimSpace(arguments) == "":
		return json.RawMessage("{}")
	case len(arguments) <= maxOutput && json.Valid([]byte(arguments)):
		return json.RawMessage(arguments)
	}
	text, err := json.Marshal(clip(arguments, maxName*16))
	if err != nil {
		return json.RawMessage("{}")
	}
	return text
}

// clip shortens s to about n bytes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

package gate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"nerva/core/api"
	"nerva/core/audit"
	"nerva/core/gate/internal/skills"
	"nerva/core/policy"
)

// ErrNobody is an Asker's answer where there is nobody to ask.
var ErrNobody = errors.New("nobody can answer")

// checked is a call that fits its skill's schema.
type checked struct {
	Call
	skill  *entry
	about  api.Skill // with the risk and effect of this call
	input  json.RawMessage
	hash   string // of skill and input
	run    skills.Executor
	shares bool   // it does nothing but show something to Host, so that nothing else decides
	sends  string // the host that the call itself shows what it looks at
	begun  bool   // the executor was started
	cut    bool   // its result was, to Limit
	ended  func() // called once the executor has returned; may be nil
}

// Do takes a call through every stage and returns once it has ended and its outcome is on record. ask may
// be nil: nobody can be asked. Errors are *api.Error, and their text is meant for whoever made the
// call: a model can mend an InvalidInput with it. When ctx ends, Do waits for the executor to return.
//
// Calls that never run are on record too. One that fits no skill or schema has the decision deny by "schema"
// and the outcome error: nobody refused it, and a better one is welcome. One that names a path that no skill may touch
// is denied by "protected", and a command that may not be run by "commands", before policy.
func (g *Gate) Do(ctx context.Context, call Call, ask Asker) (Outcome, error) {
	c, err := g.check(ctx, call)
	if api.CodeOf(err) == api.Denied {
		return g.never(ctx, c, "deny", c.skill.Denier(), audit.Denied, err)
	}
	if err != nil {
		return g.never(ctx, c, "deny", "schema", audit.Error, err)
	}
	return g.take(ctx, c, ask)
}

// take is Do for a call that fits.
func (g *Gate) take(ctx context.Context, c *checked, ask Asker) (Outcome, error) {
	verdict := g.decide(c)
	by := verdict.By
	switch verdict.Decision {
	case policy.Allow:
	case policy.Ask:
		var err error
		if by, err = g.ask(ctx, c, verdict, ask); err != nil {
			return g.never(ctx, c, "ask", by, refusal(ctx), err)
		}
		// The question may have been open for a minute: what is denied by now, or by where a path leads now, stays denied,
		// and what needs more by now was not agreed to.
		now := g.decide(c)
		if now.Decision == policy.Deny {
			return g.denied(ctx, c, now.By, now.Reason)
		}
		if now.beyond(verdict) {
			return g.denied(ctx, c, now.By, "What it needs has changed while the question was open; ask again. "+now.Reason)
		}
	default:
		return g.denied(ctx, c, by, verdict.Reason)
	}
	if c.about.Effect != api.Inject {
		return g.execute(ctx, c, string(verdict.Decision), by)
	}
	ctx, end, free := g.hands.begin(ctx)
	if !free {
		return g.denied(ctx, c, "question", "A question is open, and nothing may type or click until it is answered.")
	}
	// One that ignores its context is left behind and still types: it has the hands until it has returned.
	c.ended = end
	defer func() {
		if !c.begun {
			end()
		}
	}()
	return g.execute(ctx, c, string(verdict.Decision), by)
}

func (g *Gate) denied(ctx context.Context, c *checked, by, reason string) (Outcome, error) {
	return g.never(ctx, c, "deny", by, audit.Denied, api.Errorf(api.Denied, "%s was not run. %s", c.Skill, reason))
}

// Explain says what would become of call now, and why. It runs nothing and asks nobody. Its errors are those of Do for a
// call that fits no skill or schema.
func (g *Gate) Explain(call Call) (api.Explanation, error) {
	c, err := g.check(context.Background(), call)
	var v consent
	switch {
	case api.CodeOf(err) == api.Denied:
		v.Verdict = policy.Verdict{Decision: policy.Deny, By: c.skill.Denier(), Reason: err.Error()}
	case err != nil:
		return api.Explanation{}, err
	default:
		v = g.decide(c)
	}
	return api.Explanation{
		Skill: c.Skill, Input: c.input, Risk: c.about.Risk, Effect: c.about.Effect,
		Decision: string(v.Decision), DecidedBy: v.By, Reason: v.Reason,
	}, nil
}

// check finds the skill, and brings the input into the form in which it is shown, recorded and executed. On
// an error what it returns is good for the record only.
func (g *Gate) check(ctx context.Context, call Call) (*checked, error) {
	c := &checked{Call: call, input: call.Input}
	skill, err := g.find(call.Skill)
	if err != nil {
		return c, err
	}
	c.skill = skill
	c.about = c.skill.Skill.Skill
	input, err := c.skill.canonical(call.Input)
	if err != nil {
		return c, err
	}
	c.input = input
	if c.skill.Resolve != nil {
		if input, err = c.skill.Resolve(input); err != nil {
			return c, err
		}
		if len(input) > inputLimit {
			return c, c.skill.tooLong(len(input))
		}
	}
	c.input, c.about = input, policy.Of(c.about, input)
	c.hash = digest(c.Skill, c.skill.Content, input)
	c.run = c.skill.Run
	if c.skill.Sends != nil {
		c.sends, c.run = c.skill.Sends(ctx)
	}
	return c, nil
}

// digest names one exact call, of a plugin with its files.
func digest(skill, content string, input json.RawMessage) string {
	sum := sha256.Sum256(slices.Concat([]byte(skill), []byte{0}, []byte(content), []byte{0}, input))
	return hex.EncodeToString(sum[:])
}

func refusal(ctx context.Context) string {
	if ctx.Err() != nil {
		return audit.Cancelled
	}
	return audit.Refused
}

// never records a call that does not run.
func (g *Gate) never(ctx context.Context, c *checked, decision, by, outcome string, why error) (Outcome, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordLimit)
	defer cancel()
	err := g.o.Audit.Never(ctx, c.record(decision, by), audit.End{Outcome: outcome, Error: why.Error()})
	if err != nil {
		g.o.Log.Error("a call that did not run is not on record", "skill", c.Skill, "error", err)
	}
	return Outcome{State: stepState(outcome)}, why
}

// execute runs c between its two records.
func (g *Gate) execute(ctx context.Context, c *checked, decision, by string) (Outcome, error) {
	if ctx.Err() != nil {
		return g.never(ctx, c, decision, by, audit.Cancelled, cancelled(c))
	}
	record, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordLimit)
	defer cancel()
	entry, err := g.o.Audit.Intent(record, c.record(decision, by))
	if err != nil {
		return Outcome{State: api.StepError}, api.Errorf(api.Failed,
			"%s was not run: %w; a call that can't be recorded must not run, so look at the disk of the state folder", c.Skill, err)
	}
	start := time.Now()
	output, outcome, err := g.run(ctx, c)
	g.keepWritten(c, output)
	end := audit.End{Outcome: outcome, Duration: time.Since(start)}
	if err != nil {
		end.Error = err.Error()
	}
	record, cancel = context.WithTimeout(context.WithoutCancel(ctx), recordLimit)
	defer cancel()
	if err := g.o.Audit.Outcome(record, entry, end); err != nil {
		// The call has happened; at the next start it is reported as unknown.
		g.o.Log.Error("the outcome of a call is not on record", "skill", c.Skill, "error", err)
	}
	return Outcome{State: stepState(outcome), Output: output, Cut: c.cut, Untrusted: c.about.Untrusted || c.skill.Did != "", Did: c.skill.Did}, err
}

func (c *checked) record(decision, by string) audit.Call {
	return audit.Call{
		Run: c.Run, Caller: c.Caller.Name, Skill: c.Skill, Input: c.input, Risk: c.about.Risk,
		TaintedBy: c.TaintedBy, Decision: decision, DecidedBy: by,
	}
}

func stepState(outcome string) api.StepState {
	switch outcome {
	case audit.OK:
		return api.StepOK
	case audit.Refused:
		return api.StepRefused
	case audit.Denied:
		return api.StepDenied
	}
	return api.StepError
}

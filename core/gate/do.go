package gate

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"nerva/core/api"
	"nerva/core/audit"
	"nerva/core/policy"
)

// ErrNobody is an Asker's answer where there is nobody to ask.
var ErrNobody = errors.New("nobody can answer")

// checked is a call that fits its skill's schema.
type checked struct {
	Call
	skill *entry
	about api.Skill // with the risk and effect of this call
	input json.RawMessage
	hash  string // of skill and input
}

// key: a yes from before the run was tainted was given on another footing.
func (c *checked) key() string { return fmt.Sprintf("%t %s", len(c.TaintedBy) > 0, c.hash) }

// Do takes a call through every stage and returns once it has ended and its outcome is on record. ask may
// be nil: nobody can be asked. Errors are *api.Error, and their text is meant for whoever made the
// call: a model can mend an InvalidInput with it. When ctx ends, Do waits for the executor to return.
//
// Calls that never run are on record too. One that fits no skill or schema has the decision deny by "schema"
// and the outcome error: nobody refused it, and a better one is welcome.
func (g *Gate) Do(ctx context.Context, call Call, ask Asker) (Outcome, error) {
	c, err := g.check(call)
	if err != nil {
		return g.never(ctx, c, "deny", "schema", audit.Error, err)
	}
	verdict := g.policy().Decide(c.about, c.input, c.TaintedBy)
	by := verdict.By
	switch verdict.Decision {
	case policy.Allow:
	case policy.Ask:
		if by, err = g.ask(ctx, c, verdict, ask); err != nil {
			return g.never(ctx, c, "ask", by, refusal(ctx), err)
		}
		// The question may have been open for a minute: what is denied by now, or by where a path leads now, stays denied.
		if verdict := g.policy().Decide(c.about, c.input, c.TaintedBy); verdict.Decision == policy.Deny {
			return g.denied(ctx, c, verdict)
		}
	default:
		return g.denied(ctx, c, verdict)
	}
	return g.execute(ctx, c, string(verdict.Decision), by)
}

func (g *Gate) denied(ctx context.Context, c *checked, v policy.Verdict) (Outcome, error) {
	err := api.Errorf(api.Denied, "%s was not run. %s", c.Skill, v.Reason)
	return g.never(ctx, c, "deny", v.By, audit.Denied, err)
}

// check finds the skill, and brings the input into the form in which it is shown, recorded and executed. On
// an error what it returns is good for the record only.
func (g *Gate) check(call Call) (*checked, error) {
	c := &checked{Call: call, input: call.Input}
	c.skill = g.byID[call.Skill]
	if c.skill == nil {
		return c, api.Errorf(api.NotFound, "there is no skill %.64q; the skills are %s", call.Skill, g.names())
	}
	c.about = c.skill.Skill.Skill
	input, err := c.skill.canonical(call.Input)
	if err != nil {
		return c, err
	}
	c.input, c.about = input, policy.Of(c.about, input)
	sum := sha256.Sum256(slices.Concat([]byte(c.Skill), []byte{0}, input))
	c.hash = hex.EncodeToString(sum[:])
	return c, nil
}

// ask returns who said yes, or an error with who said no.
func (g *Gate) ask(ctx context.Context, c *checked, v policy.Verdict, ask Asker) (by string, err error) {
	const nobody = "nobody"
	if by := g.remembered(c); by != "" {
		return by, nil
	}
	if ask == nil {
		return nobody, unanswered(c)
	}
	limited, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	expires, _ := limited.Deadline()
	d, by, err := ask.Ask(limited, api.Question{
		ID: rand.Text(), Hash: c.hash, Skill: c.Skill, Input: slices.Clone(c.input), Risk: c.about.Risk,
		Reason: v.Reason, TaintedBy: slices.Clone(c.TaintedBy), Expires: expires,
	})
	switch {
	case ctx.Err() != nil:
		return nobody, cancelled(c)
	case errors.Is(err, ErrNobody):
		return nobody, unanswered(c)
	case limited.Err() != nil:
		return nobody, api.Errorf(api.Denied, "%s was not run: nobody answered the question within %v; ask again when you are there", c.Skill, askLimit)
	case err != nil:
		return nobody, api.Errorf(api.Denied, "%s was not run: the question could not be asked: %w", c.Skill, err)
	case d == api.ForRun || d == api.Always:
		g.remember(c, by)
		return by, nil
	case d == api.Once:
		return by, nil
	}
	return by, api.Errorf(api.Denied, "%s was refused by the user; don't try the same again", c.Skill)
}

func unanswered(c *checked) error {
	return api.Errorf(api.Denied, "%s needs a yes and nobody can give it; open the overlay, or ask from a terminal", c.Skill)
}

func cancelled(c *checked) error {
	return api.Errorf(api.Cancelled, "%s was cancelled before it ran", c.Skill)
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
	err := g.log.Never(ctx, c.record(decision, by), audit.End{Outcome: outcome, Error: why.Error()})
	if err != nil {
		g.slog.Error("a call that did not run is not on record", "skill", c.Skill, "error", err)
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
	entry, err := g.log.Intent(record, c.record(decision, by))
	if err != nil {
		return Outcome{State: api.StepError}, api.Errorf(api.Failed,
			"%s was not run: %w; a call that can't be recorded must not run, so look at the disk of the state folder", c.Skill, err)
	}
	start := time.Now()
	output, outcome, err := g.run(ctx, c)
	end := audit.End{Outcome: outcome, Duration: time.Since(start)}
	if err != nil {
		end.Error = err.Error()
	}
	record, cancel = context.WithTimeout(context.WithoutCancel(ctx), recordLimit)
	defer cancel()
	if err := g.log.Outcome(record, entry, end); err != nil {
		// The call has happened; at the next start it is reported as unknown.
		g.slog.Error("the outcome of a call is not on record", "skill", c.Skill, "error", err)
	}
	return Outcome{State: stepState(outcome), Output: output, Untrusted: c.about.Untrusted, Did: c.skill.Did}, err
}

func (c *checked) record(decision, by string) audit.Call {
	return audit.Call{
		Run: c.Run, Caller: c.Caller.Name, Skill: c.Skill, Input: c.input, Risk: c.about.Risk,
		Tainted: len(c.TaintedBy) > 0, Decision: decision, DecidedBy: by,
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

package gate

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"nerva/core/api"
	"nerva/core/learned"
	"nerva/core/policy"
)

// maxKept is how many bytes the input of a call may have that is allowed for good: a person must be able to read it.
const maxKept = 4 << 10

// consent is the verdict over a call, and what a yes has to be given to.
type consent struct {
	policy.Verdict
	call  bool // that it runs
	share bool // that a model outside of this machine is shown what it returns
}

// decide puts together the policy, what was answered for good, and what may be shown to whom. What was answered for good
// takes the place of the tier's question only: a rule that asks or denies, and taint, are not overruled by it.
func (g *Gate) decide(c *checked) consent {
	p := g.o.Policy()
	v := consent{Verdict: p.Decide(c.about, c.input, c.TaintedBy)}
	if v.Decision == policy.Ask && v.By == "tier" {
		if name, known := g.o.Learned.Name(c.exactly()); known {
			v.Verdict = policy.Verdict{Decision: policy.Allow, By: name, Reason: fmt.Sprintf(
				"It was allowed for good; `nerva policy forget %s` takes that back.", name)}
		}
	}
	v.call = v.Decision == policy.Ask
	if v.Decision == policy.Deny || c.Host == "" || c.skill.Shares == "" {
		return v
	}
	shown := p.Share(c.skill.Shares, c.Host)
	switch shown.Decision {
	case policy.Allow:
	case policy.Ask:
		if _, known := g.o.Learned.Name(c.shown()); known {
			break
		}
		v.share, v.Decision = true, policy.Ask
		if v.call {
			v.Reason += " " + shown.Reason
			break
		}
		v.By, v.Reason = shown.By, shown.Reason+" A yes for the run or for good is one for everything of that kind."
	default:
		v.Verdict = shown
	}
	return v
}

// exactly names this very call, and shown what it shows to whom.
func (c *checked) exactly() learned.Key {
	return learned.Key{Skill: c.Skill, Input: string(c.input), Content: c.skill.Content}
}

func (c *checked) shown() learned.Key { return learned.Key{Share: c.skill.Shares, Host: c.Host} }

// ask returns who said yes, or an error with who said no.
func (g *Gate) ask(ctx context.Context, c *checked, v consent, ask Asker) (by string, err error) {
	const nobody = "nobody"
	if by, v = g.remembered(c, v); !v.call && !v.share {
		return by, nil
	}
	if ask == nil {
		return nobody, unanswered(c)
	}
	limited, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	closed, err := g.hands.open(limited)
	if err != nil {
		return nobody, err
	}
	defer closed()
	expires, _ := limited.Deadline()
	d, by, err := ask.Ask(limited, api.Question{
		ID: rand.Text(), Hash: c.hash, Skill: c.Skill, Input: slices.Clone(c.input), Risk: c.about.Risk,
		Reason: v.Reason, TaintedBy: slices.Clone(c.TaintedBy), Expires: expires, Decisions: c.offered(v),
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
	case d == api.Always && slices.Contains(c.offered(v), d):
		g.keep(c, v)
		g.remember(c, v, by)
		return by, nil
	case d == api.ForRun || d == api.Always:
		g.remember(c, v, by)
		return by, nil
	case d == api.Once:
		return by, nil
	}
	return by, api.Errorf(api.Denied, "%s was refused by the user; don't try the same again", c.Skill)
}

// offered are the answers that make sense. An answer for good would be none where a rule or taint asks: they ask again.
func (c *checked) offered(v consent) []api.Decision {
	all := []api.Decision{api.Refuse, api.Once}
	if c.Run != 0 {
		all = append(all, api.ForRun)
	}
	if !v.call || v.By == "tier" && len(c.input) <= maxKept {
		all = append(all, api.Always)
	}
	return all
}

// keep writes down what was answered for good. Where that fails the answer is good for the run.
func (g *Gate) keep(c *checked, v consent) {
	var keys []learned.Key
	if v.call {
		keys = append(keys, c.exactly())
	}
	if v.share {
		keys = append(keys, c.shown())
	}
	for _, k := range keys {
		if _, err := g.o.Learned.Add(k); err != nil {
			g.o.Log.Error("an answer for good is not kept, and will be asked for again", "skill", c.Skill, "error", err)
		}
	}
}

func unanswered(c *checked) error {
	return api.Errorf(api.Denied, "%s needs a yes and nobody can give it; open the overlay, or ask from a terminal", c.Skill)
}

func cancelled(c *checked) error {
	return api.Errorf(api.Cancelled, "%s was cancelled before it ran", c.Skill)
}

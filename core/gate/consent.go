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

// consent is the verdict over a call, and what a yes is needed for.
type consent struct {
	policy.Verdict
	needs []need
}

// need is one thing that a person agrees to: that the call runs, what a model elsewhere is shown, or a plugin.
type need struct {
	run  string      // names it among the yeses of a run
	good learned.Key // and among those for good; zero: it can't be answered for good
}

// decide puts together the policy, what was answered for good, and what may be shown to whom.
func (g *Gate) decide(c *checked) consent {
	p := g.o.Policy()
	if c.shares {
		v := consent{Verdict: policy.Verdict{Decision: policy.Allow, By: "share", Reason: "It may be shown."}}
		g.needShare(c, &v, p)
		return v
	}
	v := consent{Verdict: p.Decide(c.about, c.input, c.TaintedBy)}
	if v.Decision == policy.Deny {
		return v
	}
	g.needCall(c, &v)
	g.needOpen(c, &v)
	g.needPlugin(c, &v)
	g.needShare(c, &v, p)
	return v
}

// beyond says whether v needs something that asked did not.
func (v consent) beyond(asked consent) bool {
	return slices.ContainsFunc(v.needs, func(n need) bool {
		return !slices.ContainsFunc(asked.needs, func(o need) bool { return o.run == n.run })
	})
}

// needCall: what was answered for good takes the place of the tier's question only; a rule that asks, and taint, are not
// overruled by it.
func (g *Gate) needCall(c *checked, v *consent) {
	if v.Decision != policy.Ask {
		return
	}
	n := need{run: c.key()}
	if v.By == "tier" {
		key := learned.Key{Skill: c.Skill, Input: string(c.input), Content: c.skill.Content}
		if name, known := g.o.Learned.Name(key); known {
			v.Verdict = policy.Verdict{Decision: policy.Allow, By: name, Reason: fmt.Sprintf(
				"It was allowed for good; `nerva policy forget %s` takes that back.", name)}
			return
		}
		if len(c.input) <= maxKept {
			n.good = key
		}
	}
	v.needs = append(v.needs, n)
}

func (g *Gate) needOpen(c *checked, v *consent) {
	if path := g.opensWritten(c); path != "" {
		v.add(need{run: "open " + c.key()}, "taint", fmt.Sprintf(
			"%s opens %s, which was written after something was taken in that others may have written; what it has in it may be sent elsewhere.",
			c.Skill, path))
	}
}

// needPlugin: a plugin is what its files are, and somebody must have agreed to these.
func (g *Gate) needPlugin(c *checked, v *consent) {
	if c.skill.Content == "" {
		return
	}
	n := need{run: "plugin " + c.Skill + " " + c.skill.Content, good: learned.Key{Plugin: c.Skill, Content: c.skill.Content}}
	if _, known := g.o.Learned.Name(n.good); !known {
		v.add(n, "plugin", fmt.Sprintf("The plugin %s is new, or its files have changed since you agreed to them.", c.Skill))
	}
}

// needShare: what a call returns goes to the run's model, and some calls show what they look at to another one before.
func (g *Gate) needShare(c *checked, v *consent, p policy.Policy) {
	kind := c.skill.Shares
	if kind == "" {
		return
	}
	for _, host := range slices.Compact([]string{c.sends, c.Host}) {
		if host == "" {
			continue
		}
		shown := p.Share(kind, host)
		switch shown.Decision {
		case policy.Allow:
		case policy.Ask:
			n := need{run: "share " + kind + " " + host, good: learned.Key{Share: kind, Host: host}}
			if _, known := g.o.Learned.Name(n.good); !known {
				v.add(n, shown.By, shown.Reason)
			}
		default:
			*v = consent{Verdict: shown}
			return
		}
	}
}

// add makes v a question, with one more reason.
func (v *consent) add(n need, by, reason string) {
	if v.Decision == policy.Ask {
		reason = v.Reason + " " + reason
	} else {
		v.Decision, v.By = policy.Ask, by
	}
	v.Reason = reason
	v.needs = append(v.needs, n)
}

// ask returns who said yes, or an error with who said no.
func (g *Gate) ask(ctx context.Context, c *checked, v consent, ask Asker) (by string, err error) {
	const nobody = "nobody"
	if by, v.needs = g.remembered(c.Run, v.needs); len(v.needs) == 0 {
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
	q := api.Question{
		ID: rand.Text(), Hash: c.hash, Skill: c.Skill, Input: slices.Clone(c.input), Risk: c.about.Risk, Effect: c.about.Effect,
		Reason: v.Reason, TaintedBy: slices.Clone(c.TaintedBy), Expires: expires, Decisions: c.offered(v),
	}
	d, by, err := ask.Ask(limited, q)
	switch {
	case ctx.Err() != nil:
		return nobody, cancelled(c)
	case errors.Is(err, ErrNobody):
		return nobody, unanswered(c)
	case limited.Err() != nil:
		return nobody, api.Errorf(api.Denied, "%s was not run: nobody answered the question within %v; ask again when you are there", c.Skill, askLimit)
	case err != nil:
		return nobody, api.Errorf(api.Denied, "%s was not run: the question could not be asked: %w", c.Skill, err)
	}
	switch q.Taken(d) {
	case api.Always:
		g.keep(c, v.needs)
		g.remember(c.Run, v.needs, by)
		return by, nil
	case api.ForRun:
		g.remember(c.Run, v.needs, by)
		return by, nil
	case api.Once:
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
	if !slices.ContainsFunc(v.needs, func(n need) bool { return n.good == learned.Key{} }) {
		all = append(all, api.Always)
	}
	return all
}

// keep writes down what was answered for good. Where that fails the answer is good for the run.
func (g *Gate) keep(c *checked, needs []need) {
	for _, n := range needs {
		if _, err := g.o.Learned.Add(n.good); err != nil {
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

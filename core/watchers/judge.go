package watchers

import (
	"fmt"
	"time"

	"nerva/core/api"
	"nerva/core/templates"
)

// Judge says whether the rule is for an event: the key that it is not for it by, empty where it is. An error is match.when's,
// which could not be told for this event; it then does not fit. Whether the rule is enabled, quiet or has fired too often is
// another matter.
func (c *Compiled) Judge(e Event) (key string, err error) {
	if e.Source != c.On {
		return "on", nil
	}
	return c.judge(e.complete(c.empty))
}

func (c *Compiled) judge(e Event) (key string, err error) {
	for _, one := range c.checks {
		if fits, err := one.fits(&e); !fits || err != nil {
			return "match." + one.key, err
		}
	}
	return "", nil
}

// Quiet says whether it is one of the rule's quiet hours at t, in t's own zone.
func (c *Compiled) Quiet(t time.Time) bool { return c.limits.quiet(t) }

// Outcome fills the templates of the rule. It fails where one can't be filled for this event, or becomes too long.
func (c *Compiled) Outcome(e Event) (Outcome, error) {
	o, err := c.fill(e.complete(c.empty))
	if err != nil {
		return o, fmt.Errorf("fill %w; change the rule %q", err, c.Name)
	}
	return o, nil
}

func (c *Compiled) fill(e Event) (Outcome, error) {
	o := Outcome{Own: c.own, Kind: c.outcome.kind, Rule: c.Name, Source: c.On, Time: e.Time, Text: e.text("Text"), Auto: c.Auto}
	title, err := c.outcome.title.Fill(e.Fields)
	if err != nil {
		return o, fmt.Errorf("the title: %w", err)
	}
	o.Title = api.OneLine(title, templates.TitleLimit)
	if o.Body, err = c.outcome.body.Fill(e.Fields); err != nil {
		return o, fmt.Errorf("the body: %w", err)
	}
	for _, a := range c.outcome.actions {
		filled := Action{Title: a.title, Skill: a.skill, Workflow: a.workflow}
		if filled.Ask, err = a.ask.Fill(e.Fields); err != nil {
			return o, fmt.Errorf("ask: %w", err)
		}
		if a.ask == nil {
			if filled.Input, err = a.input.Fill(e.Fields); err != nil {
				return o, fmt.Errorf("the input of %s: %w", a.skill+a.workflow, err)
			}
		}
		o.Actions = append(o.Actions, filled)
	}
	return o, nil
}

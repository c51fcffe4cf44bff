package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/config"
	"nerva/core/policy"
	"nerva/core/visible"
	"nerva/core/watchers"
)

func watchersCommand(t terminal) *cobra.Command {
	list := &cobra.Command{Use: "list", Short: "list the rules, and how often each has fired", Args: none}
	asJSON := jsonFlag(list)
	list.RunE = func(c *cobra.Command, _ []string) error {
		return withClient(c.Context(), func(b *bus.Client) error {
			rules, err := b.Watchers(c.Context())
			if err != nil {
				return err
			}
			return listing(t, *asJSON, rules, []string{"rule", "on", "state", "fired", "last"}, func(w api.Watcher) []string {
				state, last := "off", ""
				if w.Enabled {
					state = "on"
				}
				switch {
				case w.Enabled && w.SilentUntil != nil:
					state = "silent until " + stamp(*w.SilentUntil)
				case w.Enabled && w.Silent:
					state = "silent"
				}
				if w.Last != nil {
					last = stamp(*w.Last)
				}
				return []string{w.Name, w.On, state, strconv.FormatUint(w.Fired, 10), last}
			})
		})
	}
	return group("watchers", "list and try the rules of what nerva notices", list, watchersTestCommand(t), watchersHearCommand())
}

func watchersHearCommand() *cobra.Command {
	c := &cobra.Command{Use: "hear RULE", Short: "let a rule that is silent suggest again", Args: words("the name of a rule")}
	c.RunE = func(c *cobra.Command, args []string) error {
		return withClient(c.Context(), func(b *bus.Client) error { return b.Hear(c.Context(), strings.Join(args, " ")) })
	}
	return c
}

func watchersTestCommand(t terminal) *cobra.Command {
	c := &cobra.Command{Use: "test RULE", Short: "show what a rule would make of an event, and do nothing", Args: words("the name of a rule")}
	event := c.Flags().String("event", "{}", "the event's fields, a JSON object")
	asJSON := jsonFlag(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		conf, err := config.Load(config.DefaultPaths())
		if err != nil {
			return err
		}
		rule, err := findRule(conf, strings.Join(args, " "))
		if err != nil {
			return err
		}
		e, err := watchers.ParseEvent(rule.On, []byte(*event), time.Now())
		if err != nil {
			return usageError{fmt.Errorf("--event: %w", err)}
		}
		found, err := tryRule(conf, rule, e)
		if err != nil {
			return err
		}
		if *asJSON {
			return compact(t.out, found)
		}
		found.print(t)
		return nil
	}
	return c
}

func findRule(c config.Config, name string) (*watchers.Compiled, error) {
	var names []string
	for _, r := range c.Watch(config.Expand("~"), func(string, string) {}) {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return nil, api.Errorf(api.NotFound, "there is no rule %q; the rules are %q", name, names)
}

// trial is what a rule makes of an event.
type trial struct {
	Rule string `json:"rule"`
	On   string `json:"on"`
	// Fits says whether the rule is for the event, Fires whether it would act on it now.
	Fits  bool `json:"fits"`
	Fires bool `json:"fires"`
	// Why says why it is not, or would not.
	Why     string            `json:"why,omitempty"`
	Outcome *watchers.Outcome `json:"outcome,omitempty"`
	// Calls are those of the outcome's skills, with what the policy says of them.
	Calls []api.Explanation `json:"calls,omitempty"`
}

func tryRule(c config.Config, r *watchers.Compiled, e watchers.Event) (trial, error) {
	found := trial{Rule: r.Name, On: r.On}
	key, err := r.Judge(e)
	switch {
	case err != nil:
		found.Why = fmt.Sprintf("its %s can't be told: %v", key, err)
		return found, nil
	case key != "":
		found.Why = misfit(key, e)
		return found, nil
	case !c.Watchers.Enabled:
		found.Why = "watchers.enabled is false"
	case !r.Enables():
		found.Why = "it is switched off"
	case r.Quiet(e.Time.Local()):
		found.Why = "it is one of its quiet hours, " + r.Rule.Quiet
	}
	found.Fits, found.Fires = true, found.Why == ""
	o, err := r.Outcome(e)
	if err != nil {
		return found, err
	}
	found.Outcome = &o
	p := c.Decide(config.Expand("~"), func(string, string) {})
	for _, a := range o.Actions {
		if a.Skill == "" {
			continue
		}
		skill := policy.Of(known(c, a.Skill), a.Input)
		v := p.Decide(skill, a.Input, []string{o.Taint()})
		found.Calls = append(found.Calls, api.Explanation{
			Skill: a.Skill, Input: a.Input, Risk: skill.Risk, Effect: skill.Effect,
			Decision: string(v.Decision), DecidedBy: v.By, Reason: v.Reason,
		})
	}
	return found, nil
}

// known is what can be said of a skill without a daemon; a plugin is what the configuration gives it.
func known(c config.Config, id string) api.Skill {
	if plugin, ok := c.Plugins[id]; ok {
		risk := api.Risk(plugin.Risk)
		if risk == "" {
			risk = api.Dangerous
		}
		return api.Skill{ID: id, Risk: risk, Effect: api.Exec}
	}
	return api.Skill{ID: id, Risk: api.Floors[id], Effect: api.Effects[id]}
}

// judgedBy has the fields that the keys of match are for.
var judgedBy = map[string]string{
	"regex": "Text", "apps": "App", "paths": "Path", "events": "Event", "bus": "Bus", "sender": "Sender", "path": "Path",
	"interface": "Interface", "member": "Member", "property": "Property", "unit": "Unit", "scope": "Scope", "states": "State",
	"below": "Percent", "after": "Seconds", "before": "Minutes",
}

func misfit(key string, e watchers.Event) string {
	says := fmt.Sprintf("its %s does not fit", key)
	field := judgedBy[strings.TrimPrefix(key, "match.")]
	if field == "" {
		return says
	}
	value, ok := e.Fields[field]
	if !ok {
		return says + "; the event has no " + field
	}
	says += fmt.Sprintf("; the event has the %s %.200q", field, fmt.Sprint(value))
	if was, ok := e.Fields["Was"]; ok && (field == "State" || field == "Percent") {
		says += fmt.Sprintf(" and was %.200q: it is for the event with which that begins", fmt.Sprint(was))
	}
	return says
}

func (f trial) print(t terminal) {
	state := t.colour(green, "fires")
	if !f.Fires {
		state = t.colour(yellow, "does not fire")
	}
	fmt.Fprintf(t.out, "%s %s", visible.Line(f.Rule), state)
	if f.Why != "" {
		fmt.Fprintf(t.out, ": %s", visible.Line(f.Why))
	}
	fmt.Fprintln(t.out)
	if f.Outcome == nil {
		return
	}
	o := *f.Outcome
	switch o.Kind {
	case watchers.Suggest:
		fmt.Fprintf(t.out, "it suggests: %s\n", visible.Line(o.Title))
	case watchers.Notify:
		fmt.Fprintf(t.out, "it notifies: %s\n", visible.Line(o.Title))
	}
	if o.Body != "" {
		fmt.Fprintln(t.out, printable(o.Body))
	}
	calls := f.Calls
	for _, a := range o.Actions {
		does(t.out, o.Kind, a)
		if a.Skill != "" {
			call := calls[0]
			calls = calls[1:]
			fmt.Fprintf(t.out, "  %s is %s, effect %s; in a run that the event has tainted: %s by %s\n  %s\n", a.Skill, call.Risk, call.Effect,
				call.Decision, visible.Line(call.DecidedBy), visible.Line(call.Reason))
		}
	}
	if o.Kind == watchers.Act && !o.Auto {
		fmt.Fprintln(t.out, "a person is asked first; with auto = true the policy alone decides")
	}
}

// does says what one action does, and when.
func does(w io.Writer, kind string, a watchers.Action) {
	when := map[string]string{watchers.Suggest: "accepted", watchers.Notify: "pressed " + visible.Line(a.Title), watchers.Act: "at once"}[kind]
	switch {
	case a.Ask != "":
		fmt.Fprintf(w, "%s, it asks the agent: %s\n", when, visible.Line(a.Ask))
	case a.Workflow != "":
		fmt.Fprintf(w, "%s, it runs the workflow %s\n", when, visible.String(visible.Call(a.Workflow, a.Input)))
	default:
		fmt.Fprintf(w, "%s, it calls %s\n", when, visible.String(visible.Call(a.Skill, a.Input)))
	}
}

package watchers

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"nerva/core/api"
	"nerva/core/templates"
)

// Known is what rules may name.
type Known struct {
	// Home is what ~ stands for.
	Home string
	// Workflows are those that there are, by name, each with its parameters and whether one must be given.
	Workflows map[string]map[string]bool
	// Plugin says whether there is a plugin by that name; nil: there is none.
	Plugin func(name string) bool
}

// Compiled is a rule that can judge events. It never changes; any goroutine may use it.
type Compiled struct {
	Rule
	own     bool // it is nerva's
	source  Source
	empty   map[string]any
	checks  []check
	limits  limits
	next    func(after time.Time) time.Time // of a rule on the timer
	outcome outcome
}

// outcome has the templates of an Outcome.
type outcome struct {
	kind        string
	title, body *templates.Template
	actions     []action
}

type action struct {
	title           string
	ask             *templates.Template
	skill, workflow string
	input           templates.Shape
}

// Compile makes r ready. It calls bad for everything that is wrong, with the key and the end of a sentence; the result is
// then of no use.
func (r Rule) Compile(k Known, bad func(key, problem string)) *Compiled {
	report := report(bad)
	c := &Compiled{Rule: r}
	report.unless(r.Name != "", "name", "is missing; what a rule offers is listed by it")
	report.unless(r.Name == api.OneLine(r.Name, 60), "name", "is %q, but must be one line of at most 60 characters", r.Name)
	source, ok := findSource(r.On)
	if !ok {
		report("on", fmt.Sprintf("is %q, but must be one of %s", r.On, strings.Join(SourceNames(), ", ")))
		return c
	}
	c.source, c.empty = source, source.empty()
	match := report.under("match")
	c.checks = r.Match.compile(source, k.Home, match)
	c.next = r.Match.schedule(source, match)
	c.limits = r.limits(report)
	compiler{source, k, report}.outcome(r, &c.outcome)
	return c
}

// under reports what is inside of a table.
func (bad report) under(table string) report {
	return func(key, problem string) { bad(table+"."+key, problem) }
}

type compiler struct {
	source Source
	known  Known
	bad    report
}

// outcome finds the one of a rule.
func (c compiler) outcome(r Rule, o *outcome) {
	direct := r.Skill != "" || r.Workflow != "" || r.Ask != ""
	if set := count(r.Suggest != nil, r.Notify != nil, direct); set != 1 {
		key := "suggest"
		if set == 0 {
			c.bad(key, "is missing; without it, and without notify, skill, workflow or ask, the rule would do nothing")
		} else {
			c.bad(key, "notify and what is done at once (skill, workflow, ask): a rule has only one of them")
		}
		return
	}
	c.bad.unless(!r.Auto || r.Skill != "" || r.Workflow != "", "auto", "is for a rule that calls a skill or runs a workflow at once")
	c.bad.unless(direct || r.Input == nil, "input", "is for a rule that calls a skill or runs a workflow at once; put it where that is")
	switch {
	case r.Suggest != nil:
		s, below := r.Suggest, c.in("suggest")
		o.kind, o.title, o.body = Suggest, below.title(s.Title), below.text("body", s.Body)
		o.actions = []action{below.action(deed{"", s.Ask, s.Skill, s.Workflow, s.Input})}
	case r.Notify != nil:
		n, below := r.Notify, c.in("notify")
		o.kind, o.title, o.body = Notify, below.title(n.Title), below.text("body", n.Body)
		c.bad.unless(len(n.Actions) <= 3, "notify.actions", "has %d buttons, but must have at most 3", len(n.Actions))
		for i, b := range n.Actions {
			button := below.in(fmt.Sprintf("actions[%d]", i))
			button.bad.unless(b.Title != "" && b.Title == api.OneLine(b.Title, 40), "title",
				"is %q, but must be one line of at most 40 characters, which stands on the button", b.Title)
			o.actions = append(o.actions, button.action(deed{b.Title, b.Ask, b.Skill, b.Workflow, b.Input}))
		}
	default:
		o.kind, o.actions = Act, []action{c.action(deed{"", r.Ask, r.Skill, r.Workflow, r.Input})}
	}
}

func count(all ...bool) int {
	n := 0
	for _, yes := range all {
		if yes {
			n++
		}
	}
	return n
}

func (c compiler) in(table string) compiler {
	c.bad = c.bad.under(table)
	return c
}

func (c compiler) title(text string) *templates.Template {
	c.bad.unless(text != "", "title", "is missing; it is what is shown")
	return c.text("title", text)
}

func (c compiler) text(key, text string) *templates.Template {
	if text == "" {
		return nil
	}
	f, err := templates.Compile(text, c.source.templates())
	if err != nil {
		c.bad(key, fmt.Sprintf("is no template: %v", err))
	}
	return f
}

// deed is what the configuration has of an action.
type deed struct {
	title, ask, skill, workflow string
	input                       map[string]any
}

func (c compiler) action(d deed) action {
	a := action{title: d.title, skill: d.skill, workflow: d.workflow, ask: c.text("ask", d.ask)}
	if set := count(d.ask != "", d.skill != "", d.workflow != ""); set != 1 {
		c.bad("ask", "skill and workflow: exactly one of them must be set")
		return a
	}
	input, name, err := templates.CompileShape(d.input, c.source.templates())
	if err != nil {
		c.bad("input", fmt.Sprintf("has for %s no template: %v", name, err))
	}
	a.input = input
	switch {
	case d.skill != "":
		c.skill(d)
	case d.workflow != "":
		c.workflow(d)
	default:
		c.bad.unless(d.input == nil, "input", "is set without a skill or a workflow that takes it")
	}
	return a
}

func (c compiler) skill(d deed) {
	plugin := c.known.Plugin != nil && c.known.Plugin(d.skill)
	_, known := api.Floors[d.skill]
	c.bad.unless(known || plugin, "skill", "is %q, but there is no such skill; `nerva skills` lists them", d.skill)
	arguments, settled := api.Arguments[d.skill]
	for _, name := range slices.Sorted(maps.Keys(d.input)) {
		c.bad.unless(plugin || !settled || slices.Contains(words(arguments), name), "input",
			"has %s, which is no argument of %s; it has %s", name, d.skill, arguments)
	}
}

func (c compiler) workflow(d deed) {
	params, known := c.known.Workflows[d.workflow]
	c.bad.unless(known, "workflow", "is %q, but there is no such workflow", d.workflow)
	for _, name := range slices.Sorted(maps.Keys(d.input)) {
		_, text := d.input[name].(string)
		c.bad.unless(text, "input", "has for %s no text, and parameters of workflows are texts", name)
		_, has := params[name]
		c.bad.unless(has || !known, "input", "has %s, which is no parameter of the workflow %s", name, d.workflow)
	}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		_, given := d.input[name]
		c.bad.unless(given || !params[name], "input", "lacks %s, which the workflow %s has no default for", name, d.workflow)
	}
}

// Package workflows turns rows of steps from the configuration into what a run can carry out: calls of skills and questions
// to the agent, one after the other, each in the run that all of them share.
//
// A Compiled workflow never changes; any goroutine may use it. A Script is one run of it and belongs to the run's worker.
// The package executes nothing: a Script proposes calls as a model does, so that the gate, the taint and the history of the
// run are the same. It must not know where a workflow was started.
package workflows

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"nerva/core/api"
	"nerva/core/templates"
)

// Workflow is a named row of steps, as the configuration has it.
type Workflow struct {
	Name   string  `toml:"name"`
	Title  string  `toml:"title,omitempty"`
	Params []Param `toml:"params,omitempty"`
	Steps  []Step  `toml:"steps"`
}

// Param is a text that whoever runs the workflow gives it.
type Param struct {
	Name string `toml:"name"`
	// Default is the text where none is given; without it one must be given.
	Default *string `toml:"default,omitempty"`
}

// Step is a call of a skill or a question to the agent. Their texts are templates: of the parameters by their names, and of
// Last, what the step before gave: the skill's output object, or of a question the object {answer}.
type Step struct {
	Skill string         `toml:"skill,omitempty"`
	Input map[string]any `toml:"input,omitempty"`
	Ask   string         `toml:"ask,omitempty"`
}

// last is the field of what the step before gave.
const last = "Last"

// mostSteps bounds a workflow: each step is a round of its run.
const mostSteps = 50

// Compiled is a workflow that can be run.
type Compiled struct {
	Workflow
	steps []step
}

type step struct {
	skill string
	input templates.Shape
	ask   *templates.Template
}

// paramName: it is a field of templates, and NAME=TEXT on the command line.
var paramName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`)

// Compile makes w ready. plugin says whether there is a plugin by a name. It calls bad for everything that is wrong, with the
// key and the end of a sentence; the result is then of no use.
func (w Workflow) Compile(plugin func(name string) bool, bad func(key, problem string)) *Compiled {
	unless := func(right bool, key, format string, args ...any) {
		if !right {
			bad(key, fmt.Sprintf(format, args...))
		}
	}
	unless(w.Name != "" && w.Name == api.OneLine(w.Name, 60), "name",
		"is %q, but must be one line of at most 60 characters; `nerva workflow run` takes it", w.Name)
	unless(!strings.Contains(w.Name, "="), "name", "is %q, but must have no =, which parameters have that come after it", w.Name)
	unless(len(w.Steps) > 0, "steps", "is empty; a step has a skill and its input, or ask")
	unless(len(w.Steps) <= mostSteps, "steps", "has %d steps, but may have %d", len(w.Steps), mostSteps)
	fields := templates.Fields{Of: "this step"}
	for i, p := range w.Params {
		key := fmt.Sprintf("params[%d].name", i)
		unless(paramName.MatchString(p.Name), key, "is %q, but must be of small letters, digits and _, as in city", p.Name)
		unless(!slices.Contains(fields.Names, p.Name), key, "is %q, as another parameter is", p.Name)
		fields.Names = append(fields.Names, p.Name)
	}
	c := &Compiled{Workflow: w}
	for i, s := range w.Steps {
		if i == 1 {
			fields.Names = append(slices.Clone(fields.Names), last)
		}
		c.steps = append(c.steps, s.compile(fields, plugin, func(key, problem string) { bad(fmt.Sprintf("steps[%d]", i)+key, problem) }))
	}
	return c
}

func (s Step) compile(fields templates.Fields, plugin func(string) bool, bad func(key, problem string)) step {
	if (s.Skill == "") == (s.Ask == "") {
		bad("", "must have either skill or ask")
		return step{}
	}
	compiled := step{skill: s.Skill}
	var err error
	if s.Ask != "" {
		if s.Input != nil {
			bad(".input", "is set without a skill that takes it")
		}
		if compiled.ask, err = templates.Compile(s.Ask, fields); err != nil {
			bad(".ask", fmt.Sprintf("is no template: %v", err))
		}
		return compiled
	}
	_, known := api.Floors[s.Skill]
	if !known && !plugin(s.Skill) {
		bad(".skill", fmt.Sprintf("is %q, but there is no such skill; `nerva skills` lists them", s.Skill))
	}
	if arguments, settled := api.Arguments[s.Skill]; settled {
		for _, name := range slices.Sorted(maps.Keys(s.Input)) {
			if !slices.Contains(strings.Fields(arguments), name) {
				bad(".input", fmt.Sprintf("has %s, which is no argument of %s; it has %s", name, s.Skill, arguments))
			}
		}
	}
	input, name, err := templates.CompileShape(s.Input, fields)
	if err != nil {
		bad(".input", fmt.Sprintf("has for %s no template: %v", name, err))
	}
	compiled.input = input
	return compiled
}

// Asks says whether a step asks the agent, so that a run needs a model.
func (c *Compiled) Asks() bool {
	return slices.ContainsFunc(c.Steps, func(s Step) bool { return s.Ask != "" })
}

// Needs are the parameters by name, each with whether it must be given.
func (w Workflow) Needs() map[string]bool {
	needs := map[string]bool{}
	for _, p := range w.Params {
		needs[p.Name] = p.Default == nil
	}
	return needs
}

// Shown is the title of the workflow.
func (c *Compiled) Shown() string {
	if title := api.OneLine(c.Title, 60); title != "" {
		return title
	}
	return c.Name
}

// Summary names the steps: "notify, ask, add_note".
func (c *Compiled) Summary() string {
	var names []string
	for _, s := range c.Steps {
		if s.Ask != "" {
			names = append(names, "ask")
		} else {
			names = append(names, s.Skill)
		}
	}
	return strings.Join(names, ", ")
}

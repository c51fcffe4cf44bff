// Package watchers turns what happens on the desktop into what nerva offers or does about it, by rules.
//
// A source posts events into an Engine. Whether a rule is for an event is judged in the goroutine that posts, from
// an immutable set of compiled rules, so that a flood which is nobody's costs its own source alone; what fits goes to the
// goroutine that calls Run, which owns when and how often each rule fires, and the one alarm. While nothing is
// pending nothing is set and nothing wakes.
//
// The package must not know where events come from, nor what becomes of an outcome: the gate, D-Bus and the clock are
// behind the interfaces that it declares. What an event has in it was written by anybody. It gets into an outcome as data
// only: as a text within a title, or as a value in an input that has its shape from the rule.
package watchers

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Event is one thing that happened. Fields are those that Sources has for the source; what is missing is empty.
type Event struct {
	Source string
	Time   time.Time
	Fields map[string]any
	// Only says which rules the event is for, by what they want; where it is nil it is for all that it fits. Two that listen for
	// the same signal by different matches post it twice, each for its own.
	Only func(Match) bool
}

// Action is one thing that can be done: exactly one of Ask, Skill and Workflow is set.
type Action struct {
	// Title is what a person chooses it by; what a rule does at once has none.
	Title string `json:"title,omitempty"`
	// Ask is a question to the agent.
	Ask   string `json:"ask,omitempty"`
	Skill string `json:"skill,omitempty"`
	// Input is the skill's, a JSON object, or the parameters of the workflow, one of texts.
	Input    json.RawMessage `json:"input,omitempty"`
	Workflow string          `json:"workflow,omitempty"`
}

// Summary says in a line what the action does.
func (a Action) Summary() string {
	switch {
	case a.Ask != "":
		return "ask: " + a.Ask
	case a.Skill != "":
		return a.Skill + " " + string(a.Input)
	}
	return "workflow " + a.Workflow + " " + string(a.Input)
}

// The kinds of an outcome.
const (
	Suggest = "suggest" // offers its one action
	Notify  = "notify"  // shows Title and Body, its actions as buttons
	Act     = "act"     // does its one action
)

// Outcome is what a rule wants for one event. All of its actions are tainted by the event; see Taint.
type Outcome struct {
	Kind string `json:"kind"`
	Rule string `json:"rule"`
	// Own: the rule is nerva's, and nobody has asked for it.
	Own bool `json:"own,omitempty"`
	// Source is the event's.
	Source string    `json:"source"`
	Time   time.Time `json:"time"`
	// Text is the event's: two outcomes of a rule with the same text are about the same thing.
	Text  string `json:"-"`
	Title string `json:"title,omitempty"`
	Body  string `json:"body,omitempty"`
	// Auto: the action may run without a person having been asked first, as far as policy allows it.
	Auto    bool     `json:"auto"`
	Actions []Action `json:"actions"`
}

// Taint says where the taint of an outcome's runs is from, as api.Question.TaintedBy has it.
func (o Outcome) Taint() string {
	return fmt.Sprintf("was started by the watcher %q at %s", o.Rule, o.Time.Local().Format("15:04"))
}

// Outcomes takes what rules want. It is called by the engine's own goroutine and keeps it, and with it the sources,
// waiting: it takes over what it is given, durably where it must, and does its work elsewhere.
type Outcomes interface {
	// Suggest takes at once all that was suggested since the last call.
	Suggest(ctx context.Context, suggestions []Outcome) error
	// Do takes an outcome of the other kinds.
	Do(ctx context.Context, o Outcome) error
}

// Clock rings at a time of the wall clock.
type Clock interface {
	// Set replaces the time; one that is past rings at once, the zero time never.
	Set(at time.Time) error
	// Rings gets a value when the time has come, or may have come because the clock was set.
	Rings() <-chan struct{}
}

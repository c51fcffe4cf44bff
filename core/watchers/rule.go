package watchers

import "time"

// Rule is a rule as the configuration has it. It has exactly one outcome: suggest, notify, or, done at once, skill, workflow
// or ask.
type Rule struct {
	Name string `toml:"name"`
	// On is the source, one of SourceNames.
	On string `toml:"on,omitempty"`
	// Enabled is true where it is not set.
	Enabled *bool `toml:"enabled,omitempty"`
	Match   Match `toml:"match,omitempty"`
	// Debounce is how long it has to be quiet after an event for the rule to fire, for the last one alone.
	Debounce string `toml:"debounce,omitempty"`
	// AtMost is how often it fires, N/DURATION; an event beyond that is let go.
	AtMost string `toml:"at_most,omitempty"`
	// Quiet is the time of the day, HH:MM-HH:MM, in which it does not fire.
	Quiet string `toml:"quiet,omitempty"`
	// Auto lets what it does at once run without a person having been asked, as far as policy allows it.
	Auto bool `toml:"auto,omitempty"`

	Suggest *Offer        `toml:"suggest,omitempty"`
	Notify  *Notification `toml:"notify,omitempty"`

	Skill string `toml:"skill,omitempty"`
	// Input is the skill's, or the parameters of the workflow, which are texts.
	Input    map[string]any `toml:"input,omitempty"`
	Workflow string         `toml:"workflow,omitempty"`
	Ask      string         `toml:"ask,omitempty"`
}

// Match chooses among the events of a source: all that is set must fit. Which keys are for which source is in selectors.
type Match struct {
	// Regex is for the event's Text; Go's regexp/syntax.
	Regex string `toml:"regex,omitempty"`
	// When is a condition over the event's fields, in the language of expr-lang.org, that is true or false.
	When string `toml:"when,omitempty"`
	// Apps are globs for App, in which capitals make no difference; one must fit.
	Apps []string `toml:"apps,omitempty"`
	// Paths are globs for a file's path, absolute or beginning with ~/; one must fit.
	Paths []string `toml:"paths,omitempty"`
	// Events are values of Event, of which one must be the event's.
	Events []string `toml:"events,omitempty"`
	// Cron has five fields; Every is a duration of at least a minute.
	Cron  string `toml:"cron,omitempty"`
	Every string `toml:"every,omitempty"`
	// Bus is session, where it is not set, or system.
	Bus       string `toml:"bus,omitempty"`
	Sender    string `toml:"sender,omitempty"`
	Path      string `toml:"path,omitempty"`
	Interface string `toml:"interface,omitempty"`
	Member    string `toml:"member,omitempty"`
	Property  string `toml:"property,omitempty"`
	// Unit is a glob for the unit's name; Scope is user or system, both where it is not set.
	Unit  string `toml:"unit,omitempty"`
	Scope string `toml:"scope,omitempty"`
	// States are values of State. The rule is for the event with which it becomes one of them.
	States []string `toml:"states,omitempty"`
	// Below is a percentage, 1 to 100. The rule is for the event with which it falls below.
	Below int `toml:"below,omitempty"`
	// After is how long nobody has touched anything, at least 10s.
	After string `toml:"after,omitempty"`
	// Before is how long before a meeting begins, from 1m to 24h; see Lead.
	Before string `toml:"before,omitempty"`
}

// leadTime is Lead where nothing else is said.
const leadTime = 5 * time.Minute

// Lead is how long before a meeting begins the rule is for it: Before, or 5 minutes where that is not set.
func (m Match) Lead() time.Duration {
	if d, err := time.ParseDuration(m.Before); err == nil {
		return d
	}
	return leadTime
}

// Offer is a suggestion: a title, and what is done when it is accepted.
type Offer struct {
	Title    string         `toml:"title"`
	Body     string         `toml:"body,omitempty"`
	Ask      string         `toml:"ask,omitempty"`
	Skill    string         `toml:"skill,omitempty"`
	Input    map[string]any `toml:"input,omitempty"`
	Workflow string         `toml:"workflow,omitempty"`
}

// Notification is one of the desktop's, with at most three buttons.
type Notification struct {
	Title   string   `toml:"title"`
	Body    string   `toml:"body,omitempty"`
	Actions []Button `toml:"actions,omitempty"`
}

// Button is what a notification offers.
type Button struct {
	Title    string         `toml:"title"`
	Ask      string         `toml:"ask,omitempty"`
	Skill    string         `toml:"skill,omitempty"`
	Input    map[string]any `toml:"input,omitempty"`
	Workflow string         `toml:"workflow,omitempty"`
}

// Enables says whether the rule is in force.
func (r Rule) Enables() bool { return r.Enabled == nil || *r.Enabled }

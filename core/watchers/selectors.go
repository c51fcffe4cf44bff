package watchers

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"nerva/core/paths"
	"nerva/core/policy"
)

// selector is a key of match that is for some sources alone.
type selector struct {
	key string
	on  string // sources, a space between them
	set func(Match) bool
}

var selectors = []selector{
	{"apps", "clipboard window notification", func(m Match) bool { return m.Apps != nil }},
	{"paths", "file", func(m Match) bool { return m.Paths != nil }},
	{"events", "file window", func(m Match) bool { return m.Events != nil }},
	{"cron", "timer", func(m Match) bool { return m.Cron != "" }},
	{"every", "timer", func(m Match) bool { return m.Every != "" }},
	{"bus", "dbus", func(m Match) bool { return m.Bus != "" }},
	{"sender", "dbus", func(m Match) bool { return m.Sender != "" }},
	{"path", "dbus", func(m Match) bool { return m.Path != "" }},
	{"interface", "dbus", func(m Match) bool { return m.Interface != "" }},
	{"member", "dbus", func(m Match) bool { return m.Member != "" }},
	{"property", "dbus", func(m Match) bool { return m.Property != "" }},
	{"unit", "unit", func(m Match) bool { return m.Unit != "" }},
	{"scope", "unit", func(m Match) bool { return m.Scope != "" }},
	{"states", "unit battery network idle", func(m Match) bool { return m.States != nil }},
	{"below", "battery", func(m Match) bool { return m.Below != 0 }},
	{"after", "idle", func(m Match) bool { return m.After != "" }},
	{"before", "calendar", func(m Match) bool { return m.Before != "" }},
}

// check is one test of an event, named by its key.
type check struct {
	key  string
	fits func(e *Event) (bool, error)
}

// report takes a dotted key and the end of a sentence.
type report func(key, problem string)

func (bad report) unless(right bool, key, format string, args ...any) {
	if !right {
		bad(key, fmt.Sprintf(format, args...))
	}
}

// compile makes the tests of m for events of s, the cheapest first. Keys are told within match.
func (m Match) compile(s Source, home string, bad report) []check {
	for _, one := range selectors {
		bad.unless(!one.set(m) || slices.Contains(words(one.on), s.Name), one.key,
			"is set, but is for rules on %s and not for those on %s", strings.ReplaceAll(one.on, " ", ", "), s.Name)
	}
	var checks []check
	add := func(key string, fits func(e *Event) bool) {
		checks = append(checks, check{key, func(e *Event) (bool, error) { return fits(e), nil }})
	}
	same := func(key, field, want string) {
		if want != "" {
			add(key, func(e *Event) bool { return e.text(field) == want })
		}
	}
	if m.Events != nil && s.Events != nil {
		bad.among("events", m.Events, s.Events)
		add("events", func(e *Event) bool { return slices.Contains(m.Events, e.text("Event")) })
	}
	m.compileBus(s, bad, same)
	if s.Name == "unit" {
		bad.among("scope", oneOrNone(m.Scope), words("user system"))
		same("scope", "Scope", m.Scope)
		if m.Unit != "" {
			fits := policy.OneOf([]string{m.Unit}, func(int) { bad("unit", fmt.Sprintf("is %q, but must be a glob for a unit's name", m.Unit)) })
			add("unit", func(e *Event) bool { return fits(e.text("Unit")) })
		}
	}
	m.compileIdle(s, bad, add)
	m.compileLead(s, bad, add)
	m.compileStates(s, bad, add)
	if m.Apps != nil {
		fits := globs("apps", lowered(m.Apps), "an application's id", bad)
		add("apps", func(e *Event) bool { return fits(strings.ToLower(e.text("App"))) })
	}
	m.compilePaths(s, home, bad, add)
	return append(checks, m.compileText(s, bad)...)
}

func (bad report) among(key string, values, allowed []string) {
	bad.unless(values == nil || len(values) > 0, key, "is empty, so that no event fits; leave it out for all of them")
	for _, v := range values {
		bad.unless(slices.Contains(allowed, v), key, "has %q, but must be of %s", v, strings.Join(allowed, ", "))
	}
}

func oneOrNone(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func lowered(texts []string) []string {
	var all []string
	for _, t := range texts {
		all = append(all, strings.ToLower(t))
	}
	return all
}

func globs(key string, patterns []string, of string, bad report) func(string) bool {
	bad.unless(len(patterns) > 0, key, "is empty, so that no event fits; leave it out for all of them")
	return policy.OneOf(patterns, func(i int) { bad(key, fmt.Sprintf("has %q, but must have globs for %s", patterns[i], of)) })
}

// Names as the D-Bus Specification has them; they end up in match rules, so that nothing else may.
var (
	busInterface = regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$`)
	busMember    = regexp.MustCompile(`^[A-Za-z_]\w*$`)
	busPath      = regexp.MustCompile(`^(/|(/\w+)+)$`)
	busName      = regexp.MustCompile(`^(:[\w-]+(\.[\w-]+)+|[A-Za-z_-][\w-]*(\.[A-Za-z_-][\w-]*)+)$`)
)

func (m Match) compileBus(s Source, bad report, same func(key, field, want string)) {
	if s.Name != "dbus" {
		return
	}
	bad.among("bus", oneOrNone(m.Bus), words("session system"))
	bus := m.Bus
	if bus == "" {
		bus = "session"
	}
	same("bus", "Bus", bus)
	bad.unless(busInterface.MatchString(m.Interface), "interface", "is %q, but must be the name of a D-Bus interface", m.Interface)
	bad.unless((m.Member == "") != (m.Property == ""), "member", "and property: exactly one of them must be set")
	for _, one := range []struct {
		key, field, value string
		form              *regexp.Regexp
		what              string
	}{
		{"interface", "Interface", m.Interface, nil, ""},
		{"member", "Member", m.Member, busMember, "the name of a signal"},
		{"property", "Property", m.Property, busMember, "the name of a property"},
		{"path", "Path", m.Path, busPath, "the path of a D-Bus object"},
		{"sender", "Sender", m.Sender, busName, "a name on the bus"},
	} {
		bad.unless(one.value == "" || one.form == nil || one.form.MatchString(one.value), one.key, "is %q, but must be %s", one.value, one.what)
		same(one.key, one.field, one.value)
	}
}

const leastIdle = 10 * time.Second

func (m Match) compileIdle(s Source, bad report, add func(string, func(*Event) bool)) {
	if s.Name != "idle" {
		return
	}
	after, err := time.ParseDuration(m.After)
	bad.unless(err == nil && after >= leastIdle, "after", "is %q, but must be a duration of at least 10s, such as 10m", m.After)
	add("after", func(e *Event) bool { return e.number("Seconds") == after.Seconds() })
	if m.States == nil {
		add("states", func(e *Event) bool { return e.text("State") == "idle" })
	}
}

const shortLead, longLead = time.Minute, 24 * time.Hour

// compileLead: a meeting may come to be known when it begins in less.
func (m Match) compileLead(s Source, bad report, add func(string, func(*Event) bool)) {
	if s.Name != "calendar" {
		return
	}
	lead, err := time.ParseDuration(m.Before)
	bad.unless(m.Before == "" || err == nil && lead >= shortLead && lead <= longLead, "before",
		"is %q, but must be a duration from 1m to 24h, such as 5m", m.Before)
	most := math.Ceil(m.Lead().Minutes())
	add("before", func(e *Event) bool { return e.number("Minutes") <= most })
}

// compileStates: what lasts is told again and again, with each percent of a battery, so that what counts is the event with
// which it begins.
func (m Match) compileStates(s Source, bad report, add func(string, func(*Event) bool)) {
	bad.unless(m.Below >= 0 && m.Below <= 100, "below", "is %d, but must be from 1 to 100", m.Below)
	if s.States == nil || m.States == nil && m.Below == 0 {
		return
	}
	bad.among("states", m.States, s.States)
	key := "states"
	if m.Below != 0 {
		key = "below"
	}
	_, remembers := s.empty()["Was"]
	add(key, func(e *Event) bool {
		return m.is(e.text("State"), e.number("Percent")) && !(remembers && m.is(e.text("Was"), e.number("WasPercent")))
	})
}

func (m Match) is(state string, percent float64) bool {
	return (m.States == nil || slices.Contains(m.States, state)) && (m.Below == 0 || percent < float64(m.Below))
}

func (m Match) compilePaths(s Source, home string, bad report, add func(string, func(*Event) bool)) {
	if s.Name != "file" {
		return
	}
	expanded := make([]string, len(m.Paths))
	for i, p := range m.Paths {
		bad.unless(strings.HasPrefix(p, "/") || strings.HasPrefix(p, "~/"), "paths", "has %q, but must have absolute paths or such as begin with ~/", p)
		expanded[i] = paths.Expand(home, p)
	}
	if m.Paths == nil {
		bad("paths", "is missing; name the folders that are watched, as in ~/Downloads/*")
		return
	}
	fits := globs("paths", expanded, "the paths of files", bad)
	add("paths", func(e *Event) bool { return fits(e.text("Path")) })
}

func (m Match) compileText(s Source, bad report) []check {
	var checks []check
	if m.Regex != "" {
		re, err := regexp.Compile(m.Regex)
		if err != nil {
			bad("regex", fmt.Sprintf("is no regular expression: %v", err))
		} else {
			checks = append(checks, check{"regex", func(e *Event) (bool, error) { return re.MatchString(e.text("Text")), nil }})
		}
	}
	if m.When != "" {
		when, err := compileWhen(m.When, s)
		if err != nil {
			bad("when", fmt.Sprintf("is no condition: %v", err))
		} else {
			checks = append(checks, check{"when", func(e *Event) (bool, error) { return when.holds(*e) }})
		}
	}
	return checks
}

// fiveFields of crontab(5). What else the parser knows, names such as @daily and time zones, is not for rules.
var fiveFields = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// schedule is nil where the rule is not on the timer or is wrong.
func (m Match) schedule(s Source, bad report) func(after time.Time) time.Time {
	switch {
	case s.Name != "timer":
		return nil
	case (m.Cron == "") == (m.Every == ""):
		bad("cron", "and every: exactly one of them must be set")
		return nil
	case m.Every != "":
		every, err := time.ParseDuration(m.Every)
		if err != nil || every < time.Minute {
			bad("every", fmt.Sprintf("is %q, but must be a duration of at least 1m, such as 90m", m.Every))
			return nil
		}
		return func(after time.Time) time.Time { return after.Add(every) }
	}
	if len(strings.Fields(m.Cron)) != 5 || strings.ContainsAny(m.Cron, "=@") {
		bad("cron", fmt.Sprintf("is %q, but must have five fields: minute, hour, day of the month, month, day of the week", m.Cron))
		return nil
	}
	at, err := fiveFields.Parse(m.Cron)
	if err != nil {
		bad("cron", fmt.Sprintf("is %q, but must be five fields as in crontab(5): %v", m.Cron, err))
		return nil
	}
	if at.Next(time.Now()).IsZero() {
		bad("cron", fmt.Sprintf("is %q, a day that does not come in the next five years", m.Cron))
		return nil
	}
	return at.Next
}

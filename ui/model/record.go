package model

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"nerva/core/api"
	"nerva/core/visible"
)

// rowText is how many bytes of a text from outside a row shows; more would not fit, but take its time.
const rowText = 300

// Entry is a record of the audit log with the words of its row, worked out before it comes to the GTK thread: an
// input may be large. All of them are visible text.
type Entry struct {
	api.Record
	Name     string // of the skill
	Argument string
	Decided  string
	Failure  string
}

// NewEntry works out the words for a record.
func NewEntry(r api.Record) Entry {
	return Entry{
		Record: r, Name: brief(r.Skill), Argument: brief(Argument(r.Input)), Decided: decidedWords(r),
		Failure: brief(oneLine(r.Error)),
	}
}

// NewEntries is NewEntry for records that come oldest first.
func NewEntries(records []api.Record) []Entry {
	entries := make([]Entry, len(records))
	for i, r := range records {
		entries[len(records)-1-i] = NewEntry(r)
	}
	return entries
}

func brief(text string) string {
	cut, _ := Cut(text, rowText)
	return visible.Line(cut)
}

// Cut is the start of text, at most so many bytes, whole characters, and how many bytes it leaves out.
func Cut(text string, limit int) (start string, left int) {
	if len(text) <= limit {
		return text, 0
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit], len(text) - limit
}

// Outcome is a sign, a style class and a word for how a call ended; each alone tells enough.
type Outcome struct{ Sign, Class, Word string }

var outcomes = map[string]Outcome{
	"":          {"…", "", "under way"},
	"ok":        {"✓", "ok", "done"},
	"error":     {"✗", "bad", "failed"},
	"refused":   {"⊘", "held", "refused"},
	"denied":    {"⊘", "held", "denied"},
	"cancelled": {"–", "held", "cancelled"},
	"unknown":   {"?", "held", "nobody knows how it ended"},
}

// Ending is how the call ended.
func (e Entry) Ending() Outcome {
	if o, ok := outcomes[e.Outcome]; ok {
		return o
	}
	return Outcome{"?", "held", visible.Line(e.Outcome)}
}

// decidedWords says who decided, and what: "allowed by its tier", "refused in the overlay".
func decidedWords(r api.Record) string {
	verb := "allowed"
	switch {
	case r.Decision == "deny":
		verb = "denied"
	case r.Outcome == "refused":
		verb = "refused"
	}
	switch r.DecidedBy {
	case "tier":
		return verb + " by its tier"
	case "taint":
		return verb + " because of the taint"
	case "overlay", "terminal":
		return verb + " in the " + r.DecidedBy
	case "peer":
		return verb + " by the caller"
	case "nobody":
		return "refused, nobody could answer"
	case "":
		return "nobody decided"
	}
	return verb + " by the rule “" + visible.Line(r.DecidedBy) + "”"
}

// Verdict is who decided, with how the call ended before it where that does not go without saying.
func (e Entry) Verdict() string {
	switch e.Outcome {
	case "ok", "refused", "denied":
		return e.Decided
	}
	return e.Ending().Word + ", " + e.Decided
}

// Origin says who called.
func (e Entry) Origin() string {
	if e.Run == 0 {
		return visible.Line(e.Caller)
	}
	return fmt.Sprintf("%s, run %d", visible.Line(e.Caller), e.Run)
}

// Took is how long the call took; it is empty while that is not known and where it never ran.
func (e Entry) Took() string {
	switch e.Outcome {
	case "ok", "error", "cancelled":
		return Duration(e.DurationMS)
	}
	return ""
}

// Spoken is what a screen reader says of the entry.
func (e Entry) Spoken() string {
	done := ""
	if e.Outcome == "ok" {
		done = e.Ending().Word
	}
	parts := []string{e.Time.Format("15:04"), e.Name, e.Argument, done, e.Verdict()}
	if e.Tainted {
		parts = append(parts, "tainted")
	}
	parts = append(parts, e.Failure, e.Took())
	said := parts[:0]
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, ", ")
}

// Field is a line of a record's details.
type Field struct{ Name, Value, Class string }

// Fields are the details of the record but for its call.
func (e Entry) Fields() []Field {
	o := e.Ending()
	ended := o.Word
	if took := e.Took(); took != "" {
		ended += " after " + took
	}
	fields := []Field{
		{"Outcome", ended, o.Class},
		{"Error", visible.Line(e.Error), "bad"},
		{"Decision", e.Decided, ""},
		{"Risk", string(e.Risk), string(e.Risk)},
		{"Tainted by", e.taint(), "held"},
		{"Began", e.Time.Format("Monday, 2 January 2006, 15:04:05.000"), ""},
		{"Caller", e.Origin(), ""},
		{"Record", e.place(), ""},
	}
	kept := fields[:0]
	for _, f := range fields {
		if f.Value != "" {
			kept = append(kept, f)
		}
	}
	return kept
}

func (e Entry) taint() string {
	if !e.Tainted {
		return ""
	}
	sources := make([]string, len(e.TaintedBy))
	for i, s := range e.TaintedBy {
		sources[i] = visible.Line(s)
	}
	if len(sources) == 0 {
		return "something that others may have written"
	}
	return strings.Join(sources, "\n")
}

func (e Entry) place() string {
	text := strconv.FormatUint(e.Seq, 10)
	if e.Ended != 0 {
		text += fmt.Sprintf(", its end %d", e.Ended)
	}
	hash, _ := Cut(visible.Line(e.Hash), 16)
	return text + ", hash " + hash + "…"
}

// day names the day of t as seen at now.
func day(t, now time.Time) string {
	switch {
	case sameDay(t, now):
		return "Today"
	case sameDay(t, now.AddDate(0, 0, -1)):
		return "Yesterday"
	case t.Year() == now.Year():
		return t.Format("Monday, 2 January")
	}
	return t.Format("Monday, 2 January 2006")
}

func sameDay(a, b time.Time) bool {
	return a.YearDay() == b.YearDay() && a.Year() == b.Year()
}

// grouped writes a number with a narrow space between its thousands.
func grouped(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

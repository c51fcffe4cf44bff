// Package when reads the times that people write: "in 20 minutes", "tomorrow at 9", "every weekday 10:00".
//
// It has no state; what "tomorrow" is depends on the time and the time zone that it is given. It must not know what is to
// happen then.
package when

import (
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"nerva/core/api"
)

// Time is when something is due, once or again and again.
type Time struct {
	Due time.Time // the first time, after the one that was given as now
	// Every is a rule for what follows, in the form that Next reads; empty: once.
	Every string
}

// limits of what is taken for a time that somebody meant.
const (
	longest       = 10 * 366 * 24 * time.Hour // ahead
	shortest      = time.Minute               // between two
	longestPhrase = 14                        // words
)

// In reads how long from now: "20 minutes", "1h 30m", "half an hour", "an hour and a quarter".
func In(text string, now time.Time) (Time, error) {
	d, ok := duration(words(text))
	switch {
	case !ok:
		return Time{}, api.Errorf(api.InvalidInput, "%.40q is no span of time; write it as 20 minutes, 1h30m or 2 days", text)
	case d <= 0 || d > longest:
		return Time{}, api.Errorf(api.InvalidInput, "%.40q is too long or no time at all; give one from a second to ten years", text)
	}
	return Time{Due: now.Add(d).Round(0)}, nil
}

// At reads a time of day, a day, or both: "9", "9:30", "9pm", "tomorrow at 9", "monday", "2026-12-24 18:00", "24 december".
// A time of day that is over today is tomorrow's; a day without a time of day is at 9.
func At(text string, now time.Time) (Time, error) {
	if t, err := time.Parse(time.RFC3339, strings.TrimSpace(text)); err == nil {
		return ahead(text, t, now)
	}
	p := reader{words: words(text), now: now}
	t, ok := p.moment()
	if !ok || len(p.words) > 0 {
		return Time{}, api.Errorf(api.InvalidInput, "%.60q is no time; write it as 9:30, tomorrow at 9, friday 18:00 or 2026-12-24 18:00", text)
	}
	return ahead(text, t, now)
}

func ahead(text string, t, now time.Time) (Time, error) {
	switch {
	case !t.After(now):
		return Time{}, api.Errorf(api.InvalidInput, "%.60q is over already; give a time that is to come", text)
	case t.Sub(now) > longest:
		return Time{}, api.Errorf(api.InvalidInput, "%.60q is more than ten years ahead; give an earlier one", text)
	}
	return Time{Due: t}, nil
}

// Every reads what is due again and again: "hour", "20 minutes", "day 9:00", "weekday 10:00", "monday and thursday at 9",
// "month on the 1st at 9", or the five fields of cron(5).
func Every(text string, now time.Time) (Time, error) {
	rule, ok := repetition(text)
	if !ok {
		return Time{}, api.Errorf(api.InvalidInput, "%.60q is no repetition; write it as 20 minutes, day 9:00, weekday 10:00, monday at 9 or 0 10 * * 1-5", text)
	}
	due, err := Next(rule, now, now)
	if err != nil {
		return Time{}, err
	}
	return Time{Due: due, Every: rule}, nil
}

// Next is the first time after now of a rule whose last time was last: an interval is counted from there, so that it keeps
// its minute however late it was noticed.
func Next(rule string, last, now time.Time) (time.Time, error) {
	if span, ok := strings.CutPrefix(rule, interval); ok {
		d, err := time.ParseDuration(span)
		switch {
		case err != nil || d < shortest || d > longest:
			return time.Time{}, api.Errorf(api.InvalidInput, "%.40q is too short or too long to be repeated; take from a minute to ten years", span)
		case !now.After(last):
			return last.Add(d), nil
		}
		return last.Add(now.Sub(last).Truncate(d) + d), nil
	}
	schedule, err := cron.ParseStandard(rule)
	if err != nil {
		return time.Time{}, api.Errorf(api.InvalidInput, "%.40q is no rule of cron(5): %w; write minute, hour, day, month, weekday", rule, err)
	}
	next := schedule.Next(now)
	if next.IsZero() {
		return time.Time{}, api.Errorf(api.InvalidInput, "%.40q never comes; look at its day and month", rule)
	}
	return next, nil
}

// interval begins a rule that is a span of time.
const interval = "@every "

// Phrase is the part of a sentence that says a time.
type Phrase struct {
	Key  string // which of the functions reads Text: "in", "at" or "every"
	Text string
}

// Sentence finds a time that is to come at the beginning or at the end of a text, and gives the rest: "in 20 minutes check
// the oven", "call Ann tomorrow at 9", "every weekday 10:00 stand up".
func Sentence(text string, now time.Time) (p Phrase, rest string, err error) {
	fields := strings.Fields(text)
	// The longest reading is meant: "tomorrow at 9", not "tomorrow" and a text that begins with "at 9".
	for n := min(len(fields), longestPhrase); n > 0; n-- {
		for _, at := range []int{0, len(fields) - n} {
			if p, ok := phrase(strings.Join(fields[at:at+n], " "), now); ok {
				rest := append(append([]string{}, fields[:at]...), fields[at+n:]...)
				return p, tidy(strings.Join(rest, " ")), nil
			}
		}
	}
	return Phrase{}, "", api.Errorf(api.InvalidInput, "there is no time in %.60q that is to come; write it as in 20 minutes, tomorrow at 9 or every weekday 10:00", text)
}

// phrase takes only what says that it is a time: a bare number may be part of the text.
func phrase(text string, now time.Time) (p Phrase, ok bool) {
	text = strings.TrimRight(text, ":,")
	first, rest, _ := strings.Cut(text, " ")
	switch first = strings.ToLower(first); first {
	case "in":
		p = Phrase{"in", rest}
	case "every", "each":
		p = Phrase{"every", rest}
	case "daily", "hourly", "weekly", "monthly":
		p = Phrase{"every", text}
	default:
		w := words(text)
		if len(w) == 1 && isNumber(w[0]) {
			return Phrase{}, false
		}
		p = Phrase{"at", text}
		if _, span := duration(w); span {
			p.Key = "in"
		}
	}
	_, err := p.Read(now)
	return p, err == nil
}

// Read reads what the phrase says.
func (p Phrase) Read(now time.Time) (Time, error) {
	switch p.Key {
	case "in":
		return In(p.Text, now)
	case "every":
		return Every(p.Text, now)
	}
	return At(p.Text, now)
}

// tidy takes away what joined the time to the text.
func tidy(rest string) string {
	rest = strings.Trim(rest, " ,:;-")
	for _, joint := range []string{"to ", "that ", "for "} {
		if len(rest) > len(joint) && strings.EqualFold(rest[:len(joint)], joint) {
			return strings.TrimSpace(rest[len(joint):])
		}
	}
	return rest
}

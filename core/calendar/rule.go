package calendar

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// times gives one time after another, as a clock on the wall has it, written as if it were UTC.
type times func() (wall time.Time, ok bool)

const (
	// cycle is how many years later rules are looked through than they are: after 400 years the days of the week are those of
	// before, and rrule looks until the year 9999 for the next time of a rule that has none.
	cycle = 7600
	// timesOfDay is how many a rule may have.
	timesOfDay = 12
	// longestRule is the length of a rule in bytes.
	longestRule = 512
	// longestInterval is how many days, weeks, months or years may lie between.
	longestInterval = 1000
)

var errRule = errors.New("a rule is wrong, or none of a calendar's")

// newRule reads a rule of section 3.3.10. What comes every hour, minute or second is refused, and so is what no program's
// calendar offers and what rrule can't bear (its loops for hours may not end, its tables have no 6th Monday of a month).
func newRule(text string, start time.Time, in zone) (*rrule.RRule, error) {
	text = strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(text)), ";")
	if len(text) > longestRule || strings.ContainsAny(text, "\r\n") {
		return nil, errRule
	}
	o, err := rrule.StrToROption(text)
	if err != nil || o.Freq > rrule.DAILY || !o.Dtstart.IsZero() || o.Byeaster != nil || o.Bysecond != nil ||
		o.Interval < 0 || o.Interval > longestInterval || o.Count < 0 {
		return nil, errRule
	}
	for _, list := range []*[]int{&o.Byhour, &o.Byminute, &o.Bysetpos, &o.Bymonth, &o.Bymonthday, &o.Byyearday, &o.Byweekno} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	if max(1, len(o.Byhour))*max(1, len(o.Byminute)) > timesOfDay || !plainDays(o) {
		return nil, errRule
	}
	if o.Until, err = lastTime(text, o.Until, in); err != nil {
		return nil, err
	}
	o.Dtstart, o.Until = later(start), later(o.Until)
	r, err := rrule.NewRRule(*o)
	if err != nil {
		return nil, errRule
	}
	return r, nil
}

// plainDays says whether the days of the week are such that there may be: the 5th of a month, the 53rd of a year.
func plainDays(o *rrule.ROption) bool {
	most := 53
	if o.Freq == rrule.MONTHLY || o.Bymonth != nil {
		most = 5
	}
	return !slices.ContainsFunc(o.Byweekday, func(d rrule.Weekday) bool { return d.N() > most || d.N() < -most })
}

// lastTime is UNTIL on the wall's clock. Without a time of day it is the whole day, as some programs write it.
func lastTime(text string, until time.Time, in zone) (time.Time, error) {
	_, value, found := strings.Cut(text, "UNTIL=")
	value, _, _ = strings.Cut(value, ";")
	switch {
	case !found:
		return time.Date(lastYear, time.December, 31, 23, 59, 59, 0, time.UTC), nil
	case until.Year() < firstYear:
		return until, errRule
	case until.Year() > lastYear:
		return time.Date(lastYear, time.December, 31, 23, 59, 59, 0, time.UTC), nil
	case len(value) == len(dateForm):
		return until.Add(24*time.Hour - time.Second), nil
	case strings.HasSuffix(value, "Z"):
		return in.wall(until), nil
	}
	return until, nil
}

func later(wall time.Time) time.Time { return wall.AddDate(cycle, 0, 0) }

// sequence gives the times of a rule, or of start where there is none, and the dates beside, in order and each once.
func sequence(start time.Time, rule *rrule.RRule, dates []time.Time) times {
	var set rrule.Set
	if rule != nil {
		set.RRule(rule)
	} else {
		set.RDate(later(start))
	}
	for _, d := range dates {
		set.RDate(later(d))
	}
	var next rrule.Next
	return func() (wall time.Time, ok bool) {
		// No rule is known that newRule takes and rrule panics at; one would end the daemon.
		defer func() {
			if recover() != nil {
				wall, ok = time.Time{}, false
			}
		}()
		if next == nil {
			next = set.Iterator()
		}
		if wall, ok = next(); !ok {
			return time.Time{}, false
		}
		return wall.AddDate(-cycle, 0, 0), true
	}
}

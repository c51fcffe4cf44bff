package calendar

import (
	"time"

	"github.com/teambition/rrule-go"
)

// firstRule is the year before which nothing that comes again may have begun: it is looked through from there.
const firstRule = 1970

// recurring is an event on the way to be kept.
type recurring struct {
	event
	rule   *rrule.RRule // nil: none
	start  moment
	dates  []time.Time // beside, on the wall
	single bool        // of a series whose other times are others'
	weight int
}

// over says whether it is seen at once that no time is to come.
func (e *recurring) over() bool {
	if len(e.dates) > 0 {
		return false
	}
	if e.rule == nil {
		return e.start.instant().Before(e.since)
	}
	return e.zone.instant(e.rule.Options.Until.AddDate(-cycle, 0, 0)).Before(e.since)
}

// recurs reads when an event comes again, and when it does not (section 3.8.5).
func (r *reader) recurs(e *recurring, c *component) error {
	switch rules := c.props["RRULE"]; {
	case len(rules) > 1 || len(rules) == 1 && e.start.wall.Year() < firstRule:
		return errRule
	case len(rules) == 1:
		var err error
		if e.rule, err = newRule(rules[0].value, e.start.wall, e.zone); err != nil {
			return err
		}
	}
	dates, err := r.zones.moments(c.props["RDATE"])
	without, wrong := r.zones.moments(c.props["EXDATE"])
	if err != nil || wrong != nil {
		return errBroken
	}
	for _, m := range dates {
		if at := e.sameTime(m).instant(); !at.Before(r.since) {
			e.dates = append(e.dates, e.zone.wall(at))
		}
	}
	for _, m := range without {
		if at := e.sameTime(m).instant(); !at.Before(r.since) {
			e.except = append(e.except, at)
		}
	}
	return nil
}

// sameTime makes of a day, as some programs write it, the time on it at which the event begins.
func (e *recurring) sameTime(m moment) moment {
	if m.day {
		m.wall, m.in = m.wall.Add(e.start.wall.Sub(e.start.wall.Truncate(24*time.Hour))), e.zone
	}
	return m
}

// length is how long an event takes; one without an end takes no time.
func (r *reader) length(c *component, begins time.Time) (time.Duration, error) {
	ends, err := r.zones.moments(c.props["DTEND"])
	switch {
	case err != nil || len(ends) > 1:
		return 0, errBroken
	case len(ends) == 1:
		return max(0, ends[0].instant().Sub(begins)), nil
	case len(c.props["DURATION"]) > 0:
		return duration(c.value("DURATION"))
	}
	return 0, nil
}

package calendar

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/teambition/rrule-go"
)

// zones finds the zones that a file names.
type zones struct {
	since  time.Time
	local  *time.Location
	inFile map[string]*component
	found  map[string]zone // nil: what the file defines by the name is wrong
}

// find gives the zone of a name: the IANA's, else what the file defines by it, else the local one, as programs for calendars
// do.
func (z *zones) find(name string) (zone, error) {
	found, looked := z.found[name]
	if !looked && len(z.found) < mostZones {
		found, _ = z.look(name) // each of its errors says the same
		z.found[name] = found
	}
	if found == nil {
		return nil, errZone
	}
	return found, nil
}

func (z *zones) look(name string) (zone, error) {
	if at := ianaZone(name); at != nil {
		return place{at}, nil
	}
	c := z.inFile[name]
	if c == nil {
		return place{z.local}, nil
	}
	if at := ianaZone(c.value("X-LIC-LOCATION")); at != nil {
		return place{at}, nil
	}
	return define(c, z.since)
}

var ianaName = regexp.MustCompile(`^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$`)

// ianaZone is nil where there is no such zone. Some programs put their own before the name: /example.org/Europe/Berlin.
func ianaZone(name string) *time.Location {
	if rest, prefixed := strings.CutPrefix(name, "/"); prefixed {
		parts := strings.Split(rest, "/")
		for n := min(3, len(parts)-1); n >= 2; n-- {
			if at := ianaZone(strings.Join(parts[len(parts)-n:], "/")); at != nil {
				return at
			}
		}
		return nil
	}
	if len(name) > 64 || !ianaName.MatchString(name) || strings.EqualFold(name, "local") {
		return nil
	}
	if at, ok := places.Load(name); ok {
		return at.(*time.Location)
	}
	at, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	places.Store(name, at)
	return at
}

// places has the zones that were read, by their names, of which there are some hundred: *time.Location. An event of each of
// thousands of files has one.
var places sync.Map

// define works out a VTIMEZONE (section 3.6.5) for the years around a time.
func define(c *component, since time.Time) (zone, error) {
	if c.broken || len(c.parts) == 0 {
		return nil, errZone
	}
	from, to := since.AddDate(-zoneBefore, 0, 0), since.AddDate(zoneAfter, 0, 0)
	var d defined
	for _, part := range c.parts {
		shifts, err := part.shifts(from, to)
		if err != nil {
			return nil, err
		}
		d = append(d, shifts...)
	}
	slices.SortFunc(d, func(a, b shift) int { return a.at.Add(-a.from).Compare(b.at.Add(-b.from)) })
	if len(d) == 0 || len(d) > mostShifts {
		return nil, errZone
	}
	return d, nil
}

// shifts are those of a STANDARD or DAYLIGHT part between two times, and the last one before.
func (c *component) shifts(from, to time.Time) ([]shift, error) {
	var s shift
	var err, wrong error
	s.from, err = offset(c.value("TZOFFSETFROM"))
	s.to, wrong = offset(c.value("TZOFFSETTO"))
	start, unread := wallTime(c.value("DTSTART"))
	if err != nil || wrong != nil || unread != nil {
		return nil, errZone
	}
	next, err := c.sequence(start, fixed(s.from))
	if err != nil {
		return nil, err
	}
	var all []shift
	for {
		at, ok := next()
		if !ok || at.After(to) || len(all) > mostShifts {
			return all, nil
		}
		if s.at = at; at.Before(from) {
			all = all[:0]
		}
		all = append(all, s)
	}
}

// sequence gives when a part of a zone begins. Zones change once a year at most by each of their parts.
func (c *component) sequence(start time.Time, in zone) (times, error) {
	dates, err := c.wallTimes("RDATE")
	if err != nil || len(dates) > mostShifts {
		return nil, errZone
	}
	text := c.value("RRULE")
	if text == "" {
		return sequence(start, nil, dates), nil
	}
	rule, err := newRule(text, start, in)
	if err != nil || rule.Options.Freq > rrule.YEARLY {
		return nil, errZone
	}
	return sequence(start, rule, dates), nil
}

// fixed is a zone that is always as far from UTC.
func fixed(offset time.Duration) zone { return defined{{from: offset, to: offset}} }

var offsetForm = regexp.MustCompile(`^([+-])(\d\d)(\d\d)(\d\d)?$`)

// offset reads a UTC-OFFSET (section 3.3.14).
func offset(text string) (time.Duration, error) {
	m := offsetForm.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return 0, errZone
	}
	var d time.Duration
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi(m[i+2]) // the seconds may be missing
		d += time.Duration(n) * unit
	}
	if d >= mostOffset-2*time.Hour {
		return 0, errZone
	}
	if m[1] == "-" {
		d = -d
	}
	return d, nil
}

package calendar

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	dateForm = "20060102"
	timeForm = "20060102T150405"
	// Some programs let their zones begin in 1601.
	firstYear, lastYear = 1600, 2399
	// mostTimes is how many times a property may have in an event.
	mostTimes = 2000
)

// moment is a DATE or a DATE-TIME (sections 3.3.4 and 3.3.5).
type moment struct {
	wall time.Time
	in   zone
	day  bool // a whole day
}

func (m moment) instant() time.Time { return m.in.instant(m.wall) }

// moments reads the times of properties; of a PERIOD its beginning.
func (z *zones) moments(all []property) ([]moment, error) {
	var moments []moment
	for _, p := range all {
		for text := range strings.SplitSeq(p.value, ",") {
			text, _, _ = strings.Cut(strings.TrimSpace(text), "/")
			m, err := z.moment(text, p.param("TZID"))
			if err != nil || len(moments) == mostTimes {
				return nil, errBroken
			}
			moments = append(moments, m)
		}
	}
	return moments, nil
}

func (z *zones) moment(text, name string) (m moment, err error) {
	text, utc := strings.CutSuffix(text, "Z")
	switch {
	case utc:
		m.in = place{time.UTC}
	case name == "":
		m.in = place{z.local}
	default:
		if m.in, err = z.find(name); err != nil {
			return m, err
		}
	}
	if m.day = len(text) == len(dateForm); m.day {
		text += "T000000"
	}
	m.wall, err = wallTime(text)
	return m, err
}

func wallTime(text string) (time.Time, error) {
	wall, err := time.Parse(timeForm, strings.TrimSpace(text))
	if err != nil || wall.Year() < firstYear || wall.Year() > lastYear {
		return time.Time{}, errBroken
	}
	return wall.Truncate(time.Second), nil
}

// wallTimes reads the times of a zone's part, which have no zone.
func (c *component) wallTimes(name string) ([]time.Time, error) {
	var all []time.Time
	for _, p := range c.props[name] {
		for text := range strings.SplitSeq(p.value, ",") {
			wall, err := wallTime(text)
			if err != nil {
				return nil, err
			}
			all = append(all, wall)
		}
	}
	return all, nil
}

var durationForm = regexp.MustCompile(`^\+?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,4})S)?)?$`)

// duration reads a DURATION (section 3.3.6) that does not go back.
func duration(text string) (time.Duration, error) {
	m := durationForm.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(text)))
	if m == nil {
		return 0, errBroken
	}
	var d time.Duration
	for i, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi(m[i+1]) // what is missing is nothing
		d += time.Duration(n) * unit
	}
	return d, nil
}

package watchers

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// limits say when and how often a rule fires.
type limits struct {
	debounce time.Duration // 0: at once
	most     int           // firings within per, 0: as many as there are
	per      time.Duration
	from, to int // quiet from and to, in minutes of the day; equal: never
}

const (
	mostFirings  = 1000
	longDebounce = time.Hour
	longestSpan  = 7 * 24 * time.Hour
)

func (r Rule) limits(bad report) limits {
	var l limits
	var err error
	if r.Debounce != "" {
		l.debounce, err = time.ParseDuration(r.Debounce)
		bad.unless(err == nil && l.debounce > 0 && l.debounce <= longDebounce, "debounce",
			"is %q, but must be a duration of at most 1h, such as 2s", r.Debounce)
	}
	if r.AtMost != "" {
		count, span, _ := strings.Cut(r.AtMost, "/")
		l.most, err = strconv.Atoi(count)
		per, wrong := time.ParseDuration(span)
		l.per = per
		bad.unless(err == nil && wrong == nil && l.most >= 1 && l.most <= mostFirings && per >= time.Second && per <= longestSpan,
			"at_most", "is %q, but must be a number from 1 to 1000 and a duration from 1s to 168h, such as 3/1h", r.AtMost)
	}
	if r.Quiet != "" {
		from, to, ok := strings.Cut(r.Quiet, "-")
		begin, err := time.Parse("15:04", from)
		end, wrong := time.Parse("15:04", to)
		if !ok || err != nil || wrong != nil || begin.Equal(end) {
			bad("quiet", fmt.Sprintf("is %q, but must be two different times of the day, such as 22:00-07:00", r.Quiet))
		} else {
			l.from, l.to = minutes(begin), minutes(end)
		}
	}
	return l
}

func minutes(t time.Time) int { return t.Hour()*60 + t.Minute() }

// quiet says whether the rule is not to fire at t, in t's own zone. The second time is no more quiet.
func (l limits) quiet(t time.Time) bool {
	now := minutes(t)
	if l.from <= l.to {
		return l.from <= now && now < l.to
	}
	return now >= l.from || now < l.to
}

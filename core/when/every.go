package when

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// repetition gives the rule that a text means.
func repetition(text string) (rule string, ok bool) {
	if fields := strings.Fields(text); len(fields) == 5 {
		if _, err := cron.ParseStandard(text); err == nil {
			return strings.Join(fields, " "), true
		}
	}
	w := words(text)
	if len(w) == 0 {
		return "", false
	}
	if unit, ok := units[w[0]]; ok && len(w) == 1 && unit < 24*time.Hour {
		return spanRule(unit), true
	}
	if d, ok := duration(w); ok {
		return spanRule(d), d >= shortest && d <= longest
	}
	p := reader{words: w}
	return p.repetition()
}

func spanRule(d time.Duration) string { return interval + d.String() }

// repetition reads days and a time of day, in either order: a rule of cron.
func (p *reader) repetition() (string, bool) {
	hour, minute, hasClock := p.clock()
	if p.take("hourly") {
		return spanRule(time.Hour), len(p.words) == 0
	}
	days, ok := p.days()
	if !ok {
		return "", false
	}
	p.take(",", "at")
	if !hasClock {
		if hour, minute, hasClock = p.clock(); !hasClock {
			hour = morning
		}
	}
	return fmt.Sprintf("%d %d %s", minute, hour, days), len(p.words) == 0
}

// days reads the last three fields of a rule of cron: day, month and weekday.
func (p *reader) days() (fields string, ok bool) {
	p.take("on")
	switch {
	case p.take("day", "daily", "morning"):
		return "* * *", true
	case p.take("evening"):
		return "* * *", len(p.words) > 0 // at what time?
	case p.take("weekday", "weekdays", "workday", "workdays"):
		return "* * 1-5", true
	case p.take("weekend", "weekends"):
		return "* * 0,6", true
	case p.take("month", "monthly"):
		p.take("on")
		p.take("the")
		if n, ok := p.ordinal(); ok {
			return strconv.Itoa(n) + " * *", true
		}
		return "1 * *", true
	case p.take("week", "weekly"):
		p.take("on")
		if len(p.words) == 0 || weekdays[p.peek()] == 0 && p.peek() != "sunday" && p.peek() != "sun" {
			return "* * 1", true
		}
	}
	return p.weekdayList()
}

// weekdayList reads "monday, wednesday and friday".
func (p *reader) weekdayList() (fields string, ok bool) {
	var days []string
	for {
		weekday, known := weekdays[p.peek()]
		if !known {
			break
		}
		p.next()
		days = append(days, strconv.Itoa(int(weekday)))
		if !p.take(",") {
			if !p.take("and") {
				break
			}
			continue
		}
		p.take("and")
	}
	slices.Sort(days)
	return "* * " + strings.Join(slices.Compact(days), ","), len(days) > 0
}

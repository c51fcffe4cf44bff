package when

import (
	"strconv"
	"strings"
	"time"
)

// morning is the hour of a day that was named without one.
const morning = 9

// reader takes words from the front.
type reader struct {
	words []string
	now   time.Time
}

func (p *reader) peek() string {
	if len(p.words) == 0 {
		return ""
	}
	return strings.TrimSuffix(p.words[0], ".")
}

func (p *reader) next() { p.words = p.words[1:] }

// take takes one of some words, if it is there.
func (p *reader) take(any ...string) bool {
	for _, word := range any {
		if p.peek() == word {
			p.next()
			return true
		}
	}
	return false
}

// moment reads a day, a time of day, or both in either order.
func (p *reader) moment() (time.Time, bool) {
	day, hasDay, dayHour := p.day()
	p.take(",", "at")
	hour, minute, hasClock := p.clock()
	if hasClock && !hasDay {
		p.take(",", "on")
		day, hasDay, dayHour = p.day()
	}
	switch {
	case !hasDay && !hasClock:
		return time.Time{}, false
	case !hasClock:
		hour = dayHour
	case dayHour == tonight && hour > 0 && hour < 12:
		hour += 12
	}
	if !hasDay {
		today := on(p.now, hour, minute)
		if !today.After(p.now) {
			return on(p.now.AddDate(0, 0, 1), hour, minute), true
		}
		return today, true
	}
	t := on(day.date, hour, minute)
	if day.weekly && !t.After(p.now) {
		t = on(day.date.AddDate(0, 0, 7), hour, minute)
	}
	if day.yearly && !t.After(p.now) {
		t = on(day.date.AddDate(1, 0, 0), hour, minute)
	}
	return t, true
}

// on is a time of day on a day, in the time zone of that.
func on(day time.Time, hour, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, day.Location())
}

// date is a day; weekly and yearly say that a later one may be meant where it is over.
type date struct {
	date           time.Time
	weekly, yearly bool
}

// tonight is the hour of an evening.
const tonight = 20

// day reads a day, and the hour that is meant without a time of day.
func (p *reader) day() (d date, ok bool, hour int) {
	p.take("on")
	p.take("the")
	word := p.peek()
	switch {
	case p.take("today"):
		return date{date: p.now}, true, morning
	case p.take("tonight"):
		return date{date: p.now}, true, tonight
	case p.take("tomorrow"):
		d = date{date: p.now.AddDate(0, 0, 1)}
		switch {
		case p.take("morning"):
			return d, true, morning
		case p.take("evening", "night"):
			return d, true, tonight
		}
		return d, true, morning
	case word == "next" && len(p.words) > 1:
		if weekday, known := weekdays[p.words[1]]; known {
			p.words = p.words[2:]
			return date{date: p.upcoming(weekday), weekly: true}, true, morning
		}
		return date{}, false, 0
	}
	if weekday, known := weekdays[word]; known {
		p.next()
		return date{date: p.upcoming(weekday), weekly: true}, true, morning
	}
	if t, err := time.ParseInLocation("2006-1-2", word, p.now.Location()); err == nil {
		p.next()
		return date{date: t}, true, morning
	}
	return p.calendar()
}

// upcoming is the next day of that name, today among them.
func (p *reader) upcoming(weekday time.Weekday) time.Time {
	return p.now.AddDate(0, 0, (int(weekday)-int(p.now.Weekday())+7)%7)
}

// calendar reads "24 december", "december 24", "24th of dec 2027".
func (p *reader) calendar() (d date, ok bool, hour int) {
	before := p.words
	number, hasNumber := p.ordinal()
	p.take("of")
	month, known := months[p.peek()]
	if !known {
		p.words = before
		return date{}, false, 0
	}
	p.next()
	if !hasNumber {
		p.take("the")
		if number, hasNumber = p.ordinal(); !hasNumber {
			p.words = before
			return date{}, false, 0
		}
	}
	year, yearly := p.now.Year(), true
	if n, err := strconv.Atoi(p.peek()); err == nil && len(p.peek()) == 4 {
		p.next()
		year, yearly = n, false
	}
	t := time.Date(year, month, number, 0, 0, 0, 0, p.now.Location())
	if t.Day() != number {
		p.words = before
		return date{}, false, 0
	}
	return date{date: t, yearly: yearly}, true, morning
}

// ordinal reads the day of a month.
func (p *reader) ordinal() (int, bool) {
	n, err := strconv.Atoi(p.peek())
	if err != nil || n < 1 || n > 31 {
		return 0, false
	}
	p.next()
	p.take("st", "nd", "rd", "th")
	return n, true
}

// clock reads a time of day.
func (p *reader) clock() (hour, minute int, ok bool) {
	switch {
	case p.take("noon"):
		return 12, 0, true
	case p.take("midnight"):
		return 0, 0, true
	}
	before := p.words
	h, m, colon := strings.Cut(p.peek(), ":")
	hour, err := strconv.Atoi(h)
	if err != nil || !isNumber(h) || len(h) > 2 {
		return 0, 0, false
	}
	if colon {
		if minute, err = strconv.Atoi(m); err != nil {
			return 0, 0, false
		}
	}
	p.next()
	half := p.peek()
	switch {
	case p.take("am", "pm", "a", "p"):
		p.take("m") // of "a.m."
		if hour < 1 || hour > 12 {
			p.words = before
			return 0, 0, false
		}
		hour %= 12
		if half[0] == 'p' {
			hour += 12
		}
	default:
		p.take("o'clock", "uhr", "h")
	}
	if hour > 23 || minute > 59 {
		p.words = before
		return 0, 0, false
	}
	return hour, minute, true
}

var (
	weekdays = map[string]time.Weekday{}
	months   = map[string]time.Month{}
)

func init() {
	for d := time.Sunday; d <= time.Saturday; d++ {
		name := strings.ToLower(d.String())
		weekdays[name], weekdays[name+"s"], weekdays[name[:3]] = d, d, d
	}
	weekdays["tues"], weekdays["thur"], weekdays["thurs"] = time.Tuesday, time.Thursday, time.Thursday
	for m := time.January; m <= time.December; m++ {
		name := strings.ToLower(m.String())
		months[name], months[name[:3]] = m, m
	}
	months["sept"] = time.September
}

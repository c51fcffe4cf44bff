package calendar

import (
	"bytes"
	"errors"
	"strings"

	ics "github.com/arran4/golang-ical"
)

const (
	// longestLine is how many bytes of a line count, once it is unfolded; what is longer is a picture, or a mail.
	longestLine = 64 << 10
	// longestHead is the length of the parameters of a time, in bytes.
	longestHead = 512
	// largestComponent is how many bytes there may be of what is wanted of a component.
	largestComponent = 256 << 10
)

var (
	errNoCalendar = errors.New("it is no calendar")
	errBroken     = errors.New("an event is not as RFC 5545 has it")
)

// lines takes a file apart into its content lines, unfolded (section 3.1). Each is good until the next.
//
// The library reads whole files, and gives none of what is in one of which a line is broken; so the lines are parted here,
// where their lengths are bounded, and are taken apart by it.
type lines struct{ rest, unfolded []byte }

func (l *lines) next() (line []byte, ok bool) {
	for len(l.rest) > 0 {
		line = l.physical()
		if len(line) == 0 {
			continue
		}
		if !l.goesOn() {
			return line, true
		}
		l.unfolded = append(l.unfolded[:0], line...)
		for l.goesOn() {
			l.rest = l.rest[1:]
			more := l.physical()
			l.unfolded = append(l.unfolded, more[:min(len(more), longestLine-len(l.unfolded))]...)
		}
		return l.unfolded, true
	}
	return nil, false
}

func (l *lines) physical() []byte {
	line, rest, _ := bytes.Cut(l.rest, []byte{'\n'})
	l.rest = rest
	line = bytes.TrimSuffix(line, []byte{'\r'})
	return line[:min(len(line), longestLine)]
}

func (l *lines) goesOn() bool { return len(l.rest) > 0 && (l.rest[0] == ' ' || l.rest[0] == '\t') }

// property is a content line. Only what is a time has parameters.
type property struct {
	params map[string][]string
	value  string
}

func (p property) param(name string) string {
	for key, values := range p.params {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// timed are the properties whose parameters say what their values mean.
var timed = map[string]bool{"DTSTART": true, "DTEND": true, "RDATE": true, "EXDATE": true, "RECURRENCE-ID": true}

var wanted = map[string]bool{
	"UID": true, "STATUS": true, "DURATION": true, "RRULE": true, "SUMMARY": true, "LOCATION": true, "DESCRIPTION": true, "URL": true,
	"CONFERENCE": true, "X-GOOGLE-CONFERENCE": true, "X-MICROSOFT-SKYPETEAMSMEETINGURL": true,
	"TZID": true, "TZOFFSETFROM": true, "TZOFFSETTO": true, "X-LIC-LOCATION": true,
}

// component is a VEVENT, a VTIMEZONE, or a part of the latter.
type component struct {
	name   string
	props  map[string][]property
	parts  []*component
	size   int
	broken bool
}

func newComponent(name string) *component {
	return &component{name: name, props: map[string][]property{}}
}

// value is that of the first property of a name.
func (c *component) value(name string) string {
	if all := c.props[name]; len(all) > 0 {
		return all[0].value
	}
	return ""
}

// add takes a line, where it is one that is wanted. One that is broken breaks its component.
func (c *component) add(line []byte) {
	end := bytes.IndexAny(line, ";:")
	if end < 0 {
		return
	}
	name := strings.ToUpper(string(line[:min(end, 64)]))
	if !wanted[name] && !timed[name] {
		return
	}
	colon := colonOf(line)
	if c.size += len(line); c.size > largestComponent || colon < 0 {
		c.broken = c.broken || c.size > largestComponent || len(line) < longestLine // else it was cut, and says nothing
		return
	}
	p := property{value: string(line[colon+1:])}
	if timed[name] && colon > end {
		var parsed *ics.BaseProperty
		var err error
		if colon <= longestHead {
			parsed, err = ics.ParseProperty(ics.ContentLine(line[:colon+1]))
		}
		if err != nil || parsed == nil {
			c.broken = true
			return
		}
		p.params = parsed.ICalParameters
	}
	c.props[name] = append(c.props[name], p)
}

// colonOf is where the value begins: at the first colon that is not in quotes.
func colonOf(line []byte) int {
	quoted := false
	for i, b := range line {
		switch {
		case b == '"':
			quoted = !quoted
		case b == ':' && !quoted:
			return i
		}
	}
	return -1
}

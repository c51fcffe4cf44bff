package calendar

import (
	"bytes"
	"strings"
)

// collector puts the lines of a file together to the components of one name.
type collector struct {
	name string
	take func(*component)

	whole *component // that is being read; nil: none
	part  *component // of whole; nil: none
	other int        // how deep the line is in what is not wanted, such as an alarm
}

// collect has take called for each component of a name, broken or not. A component that another begins in, or that has no
// end, is broken.
func collect(data []byte, name string, take func(*component)) error {
	l := lines{rest: bytes.TrimPrefix(data, []byte("\ufeff"))}
	first, _ := l.next()
	if !strings.EqualFold(string(first), "BEGIN:VCALENDAR") {
		return errNoCalendar
	}
	c := collector{name: name, take: take}
	for {
		line, ok := l.next()
		if !ok {
			c.breaks()
			return nil
		}
		c.line(line)
	}
}

func (c *collector) line(line []byte) {
	what, name, _ := bytes.Cut(line, []byte{':'})
	switch {
	case bytes.EqualFold(what, []byte("BEGIN")):
		c.begin(strings.ToUpper(string(bytes.TrimSpace(name[:min(len(name), 64)]))))
	case bytes.EqualFold(what, []byte("END")):
		c.end(strings.ToUpper(string(bytes.TrimSpace(name[:min(len(name), 64)]))))
	case c.whole == nil || c.other > 0:
	case c.part != nil:
		c.part.add(line)
	default:
		c.whole.add(line)
	}
}

func (c *collector) begin(name string) {
	switch {
	case name == c.name:
		c.breaks()
		c.whole = newComponent(name)
	case c.whole == nil:
	case c.part == nil && c.other == 0 && (name == "STANDARD" || name == "DAYLIGHT") && len(c.whole.parts) < mostParts:
		c.part = newComponent(name)
		c.whole.parts = append(c.whole.parts, c.part)
	default:
		c.other++
	}
}

func (c *collector) end(name string) {
	switch {
	case c.whole == nil:
	case name == "VCALENDAR":
		c.breaks()
	case name == c.name:
		whole := c.whole
		whole.broken = whole.broken || c.part != nil || c.other != 0
		c.whole, c.part, c.other = nil, nil, 0
		c.take(whole)
	case c.other > 0:
		c.other--
	case c.part != nil && name == c.part.name:
		c.whole.broken = c.whole.broken || c.part.broken
		c.part = nil
	}
}

// breaks gives up what has no end.
func (c *collector) breaks() {
	if c.whole != nil {
		c.whole.broken = true
		c.take(c.whole)
	}
	c.whole, c.part, c.other = nil, nil, 0
}

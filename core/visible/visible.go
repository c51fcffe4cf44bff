// Package visible makes text that anybody may have written exact for a person who has to judge it: what can't be
// seen, what turns or hides other characters, and letters that pose as others are written out as escapes.
//
// It owns no state; its functions may be called from any goroutine. It must not know where the text is shown: a
// terminal and a card get the same segments and colour them in their own way.
package visible

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Segment is a piece of text that may be shown as it stands.
type Segment struct {
	Text string
	// Suspicious marks an escape: \u{202E} for a character, \x{FF} for a byte that is no UTF-8.
	Suspicious bool
	// Why says in a few words what was escaped; it is empty where nothing is suspicious.
	Why string
}

// Text makes s visible. It is meant for one text by itself, such as a path, an argument or a sentence: which script
// a text is written in tells honest letters from those that pose as others. The result is one line. A backslash
// that would read as the start of an escape is one itself, so Decode gives s back.
func Text(s string) []Segment { return judge(split(s)) }

func judge(chars []char) []Segment {
	hidden(chars)
	looks(chars)
	return join(chars)
}

// String is the segments' text.
func String(segments []Segment) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Line is Text for where there is no colour.
func Line(s string) string { return String(Text(s)) }

// Warning is a sentence about what is suspicious, empty where nothing is.
func Warning(segments []Segment) string {
	all := warnings(segments)
	if len(all) == 0 {
		return ""
	}
	return "Look closely, it has " + strings.Join(all, ", ") + ` (written as \u{…})`
}

// warnings says what is suspicious, each thing once and in the order in which it is met.
func warnings(segments []Segment) []string {
	var all []string
	for _, s := range segments {
		if s.Suspicious && !slices.Contains(all, s.Why) {
			all = append(all, s.Why)
		}
	}
	return all
}

// Decode gives back what an output of this package was made of.
func Decode(s string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(s, '\\')
		if at < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:at])
		s = s[at:]
		r, size := escape(s)
		switch {
		case size == 0:
			b.WriteByte('\\')
			s = s[1:]
			continue
		case s[1] == 'x':
			b.WriteByte(byte(r))
		default:
			b.WriteRune(r)
		}
		s = s[size:]
	}
}

// escape reads the escape at the start of s; a size of 0 says that there is none.
func escape(s string) (r rune, size int) {
	end := strings.IndexByte(s, '}')
	if end < 4 || !strings.HasPrefix(s, `\u{`) && !strings.HasPrefix(s, `\x{`) {
		return 0, 0
	}
	n, err := strconv.ParseUint(s[3:end], 16, 21)
	if err != nil {
		return 0, 0
	}
	return rune(n), end + 1
}

// char is one character of a text, or one byte that is no UTF-8.
type char struct {
	r   rune
	bad bool
	why string // not empty: it is written out
	// json says that it belongs to an escape of JSON: it is shown as it stands.
	json bool
}

func split(s string) []char {
	chars := make([]char, 0, len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			chars = append(chars, char{r: rune(s[i]), bad: true, why: whyBytes})
		} else {
			chars = append(chars, char{r: r})
		}
		i += size
	}
	return chars
}

// join writes the characters out; neighbours that are suspicious for the same reason are one segment.
func join(chars []char) []Segment {
	var out []Segment
	var b strings.Builder
	why := ""
	end := func() {
		if b.Len() > 0 {
			out = append(out, Segment{b.String(), why != "", why})
			b.Reset()
		}
	}
	for i, c := range chars {
		if c.r == '\\' && i+2 < len(chars) && (chars[i+1].r == 'u' || chars[i+1].r == 'x') && chars[i+2].r == '{' {
			c.why = whyBackslash
		}
		if c.why != why {
			end()
			why = c.why
		}
		switch {
		case c.json && c.why != whyBackslash:
			b.WriteRune(c.r)
		case c.bad:
			fmt.Fprintf(&b, `\x{%02X}`, c.r)
		case c.why != "":
			fmt.Fprintf(&b, `\u{%04X}`, c.r)
		default:
			b.WriteRune(c.r)
		}
	}
	end()
	return out
}

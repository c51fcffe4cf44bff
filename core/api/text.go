package api

import (
	"strings"
	"unicode"
)

// OneLine makes one line of at most so many runes of what anybody may have written, for where a person reads it in
// passing: without control and formatting characters, such as those that turn the direction of writing. What a person
// has to judge is core/visible's to show.
func OneLine(s string, most int) string {
	if len(s) > 64*most { // nobody reads the rest, and it may be megabytes
		s = s[:64*most]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// Package markup turns text that anybody may have written into Pango markup. Whatever goes in, what comes out is
// well-formed markup whose only elements are the ones made here.
//
// It owns no state; its functions may be called from any goroutine. It must not know GTK.
package markup

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"nerva/core/visible"
)

// Escape makes text safe to stand in markup. What GMarkup does not take (invalid UTF-8, control
// characters) becomes the replacement character.
func Escape(text string) string {
	var b strings.Builder
	b.Grow(len(text) + 16)
	for _, r := range text {
		escapeRune(&b, r)
	}
	return b.String()
}

func escapeRune(b *strings.Builder, r rune) {
	switch {
	case r == '&':
		b.WriteString("&amp;")
	case r == '<':
		b.WriteString("&lt;")
	case r == '>':
		b.WriteString("&gt;")
	case r == '"':
		b.WriteString("&quot;")
	case r == '\'':
		b.WriteString("&#39;")
	case r == '\n' || r == '\t':
		b.WriteRune(r)
	case unicode.IsControl(r) || r == 0xFFFE || r == 0xFFFF:
		b.WriteRune(utf8.RuneError)
	default:
		b.WriteRune(r)
	}
}

// Highlight is text on one line with the runes at the given positions in bold. The positions ascend; those
// outside text are ignored.
func Highlight(text string, positions []int) string {
	var b strings.Builder
	b.Grow(len(text) + 8*len(positions))
	bold := false
	for i, r := range []rune(text) {
		for len(positions) > 0 && positions[0] < i {
			positions = positions[1:]
		}
		hit := len(positions) > 0 && positions[0] == i
		if hit != bold {
			b.WriteString(tag(hit))
			bold = hit
		}
		if r == '\n' || r == '\t' {
			r = ' '
		}
		escapeRune(&b, r)
	}
	if bold {
		b.WriteString(tag(false))
	}
	return b.String()
}

// Marked is text for a person to judge, with what is suspicious underlined, bold and in a colour of #rrggbb.
func Marked(segments []visible.Segment, colour string) string {
	var b strings.Builder
	for _, s := range segments {
		if s.Suspicious {
			b.WriteString(`<span foreground="` + colour + `" weight="bold" underline="single">`)
		}
		for _, r := range s.Text {
			escapeRune(&b, r)
		}
		if s.Suspicious {
			b.WriteString("</span>")
		}
	}
	return b.String()
}

func tag(open bool) string {
	if open {
		return "<b>"
	}
	return "</b>"
}

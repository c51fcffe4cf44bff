package markup

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible writes out every character of text that a person could not see or that would reorder or hide
// others: control and format characters (among them the bidirectional ones of UAX #9), unusual spaces,
// private and unassigned ones appear as \u{202E}. Line feeds stay where lines is set. The result has no
// markup; Escape it before it is shown as such.
func Visible(text string, lines bool) string {
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02X`, text[i])
		case r == '\n' && lines, r == ' ':
			b.WriteRune(r)
		case hidden(r):
			fmt.Fprintf(&b, `\u{%04X}`, r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}

// hidden says whether r does not show as a mark of its own. unicode.IsGraphic alone is not enough: it
// holds for spaces that are no U+0020, for fillers and for characters that Unicode calls
// Other_Default_Ignorable_Code_Point, which are drawn as nothing.
func hidden(r rune) bool {
	return !unicode.IsGraphic(r) || unicode.IsSpace(r) || unicode.Is(unicode.Zs, r) ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Call is the exact call of a skill, for a person to judge: the skill's name and its arguments as JSON
// with nothing left out and nothing hidden. It is plain text, not markup.
func Call(skill string, input json.RawMessage) string {
	var b bytes.Buffer
	if json.Indent(&b, input, "", "  ") != nil {
		b.Reset()
		b.Write(input)
	}
	return Visible(skill, false) + " " + Visible(b.String(), true)
}

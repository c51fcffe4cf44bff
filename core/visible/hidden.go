package visible

import (
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The reasons for an escape.
const (
	whyBytes     = "bytes that are no text"
	whyControl   = "control characters"
	whyDirection = "marks that turn the direction of writing"
	whyInvisible = "invisible characters"
	whySpace     = "spaces that are none, or very many"
	whyPrivate   = "characters without a meaning of their own"
	whyMarks     = "marks drawn over other characters"
	whyBackslash = "a backslash that would read as an escape"
)

const (
	manyMarks  = 3  // on one letter; Hebrew with vowels and accents needs as many
	manySpaces = 16 // in a row; more of them push what follows out of sight
)

const (
	zeroWidthJoiner = 0x200D
	emojiStyle      = 0xFE0F // VARIATION SELECTOR-16
)

// hidden marks what is not seen as a mark of its own, or is drawn over others.
func hidden(chars []char) {
	marks, spaces := 0, 0
	for i := range chars {
		c := &chars[i]
		if c.bad || c.json {
			marks, spaces = manyMarks, 0
			continue
		}
		if c.r == ' ' {
			spaces++
		} else {
			spaces = 0
		}
		switch {
		case unicode.Is(unicode.Mn, c.r):
			marks++
		case baseless(c.r):
			marks = manyMarks
		default:
			marks = 0
		}
		switch c.why = unseen(c.r); {
		case c.why != "":
			if partOfEmoji(chars, i) {
				c.why = ""
			}
		case unicode.Is(unicode.Mn, c.r) && (i == 0 || marks > manyMarks),
			unicode.Is(unicode.Me, c.r), norm.NFC.PropertiesString(string(c.r)).CCC() == 1: // 1: overlays
			c.why = whyMarks
		case spaces > manySpaces:
			c.why = whySpace
		}
	}
}

// baseless says whether a mark after r has no letter to stand on.
func baseless(r rune) bool { return r < '0' || unseen(r) != "" }

// unseen gives the reason for which r by itself can't be seen. unicode.IsGraphic alone is not enough: it holds for
// spaces that are no U+0020, for fillers, and for characters that are drawn as nothing.
func unseen(r rune) string {
	switch {
	case r == ' ':
		return ""
	case unicode.IsControl(r):
		return whyControl
	case unicode.Is(unicode.Bidi_Control, r):
		return whyDirection
	case unicode.IsSpace(r), unicode.Is(unicode.Z, r):
		return whySpace
	case r == 0x2800, r == 0x1D159, // a Braille pattern and a note head without ink
		unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
		return whyInvisible
	case r == 0xFFFC, !unicode.IsGraphic(r):
		return whyPrivate
	}
	return ""
}

// partOfEmoji lets the two invisible characters pass that emoji are made of (UTS #51): the selector of the coloured
// form after a symbol, and the joiner between two.
func partOfEmoji(chars []char, i int) bool {
	if i == 0 || chars[i-1].why != "" {
		return false
	}
	before := chars[i-1].r
	switch chars[i].r {
	case emojiStyle:
		return unicode.In(before, unicode.So, unicode.Sm) && before > unicode.MaxASCII
	case zeroWidthJoiner:
		return (pictograph(before) || before == emojiStyle) && i+1 < len(chars) && !chars[i+1].bad && pictograph(chars[i+1].r)
	}
	return false
}

func pictograph(r rune) bool {
	return unicode.Is(unicode.So, r) && unseen(r) == "" || r >= 0x1F3FB && r <= 0x1F3FF // skin tones
}

// Drives says whether a terminal that is sent r may act on it, or write in another direction from there on. It is
// for text that is read and not judged.
func Drives(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

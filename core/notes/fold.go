package notes

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// spelled has letters that Unicode takes for letters of their own, as people type them who lack the key.
var spelled = strings.NewReplacer(
	"ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i", "ħ", "h",
)

// fold makes alike what is to be found alike: small letters without accents.
func fold(s string) string {
	ascii := true
	for i := range len(s) {
		if s[i] >= 0x80 {
			ascii = false
			break
		}
	}
	s = strings.ToLower(s)
	if ascii {
		return s
	}
	s = strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36F { // Combining Diacritical Marks
			return -1
		}
		return unicode.ToLower(r) // a compatible form may be a capital
	}, norm.NFKD.String(s))
	return spelled.Replace(norm.NFC.String(s))
}

// firstUnspaced is where the scripts begin in Unicode that words asks for; nearly all text is before it.
const firstUnspaced = 0x0E00

// words gives the words of s, folded, each with a space before it: what starts with a word starts with it here, and what
// contains it at the start of one of its own contains it here. Scripts that put no space between words have one for each
// letter. A mark alone is no word: many emoji end with the same one, which says only how they are drawn.
func words(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/8)
	gap := true
	for _, r := range fold(s) {
		switch {
		case r >= firstUnspaced && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
			b.WriteByte(' ')
			b.WriteRune(r)
			gap = true
		case inWord(r) && (!gap || !unicode.IsMark(r)):
			if gap {
				b.WriteByte(' ')
			}
			b.WriteRune(r)
			gap = false
		default:
			gap = true
		}
	}
	return b.String()
}

func inWord(r rune) bool {
	if r < 0x80 {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)
}

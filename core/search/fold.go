package search

import (
	"strings"
	"unicode"

	"github.com/junegunn/fzf/src/algo"
)

// fold returns s in the form that is compared, small letters without accents, and the same with the case
// kept, by which fzf's matcher sees the humps of camelCase. Both have one rune for each of the first limit
// runes of s, so that a position in one is a position in the others; a byte that is no UTF-8 is a rune.
// Neither has a zero byte, which is what a key ends with.
func fold(s string, limit int) (folded, cased string) {
	var runes []rune
	for _, r := range s {
		if len(runes) == limit {
			break
		}
		if r == 0 {
			r = '\uFFFD'
		}
		runes = append(runes, r)
	}
	lower := make([]rune, len(runes))
	for i, r := range runes {
		lower[i] = unicode.ToLower(r)
	}
	lower = algo.NormalizeRunes(lower)
	for i, r := range runes {
		runes[i] = lower[i]
		if up := unicode.ToUpper(lower[i]); unicode.IsUpper(r) && unicode.ToLower(up) == lower[i] {
			runes[i] = up
		}
	}
	return string(lower), string(runes)
}

// wordStarts returns the byte offsets in folded at which a word begins: the first letter, a letter or
// digit after something that is neither, and a capital after a small letter.
func wordStarts(folded, cased string) []int {
	var starts []int
	runes := []rune(cased)
	before := rune(' ')
	at := 0
	for off := range folded {
		r := runes[at]
		switch {
		case at == 0,
			isWord(r) && !isWord(before),
			unicode.IsUpper(r) && unicode.IsLower(before):
			starts = append(starts, off)
		}
		before = r
		at++
	}
	return starts
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// key packs the first eight bytes of s, so that one comparison of masked keys compares prefixes.
func key(s string) uint64 {
	var k uint64
	for i := range min(len(s), 8) {
		k |= uint64(s[i]) << (56 - 8*i)
	}
	return k
}

// keyMask covers the first n bytes of a key.
func keyMask(n int) uint64 {
	if n >= 8 {
		return ^uint64(0)
	}
	return ^(^uint64(0) >> (8 * n))
}

// letterBit gives a byte its bit in a set of letters; letters and digits have their own.
func letterBit(b byte) uint64 {
	switch {
	case b >= 'a' && b <= 'z':
		return 1 << (b - 'a')
	case b >= '0' && b <= '9':
		return 1 << (26 + b - '0')
	default:
		return 1 << (36 + b%28)
	}
}

// letters is the set of the bytes of s.
func letters(s string) uint64 {
	var m uint64
	for i := range len(s) {
		m |= letterBit(s[i])
	}
	return m
}

// subsequence says whether the bytes of word occur in text in their order.
func subsequence(text, word string) bool {
	for i := range len(word) {
		at := strings.IndexByte(text, word[i])
		if at < 0 {
			return false
		}
		text = text[at+1:]
	}
	return true
}

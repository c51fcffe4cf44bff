package xkb

import "unicode"

// automatic is the type of a group for which none is written (libxkbcommon, src/xkbcomp/symbols.c, FindAutomaticType). When
// sure, only those letters have capitals that have them in all its versions.
func automatic(levels []level, sure bool) string {
	at := func(i int) keysym {
		if i < len(levels) {
			return levels[i].sym
		}
		return noSymbol
	}
	letters := func(i int) bool {
		small, capital := at(i).char(), at(i+1).char()
		return isLower(small) && isUpper(capital) && (!sure || sureCase(small) && sureCase(capital))
	}
	keypad := at(0).keypad() || at(1).keypad()
	switch n := len(levels); {
	case n < 2:
		return "ONE_LEVEL"
	case n == 2 && letters(0):
		return "ALPHABETIC"
	case n == 2 && keypad:
		return "KEYPAD"
	case n == 2:
		return "TWO_LEVEL"
	case n > 4:
		return ""
	case letters(0) && letters(2):
		return "FOUR_LEVEL_ALPHABETIC"
	case letters(0):
		return "FOUR_LEVEL_SEMIALPHABETIC"
	case keypad:
		return "FOUR_LEVEL_KEYPAD"
	}
	return "FOUR_LEVEL"
}

// oneCase are blocks in which all versions of libxkbcommon know the same pairs of letters: 1.8 took Unicode's where there
// had been a table of its own. Left out within are ı, İ, ſ, ß and what else differs.
var oneCase = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x00, Hi: 0xde, Stride: 1},
	{Lo: 0xe0, Hi: 0x12f, Stride: 1},
	{Lo: 0x132, Hi: 0x17e, Stride: 1},
	{Lo: 0x386, Hi: 0x3c1, Stride: 1},
	{Lo: 0x3c3, Hi: 0x3ce, Stride: 1},
	{Lo: 0x400, Hi: 0x4bf, Stride: 1},
	{Lo: 0x4c1, Hi: 0x4ce, Stride: 1},
	{Lo: 0x4d0, Hi: 0x4f5, Stride: 1},
	{Lo: 0x531, Hi: 0x587, Stride: 1},
	{Lo: 0x1e00, Hi: 0x1e99, Stride: 1},
	{Lo: 0x1ea0, Hi: 0x1ef9, Stride: 1},
}}

// sureCase says whether all versions agree about a character's case, or it is none that has any.
func sureCase(r rune) bool {
	return unicode.Is(oneCase, r) || unicode.IsOneOf(caseless, r) || !unicode.IsLetter(r) && !unicode.Is(unicode.Other_Lowercase, r)
}

// caseless are the kinds of letters that never have a case.
var caseless = []*unicode.RangeTable{unicode.Lo, unicode.Lm}

func isLower(r rune) bool { return r != 0 && unicode.IsLower(r) && unicode.ToUpper(r) != r }
func isUpper(r rune) bool { return r != 0 && unicode.IsUpper(r) && unicode.ToLower(r) != r }

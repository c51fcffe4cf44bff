package xkb

import (
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// deadKey is a key that puts a mark on the next letter.
type deadKey struct {
	name  string
	marks []rune
	alone rune // what it gives with the space bar; 0: nothing
}

// deadKeys are those that agree with Unicode's composition in libX11's table for en_US.UTF-8 (nls/en_US.UTF-8/Compose.pre), which
// the tables of nearly all other languages include. A tilde is also a Greek perispomeni.
var deadKeys = []deadKey{
	{"dead_acute", []rune{0x301}, '\''},
	{"dead_grave", []rune{0x300}, '`'},
	{"dead_circumflex", []rune{0x302}, '^'},
	{"dead_tilde", []rune{0x303, 0x342}, '~'},
	{"dead_diaeresis", []rune{0x308}, '"'},
	{"dead_cedilla", []rune{0x327}, '¸'},
	{"dead_caron", []rune{0x30c}, 'ˇ'},
	{"dead_abovering", []rune{0x30a}, '°'},
	{"dead_macron", []rune{0x304}, '¯'},
	{"dead_breve", []rune{0x306}, '˘'},
	{"dead_abovedot", []rune{0x307}, '˙'},
	{"dead_doubleacute", []rune{0x30b}, '˝'},
	{"dead_ogonek", []rune{0x328}, '˛'},
	{"dead_iota", []rune{0x345}, 'ͺ'},
	{"dead_belowdot", []rune{0x323}, 0},
	{"dead_belowcomma", []rune{0x326}, ','},
	{"dead_hook", []rune{0x309}, 0},
	{"dead_horn", []rune{0x31b}, 0},
	{"dead_abovecomma", []rune{0x313}, 0},
	{"dead_abovereversedcomma", []rune{0x314}, 0},
	{"dead_doublegrave", []rune{0x30f}, 0},
	{"dead_invertedbreve", []rune{0x311}, 0},
	{"dead_belowring", []rune{0x325}, 0},
	{"dead_belowmacron", []rune{0x331}, 0},
	{"dead_belowcircumflex", []rune{0x32d}, 0},
	{"dead_belowtilde", []rune{0x330}, 0},
	{"dead_belowbreve", []rune{0x32e}, 0},
	{"dead_belowdiaeresis", []rune{0x324}, 0},
	{"dead_voiced_sound", []rune{0x3099}, 0},
	{"dead_semivoiced_sound", []rune{0x309a}, 0},
}

// Sequence returns strokes that give the character one after the other: Find's, or a dead key and a letter, or a dead key
// and the space bar. Dead keys are the program's business: they work where its language has a table of compositions (any
// UTF-8 locale), and nowhere if it reads keys alone, as a game does.
func (k *Keymap) Sequence(r rune, s State) ([]Stroke, bool) {
	if one, ok := k.Find(r, s); ok {
		return []Stroke{one}, true
	}
	if !typable(r) {
		return nil, false
	}
	letter, mark := parts(r)
	for _, d := range deadKeys {
		second := rune(0)
		for _, m := range d.marks {
			if m == mark {
				second = letter
			}
		}
		if r == d.alone {
			second = ' '
		}
		if second == 0 {
			continue
		}
		sym, _ := symNamed(d.name)
		first, dead := k.best(k.bySym[sym], s, k.levelMods)
		then, typed := k.best(k.bySym[named(second)], s, k.levelMods)
		if dead && typed {
			return []Stroke{first, then}, true
		}
	}
	return nil, false
}

// parts takes the one mark off a letter. Letters with two have tables of compositions that differ in the order.
func parts(r rune) (letter, mark rune) {
	both := []rune(norm.NFD.String(string(r)))
	// U+03D2, a variant of upsilon, is the one letter that no table has.
	if len(both) != 2 || !unicode.IsLetter(both[0]) || both[0] == 0x3d2 || norm.NFC.String(string(both)) != string(r) {
		return 0, 0
	}
	return both[0], both[1]
}

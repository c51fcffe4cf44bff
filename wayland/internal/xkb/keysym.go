package xkb

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// keysym is X11's number of what a key means.
type keysym uint32

const (
	noSymbol      keysym = 0
	unknownSymbol keysym = 0xffffff // VoidSymbol
	unicodeSyms   keysym = 0x1000000
)

// The table has a line for each name of libxkbcommon's xkbcommon-keysyms.h 1.7: the name, its number and the character that
// xkb_keysym_to_utf32 gives for it, in hexadecimal. "testdata/libxkbcommon.py keysyms" made it.
//
//go:embed keysyms.txt
var keysymLines string

type keysymTable struct {
	named map[string]keysym
	names []string
	runes map[keysym]rune
	syms  map[rune]keysym // the lowest with a name
}

var keysyms = sync.OnceValue(func() keysymTable {
	t := keysymTable{named: map[string]keysym{}, runes: map[keysym]rune{}, syms: map[rune]keysym{}}
	for line := range strings.Lines(keysymLines) {
		f := strings.Fields(line)
		sym := keysym(hexadecimal(f[1]))
		t.named[f[0]] = sym
		t.names = append(t.names, f[0])
		if len(f) > 2 {
			r := rune(hexadecimal(f[2]))
			t.runes[sym] = r
			if s, ok := t.syms[r]; !ok || sym < s {
				t.syms[r] = sym
			}
		}
	}
	return t
})

// hexadecimal reads a number of the embedded table.
func hexadecimal(s string) uint64 {
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil {
		panic(err)
	}
	return n
}

// symNamed returns the symbol of a name; beside those of the table each character has one like U20AC.
func symNamed(name string) (keysym, bool) {
	if s, ok := keysyms().named[name]; ok {
		return s, true
	}
	if digits, ok := strings.CutPrefix(name, "U"); ok {
		n, err := strconv.ParseUint(digits, 16, 32)
		if err != nil || n > unicode.MaxRune || n < 0x20 || n >= 0x7f && n < 0xa0 {
			return noSymbol, false
		}
		return symOf(rune(n)), true
	}
	return noSymbol, false
}

// named returns the symbol that stands for a character in tables of compositions: one with a name, if there is one.
func named(r rune) keysym {
	if s, ok := keysyms().syms[r]; ok {
		return s
	}
	return symOf(r)
}

// symOf returns the symbol that is a character by its number.
func symOf(r rune) keysym {
	if r < 0x100 {
		return keysym(r)
	}
	return unicodeSyms + keysym(r)
}

// symName writes the symbol of a character as every version of XKB understands it.
func symName(r rune) string { return fmt.Sprintf("U%04X", r) }

// char returns the character that a symbol stands for; 0: it stands for none.
func (s keysym) char() rune {
	if s > unicodeSyms && s <= unicodeSyms+0x10ffff {
		return rune(s - unicodeSyms)
	}
	return keysyms().runes[s]
}

// keypad says whether the symbol is one of the keypad's own, which some programs tell from the ordinary one.
func (s keysym) keypad() bool { return s >= 0xff80 && s <= 0xffbd }

func lowered(s string) string { return strings.ToLower(s) }

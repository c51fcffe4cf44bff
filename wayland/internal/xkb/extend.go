package xkb

import (
	"fmt"
	"slices"
	"strings"

	"nerva/core/api"
)

// Extension is a keymap that can type what the user's own can't.
type Extension struct {
	// Text is the user's keymap, all of it as it was, with keys added. It is ready for zwp_virtual_keyboard_v1.keymap but for
	// the NUL at its end.
	Text string
	// Strokes are for every character that Text can type, out of those that were asked for.
	Strokes map[rune]Stroke
	// Rest are the characters for which there was no room, in the order in which they were asked for.
	Rest []rune
}

// Extend returns the keymap with keys added for those of the characters that the layout lacks. Asked for a text's characters in
// their order, as many of the text's beginning can be typed as there is room for; then Extend with those from the first of Rest
// on gives the next keymap.
//
// It is for a virtual keyboard: the strokes have no keys to hold. An added key has one layout, so it gives its character
// whatever the group is, and does not repeat, so a release that comes late does no harm. There are about 18 unused codes
// that an X11 program sees, too (up to 255); beyond that many characters the new keys get more levels, up to eight.
//
// A control character that is neither a line's end, a tabulator nor '\b', and what no keyboard can type, is api.InvalidInput.
func (k *Keymap) Extend(runes []rune, s State) (Extension, error) {
	e := Extension{Text: k.text, Strokes: map[rune]Stroke{}}
	var lacking []rune
	seen := map[rune]bool{}
	for _, r := range runes {
		if seen[r] {
			continue
		}
		seen[r] = true
		if !typable(r) {
			return Extension{}, api.Errorf(api.InvalidInput, "the character %U can't be typed: leave it out", r)
		}
		if one, ok := k.Find(r, s); ok {
			one.Hold = nil
			e.Strokes[r] = one
		} else {
			lacking = append(lacking, r)
		}
	}
	levels := k.spareLevels(s)
	room := len(k.free) * len(levels)
	if len(lacking) > room {
		lacking, e.Rest = lacking[:room], lacking[room:]
	}
	for i, r := range lacking {
		at := k.free[i%len(k.free)]
		e.Strokes[r] = Stroke{Code: uint16(at.code - 8), Mods: levels[i/len(k.free)], Group: s.Group}
	}
	if len(lacking) > 0 {
		e.Text = k.with(lacking)
	}
	return e, nil
}

// manyLevels is the type of added keys with more than one level. It is one of xkeyboard-config's that every whole keymap has.
const manyLevels = "EIGHT_LEVEL"

// spareLevels returns which modifiers select each level of an added key; there is at least the first.
func (k *Keymap) spareLevels(s State) []Mods {
	levels := []Mods{0}
	t := k.types[manyLevels]
	if t == nil || s.Locked&t.mods != 0 {
		return levels
	}
	for n := uint8(1); n < 8; n++ {
		mods, ok := t.fewest(noSymbol, n, s.Locked, k.levelMods)
		if !ok {
			break
		}
		levels = append(levels, mods)
	}
	return levels
}

// with writes the keymap with keys for these characters: one a key, then the second of each, and so on.
func (k *Keymap) with(runes []rune) string {
	var codes, keys strings.Builder
	n := len(k.free)
	for i, at := range k.free[:min(n, len(runes))] {
		if at.fresh {
			fmt.Fprintf(&codes, "\t<%s> = %d;\n", at.name, at.code)
		}
		var syms []string
		for j := i; j < len(runes); j += n {
			syms = append(syms, name(runes[j]))
		}
		typ := "ONE_LEVEL"
		if len(syms) > 1 {
			typ = manyLevels
		}
		fmt.Fprintf(&keys, "\tkey <%s> { type= %q, repeat= No, symbols[Group1]= [ %s ] };\n", at.name, typ, strings.Join(syms, ", "))
	}
	first, second := k.endCodes, k.endSymbols
	a, b := codes.String(), keys.String()
	if first > second {
		first, second, a, b = second, first, b, a
	}
	return k.text[:first] + a + k.text[first:second] + b + k.text[second:]
}

func name(r rune) string {
	switch r {
	case '\n', '\r':
		return "Return"
	case '\t':
		return "Tab"
	case '\b':
		return "BackSpace"
	}
	return symName(r)
}

// spares returns the codes that are left for Extend: those of an X11 server, which ends at 255, without a symbol and no modifier's.
// Code 8 is evdev's 0, which is no key.
func (p *parser) spares(raw map[uint32]*rawKey, modMaps map[uint32]Mods) (free []spare) {
	names := map[uint32]string{}
	for name, c := range p.codes {
		if old, ok := names[c]; !ok || name < old {
			names[c] = name
		}
	}
	for c := uint32(9); c <= min(255, p.maximum); c++ {
		if raw[c] != nil || modMaps[c] != 0 {
			continue
		}
		free = append(free, spare{code: c, name: names[c]})
	}
	for i := range free {
		for n := 0; free[i].name == ""; n++ {
			// X11 keeps four letters of a name.
			name := fmt.Sprintf("%c%03d", 'N'+n%13, free[i].code)
			if _, taken := p.codes[name]; n >= 13 {
				break
			} else if _, alias := p.aliases[name]; !taken && !alias {
				free[i].name = name
				p.codes[name] = free[i].code
				free[i].fresh = true
			}
		}
	}
	return slices.DeleteFunc(free, func(s spare) bool { return s.name == "" })
}

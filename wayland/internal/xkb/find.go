package xkb

import (
	"cmp"
	"math/bits"
	"unicode"
)

// Find returns the stroke that gives exactly this character in a state; false: no key of the layout does. A line's
// end is Return, a tabulator Tab, and '\b' BackSpace; there is no other control character.
//
// Of several strokes it is one on a key for typing, then one that needs the fewest modifiers; one of the keypad comes last. While
// CapsLock is on it is one which that changes into what is wanted, or does not change.
func (k *Keymap) Find(r rune, s State) (Stroke, bool) {
	switch {
	case r == '\n':
		r = '\r'
	case !typable(r):
		return Stroke{}, false
	}
	return k.best(k.byRune[r], s, k.levelMods)
}

// typable leaves out control characters, halves of surrogates and Unicode's noncharacters, which have no symbol, and the few of
// which a table of compositions makes several by itself: Arabic's ligatures with lam, and five code points not in use.
func typable(r rune) bool {
	switch r {
	case '\n', '\r', '\t', '\b':
		return true
	case 0xfef5, 0xfef7, 0xfef9, 0xfefb:
		return false
	}
	surrogate := r >= 0xd800 && r <= 0xdfff
	none := r >= 0xfdd0 && r <= 0xfdef || r&0xfffe == 0xfffe || r >= 0x17fb && r <= 0x17ff
	return r >= 0x20 && r <= unicode.MaxRune && !surrogate && !none && !unicode.IsControl(r)
}

// best chooses among the places where something lies in the state's layout. It holds nothing but what may be held.
func (k *Keymap) best(places []place, s State, may Mods) (Stroke, bool) {
	var best Stroke
	least := [3]int{1 << 30}
	found := false
	held := map[Mods][]uint16{}
	for _, at := range places {
		g, ok := at.key.group(s.Group)
		l := at.key.groups[at.group].levels[at.level]
		if !ok || g != int(at.group) || l.action.kind == setMods || l.action.kind == otherAction {
			continue
		}
		mods, ok := at.key.groups[g].typ.fewest(l.sym, at.level, s.Locked, may)
		if !ok {
			continue
		}
		if other := at.key.groups[g].other; other != nil {
			if too, ok := other.fewest(l.sym, at.level, s.Locked, may); !ok || too != mods {
				continue
			}
		}
		rank := [3]int{class(at.key.code, l.sym), bits.OnesCount32(uint32(mods)), int(at.key.code)}
		if found && !less(rank, least) {
			continue
		}
		hold, known := held[mods]
		if !known {
			hold, ok = k.hold(mods, s)
			if !ok {
				hold = nil
			}
			held[mods] = hold
		}
		if mods != 0 && len(hold) == 0 {
			continue
		}
		found, least = true, rank
		best = Stroke{Code: uint16(at.key.code - 8), Mods: mods, Hold: hold, Group: s.Group}
	}
	return best, found
}

// fewest returns the smallest set of modifiers out of those that may be held with which a key of this type is at a level.
func (t *keyType) fewest(sym keysym, level uint8, locked, may Mods) (Mods, bool) {
	best, found := Mods(0), false
	for free, m := t.mods&may&^locked, t.mods&may&^locked; ; m = (m - 1) & free {
		at := (m | locked) & realMods
		fits := t.level[at] == level && (locked&Lock == 0 || t.mods&^t.preserve[at]&Lock != 0 || !hasCapital(sym))
		if fits && (!found || bits.OnesCount32(uint32(m)) < bits.OnesCount32(uint32(best))) {
			best, found = m, true
		}
		if m == 0 {
			return best, found
		}
	}
}

// hasCapital says whether CapsLock changes the symbol where the key's type leaves that to the program (The X Keyboard
// Extension: Library Specification, 12.1.2; libxkbcommon, src/state.c, xkb_state_key_get_one_sym).
func hasCapital(s keysym) bool {
	r := s.char()
	return unicode.ToUpper(r) != r || !sureCase(r)
}

// class is 0 for a key of the block where one types, 2 for a symbol of the keypad, 1 for all else.
func class(code uint32, s keysym) int {
	switch evdev := code - 8; {
	case s.keypad():
		return 2
	case evdev <= 58 || evdev == 86 || evdev == 89 || evdev == 124: // up to CapsLock; beside the left Shift; Japan's two
		return 0
	}
	return 1
}

func less(a, b [3]int) bool {
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]), cmp.Compare(a[2], b[2])) < 0
}

// hold returns the keys that, pressed one after the other, set exactly these modifiers.
func (k *Keymap) hold(want Mods, s State) ([]uint16, bool) {
	var codes []uint16
	for have := Mods(0); have != want; {
		n := len(codes)
		for _, key := range k.holders {
			l, ok := key.at(s.Group, have|s.Locked)
			sets := l.action.setting
			if ok && l.action.kind == setMods && sets&^want == 0 && sets&^have != 0 {
				codes = append(codes, uint16(key.code-8))
				have |= sets
				break
			}
		}
		if len(codes) == n {
			return nil, false
		}
	}
	return codes, true
}

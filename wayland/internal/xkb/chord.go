package xkb

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"nerva/core/api"
)

// maxChord is how long a chord may be, in bytes; no name of a key has more than 40.
const maxChord = 200

// Chord returns the stroke for a chord such as "ctrl+shift+t", "super+space", "F5", "alt+Tab" or "ctrl++". Names of
// modifiers and common names of keys are those of chordMods and chordKeys, in any case; besides there are X11's names of
// symbols and all single characters. A capital letter after a modifier other than Shift is the small one: people write Ctrl+T.
//
// A shortcut's key that the layout in use does not have is looked for in the others, and Stroke.Group tells in which it was: a
// program with shortcuts looks there, too. Where the layout has no keys for several modifiers at once, as Alt and Shift that change
// the layout, the stroke has none to hold. A name that nobody knows is api.InvalidInput, a key that no layout has api.NotFound; a
// virtual keyboard gets that by Extend.
func (k *Keymap) Chord(keys string, s State) (Stroke, error) {
	mods, last, err := k.split(keys)
	if err != nil {
		return Stroke{}, err
	}
	find, char, err := k.keyNamed(last, mods)
	if err != nil {
		return Stroke{}, err
	}
	layouts := len(k.layouts)
	if char >= ' ' && mods&^Shift == 0 {
		layouts = 1 // it types, and the key would type something else
	}
	for n := range max(1, layouts) {
		in := State{Group: s.Group, Locked: s.Locked}
		if n > 0 {
			in.Group = n - 1
			if n-1 >= s.Group {
				in.Group = n
			}
		}
		stroke, ok := find(in)
		if !ok {
			continue
		}
		stroke.Mods |= mods
		stroke.Hold, _ = k.hold(stroke.Mods, in)
		return stroke, nil
	}
	return Stroke{}, api.Errorf(api.NotFound, "the keyboard layout %s has no key for %q: choose another key or layout", k.layout(s.Group), last)
}

// split parts a chord into modifiers and the name of its key.
func (k *Keymap) split(keys string) (mods Mods, last string, err error) {
	if len(keys) > maxChord || !utf8.ValidString(keys) {
		return 0, "", api.Errorf(api.InvalidInput, "the chord is no text of at most %d bytes: write it like ctrl+shift+t", maxChord)
	}
	before, last, several := cutLast(keys)
	if strings.TrimSpace(last) == "" && last != " " {
		return 0, "", api.Errorf(api.InvalidInput, "the chord %q ends without a key: write it like ctrl+shift+t", keys)
	}
	if !several {
		return 0, last, nil
	}
	for word := range strings.SplitSeq(before, "+") {
		word = strings.ToLower(strings.TrimSpace(word))
		m, ok := chordMods[word]
		if !ok {
			return 0, "", api.Errorf(api.InvalidInput, "%q is no modifier key%s: the last one alone may be another key, as in ctrl+shift+t",
				word, orNearest(word, sortedNames(chordMods)))
		}
		bits := k.modifier(m)
		if bits == 0 {
			return 0, "", api.Errorf(api.NotFound, "the keyboard layout has no key for the modifier %q: choose another chord", word)
		}
		mods |= bits
	}
	return mods, last, nil
}

// cutLast cuts at the last plus that is not itself the key.
func cutLast(keys string) (before, last string, several bool) {
	trimmed := strings.TrimSpace(keys)
	if trimmed == "+" {
		return "", trimmed, false
	}
	if rest, ok := strings.CutSuffix(trimmed, "+"); ok {
		if before, ok := strings.CutSuffix(strings.TrimSpace(rest), "+"); ok {
			return before, "+", true
		}
	}
	if i := strings.LastIndexByte(keys, '+'); i >= 0 {
		return keys[:i], keys[i+1:], true
	}
	return "", keys, false
}

// modifier returns the bits of a modifier, real or virtual.
func (k *Keymap) modifier(name string) Mods {
	if m, ok := realNames[strings.ToLower(name)]; ok {
		return m
	}
	if m := k.virtual[name]; m != 0 {
		return m
	}
	// A keymap without the virtual modifier has it where everyone has it.
	return map[string]Mods{"Alt": Mod1, "Super": Mod4}[name]
}

// keyNamed returns what finds the key of a name in a state, and the character that it is, if any.
func (k *Keymap) keyNamed(name string, mods Mods) (find func(State) (Stroke, bool), char rune, err error) {
	if trimmed := strings.TrimSpace(name); trimmed != "" {
		name = trimmed
	}
	if r, n := utf8.DecodeRuneInString(name); n == len(name) && !unicode.IsControl(r) {
		return func(s State) (Stroke, bool) {
			if mods == 0 {
				return k.Find(r, s)
			}
			// With a modifier what counts is the key's symbol without CapsLock.
			s.Locked &^= Lock
			small := r
			if mods&^Shift != 0 {
				small = unicode.ToLower(r)
			}
			return k.best(k.byRune[small], s, k.levelMods)
		}, r, nil
	}
	sym, ok := symCalled(name)
	if !ok {
		return nil, 0, api.Errorf(api.InvalidInput, "there is no key %q%s: write a name like Return, F5 or a single character", name,
			orNearest(strings.ToLower(name), sortedNames(chordKeys), sortedNames(chordMods), keysyms().names))
	}
	return func(s State) (Stroke, bool) {
		s.Locked &^= Lock
		if stroke, ok := k.holder(sym, s); ok {
			return stroke, true
		}
		if stroke, ok := k.best(k.bySym[sym], s, realMods&^Lock); ok {
			return stroke, true
		}
		return k.best(k.byRune[sym.char()], s, k.levelMods)
	}, sym.char(), nil
}

// holder finds a key that is a modifier itself, or a lock, pressed by itself.
func (k *Keymap) holder(sym keysym, s State) (Stroke, bool) {
	for _, at := range k.bySym[sym] {
		l, ok := at.key.at(s.Group, s.Locked)
		if ok && l.sym == sym && (l.action.kind == setMods || l.action.kind == otherAction) {
			return Stroke{Code: uint16(at.key.code - 8), Group: s.Group}, true
		}
	}
	return Stroke{}, false
}

// symCalled returns the symbol of a name that people use, or of X11's, in any case; small letters count first.
func symCalled(name string) (keysym, bool) {
	if common, ok := chordKeys[strings.ToLower(name)]; ok {
		name = common
	}
	if s, ok := symNamed(name); ok {
		return s, s != noSymbol && s != unknownSymbol
	}
	for _, n := range keysyms().names[2:] { // after NoSymbol and VoidSymbol
		if strings.EqualFold(n, name) {
			return keysyms().named[n], true
		}
	}
	return noSymbol, false
}

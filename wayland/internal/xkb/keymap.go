// Package xkb reads a keyboard's keymap and answers which keys produce a character or a chord in it.
//
// It reads the text of wl_keyboard.keymap, format xkb_v1: the XKB text format as xkb_keymap_get_as_string of libxkbcommon
// writes it (libxkbcommon, doc/keymap-format-text-v1.md; The X Keyboard Extension: Protocol Specification, sections 6 to 8 and 17),
// without includes. From it come
//
//   - a Stroke for a character (Find) or a chord (Chord): one key, and what has to be held for it, both as the modifier bits
//     that zwp_virtual_keyboard_v1 wants and as the keys that uinput presses;
//   - Strokes one after the other where only a dead key helps (Sequence);
//   - the user's own keymap with keys added for what it lacks (Extend), to be uploaded to a virtual keyboard.
//
// A Keymap is immutable, any goroutine may use it. The package does no input or output: it must not know which
// protocol its text came by, nor who types. The text comes from outside: a bad one is an error, at most MaxText is read.
package xkb

import "nerva/core/api"

// MaxText is how long a keymap may be, in bytes. Those of today have about 70 000.
const MaxText = 1 << 20

// Mods is a set of real modifiers: the bits of wl_keyboard.modifiers and zwp_virtual_keyboard_v1.modifiers.
type Mods uint32

// The real modifiers, in the order that the XKB protocol gives their bits.
const (
	Shift Mods = 1 << iota
	Lock
	Control
	Mod1
	Mod2
	Mod3
	Mod4
	Mod5
	realMods Mods = 1<<iota - 1
)

// State is what a keyboard is in already, as wl_keyboard.modifiers tells it. The zero State is a virtual keyboard's, whose
// modifiers are the client's own.
type State struct {
	Group  int  // the layout, from 0
	Locked Mods // CapsLock, NumLock and the like, where they are on
}

// Stroke is one key pressed and released while others are held.
type Stroke struct {
	// Code is the key's code of linux/input-event-codes.h, which is XKB's less 8.
	Code uint16
	// Mods are the modifiers that are down during it, beside the locked ones.
	Mods Mods
	// Hold are the codes of keys that bring about Mods, in the order in which they are pressed; see Pressable.
	Hold []uint16
	// Group is the layout in which the key does this. It is State.Group, save where Chord found a key only in another one.
	Group int
}

// Pressable says whether pressing keys does it. Else only a client that tells the modifiers can: a virtual keyboard's, not
// uinput's. What Find and Sequence answer always is, what Extend answers often is not.
func (s Stroke) Pressable() bool { return s.Mods == 0 || len(s.Hold) > 0 }

// Keymap is a keymap that has been read.
type Keymap struct {
	text    string
	layouts []string
	keys    []key // by code
	types   map[string]*keyType
	// holders are the keys that set modifiers while they are held, the better ones first.
	holders []*key
	// levelMods are the modifiers that may be held for a character: no shortcut begins with them.
	levelMods Mods
	virtual   map[string]Mods
	bySym     map[keysym][]place
	byRune    map[rune][]place

	free       []spare
	endCodes   int // where the section of keycodes ends in text, before its brace
	endSymbols int
}

// spare is a code that no key of the keymap has a use for.
type spare struct {
	code  uint32
	name  string
	fresh bool // the keymap does not have the name yet
}

// place is where a symbol lies.
type place struct {
	key          *key
	group, level uint8
}

type key struct {
	code   uint32 // XKB's
	groups []group
	// A layout that the key does not have is taken modulo, cut to the last, or is another (XkbWrapIntoRange and so on).
	outside  outside
	redirect int
}

type outside uint8

const (
	wrap outside = iota
	clamp
	redirect
)

type group struct {
	typ    *keyType
	levels []level
	// other is the type that the group has where libxkbcommon takes other letters for capitals: nil where that makes no
	// difference. It differs in CapsLock alone.
	other *keyType
}

type level struct {
	sym    keysym
	many   bool // sym is but the first
	action action
}

// keyType tells for each set of real modifiers the level that it selects, from 0, and what remains of them for others.
type keyType struct {
	mods     Mods
	level    [256]uint8
	preserve [256]Mods
}

// action is what a key does beside its symbol.
type action struct {
	kind    actionKind
	mods    modMask
	modMap  bool // the modifiers are those of the key's modifier_map
	setting Mods // mods, as real ones
}

type actionKind uint8

const (
	noAction    actionKind = iota
	setMods                // as long as it is held
	otherAction            // latches, locks, or changes the layout
	harmless               // moves the pointer and the like
)

// Layouts returns the layouts' names, in the order of State.Group; one without a name is empty.
func (k *Keymap) Layouts() []string { return append([]string(nil), k.layouts...) }

func (k *Keymap) layout(n int) string {
	if n >= 0 && n < len(k.layouts) && k.layouts[n] != "" {
		return k.layouts[n]
	}
	return "now in use"
}

// group returns which of the key's own groups the layout selects; false: the key has none.
func (k *key) group(layout int) (int, bool) {
	n := len(k.groups)
	switch {
	case n == 0:
		return 0, false
	case layout >= 0 && layout < n:
		return layout, true
	case k.outside == clamp:
		return max(0, min(layout, n-1)), true
	case k.outside == redirect && k.redirect < n:
		return k.redirect, true
	case k.outside == redirect:
		return 0, true
	}
	return (layout%n + n) % n, true
}

// at is the level that a state and modifiers held select.
func (k *key) at(layout int, mods Mods) (level, bool) {
	g, ok := k.group(layout)
	if !ok {
		return level{}, false
	}
	n := int(k.groups[g].typ.level[mods&realMods])
	if n >= len(k.groups[g].levels) {
		return level{}, false
	}
	return k.groups[g].levels[n], true
}

func tooLarge(what string, limit int) error {
	return api.Errorf(api.InvalidInput, "the keymap has more than %d %s: choose another keyboard layout", limit, what)
}

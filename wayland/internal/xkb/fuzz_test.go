package xkb

import (
	"strings"
	"testing"
)

// FuzzParse holds that no keymap does harm, and that what can be read can be extended.
func FuzzParse(f *testing.F) {
	f.Add(read(f, "small.xkb"))
	f.Add("xkb_keymap { xkb_keycodes { <A> = 9; }; xkb_symbols { key <A> { [ a, A ] }; modifier_map Shift { <A> }; }; };")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := Parse(text)
		if err != nil {
			return
		}
		for _, s := range []State{{}, {Group: 1, Locked: Lock | Mod2}, {Group: -5, Locked: 1<<32 - 1}} {
			for _, r := range "aAé\n'" {
				if row, ok := k.Sequence(r, s); ok && (len(row) == 0 || row[0].Code == 0) {
					t.Errorf("%q is typed by %v", r, row)
				}
			}
			_, _ = k.Chord("ctrl+shift+t", s)
		}
		checkFuzzed(t, k)
	})
}

func checkFuzzed(t *testing.T, k *Keymap) {
	asked := []rune("a\n日本語😀éЖ")
	e, err := k.Extend(asked, State{})
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Strokes)+len(e.Rest) != len(asked) {
		t.Errorf("of %d characters %d are typed and %d left", len(asked), len(e.Strokes), len(e.Rest))
	}
	if len(e.Text) > MaxText {
		return
	}
	more, err := Parse(e.Text)
	if err != nil {
		t.Fatalf("the longer keymap can't be read: %v", err)
	}
	for r, stroke := range e.Strokes {
		found := false
		if r == '\n' {
			r = '\r'
		}
		for _, at := range more.byRune[r] {
			found = found || at.key.code == uint32(stroke.Code)+8
		}
		if !found {
			t.Errorf("%q is not on the key that was added for it", r)
		}
	}
}

// FuzzChord holds that whatever is asked for, the answer is a key or one sentence.
func FuzzChord(f *testing.F) {
	for _, keys := range []string{"ctrl+shift+t", "ctrl++", "F5", "+", " ", "super+", "étner", "U1F600", "0x41"} {
		f.Add(keys)
	}
	k := small(f)
	f.Fuzz(func(t *testing.T, keys string) {
		stroke, err := k.Chord(keys, State{})
		if err == nil && stroke.Code == 0 {
			t.Errorf("%q is key 0", keys)
		}
		if err != nil && (err.Error() == "" || strings.ContainsAny(err.Error(), "\n\r\x1b")) {
			t.Errorf("%q: the error is no sentence: %q", keys, err)
		}
	})
}

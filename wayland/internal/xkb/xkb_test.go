package xkb

import (
	"compress/gzip"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"nerva/core/api"
)

// read returns one of testdata's keymaps. The packed ones were written by "xkbcli compile-keymap" of libxkbcommon 1.7 from
// xkeyboard-config 2.42.
func read(t testing.TB, name string) string {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var from io.Reader = file
	if strings.HasSuffix(name, ".gz") {
		if from, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	text, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func small(t testing.TB) *Keymap {
	t.Helper()
	k, err := Parse(read(t, "small.xkb"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestFind(t *testing.T) {
	k := small(t)
	for _, c := range []struct {
		rule  string
		r     rune
		state State
		want  *Stroke
	}{
		{"a plain key", 'q', State{}, &Stroke{Code: 16}},
		{"shift is held", 'Q', State{}, &Stroke{16, Shift, []uint16{42}, 0}},
		{"level three is the modifier that its key sets", '@', State{}, &Stroke{16, Mod5, []uint16{100}, 0}},
		{"shift is pressed after level three", 'é', State{}, &Stroke{16, Mod5 | Shift, []uint16{100, 42}, 0}},
		{"a key for typing comes before one that needs no modifier", '!', State{}, &Stroke{2, Shift, []uint16{42}, 0}},
		{"the keypad comes last", '*', State{}, &Stroke{2, Mod5 | Shift, []uint16{100, 42}, 0}},
		{"NumLock makes another symbol of a key", '7', State{}, nil},
		{"the keypad will do where nothing else has it", '7', State{Locked: Mod2}, &Stroke{Code: 71}},
		{"CapsLock takes the place of shift", 'Q', State{Locked: Lock}, &Stroke{Code: 16}},
		{"with CapsLock shift gives the small letter", 'e', State{Locked: Lock}, &Stroke{18, Shift, []uint16{42}, 0}},
		{"CapsLock leaves digits alone", '!', State{Locked: Lock}, &Stroke{2, Shift, []uint16{42}, 0}},
		{"CapsLock is left to the program, which makes a capital of it", 'é', State{Locked: Lock}, nil},
		{"the layout decides", 'α', State{Group: 1}, &Stroke{Code: 16, Group: 1}},
		{"what only the other layout has is not there", 'α', State{}, nil},
		{"a key with one layout has it in all", '1', State{Group: 1}, &Stroke{Code: 2, Group: 1}},
		{"a layout that is not there is counted round", 'q', State{Group: 2}, &Stroke{Code: 16, Group: 2}},
		{"a negative one, too", 'α', State{Group: -1}, &Stroke{Code: 16, Group: -1}},
		{"a line's end is Return", '\n', State{}, &Stroke{Code: 28}},
		{"so is a carriage return", '\r', State{}, &Stroke{Code: 28}},
		{"a tabulator is a key", '\t', State{}, &Stroke{Code: 15}},
		{"backspace is a key", '\b', State{}, &Stroke{Code: 14}},
		{"escape is no character", '\x1b', State{}, nil},
		{"control is never held for a character", 'Ø', State{}, nil},
		{"a level with several symbols is not for one character", 'b', State{}, nil},
		{"an entry of a type whose virtual modifier has no key never counts", '😀', State{}, &Stroke{30, Shift, []uint16{42}, 0}},
		{"and its level is not what comes without modifiers", 'a', State{}, &Stroke{Code: 30}},
		{"a key that changes the layout is not for its character", 'æ', State{}, nil},
		{"a key may cut the layout to its last", '②', State{Group: 2}, &Stroke{Code: 195, Group: 2}},
		{"or have one for all that it lacks", '④', State{Group: 4}, &Stroke{Code: 196, Group: 4}},
		{"a key may say which virtual modifier it is", '⑥', State{}, &Stroke{198, Mod3, []uint16{197}, 0}},
		{"what is not there is not found", 'ß', State{}, nil},
	} {
		got, ok := k.Find(c.r, c.state)
		switch {
		case ok != (c.want != nil):
			t.Errorf("%s: %q: found %v %v", c.rule, c.r, ok, got)
		case ok && !reflect.DeepEqual(got, *c.want):
			t.Errorf("%s: %q: %+v, not %+v", c.rule, c.r, got, *c.want)
		}
	}
}

func TestSequence(t *testing.T) {
	k := small(t)
	acute, grave := Stroke{Code: 12}, Stroke{12, Shift, []uint16{42}, 0}
	for _, c := range []struct {
		rule string
		r    rune
		want []Stroke
	}{
		{"what a key has needs no dead one", 'é', []Stroke{{16, Mod5 | Shift, []uint16{100, 42}, 0}}},
		{"a dead key and a letter", 'è', []Stroke{grave, {Code: 18}}},
		{"a dead key and a capital", 'É', []Stroke{acute, {18, Shift, []uint16{42}, 0}}},
		{"a dead key and the space bar", '`', []Stroke{grave, {Code: 57}}},
		{"the acute's own character is the apostrophe", '\'', []Stroke{acute, {Code: 57}}},
		{"no dead key for it", 'ẽ', nil},
		{"no letter for it", 'ó', nil},
		{"no character, which is no dead key's own either", 0, nil},
		{"two marks", 'ế', nil},
	} {
		if got, ok := k.Sequence(c.r, State{}); ok != (c.want != nil) || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q: %+v, not %+v", c.rule, c.r, got, c.want)
		}
	}
}

func TestChord(t *testing.T) {
	k := small(t)
	const ctrl, alt, super, shift, altgr = 29, 56, 125, 42, 100
	for _, c := range []struct {
		keys  string
		state State
		want  Stroke
	}{
		{"q", State{}, Stroke{Code: 16}},
		{"Q", State{}, Stroke{16, Shift, []uint16{shift}, 0}},
		{"ctrl+q", State{}, Stroke{16, Control, []uint16{ctrl}, 0}},
		{"Ctrl+Q", State{}, Stroke{16, Control, []uint16{ctrl}, 0}},
		{"ctrl+q", State{Locked: Lock}, Stroke{16, Control, []uint16{ctrl}, 0}},
		{"Control + Shift + e", State{}, Stroke{18, Control | Shift, []uint16{ctrl, shift}, 0}},
		{"shift+Q", State{}, Stroke{16, Shift, []uint16{shift}, 0}},
		{"ctrl+!", State{}, Stroke{2, Control | Shift, []uint16{ctrl, shift}, 0}},
		{"ctrl+@", State{}, Stroke{16, Control | Mod5, []uint16{ctrl, altgr}, 0}},
		{"altgr+1", State{}, Stroke{2, Mod5, []uint16{altgr}, 0}},
		{"super+space", State{}, Stroke{57, Mod4, []uint16{super}, 0}},
		{"cmd+Enter", State{}, Stroke{28, Mod4, []uint16{super}, 0}},
		{"alt+Tab", State{}, Stroke{15, Mod1, []uint16{alt}, 0}},
		{"option+alt+tab", State{}, Stroke{15, Mod1, []uint16{alt}, 0}},
		{"ISO_Left_Tab", State{}, Stroke{15, Shift, []uint16{shift}, 0}},
		{"F5", State{}, Stroke{Code: 63}},
		{"f5", State{}, Stroke{Code: 63}},
		{"esc", State{}, Stroke{Code: 1}},
		{"super", State{}, Stroke{Code: super}},
		{"ctrl+shift", State{}, Stroke{shift, Control, []uint16{ctrl}, 0}},
		{"capslock", State{}, Stroke{Code: 58}},
		{" ", State{}, Stroke{Code: 57}},
		{"eacute", State{}, Stroke{16, Mod5 | Shift, []uint16{altgr, shift}, 0}},
		{"U00E9", State{}, Stroke{16, Mod5 | Shift, []uint16{altgr, shift}, 0}},
		// In a layout without the letter it is the key of another one: programs look there for shortcuts.
		{"ctrl+e", State{Group: 1}, Stroke{18, Control, []uint16{ctrl}, 0}},
		{"ctrl+ε", State{}, Stroke{18, Control, []uint16{ctrl}, 1}},
	} {
		if got, err := k.Chord(c.keys, c.state); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %+v, not %+v (%v)", c.keys, got, c.want, err)
		}
	}
	us, err := Parse(read(t, "us-ru.xkb.gz"))
	if err != nil {
		t.Fatal(err)
	}
	for keys, want := range map[string]Stroke{
		"ctrl++":      {13, Control | Shift, []uint16{29, 42}, 0},
		"ctrl + +":    {13, Control | Shift, []uint16{29, 42}, 0},
		"+":           {13, Shift, []uint16{42}, 0},
		"ctrl+plus":   {13, Control | Shift, []uint16{29, 42}, 0},
		"pgup":        {Code: 104},
		"arrowleft":   {Code: 105},
		"Break":       {119, Control, []uint16{29}, 0},
		"volumeup":    {Code: 115},
		"ctrl+alt+F3": {61, Control | Mod1, []uint16{29, 56}, 0},
	} {
		if got, err := us.Chord(keys, State{}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, not %+v (%v)", keys, got, want, err)
		}
	}
}

func TestWhatIsWrongWithAChordIsSaid(t *testing.T) {
	k := small(t)
	for keys, want := range map[string]string{
		"":                          `the chord "" ends without a key: write it like ctrl+shift+t`,
		"ctrl+":                     `the chord "ctrl+" ends without a key: write it like ctrl+shift+t`,
		"crtl+q":                    `"crtl" is no modifier key, did you mean ctrl: the last one alone may be another key, as in ctrl+shift+t`,
		"q+ctrl":                    `"q" is no modifier key: the last one alone may be another key, as in ctrl+shift+t`,
		"ctrl++q":                   `"" is no modifier key: the last one alone may be another key, as in ctrl+shift+t`,
		"ctrl+etner":                `there is no key "etner", did you mean enter: write a name like Return, F5 or a single character`,
		"Retrun":                    `there is no key "Retrun", did you mean return: write a name like Return, F5 or a single character`,
		"hello world how do you do": `there is no key "hello world how do you do": write a name like Return, F5 or a single character`,
		"ctrl+F12":                  `the keyboard layout Latin has no key for "F12": choose another key or layout`,
		"shift+ε":                   `the keyboard layout Latin has no key for "ε": choose another key or layout`,
		"Greek_alpha":               `the keyboard layout Latin has no key for "Greek_alpha": choose another key or layout`,
		"U007F":                     `there is no key "U007F"`,
		"ß":                         `the keyboard layout Latin has no key for "ß": choose another key or layout`,
		"NoSymbol":                  `there is no key "NoSymbol"`,
		strings.Repeat("a", 300):    "the chord is no text of at most 200 bytes: write it like ctrl+shift+t",
		"\xff":                      "the chord is no text of at most 200 bytes: write it like ctrl+shift+t",
	} {
		_, err := k.Chord(keys, State{})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, not %s", keys, err, want)
		}
	}
	if _, err := k.Chord("F12", State{}); api.CodeOf(err) != api.NotFound {
		t.Errorf("a key that the layout lacks is %v", api.CodeOf(err))
	}
	if _, err := k.Chord("F1x", State{}); api.CodeOf(err) != api.InvalidInput {
		t.Errorf("a key that nobody knows is %v", api.CodeOf(err))
	}
}

func TestExtendKeepsTheKeymap(t *testing.T) {
	k := small(t)
	e, err := k.Extend([]rune("q1日本\n日"), State{Group: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Rest) != 0 || len(e.Strokes) != 5 {
		t.Fatalf("rest %q, strokes %v", e.Rest, e.Strokes)
	}
	if want := (Stroke{Code: 2, Group: 1}); !reflect.DeepEqual(e.Strokes['1'], want) {
		t.Errorf("what the layout has stays where it is: %+v", e.Strokes['1'])
	}
	more, err := Parse(e.Text)
	if err != nil {
		t.Fatal(err)
	}
	for r, want := range e.Strokes {
		got, ok := more.Find(r, State{Group: 1})
		if got.Hold = nil; !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v %+v, not %+v", r, ok, got, want)
		}
	}
	old := strings.Split(k.text, "\n")
	rest := slices.DeleteFunc(strings.Split(e.Text, "\n"), func(line string) bool { return !slices.Contains(old, line) })
	if strings.Join(rest, "\n") != k.text {
		t.Error("lines of the keymap were changed")
	}
	if same, err := k.Extend([]rune("1!"), State{}); err != nil || same.Text != k.text {
		t.Errorf("a keymap that lacks nothing is changed (%v)", err)
	}
}

func TestExtendSaysWhatHadNoRoom(t *testing.T) {
	k, err := Parse(read(t, "de-neo.xkb.gz"))
	if err != nil {
		t.Fatal(err)
	}
	var runes []rune
	for r := rune(0x4e00); r < 0x4e00+400; r++ {
		runes = append(runes, r)
	}
	first, err := k.Extend(runes, State{})
	if err != nil {
		t.Fatal(err)
	}
	n := len(first.Strokes)
	if n < 100 || !slices.Equal(first.Rest, runes[n:]) {
		t.Errorf("%d have room, rest %d", n, len(first.Rest))
	}
	for r, s := range first.Strokes {
		if s.Code == 0 || s.Code > 247 {
			t.Errorf("%q is on code %d", r, s.Code)
		}
	}
	more, err := Parse(first.Text)
	if err != nil {
		t.Fatal(err)
	}
	for r, want := range first.Strokes {
		if got, _ := more.Find(r, State{}); got.Code != want.Code || got.Mods != want.Mods {
			t.Errorf("%q is typed by %+v, not %+v", r, want, got)
		}
	}
	second, err := k.Extend(first.Rest, State{})
	if err != nil || !reflect.DeepEqual(second.Strokes[first.Rest[0]], first.Strokes[runes[0]]) {
		t.Errorf("the next keymap does not begin anew (%v)", err)
	}
	for _, r := range []rune{0, '\x1b', 0x7f, 0x85, 0xd800, 0xffff, 0x1fffe, 0xfdd0, -1, 0x110000, 0xfefb} {
		if _, err := k.Extend([]rune{'a', r}, State{}); api.CodeOf(err) != api.InvalidInput {
			t.Errorf("%U: %v", r, err)
		}
	}
}

func TestExtendLeavesCodesThatAreInUse(t *testing.T) {
	k := small(t)
	var runes []rune
	for r := rune(0x4e00); r < 0x4e00+300; r++ {
		runes = append(runes, r)
	}
	e, err := k.Extend(runes, State{})
	if err != nil {
		t.Fatal(err)
	}
	used := map[uint16]bool{202 - 8: true} // a modifier's, without a symbol
	for _, key := range k.keys {
		used[uint16(key.code-8)] = true
	}
	for r, s := range e.Strokes {
		if used[s.Code] || s.Mods != 0 {
			t.Errorf("%q is on code %d with %#x", r, s.Code, s.Mods)
		}
	}
	// Without the type EIGHT_LEVEL a key has one level: 247 codes, less those in use.
	if want := 247 - len(used); len(e.Strokes) != want || len(e.Rest) != len(runes)-want {
		t.Errorf("%d characters have room, not %d; %d are left", len(e.Strokes), want, len(e.Rest))
	}
}

func TestABadKeymapIsAnError(t *testing.T) {
	whole := read(t, "small.xkb")
	bad := map[string]string{
		"":                                  "line 1 of the keymap",
		"xkb_keymap {};":                    "no keycodes or no symbols",
		"xkb_keymap { xkb_keycodes { }; };": "no keycodes or no symbols",
		"xkb_keymap { xkb_keycodes { include \"evdev\" }; xkb_symbols { }; };":                          "it includes another file",
		"xkb_keymap { xkb_keycodes { <A = 3; }; xkb_symbols {}; };":                                     `a "<" is not closed`,
		"xkb_keymap {\nxkb_keycodes {}; xkb_symbols { name[Group0]=\"x\"; }; };":                        "line 2 of the keymap: there is no group 0",
		"xkb_keymap { xkb_keycodes {}; xkb_symbols { key <A> { symbols[Group99]= [ a ] }; }; };":        "a number up to 32 is expected",
		"xkb_keymap { xkb_keycodes {}; xkb_symbols { key <A> { [" + strings.Repeat("a,", 99) + "] };};": "too many levels",
		strings.Repeat(" ", MaxText+1): "more than 1048576 bytes",
	}
	for i := 0; i < len(whole)-12; i += 7 {
		bad[whole[:i]] = "" // cut off anywhere
	}
	for text, want := range bad {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) || api.CodeOf(err) != api.InvalidInput {
			t.Errorf("%.40q…: %v, not %s", text, err, want)
		}
	}
	if _, err := Parse(whole + "\x00\x00}"); err != nil {
		t.Errorf("what is after the NUL counts: %v", err)
	}
}

func TestLayouts(t *testing.T) {
	if got := small(t).Layouts(); !slices.Equal(got, []string{"Latin", "Greek"}) {
		t.Error(got)
	}
}

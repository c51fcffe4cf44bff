package xkb

import (
	"bytes"
	"encoding/json"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"nerva/core/api"
)

// What libxkbcommon is asked and what it answers; see testdata/libxkbcommon.py.
type question struct {
	Keymap  string     `json:"keymap"`
	Group   int        `json:"group"`
	Locked  Mods       `json:"locked"`
	Held    Mods       `json:"held"`
	Symbols bool       `json:"symbols"`
	Strokes [][]Stroke `json:"strokes"`
}

type answer struct {
	Error         string
	Typed, Masked []string
	All           []string
	Symbols       map[string][]uint32
}

func ask(t *testing.T, questions ...question) []answer {
	t.Helper()
	for i := range questions {
		if questions[i].Strokes == nil {
			questions[i].Strokes = [][]Stroke{}
		}
	}
	in, err := json.Marshal(questions)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("python3", "testdata/libxkbcommon.py", "judge")
	cmd.Stdin = bytes.NewReader(in)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	var answers []answer
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatal(err)
	}
	return answers
}

// needJudge skips where libxkbcommon can't be asked.
func needJudge(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("xkbcli"); err != nil {
		t.Skip("xkbcli of libxkbcommon is not installed, which makes the keymaps; dev/enter has it")
	}
	if err := exec.Command("python3", "-c", `import ctypes; ctypes.CDLL("libxkbcommon.so.0")`).Run(); err != nil {
		t.Skip("python3 can't load libxkbcommon, which judges the strokes; dev/enter has both: ", err)
	}
}

// layouts are those that the tests type on: layout, variant and options as xkbcli takes them.
var layouts = [][3]string{
	{"us"},
	{"de"},
	{"fr"},
	{"es"},
	{"se"},
	{"us", "dvorak"},
	{"ru"},
	{"gr"},
	{"tr"},
	{"jp"},
	{"us,ru"},
	{"de", "neo"},
	{"vn"},
	{"us", "altgr-intl", "ctrl:swapcaps,altwin:swap_alt_win"},
	{"ca", "multix"},
	{"fr", "bepo", "lv3:caps_switch,shift:both_capslock"},
	{"cz,il,ara", ",,", "grp:alt_shift_toggle,lv5:rctrl_switch,numpad:mac"},
}

var compiled sync.Map // what compile has made

func compile(t *testing.T, l [3]string) string {
	t.Helper()
	if text, ok := compiled.Load(l); ok {
		return text.(string)
	}
	args := []string{"compile-keymap", "--layout", l[0], "--variant", l[1], "--options", l[2]}
	out, err := exec.Command("xkbcli", args...).Output()
	if err != nil {
		t.Fatalf("xkbcli %v: %v", args, err)
	}
	compiled.Store(l, string(out))
	return string(out)
}

func parse(t *testing.T, text string) *Keymap {
	t.Helper()
	k, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// runes are all characters that lie anywhere in a keymap.
func (k *Keymap) runes() []rune { return slices.Sorted(maps.Keys(k.byRune)) }

// composed are all characters that a sequence may give.
var composed = sync.OnceValue(func() (all []rune) {
	for _, d := range deadKeys {
		all = append(all, d.alone)
	}
	for r := rune(0x20); r < 0x3100; r++ {
		if _, mark := parts(r); mark != 0 {
			all = append(all, r)
		}
	}
	return all
})

// typing is what Find and Sequence answer for a keymap in a state.
type typing struct {
	question
	want      []rune
	sequences bool
}

func typed(text string, k *Keymap, s State, sequences bool) typing {
	q := typing{sequences: sequences, question: question{Keymap: text, Group: s.Group, Locked: s.Locked, Held: Shift | Mod3 | Mod5}}
	runes := slices.DeleteFunc(k.runes(), func(r rune) bool { return r == '\n' }) // Linefeed, see missed
	if sequences {
		runes = slices.DeleteFunc(slices.Clone(composed()), func(r rune) bool { _, ok := k.Find(r, s); return ok })
	}
	for _, r := range runes {
		row, ok := k.Sequence(r, s)
		if ok {
			q.Strokes = append(q.Strokes, row)
			q.want = append(q.want, r)
		}
	}
	return q
}

func (q typing) check(t *testing.T, a answer) {
	t.Helper()
	if a.Error != "" {
		t.Fatal(a.Error)
	}
	for i, r := range q.want {
		if a.Typed[i] != string(r) || a.Masked[i] != string(r) {
			t.Errorf("%q of %v: keys held give %q, modifiers told %q", r, q.Strokes[i], a.Typed[i], a.Masked[i])
		}
	}
}

// Every character of every level, typed by libxkbcommon, is what was asked for; and what some key gives is found.
func TestLibxkbcommonTypesWhatIsFound(t *testing.T) {
	needJudge(t)
	for _, l := range layouts {
		t.Run(l[0]+l[1], func(t *testing.T) {
			t.Parallel()
			text := compile(t, l)
			k := parse(t, text)
			var asked []typing
			var questions []question
			for group := range k.Layouts() {
				for _, locked := range []Mods{0, Lock, Mod2, Lock | Mod2} {
					asked = append(asked, typed(text, k, State{group, locked}, false))
				}
				asked = append(asked, typed(text, k, State{Group: group}, true))
			}
			for _, q := range asked {
				questions = append(questions, q.question)
			}
			questions[0].Symbols = true
			for i, a := range ask(t, questions...) {
				asked[i].check(t, a)
				if i == 0 {
					sameSymbols(t, k, a)
				}
				if asked[i].sequences {
					continue
				}
				if len(asked[i].want) < 90 && asked[i].Locked == 0 {
					t.Errorf("only %d characters are found in layout %d", len(asked[i].want), asked[i].Group)
				}
				missed(t, k, asked[i], a.All)
			}
		})
	}
}

// missed compares with all that libxkbcommon gets out of the keys.
func missed(t *testing.T, k *Keymap, q typing, all []string) {
	t.Helper()
	for _, s := range all {
		r, n := utf8.DecodeRuneInString(s)
		if s == "\n" {
			continue // Linefeed, a key that no keyboard has: a line's end is Return
		}
		if n != len(s) || n == 0 || !typable(r) || slices.Contains(q.want, r) {
			continue
		}
		if q.Locked&Lock != 0 && (unicode.IsUpper(r) || !sureCase(r)) {
			continue // CapsLock makes it of another symbol, or only some versions do: Find leaves both alone
		}
		if q.Locked&Lock != 0 && slices.ContainsFunc(k.byRune[r], func(at place) bool { return at.key.groups[at.group].other != nil }) {
			continue // as for the key's type
		}
		t.Errorf("layout %d with %#x locked: %q is not found", q.Group, q.Locked, r)
	}
}

// Each keymap of Extend compiles, has all symbols of the old one where they were, and gives the right new ones.
func TestLibxkbcommonTypesWhatIsExtended(t *testing.T) {
	needJudge(t)
	all := []rune("\n\t\b")
	for _, span := range [][2]rune{{0x20, 0x7e}, {0xa0, 0x17f}, {0x391, 0x3a1}, {0x400, 0x45f}, {0x4e00, 0x4e40}, {0x1f600, 0x1f610}, {0x200d, 0x200d}, {0xe0001, 0xe0001}} {
		for r := span[0]; r <= span[1]; r++ {
			all = append(all, r)
		}
	}
	for _, l := range layouts {
		t.Run(l[0]+l[1], func(t *testing.T) {
			t.Parallel()
			text := compile(t, l)
			k := parse(t, text)
			questions, wants := []question{{Keymap: text, Symbols: true}}, [][]string{nil}
			for group := range k.Layouts() {
				for left := all; len(left) > 0; {
					e, err := k.Extend(left, State{Group: group})
					if err != nil || len(e.Strokes) == 0 {
						t.Fatalf("no room for any: %v", err)
					}
					q, want := extended(e, group)
					questions, wants, left = append(questions, q), append(wants, want), e.Rest
				}
			}
			answers := ask(t, questions...)
			for i := range answers[1:] {
				checkExtension(t, answers[0].Symbols, questions[i+1], answers[i+1], wants[i+1])
			}
		})
	}
}

// extended asks for all that an extension types.
func extended(e Extension, group int) (q question, want []string) {
	q = question{Keymap: e.Text, Group: group, Symbols: true}
	for r, stroke := range e.Strokes {
		q.Strokes = append(q.Strokes, []Stroke{stroke})
		want = append(want, strings.ReplaceAll(string(r), "\n", "\r"))
	}
	return q, want
}

func checkExtension(t *testing.T, before map[string][]uint32, q question, a answer, want []string) {
	t.Helper()
	if a.Error != "" {
		t.Fatal(a.Error)
	}
	for i := range want {
		if a.Masked[i] != want[i] {
			t.Errorf("layout %d: %q is typed as %q by %v", q.Group, want[i], a.Masked[i], q.Strokes[i])
		}
	}
	for at, symbols := range before {
		if !slices.Equal(a.Symbols[at], symbols) {
			t.Errorf("%s has %#x, not %#x any more", at, a.Symbols[at], symbols)
		}
	}
	// What was added gives the same whatever the layout is.
	for at := range a.Symbols {
		if _, old := before[at]; !old && !strings.Contains(at, "/0/") {
			t.Errorf("a key was added with more than one layout: %s", at)
		}
	}
}

// The keys of a chord bring about the modifiers that it says, whatever options move them, and reach the control characters.
func TestLibxkbcommonHoldsWhatAChordHolds(t *testing.T) {
	needJudge(t)
	want := map[string]string{"ctrl+a": "\x01", "shift+ctrl+Escape": "\x1b", "super+space": " ", "alt+shift+Return": "\r"}
	var questions []question
	var asked [][]string
	for _, l := range layouts {
		text := compile(t, l)
		k := parse(t, text)
		q, chords := question{Keymap: text}, []string(nil)
		for _, chord := range slices.Sorted(maps.Keys(want)) {
			stroke, err := k.Chord(chord, State{})
			if api.CodeOf(err) == api.NotFound && chord == "ctrl+a" && (l[0] == "ru" || l[0] == "gr") {
				continue // no layout has the letter
			}
			if err != nil {
				t.Errorf("%v: %v", l, err)
				continue
			}
			if toggles := strings.Contains(l[2], "alt_shift_toggle") && chord == "alt+shift+Return"; stroke.Pressable() == toggles {
				t.Errorf("%v: %s by keys: %v", l, chord, stroke)
			}
			q.Strokes, chords = append(q.Strokes, []Stroke{stroke}), append(chords, chord)
		}
		questions, asked = append(questions, q), append(asked, chords)
	}
	for n, a := range ask(t, questions...) {
		for i, chord := range asked[n] {
			stroke := questions[n].Strokes[i][0]
			if stroke.Pressable() && a.Typed[i] != want[chord] || a.Masked[i] != want[chord] {
				t.Errorf("%v: %s by %v gives %q and %q, not %q", layouts[n], chord, stroke, a.Typed[i], a.Masked[i], want[chord])
			}
		}
	}
}

// A second look at the sequences of all dead keys, whatever layouts have: a made-up one has each of them.
func TestLibxkbcommonComposesWhatIsInSequence(t *testing.T) {
	needJudge(t)
	text := deadKeymap()
	k := parse(t, text)
	q := typed(text, k, State{}, true)
	if len(q.want) < 550 {
		t.Errorf("only %d characters have a sequence", len(q.want))
	}
	q.check(t, ask(t, q.question)[0])
}

// sameSymbols compares what lies where.
func sameSymbols(t *testing.T, k *Keymap, a answer) {
	t.Helper()
	if a.Error != "" {
		t.Fatal(a.Error)
	}
	n := 0
	for _, key := range k.keys {
		for g := range key.groups {
			for l, level := range key.groups[g].levels {
				if level.sym == noSymbol {
					continue
				}
				n++
				if theirs := a.Symbols[place3(key.code, g, l)]; len(theirs) == 0 || theirs[0] != uint32(level.sym) {
					t.Errorf("code %d layout %d level %d: %#x, libxkbcommon has %#x", key.code, g, l, level.sym, theirs)
				}
			}
		}
	}
	if n != len(a.Symbols) {
		t.Errorf("%d levels have symbols, libxkbcommon has %d", n, len(a.Symbols))
	}
}

// The table of symbols is libxkbcommon's.
func TestTheTableIsLibxkbcommons(t *testing.T) {
	needJudge(t)
	out, err := exec.Command("python3", "testdata/libxkbcommon.py", "keysyms").Output()
	if err != nil {
		t.Skip("the header of libxkbcommon is not installed: ", err)
	}
	theirs := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		theirs[name] = rest
	}
	both := 0
	for line := range strings.Lines(keysymLines) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		their, ok := theirs[name]
		if !ok {
			continue // another version
		}
		if both++; their != rest {
			t.Errorf("%s is %q in the table, libxkbcommon has %q", name, rest, their)
		}
	}
	if both < 2400 {
		t.Errorf("only %d names are in both", both)
	}
}

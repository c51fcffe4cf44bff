package input

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nerva/core/desk"
)

var layouts = []string{"us", "de", "fr", "es", "se", "us:dvorak", "ru", "gr", "tr", "jp"}

// mixed has 2 000 characters: all of ASCII, accents, Greek, Cyrillic, Chinese, Japanese and Korean, symbols, emoji.
func mixed() string {
	var b strings.Builder
	for r := ' '; r <= '~'; r++ {
		b.WriteRune(r)
	}
	b.WriteString("\täöüÄÖÜßéèêëçñåøæœÀÉÎÕÚÿžščřđłőűğışİ€£¥§°µ«»¿¡")
	b.WriteString("Съешь же ещё этих мягких французских булок, да выпей чаю. ЁЙЪЫЭЮЯ ΑΒΓΔ αβγδ άέήίόύώ")
	b.WriteString("你好世界漢字仮名交じり文ひらがなカタカナ한국어😀🎉🦊👍🏽❤️🇩🇪—–…“”„‚‘’→∑√∞≠≤≥")
	for r := rune(0x4e00); b.Len() < 1<<20; r += 7 {
		b.WriteString("word ")
		b.WriteRune(r)
		b.WriteRune(0x1f600 + r%64)
		if text := []rune(b.String()); len(text) >= 2000 {
			return string(text[:2000])
		}
	}
	panic("unreachable")
}

func TestEveryLayoutTypesExactly(t *testing.T) {
	text := mixed()
	for _, layout := range layouts {
		t.Run(layout, func(t *testing.T) {
			s := newSession(t, 1, "")
			s.newTypist(t, layout)
			typed := s.terminal(t)
			start := time.Now()
			via, err := s.input.Type(t.Context(), desk.Typing{Text: text})
			took := time.Since(start)
			if err != nil || via != "virtual keyboard" {
				t.Fatalf("via %s: %v", via, err)
			}
			typed.expect(t, text)
			t.Logf("%s: 2000 characters in %v: %.0f a second", layout, took, 2000/took.Seconds()) // test/bench reads it
		})
	}
}

// TestNoWordLosesItsFirstLetter types a thousand words, each by a request of its own, every tenth with a letter that the
// layout lacks, so that the keymap changes before it and after it.
func TestNoWordLosesItsFirstLetter(t *testing.T) {
	s := newSession(t, 1, "")
	s.newTypist(t, "us")
	typed := s.terminal(t)
	var want strings.Builder
	for n := range 1000 {
		word := fmt.Sprintf("w%d ", n)
		if n%10 == 0 {
			word = fmt.Sprintf("ж%d ", n)
		}
		if _, err := s.input.Type(t.Context(), desk.Typing{Text: word}); err != nil {
			t.Fatalf("word %d: %v", n, err)
		}
		want.WriteString(word)
	}
	typed.expect(t, want.String())
}

// TestASeatWithoutAKeyboardTakesTheFirstLetter: the program that has the focus knows of no keyboard until there is ours.
func TestASeatWithoutAKeyboardTakesTheFirstLetter(t *testing.T) {
	s := newSession(t, 1, "")
	typed := s.terminal(t)
	const text = "First ж\n"
	if _, err := s.input.Type(t.Context(), desk.Typing{Text: text}); err != nil {
		t.Fatal(err)
	}
	typed.expect(t, "First ж\r")
}

func TestTheLayoutIsWhatItWas(t *testing.T) {
	s := newSession(t, 1, "")
	u := s.newTypist(t, "de")
	j := newJudge(t, s.Display)
	before := j.now().keymaps
	for _, text := range []string{"schön", "schön ж", "ж"} {
		if _, err := s.input.Type(t.Context(), desk.Typing{Text: text}); err != nil {
			t.Fatal(err)
		}
		// The judge has seen all of it once it has seen the user's own key.
		n := len(j.now().keys)
		u.press(t, 30)
		j.await("the user's key", func(s *seen) bool { return len(s.keys) > n && s.keys[len(s.keys)-1] == keyEvent{30, false, 0} })
		now := j.now()
		if now.keymaps[len(now.keymaps)-1] != before[len(before)-1] || now.mods != [4]uint32{} || len(now.down()) > 0 {
			t.Errorf("%q: afterwards mods are %v, down are %v, and the keymap is the same: %v", text, now.mods, now.down(), now.keymaps[len(now.keymaps)-1] == before[len(before)-1])
		}
	}
}

// TestTheKeymapIsTheUsersAgainAtOnce, and not only after the user's next key.
func TestTheKeymapIsTheUsersAgainAtOnce(t *testing.T) {
	s := newSession(t, 1, "")
	s.newTypist(t, "de")
	j := newJudge(t, s.Display)
	before := len(j.now().keymaps)
	users := j.now().keymaps[before-1]
	if _, err := s.input.Type(t.Context(), desk.Typing{Text: "ж"}); err != nil {
		t.Fatal(err)
	}
	j.await("three keymaps: the device's, the extended one, the user's", func(s *seen) bool {
		n := len(s.keymaps)
		return n >= before+2 && len(s.keys) == 2 && s.keymaps[n-1] == users && slices.ContainsFunc(s.keymaps, isOurs)
	})
}

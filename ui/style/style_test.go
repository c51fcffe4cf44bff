package style

import (
	"strings"
	"testing"

	"nerva/assets"
)

func TestTheThreeSetsHaveTheSameNames(t *testing.T) {
	theme := Parse(assets.Style)
	for _, a := range []string{"light", "dark", "contrast"} {
		for _, b := range []string{"light", "dark", "contrast"} {
			for n := range theme.sets[a] {
				if _, ok := theme.sets[b][n]; !ok {
					t.Errorf("%s has %s, %s has not", a, n, b)
				}
			}
		}
		if len(theme.sets[a]) < 10 {
			t.Errorf("the set %s was not read: %v", a, theme.sets[a])
		}
	}
}

func TestEverySchemeIsComplete(t *testing.T) {
	for _, s := range []Scheme{Light, Dark, Contrast} {
		css, _, err := Parse(assets.Style).CSS(s, "")
		if err != nil {
			t.Error(err)
		}
		for _, left := range []string{"var(", "calc(", "--", ":root", "*/"} {
			if i := strings.Index(css, left); i >= 0 {
				t.Errorf("%s: %q is left: %.60q", s, left, css[i:])
			}
		}
	}
}

func TestAnUnknownNameIsAnError(t *testing.T) {
	_, _, err := Parse(".light { --a: red; }\nx { color: var(--b); }").CSS(Light, "")
	if err == nil || !strings.Contains(err.Error(), "--b") {
		t.Errorf("got %v, want an error that names --b", err)
	}
}

func TestTheAccentIsTheDesktops(t *testing.T) {
	theme := Parse(".light { --accent: red; }\n.contrast { --accent: blue; }\nx { color: var(--accent); }")
	for s, want := range map[Scheme]string{Light: "#123456", Contrast: "blue"} {
		if css, _, _ := theme.CSS(s, "#123456"); !strings.Contains(css, "color: "+want) {
			t.Errorf("%s: got %q, want %s", s, css, want)
		}
	}
}

func TestSizesAreThoseOfTheDesign(t *testing.T) {
	theme := Parse(assets.Style)
	for n, want := range map[string]int{
		"--card-width": 720, "--card-radius": 14, "--entry-height": 56, "--entry-text": 22, "--row-height": 46,
		"--title-text": 15, "--subtitle-text": 13, "--section-text": 12, "--footer-height": 36,
	} {
		if got := theme.Pixels(n); got != want {
			t.Errorf("%s is %d px, want %d", n, got, want)
		}
	}
}

func TestAUsersSheetIsLaidOver(t *testing.T) {
	theme := Parse(".light { --a: red; --b: blue; }\nx { color: var(--a); }").With("/* mine\n */\n.light { --a: green; --own: 3px; }\ny { margin: var(--own); color: var(--b); }\n")
	css, user, err := theme.CSS(Light, "")
	if err != nil || !strings.Contains(css, "color: green") || !strings.Contains(user, "margin: 3px; color: blue") {
		t.Errorf("%q, %q, %v", css, user, err)
	}
	if before, _, _ := strings.Cut(user, "y {"); strings.Count(before, "\n") != 3 {
		t.Errorf("the fourth line is another in %q", user)
	}
	if err := Parse("").With("y { margin: var(--none); }").Check(); err == nil || !strings.Contains(err.Error(), "--none") {
		t.Errorf("a name that is nowhere: %v", err)
	}
}

package main

import (
	"testing"

	"nerva/core/desk"
)

// list makes open windows of letters; a capital one has the focus.
func list(letters string) []desk.Window {
	var all []desk.Window
	for _, l := range letters {
		focused := l < 'a'
		if focused {
			l += 'a' - 'A'
		}
		all = append(all, desk.Window{ID: string(l), Focused: focused})
	}
	return all
}

func TestOnlyAPersonTurnsToAnotherWindow(t *testing.T) {
	for rule, c := range map[string]struct {
		lists []string
		turns []bool
	}{
		"to another and back":                    {[]string{"Ab", "aB", "Ab"}, []bool{false, true, true}},
		"from nothing to one that was there":     {[]string{"ab", "aB"}, []bool{false, true}},
		"a window that opens takes the focus":    {[]string{"A", "aB"}, []bool{false, false}},
		"it opens first and is focused then":     {[]string{"A", "Ab", "aB", "Ab"}, []bool{false, false, false, true}},
		"the focused one closes":                 {[]string{"aB", "A"}, []bool{false, false}},
		"nothing moves":                          {[]string{"Ab", "Ab"}, []bool{false, false}},
		"the last one closes, another opens":     {[]string{"A", "", "B"}, []bool{false, false, false}},
		"a closed window's id is given to a new": {[]string{"Ab", "A", "aB"}, []bool{false, false, false}},
	} {
		var f focus
		for i, l := range c.lists {
			if got := f.turned(list(l)); got != c.turns[i] {
				t.Errorf("%s: %v after %q, step %d", rule, got, l, i)
			}
		}
	}
}

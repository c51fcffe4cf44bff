package atspi

import (
	"strings"
	"testing"
)

// FuzzID: an id that is taken is an address, and the same one.
func FuzzID(f *testing.F) {
	for _, id := range []string{":1.2/org/a11y/atspi/accessible/3", "", "/", ":1.2", ":1.2/a b", "x/\x00", ":1.2//"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		r, ok := parse(id)
		if ok && (r.id() != id || !r.Path.IsValid() || strings.Contains(r.Bus, "/")) {
			t.Errorf("%q is %+v", id, r)
		}
	})
}

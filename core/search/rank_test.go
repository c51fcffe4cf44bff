package search

import "testing"

func TestTry(t *testing.T) {
	e := New(nil)
	e.Set("apps", desktopItems())
	for _, q := range []string{"fi", "f", "calc", "term", "gcal", "vsc", "code", "xqzj", "text ed", "dat", "fil", "sett", "ff", "ffx", "pdf", "org", "org.gnome.Calculator", "uber", "web", "mon", "電", "каль", "sm", "lw", "asdf", "re", "photo", "foot", "zzz", "wlan", "gnome"} {
		t.Logf("--- %s", q)
		for _, r := range e.Query(q, 8) {
			t.Logf("%6.0f %s (%s) %v", r.Score, r.Title, r.ID, r.Matches)
		}
	}
}

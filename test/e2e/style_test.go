package e2e

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestTheUsersStyleSheetIsInForce(t *testing.T) {
	s := withDaemon(t, offline)
	s.write(filepath.Join(filepath.Dir(s.config), "style.css"),
		".light { --surface: #ff00ff; }\n.dark { --surface: #ff00ff; }\nlabel { color: nonsense; }\n")
	p := s.overlay()
	s.summon()
	s.eventually("the card has the user's colour", func() bool {
		return share(t, s.screenshot(), func(r, g, b uint32) bool { return r > 0xf000 && g < 0x1000 && b > 0xf000 }) > 0.02
	})
	if said := p.Log.String(); !strings.Contains(said, "<data>:3:") || !strings.Contains(said, "style.css") {
		t.Errorf("the wrong rule is not named in %s", said)
	}
}

// TestNothingMovesWhenTheOverlayOpens: after its first frame, and those of results that come, no other is drawn. The first
// summon has every widget shown for the first time.
func TestNothingMovesWhenTheOverlayOpens(t *testing.T) {
	s := withDaemon(t, offline)
	s.env = append(s.env, "WAYLAND_DEBUG=1")
	p := s.overlay()
	s.summon()
	s.sees("Search or ask") // which takes longer than what GTK's theme would have fade
	if frames := strings.Count(p.Log.String(), ".attach(wl_buffer"); frames < 1 || frames > 5 {
		t.Errorf("%d frames", frames)
	}
}

func TestAStyleSheetThatCantBeUsedIsSaidAndLeftOut(t *testing.T) {
	s := withDaemon(t, offline)
	s.write(filepath.Join(filepath.Dir(s.config), "style.css"), "label { color: var(--nowhere); }\n")
	p := s.overlay()
	s.summon()
	if said := p.Log.String(); !strings.Contains(said, "--nowhere") || !strings.Contains(said, "not in force") {
		t.Errorf("got %s", said)
	}
}

// share is how many of a picture's pixels fit, 0 to 1.
func share(t *testing.T, path string, fits func(r, g, b uint32) bool) float64 {
	t.Helper()
	picture := decode(t, path)
	n, size := 0, picture.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			if r, g, b, _ := picture.At(x, y).RGBA(); fits(r, g, b) {
				n++
			}
		}
	}
	return float64(n) / float64(size.X*size.Y)
}

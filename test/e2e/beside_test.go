package e2e

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"nerva/core/bus/overlay"
	"nerva/core/desk"
	"nerva/wayland/input"
)

// mouse is a pointer that stays plugged in, so that programs have it before it moves.
type mouse struct {
	s    *session
	what *input.Input
}

func (s *session) mouse() mouse {
	life, unplug := context.WithCancel(context.Background())
	s.Cleanup(unplug)
	m := mouse{s, input.New(life, input.Options{Windows: anywhere{}, Only: "virtual"})}
	_, err := m.what.Move(s.ctx, desk.Motion{To: desk.Point{X: 1, Y: 1}})
	s.must(err)
	return m
}

// anywhere is no window, so that the mouse doesn't mind which has the focus.
type anywhere struct{ input.Windows }

func (anywhere) List(context.Context) ([]desk.Window, error) { return nil, nil }

func (m mouse) click(button desk.Button, x, y int) {
	m.s.Helper()
	_, err := m.what.Click(m.s.ctx, desk.Click{At: &desk.Point{X: x, Y: y}, Button: button, Count: 1})
	m.s.must(err)
}

// size is that of the output, in logical pixels.
func (s *session) size() (width, height int) {
	s.Helper()
	var outputs []struct {
		Rect struct{ Width, Height int }
	}
	s.must(json.Unmarshal([]byte(s.output("swaymsg", "-r", "-t", "get_outputs")), &outputs))
	return outputs[0].Rect.Width, outputs[0].Rect.Height
}

// TestAClickBesideTheCardDismisses: the window is a strip in the middle of the output, and what is to the left and right of
// it is heard by another surface, which comes a moment after it. The card begins at a fifth of the height.
func TestAClickBesideTheCardDismisses(t *testing.T) {
	s := withOverlay(t)
	width, height := s.size()
	m := s.mouse()
	for rule, c := range map[string]struct {
		button desk.Button
		x, y   int
	}{
		"left of the strip":                   {"left", 5, height / 2},
		"right of the strip":                  {"left", width - 5, height / 2},
		"just left of the strip":              {"left", width/2 - 411, height / 2},
		"just right of it":                    {"left", width/2 + 411, height / 2},
		"with another button":                 {"right", 5, height / 2},
		"within the strip, below the card":    {"left", width / 2, height - 5},
		"within the strip, beside the card":   {"left", width/2 - 380, height/5 + 30},
		"within the strip, another button":    {"middle", width / 2, height - 5},
		"at the edge of the strip":            {"left", width/2 - 409, height / 2},
		"at the strip's other edge":           {"left", width/2 + 408, height / 2},
		"within the strip, right of the card": {"left", width/2 + 380, height/5 + 30},
	} {
		t.Run(rule, func(t *testing.T) {
			s := *s
			s.T = t
			m := mouse{&s, m.what}
			s.summon()
			s.eventually("the click is heard", func() bool {
				m.click(c.button, c.x, c.y)
				return !s.shown()
			})
		})
		s.output("busctl", "--user", "call", overlay.Name, string(overlay.Path), overlay.Interface, "Hide") // after a failure
		s.waitHidden()
	}
}

func TestAClickOnTheCardDismissesNothing(t *testing.T) {
	s := withOverlay(t)
	width, height := s.size()
	m := s.mouse()
	s.summon()
	for _, x := range []int{width/2 - 355, width / 2, width/2 + 355} {
		m.click("left", x, height/5+10)
	}
	s.typing("zebra")
	s.sees("zebra")
	if !s.shown() {
		t.Error("it is hidden")
	}
}

// TestNothingIsLeftOverTheWindowsBeneath: sway gives the focus to the window that is clicked.
func TestNothingIsLeftOverTheWindowsBeneath(t *testing.T) {
	s := withOverlay(t)
	width, height := s.size()
	m := s.mouse()
	focused := func(title string) func() bool {
		return func() bool {
			return slices.ContainsFunc(s.windows("foot"), func(n node) bool { return n.Name == title && n.Focused })
		}
	}
	for _, title := range []string{"left", "right"} { // sway tiles them in a row
		s.program("foot", "--title", title, "--override=locked-title=yes")
		s.eventually("foot's window "+title+" has the focus", focused(title))
	}
	for range 3 {
		// The compositor tells the focus's last turn, of the clicks before, a moment later, and that dismisses what is shown by then.
		s.eventually("the overlay is shown and stays", func() bool {
			if !s.shown() {
				s.output("nerva-ui")
			}
			return s.shown()
		})
		s.eventually("the click is heard", func() bool {
			m.click("left", 5, height/2)
			return !s.shown()
		})
		// The overlay is hidden before the compositor has heard of that; sway tells nobody which layer surfaces there are.
		s.eventually("a click reaches the window right", func() bool {
			m.click("left", width-5, height/2)
			return focused("right")()
		})
		for _, x := range []int{5, width - 5, width/2 - 300, width/2 + 300, 5} {
			m.click("left", x, height/2)
			title := "left"
			if x > width/2 {
				title = "right"
			}
			s.eventually("the click reaches the window "+title, focused(title))
		}
	}
}

package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"nerva/core/bus/overlay"
	"nerva/core/desk"
)

// allowControls lets controls be looked at, and everything be pressed by a name: it is not the question that is tested here.
const allowControls = offline + `
[policy]
caution = "allow"
[[policy.rule]]
name = "press"
skill = "activate_ui"
match = { name = "**" }
decision = "allow"
`

// overlayTitle is that of the overlay's window.
const overlayTitle = "nerva"

func (s *session) controls(input string) (list []desk.Control, text string) {
	s.Helper()
	text = s.output("nerva", "exec", "list_ui", "--input", input)
	var out struct{ Controls []desk.Control }
	s.must(json.Unmarshal([]byte(text), &out))
	return out.Controls, text
}

// TestTheOverlayIsOutOfReachOfActivateUI: it is on the screen, a screen reader reads it, and nerva's own skills neither see nor
// press any of it. Another application's window beside it is there.
func TestTheOverlayIsOutOfReachOfActivateUI(t *testing.T) {
	s := withDaemon(t, allowControls)
	s.overlay()
	s.Cleanup(s.closeAll)
	s.program("gnome-calculator")
	s.summon()
	s.typing("calculator")
	tree := s.accessibility()
	s.hears(tree, "Calculator")
	s.eventually("the calculator's buttons are listed", func() bool {
		list, _ := s.controls(`{"role":"button"}`)
		return len(list) > 10
	})
	list, text := s.controls(`{}`)
	for _, c := range list {
		if c.Window == overlayTitle {
			t.Errorf("a control of the overlay is listed: %+v", c)
		}
	}
	if strings.Contains(text, "Search or ask") {
		t.Errorf("the overlay's entry is listed: %s", text)
	}
	// By its address on the accessibility bus, which any program can find out.
	row := s.overlayWidget(tree)
	input, err := json.Marshal(map[string]string{"id": row.Owner + string(row.Path)})
	s.must(err)
	_, stderr, exit := s.run("nerva", "exec", "activate_ui", "--input", string(input))
	if exit == 0 || !strings.Contains(stderr, "a window of nerva's own") {
		t.Errorf("exit %d: %s", exit, stderr)
	}
	if !s.shown() {
		t.Errorf("%s is hidden now", overlay.Name)
	}
}

// overlayWidget is the first row of the overlay's.
func (s *session) overlayWidget(tree *dbus.Conn) (found reference) {
	s.Helper()
	var visit func(r reference, depth int)
	visit = func(r reference, depth int) {
		o := tree.Object(r.Owner, r.Path)
		var role string
		var children []reference
		name, err := o.GetProperty(accessible + ".Name")
		if found.Owner != "" || err != nil || depth == 2 && name.Value() != overlayTitle ||
			o.Call(accessible+".GetRoleName", 0).Store(&role) != nil || o.Call(accessible+".GetChildren", 0).Store(&children) != nil {
			return
		}
		if role == "list item" {
			found = r
		}
		for _, c := range children {
			visit(c, depth+1)
		}
	}
	visit(reference{"org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root"}, 0)
	if found.Owner == "" {
		s.Fatal("the overlay has no row")
	}
	return found
}

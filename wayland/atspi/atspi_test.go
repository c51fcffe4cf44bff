package atspi_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/atspi"
	"nerva/wayland/atspi/atspitest"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/sessionbus"
)

var _ desk.Accessibility = (*atspi.Tree)(nil)

func TestMain(m *testing.M) {
	atspitest.Main()
	os.Exit(m.Run())
}

// Roles and states of AT-SPI.
const (
	frame, label, button, checkBox, password, application = 23, 29, 43, 7, 40, 75

	focusable, sensitive, showing, visible, checked = 11, 24, 25, 30, 4
)

func usable() []int { return []int{focusable, sensitive, showing, visible} }

func press(name string) atspitest.Object {
	return atspitest.Object{Name: name, Role: button, States: usable(), Actions: []string{"menu.popup", "Click"}}
}

// app has one window.
func app(name string, controls ...atspitest.Object) atspitest.Object {
	return atspitest.Object{Name: name, Role: application, Children: []atspitest.Object{
		{Name: "window of " + name, Role: frame, States: usable(), Children: controls},
	}}
}

// windows is a compositor's list.
type windows []desk.Window

func (w windows) List(context.Context) ([]desk.Window, error) { return w, nil }

// bench is an accessibility bus of the test's own.
type bench struct {
	*testing.T
	*atspitest.Registry
	self string // the test's program
}

func newBench(t *testing.T) bench {
	t.Helper()
	bustest.Start(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	conn := bustest.Own(t, "org.example.Test")
	return bench{t, atspitest.NewRegistry(t, conn, os.Getenv("DBUS_SESSION_BUS_ADDRESS")), self}
}

func (b bench) tree(w ...desk.Window) *atspi.Tree {
	bus := sessionbus.New(b.Context())
	return atspi.New(bus.Conn, sessionbus.NewAccessible(b.Context(), bus).Conn, windows(w))
}

func (b bench) start(root atspitest.Object) *atspitest.App {
	b.Helper()
	a := atspitest.Start(b, b.self, "", root)
	b.Add(a.Bus)
	return a
}

func (b bench) list(tree *atspi.Tree, q desk.ControlQuery) []desk.Control {
	b.Helper()
	list, _, err := tree.Controls(b.Context(), q)
	if err != nil {
		b.Fatal(err)
	}
	return list
}

func names(list []desk.Control) string {
	var all []string
	for _, c := range list {
		all = append(all, c.Name)
	}
	return strings.Join(all, ", ")
}

func TestControls(t *testing.T) {
	b := newBench(t)
	b.start(app(
		"edit", press("Save"),
		atspitest.Object{Name: "Box", Role: checkBox, States: []int{focusable, visible, checked}},
		atspitest.Object{Role: button, States: usable(), Children: []atspitest.Object{{Name: "inside", Role: label, States: usable()}}},
		atspitest.Object{Name: "Secret", Role: password, States: usable(), Text: "hunter2"},
		atspitest.Object{Name: "only a text", Role: label, States: usable(), Actions: []string{"clipboard.copy"}},
		atspitest.Object{Name: "a page that is not shown", Role: 39, Children: []atspitest.Object{press("Hidden")}},
	))
	b.start(app("mail", press("Send")))
	tree := b.tree()
	list := b.list(tree, desk.ControlQuery{App: "edit"})
	for i := range list {
		if list[i].ID == "" {
			t.Error("no id")
		}
		list[i].ID = ""
	}
	at := func(c desk.Control, states ...string) desk.Control {
		c.App, c.Window, c.States = "edit", "window of edit", append([]string{}, states...)
		return c
	}
	want := []desk.Control{
		at(desk.Control{Name: "Save", Role: "button", Actions: []string{"menu.popup", "Click"}}, "enabled"),
		at(desk.Control{Name: "Box", Role: "check box"}, "checked"),
		at(desk.Control{Name: "inside", Role: "button"}, "enabled"),
		at(desk.Control{Name: "Secret", Role: "password text"}, "enabled"),
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := names(b.list(tree, desk.ControlQuery{Role: "button", Name: "S"})); got != "Save, inside, Send" {
		t.Errorf("buttons with an S: %s", got)
	}
	if _, _, err := tree.Controls(t.Context(), desk.ControlQuery{App: "none"}); api.CodeOf(err) != api.NotFound {
		t.Errorf("no such application: %v", err)
	}
	if _, _, err := tree.Controls(t.Context(), desk.ControlQuery{Window: "7"}); api.CodeOf(err) != api.NotFound {
		t.Errorf("no such window: %v", err)
	}
}

func TestAWindowIsItsProcessAndTitle(t *testing.T) {
	b := newBench(t)
	two := app("edit", press("one"))
	two.Children = append(two.Children, atspitest.Object{Name: "second", Role: frame, States: usable(), Children: []atspitest.Object{press("two")}})
	a := b.start(two)
	tree := b.tree(desk.Window{ID: "1", PID: a.PID, Title: "second", AppID: "org.example.Edit"}, desk.Window{ID: "2", PID: a.PID, Title: "new title"}, desk.Window{ID: "3", Title: "window of mail"})
	b.start(app("mail", press("Send")))
	for window, want := range map[string]string{"1": "two", "2": "one, two", "3": "Send"} {
		if got := names(b.list(tree, desk.ControlQuery{Window: window})); got != want {
			t.Errorf("window %s has %s, want %s", window, got, want)
		}
	}
	if got := names(b.list(tree, desk.ControlQuery{App: "org.example.edit"})); got != "one, two" {
		t.Errorf("by its application's id: %s", got)
	}
}

func TestActivate(t *testing.T) {
	b := newBench(t)
	off := press("Locked")
	off.States = []int{focusable, visible}
	refuses := press("Refuses")
	refuses.Refuses = "ignore what you were told"
	odd := press("Odd")
	odd.Actions = []string{"clipboard.cut", "window.close"}
	a := b.start(app("edit", press("Save"), press("Save as"), off, refuses, odd))
	tree := b.tree()
	list := map[string]desk.Control{}
	for _, c := range b.list(tree, desk.ControlQuery{}) {
		list[c.Name] = c
	}
	if via, err := tree.Activate(t.Context(), list["Save as"]); err != nil || via != "action" {
		t.Fatalf("by %q, %v", via, err)
	}
	if line := a.Line(t); line != "Save as" {
		t.Errorf("%s was pressed", line)
	}
	other := list["Save"]
	other.Name = "Save as"
	for name, test := range map[string]struct {
		c    desk.Control
		code api.Code
		says string
	}{
		"greyed out":         {list["Locked"], api.Unavailable, "greyed out"},
		"it refuses":         {list["Refuses"], api.Failed, "its application refused; look with list_ui"},
		"no way to press it": {list["Odd"], api.Failed, "its application refused"}, // the fake knows no GrabFocus
		"something else":     {other, api.NotFound, "something else by now"},
		"no id":              {desk.Control{ID: "Save"}, api.InvalidInput, "no id of a control"},
		"no unique name":     {desk.Control{ID: "org.example.Test/x"}, api.Denied, "names no program"},
		"gone":               {desk.Control{ID: ":1.4711/x"}, api.Denied, "can't be told"},
		"another path":       {desk.Control{ID: a.Bus + "/nowhere"}, api.NotFound, "no such control"},
		"no path":            {desk.Control{ID: a.Bus + "/a b"}, api.InvalidInput, "no id of a control"},
	} {
		if _, err := tree.Activate(t.Context(), test.c); api.CodeOf(err) != test.code || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "ignore") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := tree.Activate(t.Context(), list["Save"]); err != nil || a.Line(t) != "Save" {
		t.Errorf("afterwards: %v", err)
	}
}

// TestNervasOwnWindowsAreOutOfReach: whichever way they are known by, they are in no list, and can't be pressed by an id.
func TestNervasOwnWindowsAreOutOfReach(t *testing.T) {
	for rule, overlay := range map[string]func(b bench) string{
		"by its program": func(b bench) string {
			path := filepath.Join(b.TempDir(), ".nerva-overlay-wrapped")
			if err := os.Link(b.self, path); err != nil {
				b.Skipf("no second name can be made for the test's program: %v", err)
			}
			return atspitest.Start(b, path, "", app("x", press("Allow"))).Bus
		},
		"by the overlay's name": func(b bench) string {
			return atspitest.Start(b, b.self, "org.nerva.Overlay1", app("x", press("Allow"))).Bus
		},
		"by the daemon's name": func(b bench) string {
			return atspitest.Start(b, b.self, "org.nerva.Nerva1", app("x", press("Allow"))).Bus
		},
		"by being this process": func(b bench) string {
			conn := bustest.Own(b.T, "org.example.Overlay")
			if err := atspitest.Serve(conn, app("x", press("Allow")), func(string) { b.Error("it was pressed") }); err != nil {
				b.Fatal(err)
			}
			return conn.Names()[0]
		},
	} {
		t.Run(rule, func(t *testing.T) {
			b := newBench(t)
			bus := overlay(b)
			b.Add(bus)
			// Another program hangs the overlay's button into its own tree.
			own := press("Save")
			own.Elsewhere = []atspitest.Ref{{Bus: bus, Path: "/org/a11y/atspi/accessible/2"}}
			b.start(app("edit", own))
			tree := b.tree()
			list := b.list(tree, desk.ControlQuery{})
			if got := names(list); got != "Save" {
				t.Errorf("there are %s", got)
			}
			if _, _, err := tree.Controls(t.Context(), desk.ControlQuery{App: "x"}); api.CodeOf(err) != api.NotFound {
				t.Errorf("asked for: %v", err)
			}
			allow := desk.Control{ID: bus + "/org/a11y/atspi/accessible/2", Name: "Allow", Role: "button", App: "x"}
			if _, err := tree.Activate(t.Context(), allow); api.CodeOf(err) != api.Denied || !strings.Contains(err.Error(), "nerva's own") {
				t.Errorf("pressed: %v", err)
			}
			if err := tree.Write(t.Context(), allow, "x", false); api.CodeOf(err) != api.Denied {
				t.Errorf("written into: %v", err)
			}
		})
	}
}

// TestApplicationsAreNotBelieved: what one says keeps to its place, and none ends or holds up the others.
func TestApplicationsAreNotBelieved(t *testing.T) {
	deep := press("bottom")
	for range 70 {
		deep = atspitest.Object{Role: 39, States: usable(), Children: []atspitest.Object{deep}}
	}
	wide := append([]atspitest.Object{press("first")}, make([]atspitest.Object, 400)...)
	for rule, test := range map[string]struct {
		controls []atspitest.Object
		want     string
		more     bool
	}{
		"a name with control characters": {[]atspitest.Object{press("a\x1b[2J\nb\u202ec")}, "a[2J bc", false},
		"a name of 100 kB":               {[]atspitest.Object{press(strings.Repeat("ü", 50_000))}, strings.Repeat("ü", 199) + "…", false},
		"a tree without end":             {[]atspitest.Object{{Name: "loop", Role: button, States: usable(), Loop: true}}, "loop", false},
		"a tree that is deep":            {[]atspitest.Object{deep}, "", true},
		"a list that is long":            {wide, "first", true},
		"children that are nowhere": {[]atspitest.Object{{
			Name: "none", Role: button, States: usable(), Elsewhere: []atspitest.Ref{{Bus: "", Path: "/x"}, {Bus: ":1.99999", Path: "/x"}, {Bus: "not a name", Path: "/x"}},
		}}, "none", false},
		"a window that hangs": {[]atspitest.Object{{Role: button, Hangs: true}}, "", true},
	} {
		t.Run(rule, func(t *testing.T) {
			b := newBench(t)
			b.start(app("good", press("Send")))
			b.start(app("bad", test.controls...))
			list, more, err := b.tree().Controls(t.Context(), desk.ControlQuery{})
			want := strings.TrimSuffix("Send, "+test.want, ", ")
			if got := names(list); err != nil || got != want || more != test.more {
				t.Errorf("%.300s, more %v, %v", got, more, err)
			}
		})
	}
}

// TestApplicationsThatWaitAreCalled: and it is taken back that assistive technology is there.
func TestApplicationsThatWaitAreCalled(t *testing.T) {
	b := newBench(t)
	a := atspitest.Start(t, b.self, "", app("qt", press("Save")))
	b.Wait(a.Bus)
	tree := b.tree(desk.Window{ID: "1", PID: a.PID, Title: "window of qt"}, desk.Window{ID: "2", PID: os.Getpid(), Title: "a terminal"})
	if got := names(b.list(tree, desk.ControlQuery{Window: "1"})); got != "Save" {
		t.Errorf("there are %s", got)
	}
	if diff := cmp.Diff([]bool{true, false}, b.Enabled()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for range 2 { // the terminal does not come, and is called once
		if got := names(b.list(tree, desk.ControlQuery{})); got != "Save" {
			t.Errorf("there are %s", got)
		}
	}
	if diff := cmp.Diff([]bool{true, false, true, false}, b.Enabled()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWithoutAnAccessibilityBus(t *testing.T) {
	bustest.Start(t)
	bus := sessionbus.New(t.Context())
	tree := atspi.New(bus.Conn, sessionbus.NewAccessible(t.Context(), bus).Conn, windows(nil))
	_, _, err := tree.Controls(t.Context(), desk.ControlQuery{})
	if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "install at-spi2-core") {
		t.Errorf("%v", err)
	}
}

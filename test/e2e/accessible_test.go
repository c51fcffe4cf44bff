package e2e

import (
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
)

// reference is an accessible object on the accessibility bus (at-spi2-core, xml/Accessible.xml).
type reference struct {
	Owner string
	Path  dbus.ObjectPath
}

const accessible = "org.a11y.atspi.Accessible"

// States as bits of GetState's answer (at-spi2-core, atspi-constants.h).
const (
	stateSelected = 23
	stateShowing  = 25
)

// widget is what a screen reader knows of a widget.
type widget struct {
	Role, Name string
	Selected   bool
}

// accessibility connects to the accessibility bus, which is another than the session's.
func (s *session) accessibility() *dbus.Conn {
	s.Helper()
	var address string
	s.must(s.conn.Object("org.a11y.Bus", "/org/a11y/bus").Call("org.a11y.Bus.GetAddress", 0).Store(&address))
	conn, err := dbus.Connect(address, dbus.WithContext(s.ctx))
	s.must(err)
	s.Cleanup(func() { _ = conn.Close() })
	return conn
}

// widgets lists the widgets that the overlay shows, each after the one that it is in.
func (s *session) widgets(conn *dbus.Conn) []widget {
	s.Helper()
	var shown []widget
	var visit func(r reference, depth int)
	visit = func(r reference, depth int) {
		o := conn.Object(r.Owner, r.Path)
		w := widget{}
		var state []uint32
		var children []reference
		name, err := o.GetProperty(accessible + ".Name")
		if err != nil || o.Call(accessible+".GetRoleName", 0).Store(&w.Role) != nil ||
			o.Call(accessible+".GetState", 0).Store(&state) != nil || o.Call(accessible+".GetChildren", 0).Store(&children) != nil {
			return // it has gone meanwhile
		}
		w.Name, _ = name.Value().(string)
		if depth == 2 && w.Name != "nerva" {
			return // another program's window
		}
		w.Selected = state[0]&(1<<stateSelected) != 0
		if depth > 2 {
			if state[0]&(1<<stateShowing) == 0 {
				return
			}
			shown = append(shown, w)
		}
		for _, c := range children {
			visit(c, depth+1)
		}
	}
	visit(reference{"org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root"}, 0)
	return shown
}

// rows are the names of the list items that a screen reader is told of, and which is selected.
func (s *session) rows(conn *dbus.Conn) (names []string, selected string) {
	s.Helper()
	for _, w := range s.widgets(conn) {
		if w.Role != "list item" {
			continue
		}
		names = append(names, w.Name)
		if w.Selected {
			selected = w.Name
		}
	}
	return names, selected
}

// hears waits until widgets have all these texts in their names.
func (s *session) hears(conn *dbus.Conn, texts ...string) {
	s.Helper()
	var last []widget
	defer func() {
		if s.Failed() {
			s.Logf("the last widgets were %+v", last)
		}
	}()
	s.eventually("a screen reader says "+strings.Join(texts, ", "), func() bool {
		last = s.widgets(conn)
		return !slices.ContainsFunc(texts, func(text string) bool {
			return !slices.ContainsFunc(last, func(w widget) bool { return strings.Contains(w.Name, text) })
		})
	})
}

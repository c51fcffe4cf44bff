// Package atspitest plays the accessibility bus and applications on it, on a test's own bus: well-behaved ones and those that
// are not.
//
// A Registry is in the test's process and belongs to the test. An application may be in the test's process, too, or in one of
// its own, which ends with the test. The package must not know who looks at them.
package atspitest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
)

const (
	rootPath   = dbus.ObjectPath("/org/a11y/atspi/accessible/root")
	accessible = "org.a11y.atspi.Accessible"
	properties = "org.freedesktop.DBus.Properties"
)

// Ref is where an object is.
type Ref struct {
	Bus  string
	Path dbus.ObjectPath
}

// Registry is the accessibility bus's own service, on the bus that is the session's as well.
type Registry struct {
	conn    *dbus.Conn
	address string

	mu      sync.Mutex
	apps    []Ref
	enabled []bool // what IsEnabled was set to
	waiting []Ref  // come when it is set to true
}

// NewRegistry takes the names org.a11y.Bus and org.a11y.atspi.Registry on conn's bus.
func NewRegistry(t testing.TB, conn *dbus.Conn, address string) *Registry {
	t.Helper()
	r := &Registry{conn: conn, address: address}
	for _, e := range []struct {
		v    any
		path dbus.ObjectPath
		of   string
	}{{locator{r}, "/org/a11y/bus", "org.a11y.Bus"}, {status{r}, "/org/a11y/bus", properties}, {list{r}, rootPath, accessible}} {
		if err := conn.Export(e.v, e.path, e.of); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"org.a11y.Bus", "org.a11y.atspi.Registry"} {
		if reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
			t.Fatalf("own %s: %v, %v", name, reply, err)
		}
	}
	return r
}

// Add has an application register.
func (r *Registry) Add(bus string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.apps = append(r.apps, Ref{bus, rootPath})
}

// Wait has an application register once assistive technology is said to be there, as Qt's do.
func (r *Registry) Wait(bus string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = append(r.waiting, Ref{bus, rootPath})
}

// Enabled is what IsEnabled was set to, in this order.
func (r *Registry) Enabled() []bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]bool(nil), r.enabled...)
}

type locator struct{ r *Registry }

// GetAddress is of org.a11y.Bus.
func (l locator) GetAddress() (string, *dbus.Error) { return l.r.address, nil }

type status struct{ r *Registry }

// Get is that of org.a11y.Status.
func (s status) Get(string, string) (dbus.Variant, *dbus.Error) {
	all := s.r.Enabled()
	return dbus.MakeVariant(len(all) > 0 && all[len(all)-1]), nil
}

// Set is that of org.a11y.Status.
func (s status) Set(_, _ string, v dbus.Variant) *dbus.Error {
	on, _ := v.Value().(bool)
	s.r.mu.Lock()
	s.r.enabled = append(s.r.enabled, on)
	var came []Ref
	if on {
		came, s.r.waiting = s.r.waiting, nil
		s.r.apps = append(s.r.apps, came...)
	}
	s.r.mu.Unlock()
	for i, app := range came {
		// at-spi2-core, xml/Event.xml
		if err := s.r.conn.Emit(rootPath, "org.a11y.atspi.Event.Object.ChildrenChanged", "add", int32(i), int32(0), dbus.MakeVariant(app), map[string]dbus.Variant{}); err != nil {
			return dbus.MakeFailedError(err)
		}
	}
	return nil
}

type list struct{ r *Registry }

// GetChildren is of org.a11y.atspi.Accessible.
func (l list) GetChildren() ([]Ref, *dbus.Error) {
	l.r.mu.Lock()
	defer l.r.mu.Unlock()
	return append([]Ref(nil), l.r.apps...), nil
}

// Object is one of an application's.
type Object struct {
	Name     string
	Role     uint32 // as AtspiRole
	States   []int  // as AtspiStateType
	Actions  []string
	Text     string // of an editable one
	Children []Object
	// What broken and hostile applications do: Elsewhere are children of other programs, Loop makes the object a child of its
	// own, Hangs answers nothing, Refuses says this when it is pressed.
	Elsewhere []Ref
	Loop      bool
	Hangs     bool
	Refuses   string
}

// Serve puts an application's objects on its connection; the first is the application itself. did is called with the name of
// what is pressed.
func Serve(conn *dbus.Conn, root Object, did func(string)) error {
	s := &server{conn: conn, did: did}
	_, err := s.export(root, rootPath)
	return err
}

type server struct {
	conn *dbus.Conn
	did  func(string)
	n    int
}

func (s *server) export(o Object, path dbus.ObjectPath) (Ref, error) {
	here := Ref{s.conn.Names()[0], path}
	served := &object{Object: o, did: s.did, children: o.Elsewhere}
	for _, c := range o.Children {
		s.n++
		child, err := s.export(c, dbus.ObjectPath(fmt.Sprintf("/org/a11y/atspi/accessible/%d", s.n)))
		if err != nil {
			return here, err
		}
		served.children = append(served.children, child)
	}
	if o.Loop {
		served.children = append(served.children, here)
	}
	for _, of := range []string{accessible, properties, "org.a11y.atspi.Action"} {
		if err := s.conn.Export(served, path, of); err != nil {
			return here, err
		}
	}
	return here, nil
}

// object answers for all interfaces at once.
type object struct {
	Object
	did      func(string)
	children []Ref
}

func (o *object) wait() {
	if o.Hangs {
		select {} // godbus has a goroutine for each call; its process ends with the test
	}
}

// GetRole and those below are of org.a11y.atspi.Accessible.
func (o *object) GetRole() (uint32, *dbus.Error) {
	o.wait()
	return o.Role, nil
}

func (o *object) GetState() ([]uint32, *dbus.Error) {
	words := []uint32{0, 0}
	for _, s := range o.States {
		words[s/32] |= 1 << (s % 32)
	}
	return words, nil
}

func (o *object) GetInterfaces() ([]string, *dbus.Error) {
	all := []string{accessible}
	if len(o.Actions) > 0 {
		all = append(all, "org.a11y.atspi.Action")
	}
	return all, nil
}

func (o *object) GetChildren() ([]Ref, *dbus.Error) { return o.children, nil }

// Get is of org.freedesktop.DBus.Properties.
func (o *object) Get(_, name string) (dbus.Variant, *dbus.Error) {
	switch name {
	case "Name":
		return dbus.MakeVariant(o.Name), nil
	case "ChildCount":
		return dbus.MakeVariant(int32(len(o.children))), nil
	case "NActions":
		return dbus.MakeVariant(int32(len(o.Actions))), nil
	}
	return dbus.Variant{}, dbus.MakeFailedError(fmt.Errorf("no %s", name))
}

// GetName and DoAction are of org.a11y.atspi.Action.
func (o *object) GetName(n int32) (string, *dbus.Error) {
	if n < 0 || int(n) >= len(o.Actions) {
		return "", dbus.MakeFailedError(fmt.Errorf("no action %d", n))
	}
	return o.Actions[n], nil
}

func (o *object) DoAction(int32) (bool, *dbus.Error) {
	if o.Refuses != "" {
		return false, dbus.NewError("org.example.No", []any{o.Refuses})
	}
	o.did(o.Name)
	return true, nil
}

// Package atspi finds the controls that applications offer to assistive technology, presses them and writes into them,
// over the accessibility bus (AT-SPI 2). There are no coordinates in it: what is pressed is what has the name and the role.
//
// A Tree keeps nothing of what it sees: an application is asked each time, and a Control's ID is an address, at which it is
// compared with what was meant before anything is done. All it owns, under its mutex, are the windows whose applications
// stay silent. Any goroutine may call it. It must not know why a control is pressed, and it never reaches the windows of
// nerva itself (guard.go).
//
// Source: at-spi2-core 2.56, the interfaces in xml/ and the constants in atspi/atspi-constants.h.
package atspi

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/service"
)

const (
	// answerLimit is for each application: one that hangs must not hide the others.
	answerLimit = 3 * time.Second
	// maxControls is how many are given; a person's screen shows fewer.
	maxControls = 500
)

// Windows is the compositor's list; a desk.Windows is one.
type Windows interface {
	List(ctx context.Context) ([]desk.Window, error)
}

// Tree implements desk.Accessibility.
type Tree struct {
	session, bus func() (*dbus.Conn, error)
	windows      Windows

	mu     sync.Mutex
	silent map[string]bool // IDs of windows whose applications did not come when they were called
}

// New returns a Tree that gets its connections to the session's and to the accessibility bus each time.
func New(session, bus func() (*dbus.Conn, error), windows Windows) *Tree {
	return &Tree{session: session, bus: bus, windows: windows, silent: map[string]bool{}}
}

// look is one look at the bus.
type look struct {
	conn  *dbus.Conn
	guard *guard
}

func (t *Tree) look(ctx context.Context) (look, error) {
	session, err := t.session()
	if err != nil {
		return look{}, err
	}
	conn, err := t.bus()
	if err != nil {
		return look{}, err
	}
	g, err := newGuard(ctx, session, conn)
	return look{conn, g}, err
}

// Controls implements desk.Accessibility.
func (t *Tree) Controls(ctx context.Context, q desk.ControlQuery) ([]desk.Control, bool, error) {
	found, more, err := t.find(ctx, q)
	if err != nil {
		return nil, false, err
	}
	if len(found) > maxControls {
		found, more = found[:maxControls], true
	}
	list := make([]desk.Control, len(found))
	for i, c := range found {
		list[i] = c.Control
	}
	return list, more, nil
}

// Focused implements desk.Accessibility. Some toolkits say of more than one control that it has the focus (a tab of Qt's
// always does); text goes into the one that can be written into.
func (t *Tree) Focused(ctx context.Context, window string) (desk.Control, error) {
	found, _, err := t.find(ctx, desk.ControlQuery{Window: window})
	if err != nil {
		return desk.Control{}, err
	}
	found = slices.DeleteFunc(found, func(c control) bool { return !c.is(stateFocused) })
	editable := slices.DeleteFunc(slices.Clone(found), func(c control) bool { return !c.Editable })
	if len(editable) == 1 {
		return editable[0].Control, nil
	}
	if len(found) == 1 {
		return found[0].Control, nil
	}
	return desk.Control{}, api.Errorf(api.NotFound, "which control of the window has the focus can't be told, since %d say so; click into the right one", len(found))
}

// find gives the controls that fit, application by application.
func (t *Tree) find(ctx context.Context, q desk.ControlQuery) (found []control, more bool, err error) {
	limited, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	l, err := t.look(limited)
	if err != nil {
		return nil, false, err
	}
	if q.ID != "" {
		c, err := l.identified(limited, q)
		return []control{c}, false, err
	}
	apps, err := t.applications(limited, l, q)
	if err != nil {
		return nil, false, err
	}
	lists, cut := make([][]control, len(apps)), make([]bool, len(apps))
	var all sync.WaitGroup
	for i, app := range apps {
		all.Go(func() { lists[i], cut[i] = l.controls(limited, app, q) })
	}
	all.Wait()
	if ctx.Err() != nil {
		return nil, false, api.Errorf(api.Cancelled, "the controls were not waited for: %w", ctx.Err())
	}
	return slices.Concat(lists...), slices.Contains(cut, true), nil
}

// controls gives those of one application.
func (l look) controls(ctx context.Context, app application, q desk.ControlQuery) (list []control, more bool) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	w := walk{look: l, seen: map[ref]bool{}, names: map[string]string{app.Bus: app.name}}
	roots := w.from(ctx, app.ref)
	var nodes []*node
	for _, root := range app.within(roots) {
		nodes = root.each(nodes)
	}
	nodes = slices.DeleteFunc(nodes, func(n *node) bool {
		return !n.control() || q.Role != "" && roles[n.role] != q.Role || !contains(n.text(), q.Name)
	})
	if len(nodes) > maxControls {
		nodes, w.more = nodes[:maxControls], true
	}
	return w.describe(ctx, nodes), w.more || ctx.Err() != nil
}

func contains(name, part string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(service.Line(part)))
}

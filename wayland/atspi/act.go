package atspi

import (
	"context"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/service"
)

// presses are the names of actions that do what a click does, as toolkits have them (GTK 3 and 4, Qt, Gecko, Chromium,
// LibreOffice), the likeliest first. Others may do anything: GTK 4 has "clipboard.cut" and "window.close" among them.
var presses = strings.Fields("click press dodefault activate toggle showmenu jump switch check uncheck select open expand collapse cycle")

// Activate implements desk.Accessibility.
func (t *Tree) Activate(ctx context.Context, c desk.Control) (via string, err error) {
	limited, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	l, n, err := t.same(limited, c)
	if err != nil {
		return "", err
	}
	if !n.is(stateSensitive) {
		return "", api.Errorf(api.Unavailable, "the %s can't be used now, it is greyed out; see with list_ui what has to be done first", c.Role)
	}
	s := l.target(n.Role, n.ref)
	if press, ok := n.press(); ok && !n.Editable {
		return "action", l.act(limited, s, press, n.does[press])
	}
	if n.is(stateSelectable) {
		if done, err := l.choose(limited, n.node, s); done || err != nil {
			return "selection", err
		}
	}
	if inner, ok := l.inner(limited, n); ok {
		press, _ := inner.press()
		return "action", l.act(limited, l.target(n.Role, inner.ref), press, inner.does[press])
	}
	return "focus", l.focus(limited, n.node, s)
}

// same reads what is at c's address now, and refuses what is something else.
func (t *Tree) same(ctx context.Context, c desk.Control) (look, control, error) {
	l, err := t.look(ctx)
	if err != nil {
		return l, control{}, err
	}
	now, err := l.identified(ctx, desk.ControlQuery{ID: c.ID})
	if err == nil && (now.Name != c.Name || now.Role != c.Role || now.App != c.App) {
		err = api.Errorf(api.NotFound, "the %s is something else by now; look with list_ui what there is", c.Role)
	}
	return l, now, err
}

// press is the number of the action that does what a click does.
func (c control) press() (int, bool) {
	for _, name := range presses {
		if i := slices.IndexFunc(c.does, func(does string) bool { return strings.EqualFold(does, name) }); i >= 0 {
			return i, true
		}
	}
	return 0, false
}

// act does an action if its number still has the name: GTK 4 leaves those that can't be done now out of its list, but not out
// of its numbers.
func (l look) act(ctx context.Context, s target, number int, name string) error {
	var now string
	if err := s.Call(ctx, action+".GetName", []any{int32(number)}, &now); err != nil {
		return err
	}
	if now != name {
		return api.Errorf(api.Failed, "%s does something else by now; look with list_ui what there is", s.Name)
	}
	var done bool
	if err := s.Call(ctx, action+".DoAction", []any{int32(number)}, &done); err != nil {
		return err
	}
	if !done {
		return api.Errorf(api.Failed, "%s did not take it; see with list_ui whether it can be used now", s.Name)
	}
	return nil
}

// choose selects a row or a tab in what it is in, and is not done where that selects nothing.
func (l look) choose(ctx context.Context, n *node, s target) (done bool, err error) {
	parent, err := s.Property(ctx, accessible, "Parent")
	if err != nil {
		return false, err
	}
	var in ref
	var index int32
	if dbus.Store([]any{parent}, &in) != nil {
		return false, nil //nolint:nilerr // who names no parent has nothing that could be chosen in
	}
	if _, err := l.guard.pid(ctx, in.Bus); err != nil {
		return false, err
	}
	if err := s.Call(ctx, accessible+".GetIndexInParent", nil, &index); err != nil {
		return false, err
	}
	var there ref
	s = l.target(roles[n.role], in)
	if s.Call(ctx, accessible+".GetChildAtIndex", []any{index}, &there) != nil || there != n.ref {
		return false, nil //nolint:nilerr // it is no child by now, so there is nothing to choose
	}
	err = s.Call(ctx, selection+".SelectChild", []any{index}, &done)
	if name := service.ErrorName(err); name == "org.freedesktop.DBus.Error.UnknownMethod" || name == "org.freedesktop.DBus.Error.UnknownInterface" {
		return false, nil
	}
	return done, err
}

// inner is the button within a combo box or a menu button that opens it, where that itself does nothing (GTK 4).
func (l look) inner(ctx context.Context, c control) (control, bool) {
	if !c.opens() {
		return control{}, false
	}
	w := walk{look: l, seen: map[ref]bool{}, names: map[string]string{}}
	nodes := slices.DeleteFunc(c.each(nil)[1:], func(n *node) bool { return !n.control() })
	for _, found := range w.describe(ctx, nodes) {
		if _, ok := found.press(); ok {
			return found, true
		}
	}
	return control{}, false
}

// focus gives it the keyboard focus within its window. GTK 4 refuses that, and has no action for a check box either.
func (l look) focus(ctx context.Context, n *node, s target) error {
	var done bool
	if n.is(stateFocusable) || n.is(stateEditable) {
		if err := s.Call(ctx, component+".GrabFocus", nil, &done); err != nil && service.ErrorName(err) != "org.freedesktop.DBus.Error.NotSupported" {
			return err
		}
	}
	if done {
		return nil
	}
	if n.has(editable) || n.has(valued) {
		return api.Errorf(api.Unavailable, "%s does not take the focus from outside; give the value that it shall have", s.Name)
	}
	return api.Errorf(api.Unavailable, "the toolkit of this application offers no way to press %s; use the keyboard or the pointer", s.Name)
}

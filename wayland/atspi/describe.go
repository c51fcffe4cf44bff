package atspi

import (
	"context"
	"strconv"

	"github.com/godbus/dbus/v5"

	"nerva/core/desk"
	"nerva/wayland/internal/service"
)

// control is a node that can be used.
type control struct {
	desk.Control
	*node
	// does has the numbers of actions by their names.
	does []string
}

// describe gives the controls among nodes, with what they do and hold.
func (w *walk) describe(ctx context.Context, nodes []*node) []control {
	does, holds := w.actions(ctx, nodes), w.values(ctx, nodes)
	var list []control
	for i, n := range nodes {
		c := control{node: n, does: does[i], Control: desk.Control{
			ID: n.id(), Name: n.text(), Role: roles[n.role], App: w.names[n.Bus], Window: n.window(),
			States: []string{}, Value: holds[i], Editable: n.is(stateEditable) && n.has(editable),
		}}
		for _, s := range states {
			if n.is(s.bit) {
				c.States = append(c.States, s.word)
			}
		}
		for _, name := range c.does {
			c.Actions = append(c.Actions, service.Line(name))
		}
		if len(c.does) > 0 || c.is(stateFocusable) || c.is(stateSelectable) || c.Editable || c.opens() {
			list = append(list, c)
		}
	}
	return list
}

// maxActions is how many of a control's actions are looked at.
const maxActions = 20

// actions gives the names of each node's actions by their numbers. GetActions has them in the user's language, and without
// those that can't be done now.
func (w *walk) actions(ctx context.Context, nodes []*node) [][]string {
	counts, names := make([]*dbus.Call, len(nodes)), make([][]*dbus.Call, len(nodes))
	for i, n := range nodes {
		if n.has(action) {
			counts[i] = w.property(ctx, n.ref, action, "NActions")
		}
	}
	for i, n := range nodes {
		if counts[i] == nil {
			continue
		}
		count, _ := number(counts[i]).(int32)
		for k := range min(count, maxActions) {
			names[i] = append(names[i], w.ask(ctx, n.ref, action+".GetName", k))
		}
	}
	all := make([][]string, len(nodes))
	for i := range nodes {
		for _, call := range names[i] {
			var name string
			if answer(call, &name) != nil {
				break // the numbers of those after it would not be theirs
			}
			all[i] = append(all[i], name)
		}
	}
	return all
}

// maxExcerpt is how many characters of a text are read: what is given is one line.
const maxExcerpt = 200

// values gives what is in each node: what is in a password is nobody's business.
func (w *walk) values(ctx context.Context, nodes []*node) []string {
	first, texts := make([]*dbus.Call, len(nodes)), make([]*dbus.Call, len(nodes))
	for i, n := range nodes {
		switch {
		case n.role == rolePassword:
		case n.has(valued):
			first[i] = w.property(ctx, n.ref, valued, "CurrentValue")
		case n.has(textual):
			first[i] = w.property(ctx, n.ref, textual, "CharacterCount")
		}
	}
	all := make([]string, len(nodes))
	for i, n := range nodes {
		if first[i] == nil {
			all[i] = n.holds
			continue
		}
		switch v := number(first[i]).(type) {
		case float64:
			all[i] = strconv.FormatFloat(v, 'g', 10, 64)
		case int32:
			texts[i] = w.ask(ctx, n.ref, textual+".GetText", int32(0), min(max(v, 0), maxExcerpt))
		}
	}
	for i := range nodes {
		var s string
		if texts[i] != nil && answer(texts[i], &s) == nil {
			all[i] = service.Line(s)
		}
	}
	return all
}

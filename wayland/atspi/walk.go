package atspi

import (
	"context"
	"slices"

	"github.com/godbus/dbus/v5"
)

const (
	accessible = "org.a11y.atspi.Accessible"
	action     = "org.a11y.atspi.Action"
	component  = "org.a11y.atspi.Component"
	selection  = "org.a11y.atspi.Selection"
	textual    = "org.a11y.atspi.Text"
	editable   = "org.a11y.atspi.EditableText"
	valued     = "org.a11y.atspi.Value"
)

const (
	maxNodes    = 4000 // of one application
	maxDepth    = 60
	maxChildren = 300 // of one node; a list has a row for each line of a table that may be endless
	atOnce      = 64  // nodes that are asked together
)

// ref is where an object is.
type ref struct {
	Bus  string // the unique name of the program's connection
	Path dbus.ObjectPath
}

// node is an object as it was when it was read.
type node struct {
	ref
	parent     *node
	role       uint32
	state      uint64
	name       string
	holds      string // what a combo box has chosen
	interfaces []string
	kids       []ref
	children   []*node
	gone       bool
}

// walk reads an application's tree level by level, each of a level at once: a call is mostly waiting. Nothing in it is
// trusted to end: not the tree, not an answer.
//
// It asks for single properties, since GetAll ends a program of Qt 6.8; and it does without org.a11y.atspi.Cache, which in
// GTK 4 knows only what somebody has walked to before, and in Qt is empty.
type walk struct {
	look
	seen  map[ref]bool
	names map[string]string // what the program behind a name on the bus calls itself; empty: it is not to be looked at
	more  bool              // there is more than was read
}

// from reads the trees below some roots.
func (w *walk) from(ctx context.Context, roots ...ref) []*node {
	top := &node{kids: roots}
	level := []*node{top}
	for depth := 0; len(level) > 0; depth++ {
		var next []*node
		for _, n := range level {
			next = append(next, w.adopt(ctx, n)...)
		}
		if depth == maxDepth && len(next) > 0 {
			w.more, next = true, nil
		}
		for chunk := range slices.Chunk(next, atOnce) {
			w.read(ctx, chunk)
		}
		level = slices.DeleteFunc(next, func(n *node) bool { return n.gone })
	}
	top.prune()
	for _, n := range top.children {
		n.parent = nil
	}
	return top.children
}

// adopt makes nodes of n's children, but of those that were there already, and of those of nerva's own.
func (w *walk) adopt(ctx context.Context, n *node) []*node {
	for _, r := range n.kids {
		switch {
		case w.seen[r] || w.app(ctx, r.Bus) == "":
		case len(w.seen) >= maxNodes || ctx.Err() != nil:
			w.more = true
			return n.children
		default:
			w.seen[r] = true
			n.children = append(n.children, &node{ref: r, parent: n})
		}
	}
	return n.children
}

// app is what the program behind a name on the bus calls itself: a web page's process hangs its tree into its browser's.
func (w *walk) app(ctx context.Context, name string) string {
	known, found := w.names[name]
	if found {
		return known
	}
	w.names[name] = ""
	if _, err := w.guard.pid(ctx, name); err == nil {
		w.names[name], _ = text(w.property(ctx, ref{name, rootPath}, accessible, "Name"))
	}
	return w.names[name]
}

// read asks nodes what they are, and then those that are visible for their children.
func (w *walk) read(ctx context.Context, nodes []*node) {
	calls := make([][4]*dbus.Call, len(nodes))
	for i, n := range nodes {
		calls[i] = [4]*dbus.Call{
			w.ask(ctx, n.ref, accessible+".GetRole"), w.ask(ctx, n.ref, accessible+".GetState"),
			w.ask(ctx, n.ref, accessible+".GetInterfaces"), w.property(ctx, n.ref, accessible, "Name"),
		}
	}
	for i, n := range nodes {
		var state []uint32
		var named bool
		n.name, named = text(calls[i][3])
		n.gone = answer(calls[i][0], &n.role) != nil || answer(calls[i][1], &state) != nil || answer(calls[i][2], &n.interfaces) != nil || !named
		for k, word := range state[:min(len(state), 2)] {
			n.state |= uint64(word) << (32 * k)
		}
		// What is not shown has nothing in it that could be used. An application itself has no state in GTK 4.
		n.gone = n.gone || n.role != roleApplication && !n.is(stateVisible)
	}
	there := slices.DeleteFunc(slices.Clone(nodes), func(n *node) bool { return n.gone })
	w.readChildren(ctx, there)
	w.label(ctx, there)
}

func (w *walk) readChildren(ctx context.Context, nodes []*node) {
	counts := make([]*dbus.Call, len(nodes))
	for i, n := range nodes {
		if n.is(stateManagesDescendants) {
			counts[i] = w.property(ctx, n.ref, accessible, "ChildCount")
		}
	}
	children := make([]*dbus.Call, len(nodes))
	for i, n := range nodes {
		if counts[i] != nil {
			// Such a table may be asked for millions of rows, and would make them.
			if count, ok := number(counts[i]).(int32); ok && count > maxChildren {
				w.more = true
				continue
			}
		}
		children[i] = w.ask(ctx, n.ref, accessible+".GetChildren")
	}
	for i, n := range nodes {
		if children[i] == nil || answer(children[i], &n.kids) != nil {
			continue
		}
		if len(n.kids) > maxChildren {
			n.kids, w.more = n.kids[:maxChildren], true
		}
	}
}

// prune takes out what was gone when it was read.
func (n *node) prune() {
	n.children = slices.DeleteFunc(n.children, func(c *node) bool { return c.gone })
	for _, c := range n.children {
		c.prune()
	}
}

// each adds n and all below it to a list, in the order of the tree.
func (n *node) each(list []*node) []*node {
	list = append(list, n)
	for _, c := range n.children {
		list = c.each(list)
	}
	return list
}

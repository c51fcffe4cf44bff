package atspi

import (
	"slices"
	"strings"

	"nerva/core/desk"
	"nerva/wayland/internal/service"
)

// Numbers of AtspiRole.
const (
	roleCombo       = 11
	roleFrame       = 23
	roleLabel       = 29
	rolePassword    = 40
	roleHeading     = 83
	roleParagraph   = 73
	roleApplication = 75
	roleStatic      = 116
)

// roles has the numbers of AtspiRole that are controls. An application's own word for its role may be anything.
var roles = map[uint32]desk.ControlRole{
	7: "check box", 8: "check menu item", 10: "column header", roleCombo: "combo box", 12: "date editor", 15: "dial", 26: "icon",
	32: "list item", 33: "menu", 35: "menu item", 37: "page tab", rolePassword: "password text", 43: "button",
	44: "radio button", 45: "radio menu item", 51: "slider", 52: "spin button", 56: "table cell", 57: "table column header",
	61: "text", 62: "toggle button", 76: "autocomplete", 79: "entry", 88: "link", 90: "table row", 91: "tree item",
	94: "document text", 129: "menu button", 130: "switch",
}

// Bits of AtspiStateType.
const (
	stateEditable           = 7
	stateExpandable         = 9
	stateFocusable          = 11
	stateFocused            = 12
	stateMultiLine          = 17
	stateSelectable         = 22
	stateSensitive          = 24
	stateVisible            = 30
	stateManagesDescendants = 31
	stateHasPopup           = 42
)

// states are those that are told, with their words. Sensitive, and not enabled, is what GTK 4 sets.
var states = []struct {
	bit  int
	word string
}{{stateSensitive, "enabled"}, {stateFocused, "focused"}, {4, "checked"}, {23, "selected"}, {10, "expanded"}, {20, "pressed"}}

func (n *node) is(state int) bool { return n.state&(1<<state) != 0 }

func (n *node) has(of string) bool { return slices.Contains(n.interfaces, of) }

// opens says whether it shows something to choose from. In GTK 4 a button in it does that.
func (n *node) opens() bool { return n.is(stateExpandable) || n.is(stateHasPopup) }

// control says whether n may be of use: whether it has an action shows only when it is asked.
func (n *node) control() bool {
	return roles[n.role] != "" && (n.is(stateFocusable) || n.is(stateSelectable) || n.is(stateEditable) || n.opens() || n.has(action))
}

// text is the name, or what is written in it, as in the rows of most lists.
func (n *node) text() string {
	if n.name != "" {
		return n.name
	}
	return service.Line(strings.Join(n.labels(nil), " "))
}

func (n *node) labels(found []string) []string {
	for _, c := range n.children {
		switch {
		case c.control() && c.role != rolePassword && (c.is(stateFocusable) || c.is(stateEditable)):
			// It has a name of its own.
		case c.name != "" && slices.Contains([]uint32{roleLabel, roleStatic, roleHeading, roleParagraph}, c.role):
			found = append(found, c.name)
		default:
			found = c.labels(found)
		}
	}
	return found
}

// window is the title of the one that n is in.
func (n *node) window() string {
	for ; n != nil; n = n.parent {
		if n.role == roleFrame {
			return n.name
		}
	}
	return ""
}

// within gives the parts of the application's tree to look at. Menus and other things that open may hang beside the window
// they belong to, so that only other windows are left out, and only where the one is there.
func (a application) within(roots []*node) []*node {
	var parts []*node
	for _, root := range roots {
		parts = append(parts, root.children...)
	}
	titled := func(n *node) bool { return n.role == roleFrame && n.name == a.title }
	switch {
	case a.only:
		return slices.DeleteFunc(parts, func(n *node) bool { return !titled(n) })
	case a.title == "" || !slices.ContainsFunc(parts, titled):
		return parts
	}
	return slices.DeleteFunc(parts, func(n *node) bool { return n.role == roleFrame && !titled(n) })
}

// id is where a node is: the name on the bus has no slash in it.
func (r ref) id() string { return r.Bus + string(r.Path) }

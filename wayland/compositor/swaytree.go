package compositor

import (
	"encoding/json"
	"slices"
	"strconv"

	"nerva/core/desk"
)

// node is what we read of a container in sway's tree (sway-ipc(7), GET_TREE).
type node struct {
	ID      int64   `json:"id"`
	Type    string  `json:"type"` // root output workspace con floating_con
	Name    *string `json:"name"`
	PID     int     `json:"pid"` // views only
	AppID   *string `json:"app_id"`
	Focused bool    `json:"focused"`
	Visible bool    `json:"visible"`
	// Rect is in the global space; WindowRect, the content without decoration, is relative to it.
	Rect       desk.Region `json:"rect"`
	WindowRect desk.Region `json:"window_rect"`
	// Properties are those of an Xwayland window, which has no app_id.
	Properties struct {
		Class string `json:"class"`
	} `json:"window_properties"`
	Nodes    []node `json:"nodes"`
	Floating []node `json:"floating_nodes"`
	// Focus has the children's ids, the one that last had the focus first.
	Focus []int64 `json:"focus"`
}

// scratchpad is the workspace and, with another name, the output on which sway keeps hidden windows.
const scratchpad = "__i3_scratch"

// scratchpadName is what we call it.
const scratchpadName = "scratchpad"

// parseTree returns the windows of a tree. The focused window comes first and each container's windows
// are in order of their last focus: sway keeps one focus list a container and none for all.
func parseTree(b []byte) ([]window, error) {
	var root node
	if err := json.Unmarshal(b, &root); err != nil {
		return nil, err
	}
	var list []window
	root.collect("", "", &list)
	if !root.focus() {
		// While a layer surface has the keyboard, as nerva's own overlay does, sway reports the focus
		// nowhere. The window that gets it back is the one that people mean by the active window.
		next := root.next()
		for i := range list {
			list[i].Focused = list[i].ID == next
			list[i].Behind = list[i].Focused
		}
	}
	return list, nil
}

// focus says whether the focus is reported anywhere at or below n; an empty workspace can have it too.
func (n *node) focus() bool {
	return n.Focused || slices.ContainsFunc(n.Nodes, func(c node) bool { return c.focus() }) ||
		slices.ContainsFunc(n.Floating, func(c node) bool { return c.focus() })
}

// next is the id of the window to which the focus lists lead, empty where they end elsewhere.
func (n *node) next() string {
	if len(n.Focus) == 0 {
		if n.PID == 0 {
			return ""
		}
		return n.id()
	}
	for _, children := range [][]node{n.Nodes, n.Floating} {
		for i := range children {
			if children[i].ID == n.Focus[0] {
				return children[i].next()
			}
		}
	}
	return ""
}

// collect appends the windows at and below n, which lies on the given output and workspace.
func (n *node) collect(output, workspace string, list *[]window) {
	switch n.Type {
	case "output":
		output = n.title()
	case "workspace":
		workspace = n.title()
		if workspace == scratchpad {
			output, workspace = "", scratchpadName
		}
	case "con", "floating_con":
		if n.PID != 0 {
			*list = append(*list, n.window(output, workspace))
		}
	}
	children := slices.Concat(n.Nodes, n.Floating)
	rank := make(map[int64]int, len(n.Focus))
	for i, id := range n.Focus {
		rank[id] = i - len(n.Focus) // below zero: before those that are not listed
	}
	slices.SortStableFunc(children, func(a, b node) int { return rank[a.ID] - rank[b.ID] })
	for i := range children {
		children[i].collect(output, workspace, list)
	}
}

func (n *node) window(output, workspace string) window {
	app := n.Properties.Class
	if n.AppID != nil {
		app = *n.AppID
	}
	return window{
		Window: desk.Window{
			ID: n.id(), AppID: app, Title: n.title(), PID: n.PID,
			Workspace: workspace, Output: output, Focused: n.Focused,
		},
		rect: desk.Region{
			X: n.Rect.X + n.WindowRect.X, Y: n.Rect.Y + n.WindowRect.Y,
			Width: n.WindowRect.Width, Height: n.WindowRect.Height,
		},
		visible: n.Visible,
	}
}

func (n *node) id() string { return strconv.FormatInt(n.ID, 10) }

// title is the node's name, which sway leaves out where a client has set none.
func (n *node) title() string {
	if n.Name == nil {
		return ""
	}
	return *n.Name
}

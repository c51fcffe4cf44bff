package desk

import "context"

// ControlRole is what kind of control something is, in the words of AT-SPI's own role names.
type ControlRole string

// ControlRoles are all of them.
var ControlRoles = []ControlRole{
	"autocomplete", "button", "check box", "check menu item", "column header", "combo box", "date editor", "dial",
	"document text", "entry", "icon", "link", "list item", "menu", "menu button", "menu item", "page tab", "password text",
	"radio button", "radio menu item", "slider", "spin button", "switch", "table cell", "table column header", "table row",
	"text", "toggle button", "tree item",
}

// Control is a part of a window that can be used: pressed, chosen or written into. Its texts are the application's own
// words, which often come from a web page; they are one line each, without control characters, and not long.
type Control struct {
	// ID is opaque to everyone but who gave it. It means the same as long as the window shows the control; what is at it
	// later may be something else.
	ID     string      `json:"id"`
	Name   string      `json:"name"`
	Role   ControlRole `json:"role"`
	App    string      `json:"app"`    // what the application calls itself on the accessibility bus
	Window string      `json:"window"` // title of the window it is in
	// States are some of: enabled, focused, checked, selected, expanded, pressed.
	States  []string `json:"states"`
	Actions []string `json:"actions,omitempty"` // in the application's own words
	// Value is the text in it, or its number. That of a password is never read.
	Value    string `json:"value,omitempty"`
	Editable bool   `json:"editable,omitempty"`
}

// ControlQuery chooses controls; the zero value all that are shown.
type ControlQuery struct {
	ID     string // only the one that is there
	Window string // a Window's ID
	App    string // an application id as Windows knows it, or what the application calls itself
	Role   ControlRole
	Name   string // a part of the name, in any case
}

// Accessibility is the controls that applications offer to assistive technology. None of it ever reaches a window of
// nerva's own: what is in one is not there.
type Accessibility interface {
	// Controls lists them, those of a window as they come in it; more says that there are others than these.
	Controls(ctx context.Context, q ControlQuery) (list []Control, more bool, err error)
	// Focused gives the control in a window that the keyboard writes to, and api.NotFound where none says so.
	Focused(ctx context.Context, window string) (Control, error)
	// Activate does what a click on it would do; what can be written into or moved it gives the keyboard focus. ID, Name,
	// Role and App must be what is there now, or the error is api.NotFound. It returns how: "action", "selection" or
	// "focus". What a toolkit offers no way to press is api.Unavailable.
	Activate(ctx context.Context, c Control) (via string, err error)
	// Write writes into an editable control, at the caret or in place of all that is in it, or moves a slider to a number.
	// The control must be there as for Activate; it needs no focus. An error after something was written says so.
	Write(ctx context.Context, c Control, text string, replace bool) error
}

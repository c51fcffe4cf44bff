package desk

import "context"

// Input types and points as the user would. Each request returns how it was done: "accessibility", "virtual keyboard",
// "virtual pointer", "portal" or "uinput".
//
// A request may name a window, a Window's ID. It is given the focus where it has none, and the request ends with api.Busy as
// soon as it has lost it again; where none is named it is that which has the focus at the beginning. Layer surfaces,
// nerva's overlay among them, are no windows: while one has the focus nothing is typed. Where it can be seen that the
// user holds a modifier or types, a request waits for the end of that, and gives up with api.Busy.
//
// When ctx ends, nothing is typed or pressed after at most 100 ms, and no key and no button stays down.
type Input interface {
	// Type types exactly the text, or an error says why none of it was typed, or how much. A line's end is the Return key and
	// a tabulator Tab; other control characters are api.InvalidInput.
	Type(ctx context.Context, t Typing) (via string, err error)
	// Press presses the keys one after the other and lets go of them in the opposite order.
	Press(ctx context.Context, c Chord) (via string, err error)
	Move(ctx context.Context, m Motion) (via string, err error)
	Click(ctx context.Context, c Click) (via string, err error)
	Drag(ctx context.Context, d Drag) (via string, err error)
	Scroll(ctx context.Context, s Scroll) (via string, err error)
}

// Typing is a text to type.
type Typing struct {
	Text   string
	Window string
}

// Chord is a key with modifiers.
type Chord struct {
	// Keys are the modifiers out of "ctrl", "alt", "shift" and "super", and last the key: one character, or a name such as
	// "enter" or "f5"; "+" stands between them.
	Keys   string
	Window string
}

// Point is in logical pixels of the global compositor space, whose outputs may lie left of 0 and above it.
type Point struct {
	X, Y int
}

// Motion puts the pointer somewhere.
type Motion struct {
	To     Point
	Window string
}

// Button is one of the pointer's.
type Button string

// Buttons are all of them.
var Buttons = []Button{"left", "right", "middle"}

// Click presses a button and lets go of it.
type Click struct {
	At     *Point // nil: where the pointer is
	Button Button
	Count  int // 1 to 3
	Window string
}

// Drag presses a button at one place and lets go of it at another.
type Drag struct {
	From, To Point
	Button   Button
	Window   string
}

// Scroll turns the wheel where the pointer is, in its steps; positive goes right and down.
type Scroll struct {
	DX, DY int
	Window string
}

package skills

import (
	"context"
	"encoding/json"
	"time"
	"unicode"
	"unicode/utf8"

	"nerva/core/api"
	"nerva/core/desk"
)

type (
	typeIn struct {
		Text string `json:"text" jsonschema:"exactly what to type; a line's end is the Return key, a tabulator the Tab key"`
		aimed
	}
	pressIn struct {
		Keys string `json:"keys" jsonschema:"modifiers out of ctrl, alt, shift and super, and last the key: a character or a name such as enter, escape, tab, pageup or f5. They are joined by +, as in ctrl+shift+t"`
		aimed
	}
	pointIn struct {
		X coordinate `json:"x" jsonschema:"logical pixels from the left edge of the desktop that all outputs make"`
		Y coordinate `json:"y" jsonschema:"logical pixels from its upper edge"`
		aimed
	}
	clickIn struct {
		X      *coordinate `json:"x,omitempty" jsonschema:"where, as for move_pointer; where the pointer is unless given"`
		Y      *coordinate `json:"y,omitempty" jsonschema:"where, as for move_pointer"`
		Button desk.Button `json:"button,omitempty" jsonschema:"left unless given"`
		Count  clicks      `json:"count,omitempty" jsonschema:"2 for a double click; 1 unless given"`
		aimed
	}
	dragIn struct {
		FromX  coordinate  `json:"from_x" jsonschema:"where the button is pressed, as for move_pointer"`
		FromY  coordinate  `json:"from_y" jsonschema:"where the button is pressed"`
		ToX    coordinate  `json:"to_x" jsonschema:"where it is let go of"`
		ToY    coordinate  `json:"to_y" jsonschema:"where it is let go of"`
		Button desk.Button `json:"button,omitempty" jsonschema:"left unless given"`
		aimed
	}
	scrollIn struct {
		DX notches `json:"dx,omitempty" jsonschema:"steps of the wheel to the right; negative: to the left"`
		DY notches `json:"dy,omitempty" jsonschema:"steps of the wheel down; negative: up"`
		aimed
	}

	coordinate int
	clicks     int
	notches    int

	injected struct {
		Via string `json:"via"` // what did it
	}
)

// maxTyped is how many characters are typed at once: a person must be able to read them before, and stop them.
const maxTyped = 10_000

// input has the skills that act as keyboard or pointer.
func input(d Deps) ([]*Skill, error) {
	var c collect
	// Each needs the window by which a person, or a rule, knows where it goes.
	add := func(s Skill, err error) *Skill {
		added := c.add(s, err)
		added.Resolve = func(input json.RawMessage) (json.RawMessage, error) { return aim(d.Desk.Windows, input, false) }
		return added
	}
	s := add(define(api.Skill{
		ID: "type_text", Title: "Type text",
		Description: "Types text into a window, exactly, on every keyboard layout, as the user would on the keyboard. Use it only where " +
			"nothing else can do it: clipboard_write, open_url and launch_app need no typing. The user is asked first.",
		Risk: api.Dangerous, Effect: api.Inject,
	}, func(ctx context.Context, in typeIn) (injected, error) {
		return via(d.Desk.Input.Type(ctx, desk.Typing{Text: in.Text, Window: in.Window}))
	}))
	s.Limit = 90 * time.Second
	s.Resolve = func(input json.RawMessage) (json.RawMessage, error) {
		input, err := rewrite(input, "text", typed)
		if err != nil {
			return nil, err
		}
		return aim(d.Desk.Windows, input, true)
	}
	add(define(api.Skill{
		ID: "press_keys", Title: "Press keys",
		Description: "Presses a key together with modifiers, such as ctrl+s, in a window. Some chords are the desktop's: super+l may lock " +
			"it. The user is asked first.",
		Risk: api.Dangerous, Effect: api.Inject,
	}, func(ctx context.Context, in pressIn) (injected, error) {
		return via(d.Desk.Input.Press(ctx, desk.Chord{Keys: in.Keys, Window: in.Window}))
	})).Resolve = func(input json.RawMessage) (json.RawMessage, error) {
		input, err := rewrite(input, "keys", chord)
		if err != nil {
			return nil, err
		}
		return aim(d.Desk.Windows, input, true)
	}
	add(define(api.Skill{
		ID: "move_pointer", Title: "Move the pointer",
		Description: "Moves the pointer to a point of the desktop, and presses nothing. The user is asked first.",
		Risk:        api.Dangerous, Effect: api.Inject,
	}, func(ctx context.Context, in pointIn) (injected, error) {
		return via(d.Desk.Input.Move(ctx, desk.Motion{To: desk.Point{X: int(in.X), Y: int(in.Y)}, Window: in.Window}))
	}))
	add(define(api.Skill{
		ID: "click", Title: "Click",
		Description: "Clicks with a button of the pointer, at a point of the desktop or where the pointer is. Use activate_ui where it knows " +
			"the control: it needs no place. The user is asked first.",
		Risk: api.Dangerous, Effect: api.Inject,
	}, func(ctx context.Context, in clickIn) (injected, error) { return clickAt(ctx, d.Desk.Input, in) }))
	add(define(api.Skill{
		ID: "drag", Title: "Drag",
		Description: "Presses a button of the pointer at one point of the desktop, moves to another and lets go there. The user is asked first.",
		Risk:        api.Dangerous, Effect: api.Inject,
	}, func(ctx context.Context, in dragIn) (injected, error) {
		return via(d.Desk.Input.Drag(ctx, desk.Drag{
			From: desk.Point{X: int(in.FromX), Y: int(in.FromY)}, To: desk.Point{X: int(in.ToX), Y: int(in.ToY)},
			Button: left(in.Button), Window: in.Window,
		}))
	}))
	add(define(api.Skill{
		ID: "scroll", Title: "Scroll",
		Description: "Turns the wheel where the pointer is, by steps. Use move_pointer first. The user is asked first.",
		Risk:        api.Dangerous, Effect: api.Inject,
	}, func(ctx context.Context, in scrollIn) (injected, error) {
		if in.DX == 0 && in.DY == 0 {
			return injected{}, api.Errorf(api.InvalidInput, "nothing is scrolled; give it dx or dy")
		}
		return via(d.Desk.Input.Scroll(ctx, desk.Scroll{DX: int(in.DX), DY: int(in.DY), Window: in.Window}))
	}))
	return c.done()
}

func via(how string, err error) (injected, error) { return injected{how}, err }

func left(b desk.Button) desk.Button {
	if b == "" {
		return desk.Buttons[0]
	}
	return b
}

func clickAt(ctx context.Context, on desk.Input, in clickIn) (injected, error) {
	click := desk.Click{Button: left(in.Button), Count: max(int(in.Count), 1), Window: in.Window}
	switch {
	case in.X != nil && in.Y != nil:
		click.At = &desk.Point{X: int(*in.X), Y: int(*in.Y)}
	case in.X != nil || in.Y != nil:
		return injected{}, api.Errorf(api.InvalidInput, "a place needs both x and y; give both, or neither for where the pointer is")
	}
	return via(on.Click(ctx, click))
}

// typed refuses what is no text to type, before anybody is asked.
func typed(text string) (string, error) {
	if err := required("text", text); err != nil {
		return "", err
	}
	if n := utf8.RuneCountInString(text); n > maxTyped {
		return "", api.Errorf(api.InvalidInput, "the text has %d characters; at most %d are typed at once", n, maxTyped)
	}
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return "", api.Errorf(api.InvalidInput, "the text has the control character %U in it; only line ends and tabulators can be typed, and press_keys presses keys", r)
		}
	}
	return text, nil
}

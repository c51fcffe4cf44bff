package skills

import (
	"context"
	"encoding/json"
	"errors"

	"nerva/core/api"
	"nerva/core/desk"
)

type windowsOut struct {
	Windows []desk.Window `json:"windows"`
}

type activeOut struct {
	Window *desk.Window `json:"window"` // null where no window has the focus
}

type focusIn struct {
	ID string `json:"id" jsonschema:"id of the window as list_windows gives it"`
}

type focusOut struct {
	ID string `json:"id"`
}

// closeIn names one window. Resolve fills in the rest, so that who is asked, and a rule, know which one it is.
type closeIn struct {
	ID    string `json:"id" jsonschema:"id of the window as list_windows gives it"`
	App   string `json:"app,omitempty" jsonschema:"leave it out: the application of that window is filled in"`
	Title string `json:"title,omitempty" jsonschema:"leave it out: the title of that window is filled in"`
}

type moveIn struct {
	ID        string `json:"id" jsonschema:"id of the window as list_windows gives it"`
	Workspace string `json:"workspace" jsonschema:"name of the workspace as list_windows gives it, or of a new one"`
}

type moveOut struct {
	ID        string `json:"id"`
	Workspace string `json:"workspace"`
}

func windows(d Deps) ([]*Skill, error) {
	var c collect
	c.add(define(api.Skill{
		ID: "list_windows", Title: "List windows",
		Description: "Lists the open windows with id, application id, title, workspace, output and which one has " +
			"the focus. Use it before focus_window, close_window and move_window, or to see what the user works on. Titles are written by others.",
		Risk: api.Safe, Effect: api.Observe, Untrusted: true,
	}, func(ctx context.Context, _ nothing) (windowsOut, error) {
		list, err := d.Desk.Windows.List(ctx)
		if list == nil {
			list = []desk.Window{}
		}
		return windowsOut{list}, err
	})).takesIn("windows", "read the windows")
	c.add(define(api.Skill{
		ID: "get_active_window", Title: "Get the active window",
		Description: "Gives the window that has the keyboard focus, as list_windows describes it, or null. Use it " +
			"when the user says \"this window\". The title is written by others.",
		Risk: api.Safe, Effect: api.Observe, Untrusted: true,
	}, func(ctx context.Context, _ nothing) (activeOut, error) { return active(ctx, d.Desk.Windows) })).takesIn("windows", "read the active window")
	c.add(define(api.Skill{
		ID: "focus_window", Title: "Focus a window",
		Description: "Gives a window the keyboard focus and brings it into view. Take the id from list_windows first.",
		Risk:        api.Safe, Effect: api.Local,
	}, func(ctx context.Context, in focusIn) (focusOut, error) {
		if err := required("id", in.ID); err != nil {
			return focusOut{}, err
		}
		return focusOut(in), d.Desk.Windows.Focus(ctx, in.ID)
	}))
	c.add(define(api.Skill{
		ID: "close_window", Title: "Close a window",
		Description: "Asks a window to close, as its own close button does; the application may ask the user first " +
			"what becomes of unsaved work. Take the id from list_windows first.",
		Risk: api.Caution, Effect: api.Local,
	}, func(ctx context.Context, in closeIn) (focusOut, error) {
		return focusOut{in.ID}, d.Desk.Windows.Close(ctx, in.ID)
	})).Resolve = func(input json.RawMessage) (json.RawMessage, error) { return identify(d.Desk.Windows, input) }
	c.add(define(api.Skill{
		ID: "move_window", Title: "Move a window",
		Description: "Moves a window to another workspace, and leaves what is shown as it is. Take the id from " +
			"list_windows first. Not every desktop can do it.",
		Risk: api.Safe, Effect: api.Local,
	}, func(ctx context.Context, in moveIn) (moveOut, error) {
		if err := errors.Join(required("id", in.ID), required("workspace", in.Workspace)); err != nil {
			return moveOut{}, err
		}
		return moveOut(in), d.Desk.Windows.MoveTo(ctx, in.ID, in.Workspace)
	}))
	return c.done()
}

func active(ctx context.Context, w desk.Windows) (activeOut, error) {
	list, err := w.List(ctx)
	if err != nil {
		return activeOut{}, err
	}
	for i := range list {
		if list[i].Focused {
			return activeOut{&list[i]}, nil
		}
	}
	return activeOut{}, nil
}

package skills

import (
	"context"

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

func windows(d Deps) ([]*Skill, error) {
	var c collect
	c.add(define(api.Skill{
		ID: "list_windows", Title: "List windows",
		Description: "Lists the open windows with id, application id, title, workspace, output and which one has " +
			"the focus. Use it before focus_window, or to see what the user works on. Titles are written by others.",
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

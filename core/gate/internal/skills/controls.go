package skills

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"nerva/core/api"
	"nerva/core/desk"
)

type listUIIn struct {
	Window string           `json:"window,omitempty" jsonschema:"id of one window as list_windows gives it"`
	App    string           `json:"app,omitempty" jsonschema:"an application: its app_id as list_windows gives it, or the app of a control"`
	Role   desk.ControlRole `json:"role,omitempty" jsonschema:"only controls of this kind"`
	Name   string           `json:"name,omitempty" jsonschema:"only controls with this in their name"`
}

type listUIOut struct {
	Controls  []desk.Control `json:"controls"`
	Truncated bool           `json:"truncated,omitempty"`
}

// activateIn is completed before anybody is asked: an id alone says nothing to a person.
type activateIn struct {
	ID    string           `json:"id,omitempty" jsonschema:"id of the control as list_ui gives it; or give its name"`
	Name  string           `json:"name,omitempty" jsonschema:"the control's whole name"`
	Role  desk.ControlRole `json:"role,omitempty" jsonschema:"its kind, where several have the name"`
	App   string           `json:"app,omitempty" jsonschema:"its application, where several have the name"`
	Value *string          `json:"value,omitempty" jsonschema:"for what can be written into or moved: the whole text, or the number, that it shall have"`
}

// activateOut has none of the application's own words: what an activate_ui returns is trusted.
type activateOut struct {
	ID   string           `json:"id"`
	Role desk.ControlRole `json:"role"`
	Via  string           `json:"via"` // action, selection, focus (which presses nothing) or value
}

func controls(d Deps) ([]*Skill, error) {
	var c collect
	c.add(define(api.Skill{
		ID: "list_ui", Title: "List controls",
		Description: "Lists the buttons, fields, tabs and other controls in one window, an application or all of them, with id, name, " +
			"role, states and content, as assistive technology sees them. Use it to find what activate_ui shall press. The " +
			"user is asked first. Names and contents are written by others.",
		Risk: api.Caution, Effect: api.Observe, Untrusted: true,
	}, func(ctx context.Context, in listUIIn) (listUIOut, error) {
		return listUI(ctx, d.Desk.Accessibility, in)
	})).
		takesIn("windows", "read the controls of windows")
	activate := c.add(define(api.Skill{
		ID: "activate_ui", Title: "Press a control",
		Description: "Presses, chooses or sets one control of a window without the pointer, by its id from list_ui or by its name. Use " +
			"it to press a button, choose a tab or a row, tick a box; with value to fill in a field or move a slider. The user is asked first.",
		Risk: api.Dangerous, Effect: api.Inject,
	}, func(ctx context.Context, in activateIn) (activateOut, error) {
		return activateUI(ctx, d.Desk.Accessibility, in)
	}))
	activate.Resolve = func(input json.RawMessage) (json.RawMessage, error) { return meant(d.Desk.Accessibility, input) }
	return c.done()
}

// maxNamed is how many names an error lists.
const maxNamed = 20

func listUI(ctx context.Context, a desk.Accessibility, in listUIIn) (listUIOut, error) {
	if in.Window != "" && in.App != "" {
		return listUIOut{}, api.Errorf(api.InvalidInput, "list_ui takes one of window and app; leave the other out")
	}
	list, more, err := a.Controls(ctx, desk.ControlQuery{Window: in.Window, App: in.App, Role: in.Role, Name: in.Name})
	if err != nil || len(list) > 0 || in.Name == "" {
		return listUIOut{append([]desk.Control{}, list...), more}, err
	}
	if list, _, err = a.Controls(ctx, desk.ControlQuery{Window: in.Window, App: in.App, Role: in.Role}); err != nil {
		return listUIOut{}, err
	}
	var names []string
	for _, c := range list[:min(len(list), maxNamed)] {
		names = append(names, c.Name)
	}
	return listUIOut{}, api.Errorf(api.NotFound, "no control has %.64q in its name; there are %s: say one of those", in.Name, strings.Join(names, ", "))
}

// meant completes what a model says of a control to what is there. Its errors tell nothing that the model has not said but
// kinds: what the controls are called is list_ui's to tell, which asks first and taints.
func meant(a desk.Accessibility, input json.RawMessage) (json.RawMessage, error) {
	var in activateIn
	if err := json.Unmarshal(input, &in); err != nil {
		return nil, api.Errorf(api.InvalidInput, "the input can't be read: %w", err)
	}
	if in.ID == "" && in.Name == "" {
		return nil, api.Errorf(api.InvalidInput, "activate_ui needs the id of a control from list_ui, or its name; give one of them")
	}
	ctx, cancel := context.WithTimeout(context.Background(), desk.Limit)
	defer cancel()
	list, _, err := a.Controls(ctx, desk.ControlQuery{ID: in.ID, App: in.App, Role: in.Role, Name: in.Name})
	if err != nil {
		return nil, err
	}
	list = named(list, in.Name)
	switch len(list) {
	case 0:
		return nil, api.Errorf(api.NotFound, "there is no such control; call list_ui to see what there is")
	case 1:
		c := list[0]
		return plainJSON(activateIn{ID: c.ID, Name: c.Name, Role: c.Role, App: c.App, Value: in.Value})
	}
	var kinds []string
	for _, c := range list {
		if !slices.Contains(kinds, string(c.Role)) {
			kinds = append(kinds, string(c.Role))
		}
	}
	return nil, api.Errorf(api.InvalidInput, "%d controls have this name (%s); say which by role and app, or by its id from list_ui", len(list), strings.Join(kinds, ", "))
}

// named leaves those that have the whole name, letter case aside where none has it as it was written.
func named(list []desk.Control, name string) []desk.Control {
	for _, fits := range []func(string) bool{
		func(n string) bool { return name == "" || n == name },
		func(n string) bool { return strings.EqualFold(n, name) },
	} {
		if found := slices.DeleteFunc(slices.Clone(list), func(c desk.Control) bool { return !fits(c.Name) }); len(found) > 0 {
			return found
		}
	}
	return nil
}

func activateUI(ctx context.Context, a desk.Accessibility, in activateIn) (activateOut, error) {
	c := desk.Control{ID: in.ID, Name: in.Name, Role: in.Role, App: in.App}
	if in.Value != nil {
		return activateOut{in.ID, in.Role, "value"}, a.Write(ctx, c, *in.Value, true)
	}
	via, err := a.Activate(ctx, c)
	return activateOut{in.ID, in.Role, via}, err
}

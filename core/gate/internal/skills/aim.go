package skills

import (
	"context"
	"encoding/json"

	"nerva/core/api"
	"nerva/core/desk"
)

// aimed is the window that an injection is for. Resolve fills it in before anybody is asked, so that the yes is for this
// window: what has the focus later gets nothing.
type aimed struct {
	Window string `json:"window,omitempty" jsonschema:"id of the window, as list_windows gives it; it gets the focus. The one that has the focus unless given"`
	App    string `json:"app,omitempty" jsonschema:"leave it out: the application of that window is filled in"`
	Title  string `json:"title,omitempty" jsonschema:"leave it out: the title of that window is filled in"`
}

// aim writes into the input which window it is for: the one that is named or has the focus, as it has behind the overlay. For
// keys there must be one. What the input says of application and title is overwritten.
func aim(windows desk.Windows, input json.RawMessage, keys bool) (json.RawMessage, error) {
	var all map[string]json.RawMessage
	var at aimed
	if err := json.Unmarshal(input, &all); err != nil {
		return nil, api.Errorf(api.InvalidInput, "the input can't be read: %w", err)
	}
	if err := json.Unmarshal(input, &at); err != nil {
		return nil, api.Errorf(api.InvalidInput, "the window can't be read: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), desk.Limit)
	defer cancel()
	list, err := windows.List(ctx)
	if err != nil {
		return nil, err
	}
	window := aimAt(list, at.Window)
	switch {
	case window == nil && at.Window != "":
		return nil, api.Errorf(api.NotFound, "there is no window %.64q; take an id from list_windows", at.Window)
	case window == nil && keys:
		return nil, api.Errorf(api.NotFound, "no window has the focus; name one that list_windows gives")
	}
	for _, key := range []string{"window", "app", "title"} {
		delete(all, key)
	}
	if window != nil {
		for key, value := range map[string]string{"window": window.ID, "app": window.AppID, "title": window.Title} {
			if all[key], err = plainJSON(value); err != nil {
				return nil, err
			}
		}
	}
	return plainJSON(all)
}

// aimAt is the window of an id, or without one that which has the focus.
func aimAt(list []desk.Window, id string) *desk.Window {
	for i := range list {
		if w := &list[i]; w.ID == id || id == "" && w.Focused {
			return w
		}
	}
	return nil
}

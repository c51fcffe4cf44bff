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

// aim writes into the input which window it is for: the one that its window names or that has the focus, as it has behind
// the overlay. For keys there must be one.
func aim(windows desk.Windows, input json.RawMessage, keys bool) (json.RawMessage, error) {
	return fillIn(windows, input, "window", func(list []desk.Window, id string) (*desk.Window, error) {
		window := aimAt(list, id)
		if window == nil && id == "" && keys {
			return nil, api.Errorf(api.NotFound, "no window has the focus; name one that list_windows gives")
		}
		return window, nil
	})
}

// identify writes into the input what the window is that its id names: a person who is asked can't tell by an id.
func identify(windows desk.Windows, input json.RawMessage) (json.RawMessage, error) {
	return fillIn(windows, input, "id", func(list []desk.Window, id string) (*desk.Window, error) {
		if err := required("id", id); err != nil {
			return nil, err
		}
		return aimAt(list, id), nil
	})
}

// fillIn writes id, application and title of the window that is chosen into the input. What the input says of the latter two
// is overwritten. An id that no window has is an error.
func fillIn(windows desk.Windows, input json.RawMessage, key string, choose func(list []desk.Window, id string) (*desk.Window, error)) (json.RawMessage, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(input, &all); err != nil {
		return nil, api.Errorf(api.InvalidInput, "the input can't be read: %w", err)
	}
	id := ""
	if given, ok := all[key]; ok {
		if err := json.Unmarshal(given, &id); err != nil {
			return nil, api.Errorf(api.InvalidInput, "the window can't be read: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), desk.Limit)
	defer cancel()
	list, err := windows.List(ctx)
	if err != nil {
		return nil, err
	}
	window, err := choose(list, id)
	switch {
	case err != nil:
		return nil, err
	case window == nil && id != "":
		return nil, api.Errorf(api.NotFound, "there is no window %.64q; take an id from list_windows", id)
	}
	for _, k := range []string{key, "app", "title"} {
		delete(all, k)
	}
	if window != nil {
		for k, value := range map[string]string{key: window.ID, "app": window.AppID, "title": window.Title} {
			if all[k], err = plainJSON(value); err != nil {
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

package offline

import (
	"fmt"
	"strings"
)

// window is one entry of list_windows. Title and app id are the applications' own words: they are compared
// and repeated, nothing else.
type window struct {
	id, appID, title string
	focused          bool
}

func (w window) String() string {
	switch {
	case w.title == "":
		return or(w.appID, "a window without a title")
	case w.appID == "" || strings.EqualFold(w.appID, w.title):
		return w.title
	}
	return w.title + " (" + w.appID + ")"
}

func windowOf(v any) (window, bool) {
	o, ok := v.(map[string]any)
	if !ok {
		return window{}, false
	}
	focused, _ := o["focused"].(bool)
	id, _ := o["id"].(string)
	return window{id: id, appID: field(o, "app_id"), title: field(o, "title"), focused: focused}, true
}

func windows(r result) []window {
	list, _ := r.data["windows"].([]any)
	var out []window
	for _, v := range list {
		if w, ok := windowOf(v); ok && w.id != "" {
			out = append(out, w)
		}
	}
	return out
}

func windowNames(r result) []string {
	var out []string
	for _, w := range windows(r) {
		out = append(out, w.String())
	}
	return out
}

func windowsSentence(r result) string {
	names := windowNames(r)
	switch len(names) {
	case 0:
		return "No window is open."
	case 1:
		return "One window is open: " + names[0] + "."
	}
	return fmt.Sprintf("%d windows are open: %s.", len(names), strings.Join(names, ", "))
}

// activeSentence reads get_active_window, whose output is the window or has it under "window".
func activeSentence(r result) (said, value string) {
	o := r.data
	if inner, ok := o["window"]; ok {
		o, _ = inner.(map[string]any)
	}
	w, _ := windowOf(o)
	if w.id == "" && w.title == "" && w.appID == "" {
		return "No window is active.", "no window"
	}
	return "The active window is " + w.String() + ".", w.String()
}

// choose picks the window that fits best what a person called it; the first of equals, since the list begins
// with the one used last.
func choose(r result, want string) (window, bool) {
	want = strings.ToLower(strings.TrimSpace(want))
	var best window
	most := 0
	for _, w := range windows(r) {
		if s := w.fits(want); s > most {
			best, most = w, s
		}
	}
	return best, most > 0
}

// fits grades how well a name fits, 0 not at all. Titles come last: anybody can write an application's name
// into one.
func (w window) fits(want string) int {
	app, title := strings.ToLower(w.appID), strings.ToLower(w.title)
	last := app[strings.LastIndexByte(app, '.')+1:]
	squeezed := strings.NewReplacer(" ", "", "-", "", "_", "")
	switch want {
	case "":
		return 0
	case "other", "previous", "last", "next", "other one", "previous one":
		if w.focused {
			return 0
		}
		return 1
	case "active", "focused", "current":
		if w.focused {
			return 1
		}
		return 0
	case app, last:
		return 9
	case title:
		return 7
	}
	switch {
	case squeezed.Replace(want) == squeezed.Replace(last):
		return 8
	case strings.Contains(app, want):
		return 6
	case strings.Contains(title, want):
		return 5
	case len(want) > 2 && strings.Contains(squeezed.Replace(app), squeezed.Replace(want)):
		return 4
	}
	for _, f := range strings.Fields(want) {
		if !strings.Contains(app+" "+title, f) {
			return 0
		}
	}
	return 3
}

package main

import (
	"context"

	"nerva/core/desk"
)

// watchFocus calls moved each time the person turns to another window. The overlay's own surface can't lose
// its exclusive keyboard focus to a window, so the compositor is asked.
func watchFocus(ctx context.Context, windows desk.Windows, moved func()) {
	var f focus
	_ = windows.Watch(ctx, func(all []desk.Window) { // it returns ctx's error only
		if f.turned(all) {
			moved()
		}
	})
}

// focus tells a person's turn to another window from what windows do by themselves: one that has just opened
// gets the focus, and so does the next one where the focused window closes.
type focus struct {
	last  string          // the window that has the focus, or had it last
	known map[string]bool // open windows that have had the focus, or may have had it; nil before the first list
}

func (f *focus) turned(all []desk.Window) bool {
	before, first := *f, f.known == nil
	f.known = map[string]bool{}
	open := false
	for _, w := range all {
		f.known[w.ID] = first || w.Focused || before.known[w.ID]
		open = open || w.ID == before.last
		if w.Focused {
			f.last = w.ID
		}
	}
	return f.last != before.last && before.known[f.last] && (open || before.last == "")
}

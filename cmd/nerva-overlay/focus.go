package main

import (
	"context"

	"nerva/core/desk"
)

// watchFocus calls moved each time another window gets the focus. The overlay's own surface can't lose its
// exclusive keyboard focus to a window, so the compositor is asked.
func watchFocus(ctx context.Context, windows desk.Windows, moved func()) {
	last, first := "", true
	_ = windows.Watch(ctx, func(all []desk.Window) { // it returns ctx's error only
		for _, w := range all {
			if w.Focused && w.ID != last {
				last = w.ID
				if !first {
					moved()
				}
			}
		}
		first = false
	})
}

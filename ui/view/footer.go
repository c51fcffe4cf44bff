package view

import (
	"slices"

	"github.com/diamondburned/gotk4/pkg/gtk/v4"

	"nerva/ui/model"
)

// footer names the keys that work now.
type footer struct {
	root  *gtk.Box
	hints []hint
	shown []model.Key
}

type hint struct {
	root      *gtk.Box
	cap, does *gtk.Label
}

// hintLimit is the most keys that the model names at once.
const hintLimit = 5

func newFooter() *footer {
	f := &footer{root: box(gtk.OrientationHorizontal, 16, "footer")}
	for range hintLimit {
		h := hint{root: box(gtk.OrientationHorizontal, 6), cap: line("keycap"), does: line()}
		h.cap.SetXAlign(0.5)
		h.cap.SetVAlign(gtk.AlignCenter)
		h.root.Append(h.cap)
		h.root.Append(h.does)
		f.root.Append(h.root)
		f.hints = append(f.hints, h)
	}
	return f
}

func (f *footer) set(keys []model.Key) {
	if slices.Equal(keys, f.shown) {
		return
	}
	f.shown = keys
	for i, h := range f.hints {
		h.root.SetVisible(i < len(keys))
		if i < len(keys) {
			setText(h.cap, keys[i].Cap)
			setText(h.does, keys[i].Does)
		}
		h.root.SetHExpand(i == len(keys)-1) // Escape, the last one, stands at the right
		if i == len(keys)-1 {
			h.root.SetHAlign(gtk.AlignEnd)
		} else {
			h.root.SetHAlign(gtk.AlignFill)
		}
	}
}

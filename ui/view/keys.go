package view

import (
	"github.com/diamondburned/gotk4/pkg/gdk/v4"
	"github.com/diamondburned/gotk4/pkg/gtk/v4"

	"nerva/ui/model"
)

// keys sees every key before the widget that has the focus does.
func (v *View) keys() *gtk.EventControllerKey {
	c := gtk.NewEventControllerKey()
	c.SetPropagationPhase(gtk.PhaseCapture)
	c.ConnectKeyPressed(func(key, _ uint, state gdk.ModifierType) bool {
		control := state&gdk.ControlMask != 0
		if state&(gdk.AltMask|gdk.SuperMask) != 0 {
			return false
		}
		if e, ok := v.event(key, control, state&gdk.ShiftMask != 0); ok {
			v.dispatch(e)
			return true
		}
		return v.reads() && v.scrollKey(key, control)
	})
	return c
}

// event is what a key means now; other keys go to the widget that has the focus.
func (v *View) event(key uint, control, shift bool) (model.Event, bool) {
	switch key {
	case gdk.KEY_Escape:
		return model.Escaped{}, true
	case gdk.KEY_Return, gdk.KEY_KP_Enter, gdk.KEY_ISO_Enter:
		if control {
			return model.Asked{}, true
		}
		return model.Entered{}, !v.question.root.IsVisible() // else it presses the button
	case gdk.KEY_k, gdk.KEY_K:
		return model.ActionsToggled{}, control
	case gdk.KEY_l, gdk.KEY_L:
		return model.LogToggled{}, control
	case gdk.KEY_c, gdk.KEY_C:
		return model.CancelPressed{}, control && !shift && !v.hasSelection()
	}
	if v.reads() {
		return nil, false
	}
	to, ok := motion(key, control, v.state.Entry() == "")
	return model.Moved{To: to}, ok
}

// reads says whether the card shows something to read, which the keys scroll.
func (v *View) reads() bool {
	return v.state.Screen == model.ScreenRun || v.state.Screen == model.ScreenRecord
}

// motion: Home and End belong to the text while there is one.
func motion(key uint, control, empty bool) (model.Motion, bool) {
	switch key {
	case gdk.KEY_Down, gdk.KEY_KP_Down:
		return model.Next, true
	case gdk.KEY_Up, gdk.KEY_KP_Up:
		return model.Previous, true
	case gdk.KEY_Tab:
		return model.Next, !control
	case gdk.KEY_ISO_Left_Tab:
		return model.Previous, !control
	case gdk.KEY_n, gdk.KEY_N:
		return model.Next, control
	case gdk.KEY_p, gdk.KEY_P:
		return model.Previous, control
	case gdk.KEY_Page_Down, gdk.KEY_KP_Page_Down:
		return model.NextPage, true
	case gdk.KEY_Page_Up, gdk.KEY_KP_Page_Up:
		return model.PreviousPage, true
	case gdk.KEY_Home, gdk.KEY_KP_Home:
		return model.First, control || empty
	case gdk.KEY_End, gdk.KEY_KP_End:
		return model.Last, control || empty
	}
	return 0, false
}

// scrollKey scrolls a long answer, with the keys that move the selection elsewhere.
func (v *View) scrollKey(key uint, control bool) bool {
	to, ok := motion(key, control, v.state.Entry() == "")
	if !ok || key == gdk.KEY_Tab || key == gdk.KEY_ISO_Left_Tab {
		return false
	}
	scroll := v.run.scroll
	if v.state.Screen == model.ScreenRecord {
		scroll = v.record.scroll
	}
	scroll(map[model.Motion]float64{
		model.Next: 0.2, model.Previous: -0.2, model.NextPage: 0.9, model.PreviousPage: -0.9,
		model.First: -1e6, model.Last: 1e6,
	}[to])
	return true
}

// hasSelection says whether Ctrl-C has a text to copy.
func (v *View) hasSelection() bool {
	labels := []*gtk.Label{v.run.answer, v.question.call, v.record.call}
	for _, f := range v.record.lines {
		labels = append(labels, f.value)
	}
	for _, l := range labels {
		if _, _, ok := l.SelectionBounds(); ok && l.HasFocus() {
			return true
		}
	}
	return v.entry.hasSelection()
}

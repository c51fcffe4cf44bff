package compositor

import (
	"context"
	"encoding/binary"
	"slices"

	"nerva/core/api"
	"nerva/wayland/internal/outputs"
	"nerva/wayland/internal/wl"
)

// The requests and events that we use: wlr-foreign-toplevel-management-unstable-v1 (version 3, of which 1 is enough)
// and ext-foreign-toplevel-list-v1 (version 1).
const (
	managerToplevel = 0 // of both
	managerFinished = 1 // of both

	wlrActivate = 4
	wlrClose    = 5
	wlrDestroy  = 7

	wlrTitle       = 0
	wlrAppID       = 1
	wlrOutputEnter = 2
	wlrOutputLeave = 3
	wlrState       = 4
	wlrDone        = 5
	wlrClosed      = 6

	wlrActivated = 2 // a state

	extDestroy = 0

	extClosed     = 0
	extDone       = 1
	extTitle      = 2
	extAppID      = 3
	extIdentifier = 4

	outputRelease = 0
)

var (
	seatInterface = &wl.Interface{Name: "wl_seat"}
	wlrManager    = &wl.Interface{Name: "zwlr_foreign_toplevel_manager_v1"}
	wlrHandle     = &wl.Interface{Name: "zwlr_foreign_toplevel_handle_v1"}
	extList       = &wl.Interface{Name: "ext_foreign_toplevel_list_v1"}
	extHandle     = &wl.Interface{Name: "ext_foreign_toplevel_handle_v1"}
)

// bind starts the list. Outputs come first: a window is told to be on those alone that are bound.
func (t *toplevels) bind(ctx context.Context) error {
	for _, g := range t.conn.Globals() {
		t.addOutput(g)
	}
	t.conn.OnGlobal(t.addOutput, t.removeOutput)
	if t.conn.BindFirst(wlrManager, 1, 3, t.manager(wlrHandle, t.wlrEvent)) != nil {
		t.takes = true
		t.seat = t.conn.BindFirst(seatInterface, 1, 1, nil)
	} else if t.conn.BindFirst(extList, 1, 1, t.manager(extHandle, t.extEvent)) == nil {
		return api.Errorf(api.Unavailable, "this compositor tells nobody its windows: sway, Hyprland and those with foreign-toplevel protocols do")
	}
	return t.conn.Roundtrip(ctx)
}

// manager handles the events of the object that makes handles.
func (t *toplevels) manager(kind *wl.Interface, on func(*toplevel, uint16, *wl.Args)) wl.Handler {
	return func(event uint16, a *wl.Args) {
		switch event {
		case managerToplevel:
			w := &toplevel{}
			w.handle = a.New(kind, func(event uint16, a *wl.Args) {
				t.mu.Lock()
				defer t.mu.Unlock()
				on(w, event, a)
			})
			if kind == wlrHandle {
				w.next.ID = t.number()
			}
			t.mu.Lock()
			t.list = append(t.list, w)
			t.mu.Unlock()
		case managerFinished:
			t.end() // there is nothing more to hear
		}
	}
}

func (t *toplevels) wlrEvent(w *toplevel, event uint16, a *wl.Args) {
	switch event {
	case wlrTitle:
		w.next.Title = a.String()
	case wlrAppID:
		w.next.AppID = a.String()
	case wlrOutputEnter:
		if o := a.Object(); o != nil {
			w.outputs = append(w.outputs, o)
		}
	case wlrOutputLeave:
		left := a.Object()
		w.outputs = slices.DeleteFunc(w.outputs, func(o *wl.Object) bool { return o == left })
	case wlrState:
		w.next.Focused = false
		for states := a.Array(); len(states) >= 4; states = states[4:] {
			w.next.Focused = w.next.Focused || binary.NativeEndian.Uint32(states) == wlrActivated
		}
	case wlrDone:
		t.done(w)
	case wlrClosed:
		t.gone(w, wlrDestroy)
	}
}

func (t *toplevels) extEvent(w *toplevel, event uint16, a *wl.Args) {
	switch event {
	case extTitle:
		w.next.Title = a.String()
	case extAppID:
		w.next.AppID = a.String()
	case extIdentifier:
		w.next.ID = a.String()
	case extDone:
		t.done(w)
	case extClosed:
		t.gone(w, extDestroy)
	}
}

func (t *toplevels) done(w *toplevel) {
	if w.next.Focused && !w.now.Focused {
		t.focused++
		w.focused = t.focused
	}
	w.now, w.told = w.next, true
	t.tellChange()
}

func (t *toplevels) gone(w *toplevel, destroy uint16) {
	w.handle.Destroy(destroy)
	t.list = slices.DeleteFunc(t.list, func(other *toplevel) bool { return other == w })
	t.tellChange()
}

func (t *toplevels) tellChange() {
	close(t.changed)
	t.changed = make(chan struct{})
}

func (t *toplevels) addOutput(g wl.Global) {
	o := &output{}
	o.object = outputs.BindNamed(t.conn, g, func(name string) {
		t.mu.Lock()
		defer t.mu.Unlock()
		o.name = name
		t.tellChange()
	})
	if o.object != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.outputs[g.Name] = o
	}
}

// removeOutput forgets an output; the windows on it have left it, or will.
func (t *toplevels) removeOutput(global uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if o := t.outputs[global]; o != nil {
		delete(t.outputs, global)
		o.object.Destroy(outputRelease)
	}
}

func (t *toplevels) outputName(object *wl.Object) string {
	for _, o := range t.outputs {
		if o.object == object {
			return o.name
		}
	}
	return ""
}

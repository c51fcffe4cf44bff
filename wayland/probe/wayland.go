// Package probe looks what a session offers now, for who explains what is missing: the compositor and its protocols, the
// services on the session bus, portals, systemd.
//
// It owns no state: everything it connects is closed when a function returns. It returns facts, and must not know what
// is needed for what.
package probe

import (
	"context"
	"log/slog"
	"path/filepath"

	"nerva/wayland/compositor"
	"nerva/wayland/internal/sockets"
	"nerva/wayland/internal/wl"
)

// Wayland is the display of the session.
type Wayland struct {
	// Display is the path of a socket that is live; empty for none.
	Display string
	// Globals are the interfaces that it offers, with their versions (wl_registry.global).
	Globals map[string]uint32
	// Why says why the globals can't be had, where there is a display.
	Why string
	// Compositor is the name of one whose windows can be listed, "wayland" for one that is known by its protocols alone,
	// else empty.
	Compositor string
	// NoWindows says why the windows can't be listed; empty where they can.
	NoWindows string
}

// Name is the display as WAYLAND_DISPLAY has it.
func (w Wayland) Name() string {
	if w.Display == "" {
		return ""
	}
	return filepath.Base(w.Display)
}

// Display looks at the display that runs now. It takes a few times desk.Limit at most.
func Display(ctx context.Context) Wayland {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // and with it every connection
	w := Wayland{Display: sockets.Display(), Globals: map[string]uint32{}}
	windows := compositor.New(ctx, compositor.Environ(), slog.New(slog.DiscardHandler))
	w.Compositor = windows.Compositor()
	if _, err := windows.List(ctx); err != nil {
		w.NoWindows = err.Error()
	}
	if w.Display == "" {
		return w
	}
	conn, err := wl.Dial(ctx, w.Display)
	if err != nil {
		w.Why = err.Error()
		return w
	}
	defer func() { _ = conn.Close() }() // all that was asked has been read
	for _, g := range conn.Globals() {
		w.Globals[g.Interface] = g.Version
	}
	return w
}

package compositor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"nerva/core/api"
	"nerva/wayland/internal/sockets"
	"nerva/wayland/internal/wl"
)

// Env says where to look for a compositor.
type Env struct {
	RuntimeDir        string // $XDG_RUNTIME_DIR
	SwaySock          string // $SWAYSOCK, may be empty or out of date
	HyprlandSignature string // $HYPRLAND_INSTANCE_SIGNATURE, may be empty or out of date
	Display           string // $WAYLAND_DISPLAY, may be empty or out of date
}

// Environ is the Env of this process.
func Environ() Env {
	return Env{sockets.RuntimeDir(), os.Getenv("SWAYSOCK"), os.Getenv("HYPRLAND_INSTANCE_SIGNATURE"), os.Getenv("WAYLAND_DISPLAY")}
}

// find returns the running compositor.
func (c *Client) find(ctx context.Context) (backend, error) {
	if b := c.known(); b != nil {
		return b, nil
	}
	t, err := c.toplevels(ctx)
	// A compositor listens on the display before it has made its own socket, and answers after.
	if b := c.known(); b != nil {
		if t != nil {
			t.end()
		}
		return b, nil
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// known returns the running compositor of those with an interface of their own: the one that the environment names,
// if it still runs, else the one that started last.
func (c *Client) known() backend {
	if c.env.SwaySock != "" && sockets.Live(c.env.SwaySock) {
		return sway{c.env.SwaySock}
	}
	hypr := filepath.Join(c.env.RuntimeDir, "hypr")
	if c.env.HyprlandSignature != "" {
		if dir := filepath.Join(hypr, c.env.HyprlandSignature); sockets.Live(filepath.Join(dir, requestSocket)) {
			return hyprland{dir}
		}
	}
	ipc := filepath.Join(c.env.RuntimeDir, fmt.Sprintf("sway-ipc.%d.*.sock", os.Getuid()))
	for _, path := range sockets.Newest(ipc, filepath.Join(hypr, "*", requestSocket)) {
		switch {
		case !sockets.Live(path):
		case filepath.Base(path) == requestSocket:
			return hyprland{filepath.Dir(path)}
		default:
			return sway{path}
		}
	}
	return nil
}

// toplevels returns the connection that lives, or makes one.
func (c *Client) toplevels(ctx context.Context) (*toplevels, error) {
	select {
	case <-c.turn:
	case <-ctx.Done():
		return nil, wl.Sentence(ctx, ctx.Err())
	}
	defer func() { c.turn <- struct{}{} }()
	if c.live != nil && c.live.alive() {
		return c.live, nil
	}
	path := sockets.DisplayIn(c.env.RuntimeDir, c.env.Display)
	if path == "" {
		return nil, api.Errorf(api.Unavailable, "no Wayland compositor is running: log in to a Wayland session and try again")
	}
	t, err := openToplevels(ctx, c, path)
	if err != nil {
		return nil, err
	}
	c.live = t
	return t, nil
}

// Package compositor speaks with the running Wayland compositor: it lists, focuses and watches windows,
// on sway (sway-ipc(7)) and Hyprland (its IPC).
//
// A Client has no state but where to look; Watch keeps what it needs in the goroutine that runs it. The
// compositor may start after us, stop and start again: each request finds it anew. The package must not
// know what windows are listed for.
package compositor

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/sockets"
)

// Client implements desk.Windows for whichever compositor runs.
type Client struct {
	env Env
	log *slog.Logger
}

// Env says where to look for a compositor.
type Env struct {
	RuntimeDir        string // $XDG_RUNTIME_DIR
	SwaySock          string // $SWAYSOCK, may be empty or out of date
	HyprlandSignature string // $HYPRLAND_INSTANCE_SIGNATURE, may be empty or out of date
}

// Environ is the Env of this process.
func Environ() Env {
	return Env{sockets.RuntimeDir(), os.Getenv("SWAYSOCK"), os.Getenv("HYPRLAND_INSTANCE_SIGNATURE")}
}

// New returns a Client. It starts nothing.
func New(env Env, log *slog.Logger) *Client { return &Client{env, log} }

// Compositor implements desk.Windows.
func (c *Client) Compositor() string {
	b, err := c.find()
	if err != nil {
		return ""
	}
	return b.name()
}

// List implements desk.Windows.
func (c *Client) List(ctx context.Context) ([]desk.Window, error) {
	b, err := c.find()
	if err != nil {
		return nil, err
	}
	list, err := b.windows(ctx)
	return plain(list), err
}

// Focus implements desk.Windows. An id that is none of this compositor's is api.InvalidInput, one whose
// window is gone is api.NotFound.
func (c *Client) Focus(ctx context.Context, id string) error {
	b, err := c.find()
	if err != nil {
		return err
	}
	return b.focus(ctx, id)
}

// Place returns where a window's content lies, in logical pixels of the global space, and whether its
// workspace is shown now.
func (c *Client) Place(ctx context.Context, id string) (place desk.Region, visible bool, err error) {
	b, err := c.find()
	if err != nil {
		return place, false, err
	}
	list, err := b.windows(ctx)
	if err != nil {
		return place, false, err
	}
	for _, w := range list {
		if w.ID == id {
			return w.rect, w.visible, nil
		}
	}
	return place, false, noWindow(id)
}

// find returns the running compositor: the one that the environment names, if it still runs, else the
// one that started last.
func (c *Client) find() (backend, error) {
	if c.env.SwaySock != "" && sockets.Live(c.env.SwaySock) {
		return sway{c.env.SwaySock}, nil
	}
	hypr := filepath.Join(c.env.RuntimeDir, "hypr")
	if c.env.HyprlandSignature != "" {
		if dir := filepath.Join(hypr, c.env.HyprlandSignature); sockets.Live(filepath.Join(dir, requestSocket)) {
			return hyprland{dir}, nil
		}
	}
	ipc := filepath.Join(c.env.RuntimeDir, fmt.Sprintf("sway-ipc.%d.*.sock", os.Getuid()))
	for _, path := range sockets.Newest(ipc, filepath.Join(hypr, "*", requestSocket)) {
		switch {
		case !sockets.Live(path):
		case filepath.Base(path) == requestSocket:
			return hyprland{filepath.Dir(path)}, nil
		default:
			return sway{path}, nil
		}
	}
	for _, path := range sockets.Newest(filepath.Join(c.env.RuntimeDir, "wayland-*")) {
		if sockets.Live(path) {
			return nil, api.Errorf(api.Unavailable, "this compositor's window list isn't supported yet (sway and Hyprland are)")
		}
	}
	return nil, api.Errorf(api.Unavailable, "no Wayland compositor is running: log in to sway or Hyprland and try again")
}

func plain(list []window) []desk.Window {
	if list == nil {
		return nil
	}
	windows := make([]desk.Window, len(list))
	for i, w := range list {
		windows[i] = w.Window
	}
	return windows
}

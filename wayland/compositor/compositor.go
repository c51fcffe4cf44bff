// Package compositor speaks with the running Wayland compositor: it lists, focuses, closes, moves and watches windows,
// on sway (sway-ipc(7)), on Hyprland (its IPC), and by foreign-toplevel protocols on whatever has them.
//
// A Client finds the compositor anew for each request: it may start after us, stop and start again. The one thing that
// it keeps is the connection of toplevels, since ids are good for as long as that lasts: the one that has the turn makes
// it, its own goroutine reads from it. Watch keeps what it needs in the goroutine that runs it. The package must not
// know what windows are listed for.
package compositor

import (
	"context"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
)

// Client implements desk.Windows for whichever compositor runs.
type Client struct {
	ctx  context.Context
	env  Env
	log  *slog.Logger
	ids  atomic.Uint64 // given to windows; they begin anew with no connection, so that none means another window
	turn chan struct{} // has one element: the right to use live
	live *toplevels    // nil until first used
}

// New returns a Client that connects nothing yet; what it connects is closed when ctx ends.
func New(ctx context.Context, env Env, log *slog.Logger) *Client {
	c := &Client{ctx: ctx, env: env, log: log, turn: make(chan struct{}, 1)}
	c.turn <- struct{}{}
	return c
}

// Compositor implements desk.Windows. It is "wayland" for one that is known by its protocols alone.
func (c *Client) Compositor() string {
	ctx, cancel := context.WithTimeout(c.ctx, time.Second) // it is for a line that tells the state
	defer cancel()
	b, err := c.find(ctx)
	if err != nil {
		return ""
	}
	return b.name()
}

// List implements desk.Windows.
func (c *Client) List(ctx context.Context) ([]desk.Window, error) {
	b, err := c.find(ctx)
	if err != nil {
		return nil, err
	}
	list, err := b.windows(ctx)
	return plain(list), err
}

// Focus implements desk.Windows. An id that is none of this compositor's is api.InvalidInput, one whose
// window is gone is api.NotFound.
func (c *Client) Focus(ctx context.Context, id string) error {
	b, err := c.find(ctx)
	if err != nil {
		return err
	}
	return b.focus(ctx, id)
}

// Close implements desk.Windows, with Focus's errors.
func (c *Client) Close(ctx context.Context, id string) error {
	b, err := c.find(ctx)
	if err != nil {
		return err
	}
	return b.close(ctx, id)
}

// MoveTo implements desk.Windows, with Focus's errors; a name that no workspace can have is api.InvalidInput too.
func (c *Client) MoveTo(ctx context.Context, id, workspace string) error {
	b, err := c.find(ctx)
	if err != nil {
		return err
	}
	if err := checkWorkspace(workspace); err != nil {
		return err
	}
	return b.move(ctx, id, workspace)
}

// Place returns where a window's content lies, in logical pixels of the global space, and whether its
// workspace is shown now.
func (c *Client) Place(ctx context.Context, id string) (place desk.Region, visible bool, err error) {
	b, err := c.find(ctx)
	if err != nil {
		return place, false, err
	}
	list, err := b.windows(ctx)
	if err != nil {
		return place, false, err
	}
	for _, w := range list {
		if w.ID == id {
			if w.rect == (desk.Region{}) {
				return place, false, api.Errorf(api.Unavailable, "this compositor doesn't tell where a window lies: capture the output instead")
			}
			return w.rect, w.visible, nil
		}
	}
	return place, false, noWindow(id)
}

// number makes an id for a window whose protocol has none.
func (c *Client) number() string { return strconv.FormatUint(c.ids.Add(1), 10) }

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

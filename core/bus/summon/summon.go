// Package summon shows and hides the overlay over the session bus, and starts it where there is none.
//
// It owns nothing that lasts: an overlay that it starts goes on in a session of its own. nerva-ui comes here
// by `nerva toggle`, and only where the overlay's socket does not answer; so it need not be fast.
package summon

import (
	"context"
	"errors"

	"github.com/godbus/dbus/v5"

	"nerva/core/bus/overlay"
	"nerva/core/bus/sessionbus"
)

// Call calls overlay.Toggle, Show or Hide with the token. Where no overlay runs, Hide does nothing and the
// other two start one and show it.
func Call(ctx context.Context, method, token string) error {
	conn, err := sessionbus.Connect(ctx, "")
	if err != nil {
		return err
	}
	defer conn.Close()
	o := overlay.Options{Token: token}
	err = overlay.Call(ctx, conn, method, o)
	switch {
	case !errors.Is(err, overlay.ErrAbsent):
		return err
	case method == overlay.Hide:
		return nil // what isn't there is hidden
	}
	return start(ctx, conn, o)
}

// start makes the bus start the overlay, and where the bus can't, starts it itself. A second key press
// before the overlay is up comes here too: the bus name lets only one overlay live, and Show shows that.
func start(ctx context.Context, conn *dbus.Conn, o overlay.Options) error {
	err := overlay.Start(ctx, conn)
	if errors.Is(err, overlay.ErrAbsent) {
		err = launch(ctx, conn)
	}
	if err != nil {
		return err
	}
	return overlay.Call(ctx, conn, overlay.Show, o)
}

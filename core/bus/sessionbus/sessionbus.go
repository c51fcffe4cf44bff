// Package sessionbus connects to the session bus and says in one sentence what is wrong where that fails.
//
// It owns nothing: the connection belongs to the caller. It must stay as small as it is, because nerva-ui
// links it and has 2 ms in all.
package sessionbus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/godbus/dbus/v5"
)

// ErrAbsent is wrapped by Connect's errors where there is no session bus to connect to.
var ErrAbsent = errors.New("no session bus")

const greetingLimit = 5 * time.Second

// Connect connects to the bus at address, and with an empty one to the session bus: at
// $DBUS_SESSION_BUS_ADDRESS, else at the user's runtime folder. It never launches a bus of its own
// (godbus' ConnectSessionBus would): nobody else would be on it. The connection closes when ctx ends.
func Connect(ctx context.Context, address string, opts ...dbus.ConnOption) (*dbus.Conn, error) {
	conn, err := dial(address, append(opts, dbus.WithContext(ctx)))
	if err != nil {
		return nil, err
	}
	// godbus waits for the greeting without a limit; a bus that hangs must not hang who connects.
	limit := time.AfterFunc(greetingLimit, func() { _ = conn.Close() })
	defer limit.Stop()
	if err := conn.Auth(nil); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("the session bus refused this user: %w; run nerva as the user who is logged in", err)
	}
	if err := conn.Hello(); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("the session bus did not greet back: %w", err)
	}
	return conn, nil
}

func dial(address string, opts []dbus.ConnOption) (*dbus.Conn, error) {
	if address == "" {
		address = os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	}
	if address == "" {
		conn, err := dbus.SessionBusPrivateNoAutoStartup(opts...)
		if err != nil {
			return nil, fmt.Errorf("%w: DBUS_SESSION_BUS_ADDRESS is not set and %s; "+
				"log in to a desktop session, or run the command under dbus-run-session", ErrAbsent, noSocket())
		}
		return conn, nil
	}
	conn, err := dbus.Dial(address, opts...)
	if err != nil {
		return nil, fmt.Errorf("%w at %s (%w); log in again, or run the command under dbus-run-session",
			ErrAbsent, address, err)
	}
	return conn, nil
}

func noSocket() string { return fmt.Sprintf("/run/user/%d/bus does not answer", os.Geteuid()) }

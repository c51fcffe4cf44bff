package host

import (
	"context"
	"fmt"
	"slices"

	"github.com/godbus/dbus/v5"
)

// SessionBus is the Bus for one name on a connection.
type SessionBus struct {
	Conn *dbus.Conn
	Name string
}

// Activatable implements Bus.
func (b SessionBus) Activatable(ctx context.Context) (bool, error) {
	var names []string
	err := b.Conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.ListActivatableNames", 0).Store(&names)
	if err != nil {
		return false, fmt.Errorf("the session bus does not say what it can start (%w); log in again", err)
	}
	return slices.Contains(names, b.Name), nil
}

// Start implements Bus.
func (b SessionBus) Start(ctx context.Context) error {
	var reply uint32
	err := b.Conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.StartServiceByName", 0, b.Name, uint32(0)).Store(&reply)
	if err != nil {
		return fmt.Errorf("nervad could not be started (%w); `systemctl --user status nervad` says why", err)
	}
	return nil
}

package overlay

import (
	"context"
	"errors"
	"fmt"

	"github.com/godbus/dbus/v5"
)

// ErrAbsent is Call's error where no overlay is on the bus.
var ErrAbsent = errors.New("no overlay is running")

// Options of a call; empty ones are not sent.
type Options struct{ Token, Text string }

// Call calls Toggle, Show or Hide of the overlay that runs; it never starts one. Where none runs the error
// is ErrAbsent.
func Call(ctx context.Context, conn *dbus.Conn, method string, o Options) error {
	var args []any
	if method != Hide {
		args = []any{o.dict()}
	}
	err := conn.Object(Name, Path).CallWithContext(ctx, Interface+"."+method, dbus.FlagNoAutoStart, args...).Err
	var e dbus.Error
	if errors.As(err, &e) {
		switch e.Name {
		case "org.freedesktop.DBus.Error.NameHasNoOwner", "org.freedesktop.DBus.Error.ServiceUnknown":
			return ErrAbsent
		}
	}
	if err != nil {
		return fmt.Errorf("the overlay did not answer (%w); end it with `pkill nerva-overlay` and try again", err)
	}
	return nil
}

// Start starts the overlay by D-Bus activation and waits until it has its name. Where the bus has no
// service file for it, the error is ErrAbsent.
func Start(ctx context.Context, conn *dbus.Conn) error {
	var reply uint32
	err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.StartServiceByName", 0, Name, uint32(0)).Store(&reply)
	var e dbus.Error
	if errors.As(err, &e) && e.Name == "org.freedesktop.DBus.Error.ServiceUnknown" {
		return ErrAbsent
	}
	if err != nil {
		return fmt.Errorf("the bus could not start the overlay (%w); `journalctl --user -u nerva-overlay` says why", err)
	}
	return nil
}

func (o Options) dict() map[string]dbus.Variant {
	d := map[string]dbus.Variant{}
	if o.Token != "" {
		d[OptionToken] = dbus.MakeVariant(o.Token)
	}
	if o.Text != "" {
		d[OptionText] = dbus.MakeVariant(o.Text)
	}
	return d
}

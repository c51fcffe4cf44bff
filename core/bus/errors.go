package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
)

// ErrNoDaemon is in the chain of a Client's error where no daemon answers and none could be started.
var ErrNoDaemon = errors.New("nervad is not running: start it with `systemctl --user start nervad` or run `nervad`")

// toBus makes the error of a method's reply: org.nerva.Error.<Code>, the sentence as its body.
func toBus(err error) *dbus.Error {
	var already *dbus.Error
	if errors.As(err, &already) {
		return already
	}
	code := api.CodeOf(err)
	if code == api.Failed && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		code = api.Cancelled
	}
	return dbus.NewError(errorPrefix+string(code), []any{clean(err.Error())})
}

// fromBus is what a Client returns for a failed call: an *api.Error with the daemon's own sentence where
// the daemon answered, and one that says how to get a daemon where none did.
func fromBus(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return api.Errorf(api.Cancelled, "stopped waiting for nervad: %w", context.Cause(ctx))
	}
	if errors.Is(err, dbus.ErrClosed) {
		return api.Errorf(api.Unavailable, "the connection to the session bus is closed; start the command again")
	}
	var e dbus.Error
	if !errors.As(err, &e) {
		return api.Errorf(api.Unavailable, "the session bus went away (%w); log in again", err)
	}
	if code, ok := strings.CutPrefix(e.Name, errorPrefix); ok {
		return &api.Error{Code: api.Code(code), Err: errors.New(e.Error())}
	}
	return fromBusItself(e)
}

// fromBusItself maps the errors that the message bus or godbus on the other side makes.
func fromBusItself(e dbus.Error) error {
	const standard = "org.freedesktop.DBus.Error."
	switch name := strings.TrimPrefix(e.Name, standard); {
	case name == "ServiceUnknown" || name == "NameHasNoOwner":
		return &api.Error{Code: api.Unavailable, Err: ErrNoDaemon}
	case strings.HasPrefix(name, "Spawn.") || name == "TimedOut" || strings.HasPrefix(e.Name, "org.freedesktop.systemd1."):
		return &api.Error{Code: api.Unavailable, Err: fmt.Errorf(
			"%w; the bus could not start it (%s), `journalctl --user -u nervad` says why", ErrNoDaemon, e.Error())}
	case name == "NoReply" || name == "Disconnected":
		return api.Errorf(api.Unavailable, "nervad stopped before it answered; try again, `journalctl --user -u nervad` says why")
	case name == "UnknownMethod" || name == "UnknownInterface" || name == "UnknownObject" || name == "InvalidArgs":
		return api.Errorf(api.Failed, "the running nervad is of another version (%s); restart it with `systemctl --user restart nervad`", e.Error())
	}
	return api.Errorf(api.Failed, "the session bus says %s: %s", e.Name, e.Error())
}

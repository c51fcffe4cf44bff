// Package appbus activates applications over D-Bus, by org.freedesktop.Application (Desktop Entry
// Specification 1.5, section "D-Bus Activation").
//
// A Bus has no state; the connection belongs to somebody else. It must not know what a desktop file says:
// whether an application can be activated is the caller's business.
package appbus

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
)

const application = "org.freedesktop.Application"

// startLimit is what an application may take to start and answer; the bus itself gives it 25 s.
const startLimit = 20 * time.Second

// Bus implements desk.AppBus.
type Bus struct {
	conn func() (*dbus.Conn, error)
}

// New returns a Bus that gets its connection to the session bus from conn each time.
func New(conn func() (*dbus.Conn, error)) *Bus { return &Bus{conn} }

// Activate implements desk.AppBus: Activate, with URIs Open, with an action ActivateAction; the bus starts
// the application where it doesn't run. It fails with NotFound where nobody can be reached that way, so
// that Exec may be tried, and with Unavailable where there is no session bus.
func (b *Bus) Activate(ctx context.Context, c desk.AppCall) error {
	path := objectPath(c.Name)
	if !validName(c.Name) || !path.IsValid() {
		return api.Errorf(api.NotFound, "%q is not a name that an application can have on D-Bus; start its program", c.Name)
	}
	if c.Action != "" && len(c.URIs) > 0 {
		return api.Errorf(api.InvalidInput, "an action of %s takes no files; start it without", c.Name)
	}
	conn, err := b.conn()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	app := conn.Object(c.Name, path)
	platform := platformData(c.Token)
	switch {
	case c.Action != "":
		err = app.CallWithContext(ctx, application+".ActivateAction", 0, c.Action, []dbus.Variant{}, platform).Err
	case len(c.URIs) > 0:
		err = app.CallWithContext(ctx, application+".Open", 0, c.URIs, platform).Err
	default:
		err = app.CallWithContext(ctx, application+".Activate", 0, platform).Err
	}
	return sentence(ctx, c.Name, err)
}

// objectPath is the id with a slash before it, its dots as slashes and its dashes as underscores.
func objectPath(id string) dbus.ObjectPath {
	return dbus.ObjectPath("/" + strings.NewReplacer(".", "/", "-", "_").Replace(id))
}

// validName holds the rules for well-known bus names (D-Bus Specification, "Bus names"). The bus closes
// the connection of a client that breaks them.
func validName(name string) bool {
	elements := strings.Split(name, ".")
	if len(elements) < 2 || len(name) > 255 {
		return false
	}
	for _, e := range elements {
		if e == "" || e[0] >= '0' && e[0] <= '9' || strings.ContainsFunc(e, notInName) {
			return false
		}
	}
	return true
}

func notInName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
}

// platformData carries the token under both names: GTK 4 reads the first, GTK 3 and others the second.
func platformData(token string) map[string]dbus.Variant {
	data := map[string]dbus.Variant{}
	if token != "" {
		data["activation-token"] = dbus.MakeVariant(token)
		data["desktop-startup-id"] = dbus.MakeVariant(token)
	}
	return data
}

// unreachable are the errors of a name that nobody has and that can't be started, or whose owner is no
// application in this sense.
var unreachable = []string{
	"org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner",
	"org.freedesktop.DBus.Error.Spawn.", "org.freedesktop.systemd1.", "org.freedesktop.DBus.Error.FileNotFound",
	"org.freedesktop.DBus.Error.UnknownObject", "org.freedesktop.DBus.Error.UnknownInterface",
	"org.freedesktop.DBus.Error.UnknownMethod",
}

func sentence(ctx context.Context, name string, err error) error {
	var refused dbus.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return api.Errorf(api.Failed, "%s did not answer within %v; look whether it hangs, and end it", name, startLimit)
	case ctx.Err() != nil:
		return api.Errorf(api.Cancelled, "the start of %s was stopped: %w", name, ctx.Err())
	case errors.As(err, &refused):
		for _, prefix := range unreachable {
			if strings.HasPrefix(refused.Name, prefix) {
				return api.Errorf(api.NotFound, "%s can't be started over D-Bus: %w; install it completely", name, err)
			}
		}
	}
	return api.Errorf(api.Failed, "%s refused: %w; see its log", name, err)
}

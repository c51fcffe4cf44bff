package probe

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"nerva/core/desk"
	"nerva/wayland/sessionbus"
)

// Bus is the session bus and who is on it.
type Bus struct {
	// Why says why it can't be had; empty where it can.
	Why string
	// Name is the unique name that it gave us.
	Name string
	// Owned are the names that somebody has, Startable those that the bus can start.
	Owned, Startable []string
	// Portals are the portals' interfaces with their versions, of those that were asked for and are there.
	Portals map[string]uint32
	// Systemd says whether the user's systemd is on the bus.
	Systemd bool
	// Units are the states of the unit files that were asked for, as systemctl is-enabled(1) names them; empty for one
	// that is not installed.
	Units map[string]string
	// Environment is that of the user's systemd, which it gives the services it starts.
	Environment map[string]string
}

// Has says whether somebody has the name, or the bus can start somebody who does.
func (b Bus) Has(name string) bool {
	return slices.Contains(b.Owned, name) || slices.Contains(b.Startable, name)
}

const (
	portalName = "org.freedesktop.portal.Desktop"
	portalPath = "/org/freedesktop/portal/desktop"
	// Backends is what the names of the portal's backends begin with.
	Backends = "org.freedesktop.impl.portal.desktop."

	systemd     = "org.freedesktop.systemd1"
	systemdPath = "/org/freedesktop/systemd1"
	manager     = systemd + ".Manager"
)

// SessionBus asks the session bus for these portals ("org.freedesktop.portal.Screenshot") and units. Asking for the
// first portal starts the portal, where the bus can.
func SessionBus(ctx context.Context, portals, units []string) Bus {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // and with it the connection
	b := Bus{Portals: map[string]uint32{}, Units: map[string]string{}, Environment: map[string]string{}}
	conn, err := sessionbus.New(ctx).Conn()
	if err != nil {
		b.Why = err.Error()
		return b
	}
	b.Name = conn.Names()[0]
	q := asker{ctx, conn}
	_ = q.ask("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.ListNames", nil, &b.Owned)
	_ = q.ask("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.ListActivatableNames", nil, &b.Startable)
	b.Systemd = slices.Contains(b.Owned, systemd)
	for _, portal := range portals {
		var version dbus.Variant
		if !b.Has(portalName) || q.property(portalName, portalPath, portal, "version", &version) != nil {
			continue
		}
		b.Portals[portal], _ = version.Value().(uint32)
	}
	if b.Systemd {
		b.units(q, units)
	}
	return b
}

func (b *Bus) units(q asker, units []string) {
	for _, unit := range units {
		var state string
		_ = q.ask(systemd, systemdPath, manager+".GetUnitFileState", []any{unit}, &state) // it fails for one that is not there
		b.Units[unit] = state
	}
	var environment dbus.Variant
	_ = q.property(systemd, systemdPath, manager, "Environment", &environment)
	lines, _ := environment.Value().([]string)
	for _, line := range lines {
		name, value, _ := strings.Cut(line, "=")
		b.Environment[name] = value
	}
}

// asker makes calls of desk.Limit at most.
type asker struct {
	ctx  context.Context
	conn *dbus.Conn
}

func (q asker) ask(name string, path dbus.ObjectPath, method string, args []any, result any) error {
	ctx, cancel := context.WithTimeout(q.ctx, desk.Limit)
	defer cancel()
	return q.conn.Object(name, path).CallWithContext(ctx, method, 0, args...).Store(result)
}

func (q asker) property(name string, path dbus.ObjectPath, iface, property string, v *dbus.Variant) error {
	err := q.ask(name, path, "org.freedesktop.DBus.Properties.Get", []any{iface, property}, v)
	if err == nil && v.Signature().Empty() {
		return errors.New("no value")
	}
	return err
}

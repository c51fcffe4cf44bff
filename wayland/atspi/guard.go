package atspi

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/wayland/internal/service"
)

// guard keeps nerva's own windows out of reach: nothing nerva does may answer nerva's own question. It goes by the process
// behind a name on the accessibility bus, never by what that says of itself, and what it can't tell it denies. It belongs to
// one look, since the overlay may be another process at the next.
type guard struct {
	conn *dbus.Conn
	own  map[uint32]bool // this process, and those behind nerva's names on the session bus
}

// program is the overlay's, which a package may have wrapped under another name, such as .nerva-overlay-wrapped.
const program = "nerva-overlay"

// unique is the form of the names that the bus itself gives, which pass to nobody else.
var unique = regexp.MustCompile(`^:[0-9]+\.[0-9]+$`)

func newGuard(ctx context.Context, session, conn *dbus.Conn) (*guard, error) {
	g := &guard{conn: conn, own: map[uint32]bool{uint32(os.Getpid()): true}}
	for _, name := range []string{"org.nerva.Overlay1", "org.nerva.Nerva1"} {
		bus := service.Service{Name: "the session bus", Missing: "log in again", Object: session.BusObject()}
		var pid uint32
		err := bus.Call(ctx, "org.freedesktop.DBus.GetConnectionUnixProcessID", []any{name}, &pid)
		switch {
		case err == nil:
			g.own[pid] = true
		case service.ErrorName(err) != "org.freedesktop.DBus.Error.NameHasNoOwner":
			return nil, api.Errorf(api.Unavailable, "which windows are nerva's own can't be told, so none is looked at: %w", err)
		}
	}
	return g, nil
}

// pid gives the process behind a unique name, and api.Denied for one that is nerva's or can't be told. A well-known name
// might pass to another process between this and its use.
func (g *guard) pid(ctx context.Context, name string) (uint32, error) {
	if !unique.MatchString(name) {
		return 0, api.Errorf(api.Denied, "the id names no program of the accessibility bus; take it from list_ui")
	}
	var pid uint32
	if err := g.conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetConnectionUnixProcessID", 0, name).Store(&pid); err != nil {
		return 0, api.Errorf(api.Denied, "which program the control belongs to can't be told, so it isn't touched; look with list_ui what there is now")
	}
	// A process that may not be examined, such as one that asks for a password, can't be told either.
	exe, err := os.Readlink(filepath.Join("/proc", strconv.FormatUint(uint64(pid), 10), "exe"))
	if err != nil {
		return 0, api.Errorf(api.Denied, "which program the control belongs to can't be told, so it isn't touched: %w; use its window yourself", err)
	}
	if g.own[pid] || strings.Contains(filepath.Base(exe), program) {
		return 0, api.Errorf(api.Denied, "the control is in a window of nerva's own, and nothing nerva does may press anything there; do it yourself")
	}
	return pid, nil
}

// Package units follows the units of systemd's managers, the user's on the session bus and the system's on the other.
//
// Each FollowUnits has a connection and what it knows of the units, in the goroutine that calls it. It must not know what a
// change of a unit is for.
//
// Source: org.freedesktop.systemd1(5).
package units

import (
	"context"
	"log/slog"

	"github.com/godbus/dbus/v5"

	"nerva/core/desk"
	"nerva/wayland/internal/listen"
)

const (
	systemd    = "org.freedesktop.systemd1"
	objectPath = dbus.ObjectPath("/org/freedesktop/systemd1")
	unitPath   = objectPath + "/unit"
	managerAPI = systemd + ".Manager"
	unitAPI    = systemd + ".Unit"
	properties = "org.freedesktop.DBus.Properties"
	inactive   = "inactive"

	// queueLimit is how many changes wait: a system that starts has hundreds at once.
	queueLimit = 2048
)

// Units implements desk.Units.
type Units struct {
	session, system listen.Dial
	log             *slog.Logger
}

// New returns a Units that connects each time by one of the two.
func New(session, system listen.Dial, log *slog.Logger) *Units { return &Units{session, system, log} }

// FollowUnits implements desk.Units. Without systemd it waits for that. Of changes that come faster than the manager tells
// them, as of a unit that starts and ends within milliseconds, only the last may be told.
func (u *Units) FollowUnits(ctx context.Context, system bool, changed func(desk.UnitChange)) error {
	dial := u.session
	if system {
		dial = u.system
	}
	l, err := listen.Open(ctx, dial, listen.NewQueue[event](queueLimit, listen.Log(u.log, "units")), take)
	if err != nil {
		return err
	}
	defer l.Close()
	if err := l.MatchOwner(ctx, systemd); err != nil {
		return err
	}
	sender := dbus.WithMatchSender(systemd)
	for _, rule := range [][]dbus.MatchOption{
		{sender, dbus.WithMatchInterface(managerAPI), dbus.WithMatchMember("UnitNew"), dbus.WithMatchObjectPath(objectPath)},
		{sender, dbus.WithMatchInterface(managerAPI), dbus.WithMatchMember("UnitRemoved"), dbus.WithMatchObjectPath(objectPath)},
		{sender, dbus.WithMatchInterface(properties), dbus.WithMatchMember("PropertiesChanged"), dbus.WithMatchPathNamespace(unitPath), dbus.WithMatchArg(0, unitAPI)},
	} {
		if err := l.Match(ctx, rule...); err != nil {
			return err
		}
	}
	f := follower{conn: l.Conn, log: u.log, changed: changed, known: map[dbus.ObjectPath]unit{}}
	f.meet(ctx)
	for {
		e, err := l.Next(ctx)
		if err != nil {
			return err
		}
		f.happened(ctx, e)
	}
}

// event is what is kept of a signal.
type event struct {
	kind  kind
	path  dbus.ObjectPath
	state string // of changed; empty: not said
	at    dbus.Sequence
}

type kind int

const (
	came    kind = iota // the manager
	added               // a unit
	removed             // a unit
	changed             // a unit's properties
)

func take(s *dbus.Signal) (event, bool) {
	if name, owner, ok := listen.Owner(s); ok {
		return event{kind: came}, name == systemd && owner != ""
	}
	e := event{path: s.Path, at: s.Sequence}
	var word string
	switch s.Name {
	case managerAPI + ".UnitNew", managerAPI + ".UnitRemoved":
		e.kind = added
		if s.Name == managerAPI+".UnitRemoved" {
			e.kind = removed
		}
		return e, dbus.Store(s.Body, &word, &e.path) == nil && nameOf(e.path) != ""
	case properties + ".PropertiesChanged":
		e.kind = changed
		var now map[string]dbus.Variant
		var invalidated []string
		if dbus.Store(s.Body, &word, &now, &invalidated) != nil || word != unitAPI || nameOf(e.path) == "" {
			return e, false
		}
		state, told := now["ActiveState"].Value().(string)
		e.state = short(state)
		for _, name := range invalidated {
			told = told || name == "ActiveState"
		}
		return e, told
	}
	return e, false
}

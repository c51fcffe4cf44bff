package units

import (
	"context"
	"log/slog"

	"github.com/godbus/dbus/v5"

	"nerva/core/desk"
	"nerva/wayland/internal/service"
)

// unitLimit bounds how many units are remembered; a large system has some thousand.
const unitLimit = 16 << 10

// follower is the state of FollowUnits.
type follower struct {
	conn    *dbus.Conn
	log     *slog.Logger
	changed func(desk.UnitChange)
	known   map[dbus.ObjectPath]unit
}

// unit is what is known of one.
type unit struct {
	state string
	since dbus.Sequence // of the answer that it was read from: what was said before that is older
}

// meet has the manager tell of its units, which it does only to those who ask, and reads what they are. A manager that came
// back may have changed some meanwhile.
func (f *follower) meet(ctx context.Context) {
	manager := f.service(objectPath)
	limited, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	err := manager.Call(limited, managerAPI+".Subscribe", nil)
	if err == nil {
		err = f.list(limited)
	}
	if err != nil && ctx.Err() == nil {
		f.log.Info("systemd does not tell of its units; its next start is waited for", "error", err)
	}
}

// listed is one element of the answer of ListUnits.
type listed struct {
	Name, Description, Load, Active, Sub, Following string
	Path                                            dbus.ObjectPath
	Job                                             uint32
	JobType                                         string
	JobPath                                         dbus.ObjectPath
}

func (f *follower) list(ctx context.Context) error {
	call := f.service(objectPath).Object.CallWithContext(ctx, managerAPI+".ListUnits", dbus.FlagNoAutoStart)
	var all []listed
	if err := call.Store(&all); err != nil {
		return err
	}
	before := f.known
	f.known = make(map[dbus.ObjectPath]unit, min(len(all), unitLimit))
	for _, u := range all[:min(len(all), unitLimit)] {
		state := short(u.Active)
		f.known[u.Path] = unit{state, call.ResponseSequence}
		if was, ok := before[u.Path]; ok && was.state != state {
			f.tell(ctx, u.Path, state, was.state)
		}
	}
	return nil
}

func (f *follower) happened(ctx context.Context, e event) {
	switch e.kind {
	case came:
		f.meet(ctx)
	case added:
		// It is not said what state it has, and it may be on its way already.
		f.read(ctx, e, inactive)
	case removed:
		if was, ok := f.known[e.path]; ok && e.at > was.since {
			delete(f.known, e.path)
			if was.state != inactive { // what is not loaded is inactive
				f.tell(ctx, e.path, inactive, was.state)
			}
		}
	case changed:
		if e.state == "" {
			f.read(ctx, e, "")
			return
		}
		f.became(ctx, e.path, unit{e.state, e.at}, "")
	}
}

// read asks for the state of a unit. One that has gone meanwhile is told of by UnitRemoved.
func (f *follower) read(ctx context.Context, e event, was string) {
	if e.at < f.known[e.path].since {
		return // what was read since then is newer
	}
	limited, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	call := f.service(e.path).Object.CallWithContext(limited, properties+".Get", dbus.FlagNoAutoStart, unitAPI, "ActiveState")
	var value dbus.Variant
	if call.Store(&value) != nil {
		return
	}
	if state, ok := value.Value().(string); ok {
		f.became(ctx, e.path, unit{short(state), call.ResponseSequence}, was)
	}
}

// became tells of another state than before. was is what one had that is not known.
func (f *follower) became(ctx context.Context, path dbus.ObjectPath, now unit, was string) {
	before, known := f.known[path]
	if known && now.since < before.since {
		return
	}
	if known {
		was, now.since = before.state, max(now.since, before.since)
	}
	if known || len(f.known) < unitLimit {
		f.known[path] = now
	}
	if now.state != was {
		f.tell(ctx, path, now.state, was)
	}
}

// tell reads what else is told of a unit; of one that has gone meanwhile that is nothing.
func (f *follower) tell(ctx context.Context, path dbus.ObjectPath, state, was string) {
	limited, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	c := desk.UnitChange{Unit: nameOf(path), State: state, Was: was, Description: f.text(limited, path, unitAPI, "Description")}
	if of := typeOf(c.Unit); state == "failed" && of != "" {
		c.Result = f.text(limited, path, of, "Result")
	}
	f.changed(c)
}

func (f *follower) text(ctx context.Context, path dbus.ObjectPath, of, property string) string {
	v, err := f.service(path).Property(ctx, of, property)
	if err != nil {
		return ""
	}
	s, _ := v.(string)
	return service.Line(s)
}

func (f *follower) service(path dbus.ObjectPath) service.Service {
	return service.Service{Name: "systemd", Missing: "use a system that has it", Object: f.conn.Object(systemd, path)}
}

// Package logind locks and ends the session and switches the computer off, by systemd's login manager.
//
// A Logind has no state; the connection to the system bus belongs to somebody else. It must not know why the computer
// is to rest.
//
// Source: org.freedesktop.login1(5).
package logind

import (
	"context"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/service"
)

const (
	busName     = "org.freedesktop.login1"
	objectPath  = "/org/freedesktop/login1"
	managerType = "org.freedesktop.login1.Manager"
	sessionType = "org.freedesktop.login1.Session"
)

// verbs are the manager's methods; before each stands "Can" in the name of the question whether it would work.
var verbs = map[desk.PowerAction]string{"suspend": "Suspend", "hibernate": "Hibernate", "reboot": "Reboot", "poweroff": "PowerOff"}

// sessionVerbs are methods of the session.
var sessionVerbs = map[desk.PowerAction]string{"lock": "Lock", "logout": "Terminate"}

// Logind implements desk.Power.
type Logind struct {
	conn func() (*dbus.Conn, error)
}

// New returns a Logind that gets its connection to the system bus from conn each time.
func New(conn func() (*dbus.Conn, error)) *Logind { return &Logind{conn} }

// Do implements desk.Power.
func (l *Logind) Do(ctx context.Context, action desk.PowerAction) error {
	verb, ofSession := sessionVerbs[action]
	if !ofSession && verbs[action] == "" {
		return api.Errorf(api.InvalidInput, "%.64q is nothing that can be done: say one of %v", action, desk.PowerActions)
	}
	conn, err := l.conn()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	manager := service.Service{Name: "the login manager", Missing: "use a system with systemd-logind", Object: conn.Object(busName, objectPath)}
	if ofSession {
		return inSession(ctx, conn, manager, action, verb)
	}
	var can string
	if err := manager.Call(ctx, managerType+".Can"+verbs[action], nil, &can); err != nil {
		return mend(action, err)
	}
	if err := possible(action, can); err != nil {
		return err
	}
	// Not interactive: polkit would open a dialog that nobody asked for.
	return mend(action, manager.Call(ctx, managerType+"."+verbs[action], []any{false}))
}

// inSession acts on the session "auto": the caller's own, or for a service of the user, as nervad is, the one that
// the user looks at.
func inSession(ctx context.Context, conn *dbus.Conn, manager service.Service, action desk.PowerAction, verb string) error {
	var path dbus.ObjectPath
	if err := manager.Call(ctx, managerType+".GetSession", []any{"auto"}, &path); err != nil {
		return mend(action, err)
	}
	if !path.IsValid() {
		return api.Errorf(api.Failed, "the login manager names no session: log in again and try once more")
	}
	session := manager
	session.Object = conn.Object(busName, path)
	return mend(action, session.Call(ctx, sessionType+"."+verb, nil))
}

// possible judges what the manager says of an action. A word that is not known is left to the action itself.
func possible(action desk.PowerAction, can string) error {
	switch can {
	case "na":
		return api.Errorf(api.Unavailable, "this computer can't %s: its hardware, kernel or swap does not allow it, so choose something else", action)
	case "no", "challenge":
		return denied(action)
	case "inhibited", "inhibitor-blocked", "challenge-inhibitor-blocked":
		return inhibited(action)
	}
	return nil
}

func denied(action desk.PowerAction) error {
	return api.Errorf(api.Denied, "the system does not let nerva %s without a password: do it yourself, or allow it by a polkit rule", action)
}

func inhibited(action desk.PowerAction) error {
	return api.Errorf(api.Busy, "a program holds off %s now: systemd-inhibit --list says which; end its work and try again", action)
}

// mend gives the manager's own errors a sentence (logind-dbus.c).
func mend(action desk.PowerAction, err error) error {
	switch service.ErrorName(err) {
	case "org.freedesktop.DBus.Error.AccessDenied", "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired":
		return denied(action)
	case "org.freedesktop.login1.BlockedByInhibitorLock":
		return inhibited(action)
	case "org.freedesktop.login1.OperationInProgress":
		return api.Errorf(api.Busy, "the system is already on its way to another state: wait for it")
	case "org.freedesktop.login1.SleepVerbNotSupported":
		return possible(action, "na")
	case "org.freedesktop.login1.NoSessionForPID", "org.freedesktop.login1.NoSuchSession":
		return api.Errorf(api.Unavailable, "the login manager knows no session of this user: log in to a desktop session and try again")
	}
	return err
}

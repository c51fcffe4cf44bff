package portal

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
)

const (
	shortcuts   = "org.freedesktop.portal.GlobalShortcuts"
	sessionPath = desktopPath + "/session"
)

// sessionLimit bounds what the portal does without a person: knowing us, and making a session.
const sessionLimit = 15 * time.Second

// Shortcut is a key that the desktop is asked to bind for a program.
type Shortcut struct {
	// App is the id of the program's desktop entry. Portals from 1.21 on bind nothing for a program without one, and
	// desktops list its keys below it.
	App string
	// ID names the shortcut among those of the program.
	ID string
	// Description is what the desktop shows.
	Description string
	// Trigger is the key that is wished for, in the form of the shortcuts specification ("LOGO+space"). The desktop
	// may ask the person, and may give another or none.
	Trigger string
	// Known has it bound only where the desktop has it from before, so that nobody is asked.
	Known bool
}

// KeepShortcut has the desktop call activated each time the shortcut is used, with an activation token or the empty
// string, from one goroutine. It goes on until ctx ends, through the restarts of a portal; while there is none that
// binds keys it waits for one. It tells told of each attempt: nil for one that succeeded.
//
// A person's refusal is not asked about again: it ends KeepShortcut with api.Cancelled. Otherwise the error is ctx's, or
// api.Unavailable where there is no session bus.
//
// The portal knows a program by its connection, by what it was told before any other call on it, so that the
// connection must serve nothing else. It ends the session with it.
//
// Sources: XDG Desktop Portal, org.freedesktop.portal.GlobalShortcuts (version 1) and
// org.freedesktop.host.portal.Registry (version 1).
func (p *Portal) KeepShortcut(ctx context.Context, s Shortcut, activated func(token string), told func(error)) error {
	conn, err := p.conn()
	if err != nil {
		return err
	}
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	defer conn.RemoveSignal(signals)
	owner, err := watchOwner(ctx, conn)
	if err != nil {
		return keepError(ctx, err)
	}
	k := keeper{Portal: p, Shortcut: s, conn: conn, owner: owner, attempts: make(chan error)}
	defer func() { k.stop() }()
	k.start(ctx)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-k.attempts:
			k.end = nil
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if api.CodeOf(err) == api.Cancelled {
				return err
			}
			told(err)
		case signal, open := <-signals:
			if !open {
				return keepError(ctx, dbus.ErrClosed)
			}
			if k.moved(signal) {
				k.stop()
				k.start(ctx)
			}
			if token, used := k.used(signal); used {
				activated(token)
			}
		}
	}
}

// moved says whether the portal's name has another owner now, and takes it down.
func (k *keeper) moved(s *dbus.Signal) bool {
	var name, before, now string
	if s.Sender != "org.freedesktop.DBus" || s.Name != "org.freedesktop.DBus.NameOwnerChanged" ||
		dbus.Store(s.Body, &name, &before, &now) != nil || name != busName || now == k.owner {
		return false
	}
	k.owner = now
	return true
}

// used says whether the portal itself tells that our shortcut was used: any program may send a signal of this form
// straight to our connection.
func (k *keeper) used(s *dbus.Signal) (token string, used bool) {
	if s.Name != shortcuts+".Activated" || s.Sender != k.owner {
		return "", false
	}
	var session dbus.ObjectPath
	var id string
	var at uint64
	var options map[string]dbus.Variant
	if dbus.Store(s.Body, &session, &id, &at, &options) != nil {
		return "", false
	}
	token, _ = options["activation_token"].Value().(string)
	ours := sessionPath + "/" + senderElement(k.conn) + "/"
	return token, id == k.ID && strings.HasPrefix(string(session), ours)
}

// watchOwner subscribes to what keeper wants to hear, has the bus start the portal where it can, and returns who
// owns its name.
func watchOwner(ctx context.Context, conn *dbus.Conn) (owner string, err error) {
	err = conn.AddMatchSignalContext(ctx, dbus.WithMatchSender("org.freedesktop.DBus"),
		dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, busName))
	if err != nil {
		return "", err
	}
	err = conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(busName),
		dbus.WithMatchInterface(shortcuts), dbus.WithMatchMember("Activated"))
	if err != nil {
		return "", err
	}
	var refused dbus.Error
	err = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.StartServiceByName", 0, busName, uint32(0)).Err
	if err != nil && !errors.As(err, &refused) { // the bus also refuses to start what it has no file for, though it runs
		return "", err
	}
	err = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, busName).Store(&owner)
	if errors.As(err, &refused) {
		return "", nil // nobody now; the bus tells when somebody comes
	}
	return owner, err
}

func keepError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return api.Errorf(api.Unavailable, "the session bus went away, and the shortcut with it: log in again: %w", err)
}

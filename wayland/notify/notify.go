// Package notify shows notifications through the desktop's notification service.
//
// A Notifier has no state; the connection belongs to somebody else. It must not know what a notification
// is about.
package notify

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
)

const (
	busName    = "org.freedesktop.Notifications"
	objectPath = "/org/freedesktop/Notifications"

	appName      = "nerva"
	desktopEntry = "org.nerva.Overlay1" // without ".desktop"; servers take icon and settings from it
	// serverDecides is the expiry that leaves it to the server.
	serverDecides = int32(-1)
	never         = int32(0)
)

// Notifier implements desk.Notifier over org.freedesktop.Notifications.
type Notifier struct {
	conn func() (*dbus.Conn, error)
}

// New returns a Notifier that gets its connection from conn each time.
func New(conn func() (*dbus.Conn, error)) *Notifier { return &Notifier{conn} }

// Notify implements desk.Notifier: it shows title and body as they are, whatever markup they look like.
//
// Source: Desktop Notifications Specification 1.2, "Markup" and org.freedesktop.Notifications.Notify.
func (n *Notifier) Notify(ctx context.Context, message desk.Notification) (desk.Shown, error) {
	conn, err := n.conn()
	if err != nil {
		return desk.Shown{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	var capabilities []string
	if err := conn.Object(busName, objectPath).CallWithContext(ctx, busName+".GetCapabilities", 0).Store(&capabilities); err != nil {
		return desk.Shown{}, sentence(ctx, err)
	}
	// From here on the one service that runs now is spoken to: a number counts for nobody else.
	owner, by, err := present(ctx, conn)
	if err != nil {
		return desk.Shown{}, sentence(ctx, err)
	}
	body := text(message.Body)
	if slices.Contains(capabilities, "body-markup") {
		body = escape.Replace(body)
	}
	replaces := uint32(0)
	if message.Replaces.By == by {
		replaces = message.Replaces.ID
	}
	shown := desk.Shown{By: by}
	err = conn.Object(owner, objectPath).CallWithContext(ctx, busName+".Notify", 0,
		appName, replaces, text(message.Icon), text(message.Title), body, buttons(message.Actions, capabilities), hints(message), expiry(message)).Store(&shown.ID)
	if err != nil {
		return desk.Shown{}, sentence(ctx, err)
	}
	return shown, nil
}

// Service implements desk.Notifier. It starts no service.
func (n *Notifier) Service(ctx context.Context) (by string, err error) {
	conn, err := n.conn()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	if _, by, err = present(ctx, conn); err != nil {
		return "", sentence(ctx, err)
	}
	return by, nil
}

// Retract implements desk.Notifier.
func (n *Notifier) Retract(ctx context.Context, s desk.Shown) error {
	if s == (desk.Shown{}) {
		return nil
	}
	conn, err := n.conn()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	owner, by, err := present(ctx, conn)
	if err != nil || by != s.By {
		return nil // the service that showed it is gone, and what it showed with it
	}
	err = conn.Object(owner, objectPath).CallWithContext(ctx, busName+".CloseNotification", 0, s.ID).Err
	var e dbus.Error
	if errors.As(err, &e) && ctx.Err() == nil {
		return nil // some services refuse what they don't show any more
	}
	if err != nil {
		return sentence(ctx, err)
	}
	return nil
}

// present is the service that runs now, by its own name, and by one that no later service of this bus or another has: a
// unique name is given once on a bus, whose id is its own.
func present(ctx context.Context, conn *dbus.Conn) (owner, by string, err error) {
	bus := conn.BusObject()
	if err := bus.CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, busName).Store(&owner); err != nil {
		return "", "", err
	}
	var id string
	if err := bus.CallWithContext(ctx, "org.freedesktop.DBus.GetId", 0).Store(&id); err != nil {
		return "", "", err
	}
	return owner, owner + " " + id, nil
}

// buttons are the actions of a message, where the service shows some.
func buttons(actions []desk.NotificationAction, capabilities []string) []string {
	list := []string{}
	if slices.Contains(capabilities, "actions") {
		for _, a := range actions {
			list = append(list, text(a.ID), text(a.Title))
		}
	}
	return list
}

// hints has the tag by both names that services look at: mako and swaync know both, dunst the first.
func hints(message desk.Notification) map[string]dbus.Variant {
	all := map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant(desktopEntry)}
	if tag := text(message.Tag); tag != "" {
		all["x-dunst-stack-tag"], all["x-canonical-private-synchronous"] = dbus.MakeVariant(tag), dbus.MakeVariant(tag)
	}
	return all
}

func expiry(message desk.Notification) int32 {
	if message.Stays {
		return never
	}
	return serverDecides
}

// escape writes text as markup. Servers know these three entities; not all know those of quotes.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// text makes s fit for D-Bus, which closes the connection over a string with NUL or broken UTF-8.
func text(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "") }

func sentence(ctx context.Context, err error) error {
	var e dbus.Error
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return api.Errorf(api.Unavailable, "the notification service did not answer within %v: restart it and try again: %w", desk.Limit, err)
	case ctx.Err() != nil:
		return api.Errorf(api.Cancelled, "the notification was stopped: %w", ctx.Err())
	case errors.As(err, &e) && (e.Name == "org.freedesktop.DBus.Error.ServiceUnknown" || e.Name == "org.freedesktop.DBus.Error.NameHasNoOwner" ||
		strings.HasPrefix(e.Name, "org.freedesktop.DBus.Error.Spawn.")):
		return api.Errorf(api.Unavailable, "no notification service is running: start one, such as mako or dunst: %w", err)
	default:
		return api.Errorf(api.Failed, "the notification service refused: see its log: %w", err)
	}
}

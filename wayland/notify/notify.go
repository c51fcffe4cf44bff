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
func (n *Notifier) Notify(ctx context.Context, message desk.Notification) (id uint32, err error) {
	conn, err := n.conn()
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	server := conn.Object(busName, objectPath)
	var capabilities []string
	if err := server.CallWithContext(ctx, busName+".GetCapabilities", 0).Store(&capabilities); err != nil {
		return 0, sentence(ctx, err)
	}
	title, body := text(message.Title), text(message.Body)
	if slices.Contains(capabilities, "body-markup") {
		body = escape.Replace(body)
	}
	hints := map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant(desktopEntry)}
	err = server.CallWithContext(ctx, busName+".Notify", 0,
		appName, uint32(0), text(message.Icon), title, body, []string{}, hints, serverDecides).Store(&id)
	if err != nil {
		return 0, sentence(ctx, err)
	}
	return id, nil
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

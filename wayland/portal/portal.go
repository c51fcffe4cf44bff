// Package portal asks the desktop portal (org.freedesktop.portal.Desktop): the generic request with its
// asynchronous response, the screenshot, and a key that the desktop binds for us.
//
// A Portal has no state of its own: each request lives in the goroutine that makes it, on a connection
// that belongs to somebody else. It must not know who asks, nor what a caller does when there is no portal.
package portal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
)

const (
	busName     = "org.freedesktop.portal.Desktop"
	desktopPath = "/org/freedesktop/portal/desktop"
	requestPath = desktopPath + "/request"
	requestType = "org.freedesktop.portal.Request"
)

// closeLimit bounds the closing of a request that nobody waits for any more.
const closeLimit = time.Second

// Portal makes requests.
type Portal struct {
	conn func() (*dbus.Conn, error)
}

// New returns a Portal that gets its connection from conn each time.
func New(conn func() (*dbus.Conn, error)) *Portal { return &Portal{conn} }

// Request calls a portal method that answers through a Request object and waits for the answer until ctx
// ends; then it closes the request, which also takes away any dialog. The method is named in full, as
// "org.freedesktop.portal.Screenshot.Screenshot"; options go last, after args, and get a handle_token.
//
// The error's code is api.Cancelled where the user said no or ctx was cancelled, api.Denied where the
// portal refuses this caller, api.Unavailable where no portal implements the method or none answered in
// time, and api.Failed where the request ended in another way.
//
// Source: XDG Desktop Portal, org.freedesktop.portal.Request.
func (p *Portal) Request(ctx context.Context, method string, options map[string]dbus.Variant, args ...any) (map[string]dbus.Variant, error) {
	conn, err := p.conn()
	if err != nil {
		return nil, err
	}
	// The answer may come before the method returns, so the subscription comes first. It covers all
	// requests and not only the path we expect: portals before 0.9 choose another path, which is known
	// only when it would be too late to subscribe.
	match := []dbus.MatchOption{
		dbus.WithMatchSender(busName), dbus.WithMatchPathNamespace(requestPath),
		dbus.WithMatchInterface(requestType), dbus.WithMatchMember("Response"),
	}
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	defer conn.RemoveSignal(signals)
	if err := conn.AddMatchSignalContext(ctx, match...); err != nil {
		return nil, callError(ctx, method, err)
	}
	defer unsubscribe(ctx, conn, match)

	token := "nerva_" + rand.Text()
	call := make(map[string]dbus.Variant, len(options)+1)
	for key, value := range options {
		call[key] = value
	}
	call["handle_token"] = dbus.MakeVariant(token)
	expected := handle(conn, token)
	var path dbus.ObjectPath
	err = conn.Object(busName, desktopPath).CallWithContext(ctx, method, 0, append(args, call)...).Store(&path)
	if err != nil {
		if ctx.Err() != nil {
			closeRequest(ctx, conn, expected)
		}
		return nil, callError(ctx, method, err)
	}
	return wait(ctx, conn, signals, path, method)
}

// handle is the path of the request that a caller's token makes.
func handle(conn *dbus.Conn, token string) dbus.ObjectPath {
	return dbus.ObjectPath(requestPath + "/" + senderElement(conn) + "/" + token)
}

// senderElement is the connection's name as an element of the paths that the portal gives its requests and sessions.
func senderElement(conn *dbus.Conn) string {
	return strings.ReplaceAll(strings.TrimPrefix(conn.Names()[0], ":"), ".", "_")
}

// wait returns the response to the request at path. Only the portal's own signal counts: any program may
// send one of this form straight to our connection.
func wait(ctx context.Context, conn *dbus.Conn, signals <-chan *dbus.Signal, path dbus.ObjectPath, method string) (map[string]dbus.Variant, error) {
	var owner string
	if err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, busName).Store(&owner); err != nil {
		closeRequest(ctx, conn, path)
		return nil, callError(ctx, method, err)
	}
	for {
		select {
		case <-ctx.Done():
			closeRequest(ctx, conn, path)
			return nil, callError(ctx, method, ctx.Err())
		case s, open := <-signals:
			if !open {
				return nil, api.Errorf(api.Unavailable, "the session bus went away during %s: try again", short(method))
			}
			if s.Path == path && s.Sender == owner && s.Name == requestType+".Response" {
				return response(s.Body, method)
			}
		}
	}
}

// response judges the arguments of a Response signal.
func response(body []any, method string) (map[string]dbus.Variant, error) {
	var code uint32
	var results map[string]dbus.Variant
	if err := dbus.Store(body, &code, &results); err != nil {
		return nil, api.Errorf(api.Failed, "the portal's answer to %s has the wrong form: update xdg-desktop-portal and its backend: %w", short(method), err)
	}
	switch code {
	case 0:
		return results, nil
	case 1:
		return nil, api.Errorf(api.Cancelled, "%s was cancelled in the desktop's dialog: ask again and confirm it there", short(method))
	default:
		return nil, api.Errorf(api.Failed, "the portal ended %s without doing it (response %d): see journalctl --user -u xdg-desktop-portal for why",
			short(method), code)
	}
}

// unsubscribe takes the match back. It fails only where the connection is gone, and the match with it.
func unsubscribe(ctx context.Context, conn *dbus.Conn, match []dbus.MatchOption) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeLimit)
	defer cancel()
	_ = conn.RemoveMatchSignalContext(ctx, match...)
}

// closeRequest withdraws a request. There is nobody to tell of a failure: the request may be over by now,
// and then its object no longer exists.
func closeRequest(ctx context.Context, conn *dbus.Conn, path dbus.ObjectPath) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeLimit)
	defer cancel()
	conn.Object(busName, path).CallWithContext(ctx, requestType+".Close", 0)
}

// callError makes a sentence of a failed call.
func callError(ctx context.Context, method string, err error) error {
	what := short(method)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return api.Errorf(api.Unavailable, "the portal did not answer %s in time: see whether a dialog waits, then try again: %w", what, ctx.Err())
	}
	if ctx.Err() != nil {
		return api.Errorf(api.Cancelled, "%s was stopped: %w", what, ctx.Err())
	}
	var e dbus.Error
	if !errors.As(err, &e) {
		return api.Errorf(api.Failed, "ask the portal for %s: %w", what, err)
	}
	switch {
	case missing[e.Name] || strings.HasPrefix(e.Name, "org.freedesktop.DBus.Error.Spawn."):
		return api.Errorf(api.Unavailable, "no desktop portal offers %s: install xdg-desktop-portal and the backend of this desktop "+
			"(xdg-desktop-portal-wlr, -hyprland, -gnome or -kde, and -gtk) and log in again: %w", what, err)
	case e.Name == "org.freedesktop.portal.Error.NotAllowed" || e.Name == "org.freedesktop.DBus.Error.AccessDenied":
		return api.Errorf(api.Denied, "the portal does not allow %s: change it in the desktop's privacy settings: %w", what, err)
	case e.Name == "org.freedesktop.portal.Error.Cancelled":
		return api.Errorf(api.Cancelled, "%s was cancelled: ask again and confirm it: %w", what, err)
	default:
		return api.Errorf(api.Failed, "the portal could not do %s: %w", what, err)
	}
}

// missing are the errors of a bus without portal, and of a portal without backend for the interface.
var missing = map[string]bool{
	"org.freedesktop.DBus.Error.ServiceUnknown":   true,
	"org.freedesktop.DBus.Error.NameHasNoOwner":   true,
	"org.freedesktop.DBus.Error.UnknownInterface": true,
	"org.freedesktop.DBus.Error.UnknownMethod":    true,
	"org.freedesktop.DBus.Error.UnknownObject":    true,
	"org.freedesktop.DBus.Error.NoReply":          true, // it died while it was asked
}

// short is the last word of a method's name, which is what a person knows it by.
func short(method string) string {
	return fmt.Sprintf("%q", method[strings.LastIndexByte(method, '.')+1:])
}

package compositor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/sockets"
)

// maxReply bounds one answer of a compositor, in bytes; a hundred windows make about 200 kB.
const maxReply = 16 << 20

// window is a toplevel with what a capture needs to know of it.
type window struct {
	desk.Window
	rect    desk.Region // its content, without the compositor's decoration
	visible bool        // some of it may be on an output now
}

// backend is one running compositor. Its methods may be called from any goroutine.
type backend interface {
	name() string
	windows(ctx context.Context) ([]window, error)
	focus(ctx context.Context, id string) error
	close(ctx context.Context, id string) error
	// move takes a workspace that checkWorkspace has let pass.
	move(ctx context.Context, id, workspace string) error
	// subscribe returns once the compositor will report every later change.
	subscribe(ctx context.Context) (stream, error)
}

// stream is a subscription. next waits for the next event that may change the list of windows.
type stream interface {
	next() error
	io.Closer
}

// maxWorkspace bounds a workspace's name, in bytes.
const maxWorkspace = 80

// checkWorkspace lets a name pass that can be told to every compositor: it goes into a command line of sway, and into
// a program or a list of words of Hyprland, where what it lets pass has no meaning within quotes.
func checkWorkspace(name string) error {
	bad := func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || strings.ContainsRune("\"'`\\$,;", r)
	}
	switch {
	case strings.TrimSpace(name) == "":
		return api.Errorf(api.InvalidInput, "workspace is empty: give the name of one, as list_windows has it, or a new one")
	case len(name) > maxWorkspace:
		return api.Errorf(api.InvalidInput, "workspace has %d bytes, and no name has more than %d", len(name), maxWorkspace)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, bad):
		return api.Errorf(api.InvalidInput, "%q can't be a workspace's name here: leave out quotes, backslashes, commas, semicolons, dollar signs and what can't be seen", name)
	}
	return nil
}

// dial connects to a compositor's socket. The connection is broken off when ctx ends, which stop undoes.
func dial(ctx context.Context, path string) (conn net.Conn, stop func() bool, err error) {
	conn, err = sockets.Dial(ctx, path)
	if err != nil {
		return nil, nil, fmt.Errorf("connect to the compositor: %w", err)
	}
	stop = context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	return conn, stop, nil
}

// request opens a connection for one question and its answer, for at most desk.Limit.
func request(ctx context.Context, name, path string, ask func(net.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	conn, stop, err := dial(ctx, path)
	if err != nil {
		return failed(ctx, name, err)
	}
	defer conn.Close()
	defer stop()
	if err := ask(conn); err != nil {
		return failed(ctx, name, err)
	}
	return nil
}

// failed makes a sentence of what went wrong between us and the compositor.
func failed(ctx context.Context, name string, err error) error {
	var known *api.Error
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return api.Errorf(api.Unavailable, "%s did not answer within %v: see whether it hangs, then try again: %w", name, desk.Limit, err)
	case ctx.Err() != nil:
		return api.Errorf(api.Cancelled, "asking %s was stopped: %w", name, ctx.Err())
	default:
		return api.Errorf(api.Unavailable, "%s broke off: try again, and see its log if this goes on: %w", name, err)
	}
}

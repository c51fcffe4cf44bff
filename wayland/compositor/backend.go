package compositor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
)

// maxReply bounds one answer of a compositor, in bytes; a hundred windows make about 200 kB.
const maxReply = 16 << 20

// window is a toplevel with what a capture needs to know of it.
type window struct {
	desk.Window
	rect    desk.Region // its content, without the compositor's decoration
	visible bool        // some of it may be on an output now
}

// backend is one running compositor. Its methods may be called from any goroutine; each makes a
// connection of its own.
type backend interface {
	name() string
	windows(ctx context.Context) ([]window, error)
	focus(ctx context.Context, id string) error
	// subscribe returns once the compositor will report every later change.
	subscribe(ctx context.Context) (stream, error)
}

// stream is a subscription. next waits for the next event that may change the list of windows.
type stream interface {
	next() error
	io.Closer
}

// dial connects to a compositor's socket. The connection is broken off when ctx ends, which stop undoes.
func dial(ctx context.Context, path string) (conn net.Conn, stop func() bool, err error) {
	conn, err = (&net.Dialer{}).DialContext(ctx, "unix", path)
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

// Package activation gets xdg-activation tokens from the compositor (wayland-protocols,
// staging/xdg-activation-v1), with which a program that is started may raise its window.
//
// A Tokens owns one connection to the display, made when the first token is wanted and made anew after the
// compositor restarted. One goroutine at a time speaks on it, the one that holds the turn; nothing is
// read between tokens. The package must not know what the tokens are for.
package activation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/MatthiasKunnen/go-wayland/wayland/client"
	xdg_activation "github.com/MatthiasKunnen/go-wayland/wayland/staging/xdg-activation-v1"

	"nerva/core/api"
	"nerva/wayland/internal/sockets"
)

// limit bounds a token: a program that starts without one is better than one that starts late.
const limit = time.Second

// Tokens implements desk.Tokens.
type Tokens struct {
	ctx  context.Context
	turn chan struct{} // has one element: the right to use conn
	conn *connection   // nil until first used and after an error
}

// New returns a Tokens that connects nothing yet; what it connects is closed when ctx ends.
func New(ctx context.Context) *Tokens {
	t := &Tokens{ctx: ctx, turn: make(chan struct{}, 1)}
	t.turn <- struct{}{}
	context.AfterFunc(ctx, func() {
		<-t.turn // and never put back: there are no more tokens
		t.drop()
	})
	return t
}

// Token implements desk.Tokens: a fresh token for a program whose windows have the given app id. It takes
// a second at most and fails with Unavailable where there is no display or the compositor knows no
// xdg-activation.
//
// The token names no seat, serial or surface, because a daemon has none of these: a compositor may then
// ask for the user's attention instead of giving focus. A caller with a surface brings its own token.
func (t *Tokens) Token(ctx context.Context, appID string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case <-t.turn:
	case <-t.ctx.Done():
		return "", api.Errorf(api.Unavailable, "nerva is ending; start the program again in a moment")
	case <-ctx.Done():
		return "", sentence(ctx.Err())
	}
	defer func() { t.turn <- struct{}{} }()
	if t.conn != nil {
		if token, err := t.conn.token(ctx, appID); err == nil {
			return token, nil
		}
		// The compositor may be another one by now. Once more, from the start.
		t.drop()
	}
	conn, err := connect(ctx)
	if err != nil {
		return "", sentence(err)
	}
	t.conn = conn
	token, err := conn.token(ctx, appID)
	if err != nil {
		t.drop()
		return "", sentence(err)
	}
	return token, nil
}

func (t *Tokens) drop() {
	if t.conn != nil {
		t.conn.close()
		t.conn = nil
	}
}

var (
	errNoDisplay  = errors.New("no Wayland display is running")
	errNoProtocol = errors.New("the compositor has no xdg_activation_v1")
)

func sentence(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return api.Errorf(api.Cancelled, "the activation token was not waited for: %w", err)
	case errors.Is(err, errNoDisplay):
		return api.Errorf(api.Unavailable, "%w; log in to a Wayland session, or set WAYLAND_DISPLAY", err)
	case errors.Is(err, errNoProtocol):
		return api.Errorf(api.Unavailable, "%w; update it, or click the new window yourself", err)
	default:
		return api.Errorf(api.Unavailable, "the compositor gave no activation token: %w; click the new window yourself", err)
	}
}

// connection is one client of the display with xdg_activation_v1 bound.
type connection struct {
	display    *client.Display
	activation *xdg_activation.Activation
	protocol   error // what the compositor accused us of before it hung up
}

func connect(ctx context.Context) (*connection, error) {
	path := sockets.Display()
	if path == "" {
		return nil, errNoDisplay
	}
	display, err := client.Connect(path)
	if err != nil {
		return nil, err
	}
	c := &connection{display: display}
	display.SetErrorHandler(func(e client.DisplayErrorEvent) {
		c.protocol = fmt.Errorf("protocol error %d: %s", e.Code, e.Message)
	})
	if err := c.within(ctx, c.bind); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *connection) bind() error {
	registry, err := c.display.GetRegistry()
	if err != nil {
		return err
	}
	var bound error
	registry.SetGlobalHandler(func(g client.RegistryGlobalEvent) {
		if g.Interface == xdg_activation.ActivationInterfaceName && c.activation == nil {
			c.activation = xdg_activation.NewActivation(c.display.Context())
			bound = registry.Bind(g.Name, g.Interface, 1, c.activation)
		}
	})
	if err := c.display.Roundtrip(); err != nil {
		return err
	}
	if c.activation == nil {
		return errNoProtocol
	}
	return bound
}

func (c *connection) token(ctx context.Context, appID string) (token string, err error) {
	err = c.within(ctx, func() error {
		request, err := c.activation.GetActivationToken()
		if err != nil {
			return err
		}
		done := false
		request.SetDoneHandler(func(e xdg_activation.ActivationTokenDoneEvent) { token, done = e.Token, true })
		if err := errors.Join(request.SetAppId(appID), request.Commit()); err != nil {
			return err
		}
		for !done {
			if err := c.dispatch(); err != nil {
				return err
			}
		}
		return request.Destroy()
	})
	return token, err
}

// dispatch reads one event. The display's delete_id events name objects that this side has forgotten.
func (c *connection) dispatch() error {
	err := c.display.Context().Dispatch()
	switch {
	case c.protocol != nil:
		return c.protocol
	case errors.Is(err, client.ErrDispatchSenderNotFound):
		return nil
	}
	return err
}

// within closes the connection when ctx ends first: the library has no deadlines, and nothing else ends a
// read of a compositor that hangs.
func (c *connection) within(ctx context.Context, f func() error) error {
	stop := context.AfterFunc(ctx, c.close)
	err := f()
	if !stop() {
		return errors.Join(ctx.Err(), err)
	}
	return err
}

// close may be called twice; then the second one fails, and nobody minds.
func (c *connection) close() { _ = c.display.Context().Close() }

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
	"time"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/wl"
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
	if token := desk.Token(ctx); token != "" {
		return token, nil
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case <-t.turn:
	case <-t.ctx.Done():
		return "", api.Errorf(api.Unavailable, "nerva is ending; start the program again in a moment")
	case <-ctx.Done():
		return "", wl.Sentence(ctx, ctx.Err())
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
		return "", err
	}
	conn.Keep(t.ctx)
	t.conn = conn
	token, err := conn.token(ctx, appID)
	if err != nil {
		t.drop()
		return "", wl.Sentence(ctx, err)
	}
	return token, nil
}

func (t *Tokens) drop() {
	if t.conn != nil {
		_ = t.conn.Close() // it is given up
		t.conn = nil
	}
}

// connection is one client of the display with xdg_activation_v1 bound.
type connection struct {
	*wl.Conn
	activation *wl.Object
}

// The requests and events that we use (xdg-activation-v1, version 1).
const (
	activationGetToken = 1

	tokenSetAppID = 1
	tokenCommit   = 3
	tokenDestroy  = 4

	tokenDone = 0
)

var (
	activationInterface = &wl.Interface{Name: "xdg_activation_v1"}
	tokenInterface      = &wl.Interface{Name: "xdg_activation_token_v1"}
)

func connect(ctx context.Context) (*connection, error) {
	conn, err := wl.Connect(ctx)
	if err != nil {
		return nil, err
	}
	activation := conn.BindFirst(activationInterface, 1, 1, nil)
	if activation == nil {
		none := api.Errorf(api.Unavailable, "the compositor has no xdg_activation_v1: update it, or click the new window yourself")
		return nil, errors.Join(none, conn.Close())
	}
	return &connection{conn, activation}, nil
}

func (c *connection) token(ctx context.Context, appID string) (token string, err error) {
	done := false
	request := c.activation.Create(activationGetToken, tokenInterface, func(event uint16, a *wl.Args) {
		if event == tokenDone {
			token, done = a.String(), true
		}
	}, wl.NewID{})
	request.Request(tokenSetAppID, appID)
	request.Request(tokenCommit)
	err = c.Until(ctx, func() bool { return done })
	request.Destroy(tokenDestroy)
	return token, err
}

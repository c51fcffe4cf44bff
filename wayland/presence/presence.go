// Package presence hears from the compositor whether somebody is at the computer (wayland-protocols,
// staging/ext-idle-notify).
//
// Each FollowPresence has a connection to the display and what it told last, in the goroutine that calls it. The package must not
// know what is done when nobody is there.
package presence

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"sync"

	"nerva/core/api"
	"nerva/wayland/internal/displays"
	"nerva/wayland/internal/wl"
)

// The requests and events that we use (ext-idle-notify-v1, version 1).
const (
	notifierGetIdle = 1

	notificationIdled   = 0 // event
	notificationResumed = 1 // event
)

var (
	idleNotifier     = &wl.Interface{Name: "ext_idle_notifier_v1"}
	idleNotification = &wl.Interface{Name: "ext_idle_notification_v1"}
	seat             = &wl.Interface{Name: "wl_seat"}
)

// maxSeconds is the most that the protocol's milliseconds hold.
const maxSeconds = math.MaxUint32 / 1000

var (
	errUnsupported = api.Errorf(api.Unavailable, "this compositor tells nobody whether somebody is there (it has no ext_idle_notifier_v1): update it: %w", errors.ErrUnsupported)
	errSeat        = api.Errorf(api.Unavailable, "the seat is gone: plug in a keyboard or a pointer")
)

// Presence implements desk.Presence.
type Presence struct {
	log  *slog.Logger
	warn sync.Once
}

// New returns a Presence that connects to the session's display each time.
func New(log *slog.Logger) *Presence { return &Presence{log: log} }

// FollowPresence implements desk.Presence. It waits for a compositor that has the protocol, and goes on with the next where one
// ends: a session that begins had somebody to begin it. Where an application keeps the screen awake, as those do that play a film,
// somebody counts as there, for which reason it is not get_input_idle_notification that is asked for.
func (p *Presence) FollowPresence(ctx context.Context, seconds int, changed func(idle bool)) error {
	if seconds < 1 || seconds > maxSeconds {
		return api.Errorf(api.InvalidInput, "nobody can be waited for that is away for %d s: choose 1 to %d", seconds, maxSeconds)
	}
	f := follower{milliseconds: uint32(seconds) * 1000, changed: changed}
	displays.Follow(ctx, p.log, displays.Wayland(), nil, func(ctx context.Context) error {
		err := f.serve(ctx)
		if errors.Is(err, errors.ErrUnsupported) {
			p.warn.Do(func() { p.log.Warn("what waits for nobody to be there can't know that", "error", err) })
		}
		return err
	})
	return ctx.Err()
}

// follower is the state of FollowPresence.
type follower struct {
	milliseconds uint32
	changed      func(idle bool)
	idle         bool // what was told last
}

// serve connects and tells until the connection ends, or the seat goes.
func (f *follower) serve(ctx context.Context) error {
	conn, err := wl.Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // it has ended, or is not wanted any more
	notifier := conn.BindFirst(idleNotifier, 1, 1, nil)
	if notifier == nil {
		return errUnsupported
	}
	if err := conn.Until(ctx, func() bool { return conn.First(seat).Interface != "" }); err != nil {
		return wl.Sentence(ctx, err)
	}
	of, gone := conn.First(seat), false
	conn.OnGlobal(nil, func(name uint32) { gone = gone || name == of.Name })
	notifier.Create(notifierGetIdle, idleNotification, func(event uint16, _ *wl.Args) {
		switch event {
		case notificationIdled:
			f.tell(true)
		case notificationResumed:
			f.tell(false)
		}
	}, wl.NewID{}, f.milliseconds, conn.Bind(of, seat, 1, nil))
	if err := conn.Roundtrip(ctx); err != nil {
		return wl.Sentence(ctx, err)
	}
	f.tell(false)
	if err := conn.Until(ctx, func() bool { return gone }); err != nil {
		return wl.Sentence(ctx, err)
	}
	return errSeat
}

func (f *follower) tell(idle bool) {
	if f.idle != idle {
		f.idle = idle
		f.changed(idle)
	}
}

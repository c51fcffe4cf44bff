// Package beside hears clicks beside a layer surface (wlr-layer-shell-unstable-v1) that is narrower than its output and
// centred on it. It lays an empty surface of its own, a stretched transparent pixel, over the whole of the output; its
// input region leaves out the middle, so that it doesn't matter which of the two lies above the other.
//
// A Beside owns one connection to the display, made when it is first needed and made anew after the compositor
// restarted. The goroutine of Run makes all requests and reads all events; what it shares with the callers of Watch and
// Ignore, which never wait, is what they want, under a mutex. The package must not know what the other surface is, nor
// what a click is good for.
package beside

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"nerva/core/api"
	"nerva/wayland/internal/displays"
	"nerva/wayland/internal/wl"
)

// Beside hears clicks.
type Beside struct {
	log     *slog.Logger
	pressed func()

	mu    sync.Mutex
	width int    // of the middle that is left out; 0: nothing is watched
	wake  func() // tells the owner that it has changed
}

// New returns a Beside; pressed is called in Run's goroutine for each button that is pressed, or finger put down.
func New(log *slog.Logger, pressed func()) *Beside {
	return &Beside{log: log, pressed: pressed, wake: func() {}}
}

// Watch has clicks heard on the output that the compositor gives a new surface, which is the focused one, but for the
// width logical pixels in its middle, until Ignore.
func (b *Beside) Watch(width int) { b.want(width) }

// Ignore takes the surface away.
func (b *Beside) Ignore() { b.want(0) }

func (b *Beside) want(width int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.width = width
	b.wake()
}

// wanted returns the width, and a context that ends when there is another.
func (b *Beside) wanted(ctx context.Context) (int, context.Context, context.CancelFunc) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	b.wake = cancel
	return b.width, ctx, cancel
}

// Run does it until ctx ends. Where the compositor has not the protocols for it, no click is heard, which is logged once.
func (b *Beside) Run(ctx context.Context) {
	for width := 0; width == 0; {
		now, changed, stop := b.wanted(ctx)
		if width = now; width == 0 {
			<-changed.Done()
		}
		stop()
		if ctx.Err() != nil {
			return
		}
	}
	var warn sync.Once
	displays.Follow(ctx, b.log, displays.Wayland(), nil, func(ctx context.Context) error {
		err := b.serve(ctx)
		if errors.Is(err, errors.ErrUnsupported) {
			warn.Do(func() { b.log.Info("clicks beside the overlay are not heard", "reason", err) })
		}
		return err
	})
}

var errUnsupported = api.Errorf(api.Unavailable, "this compositor stretches no surfaces over an output (it has not both zwlr_layer_shell_v1 and wp_viewporter): "+
	"close the overlay by its keys: %w", errors.ErrUnsupported)

// serve connects and does what is wanted until the connection ends.
func (b *Beside) serve(ctx context.Context) error {
	conn, err := wl.Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // it has ended, or is not wanted any more
	l, err := open(conn, b.pressed)
	if err != nil {
		return err
	}
	for {
		width, changed, stop := b.wanted(ctx)
		l.watch(width)
		err := conn.Run(changed)
		again := changed.Err() != nil && ctx.Err() == nil
		stop()
		if !again {
			return wl.Sentence(ctx, err)
		}
	}
}

// Package clipboard reads, writes and watches the Wayland clipboard by ext-data-control-v1 (wayland-protocols,
// staging), or where a compositor has only that, by wlr-data-control-unstable-v1. Neither needs a window or the focus.
//
// A Clipboard owns one connection to the display, made when it is first used and made anew after the compositor
// restarted. One goroutine reads from it, for as long as the context of New; what it and the callers share is under a
// mutex. Contents go through pipes, each in a goroutine of its own or its caller's, never in the one that reads. What
// was copied here lives in this process: it is offered anew to a compositor that comes back, and lost when the
// process ends. The package must not know what is copied, nor what becomes of it.
package clipboard

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/displays"
	"nerva/wayland/internal/wl"
)

// Clipboard implements desk.Clipboard.
type Clipboard struct {
	ctx     context.Context
	log     *slog.Logger
	start   sync.Once
	ended   chan struct{} // closed when the owner has, if it was started
	asked   chan struct{} // has the owner try again to connect
	writers chan struct{} // has an element for each pipe that is written to
	limit   int           // desk.ClipLimit

	mu       sync.Mutex
	link     *link         // nil while there is no connection
	attempts int           // to connect, that have come to an end
	why      error         // of the last one that failed
	mine     []desk.Form   // what was copied here, until something else is
	changed  chan struct{} // closed, and another made, whenever one of the above changes, or what is offered
}

// New returns a Clipboard that connects nothing yet; what it connects and starts ends with ctx.
func New(ctx context.Context, log *slog.Logger) *Clipboard {
	return &Clipboard{
		ctx: ctx, log: log, ended: make(chan struct{}), asked: make(chan struct{}, 1), limit: desk.ClipLimit,
		writers: make(chan struct{}, maxWriters), changed: make(chan struct{}),
	}
}

// SetText implements desk.Clipboard.
func (c *Clipboard) SetText(ctx context.Context, text string) error {
	if text == "" {
		return c.Copy(ctx)
	}
	return c.Copy(ctx, desk.Form{Type: desk.TextTypes[0], Data: []byte(text)})
}

// Copy implements desk.Clipboard. It takes desk.Limit at most.
func (c *Clipboard) Copy(ctx context.Context, forms ...desk.Form) error {
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	l, err := c.connected(ctx)
	if err != nil {
		return err
	}
	taken := make(chan struct{})
	c.mu.Lock()
	c.mine = slices.Clone(forms)
	l.offerMine(c)
	l.conn.Sync(func() { close(taken) })
	c.mu.Unlock()
	select {
	case <-taken:
		return nil
	case <-l.ended:
		return l.why
	case <-ctx.Done():
		return wl.Sentence(ctx, ctx.Err())
	}
}

// Offered implements desk.Clipboard.
func (c *Clipboard) Offered(ctx context.Context) (desk.Offer, error) {
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	l, err := c.connected(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return l.selection.desk(), nil
}

// Watch implements desk.Clipboard.
func (c *Clipboard) Watch(ctx context.Context, changed func(desk.Offer)) error {
	c.run()
	var told *offer
	for first := true; ctx.Err() == nil; {
		c.mu.Lock()
		l, change := c.link, c.changed
		var now *offer
		if l != nil {
			now = l.selection
		}
		c.mu.Unlock()
		if l != nil && (first || now != told) {
			first, told = false, now
			changed(now.desk())
			continue
		}
		select {
		case <-change:
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// connected gives the connection, and where there is none asks for it and waits for the attempt.
func (c *Clipboard) connected(ctx context.Context) (*link, error) {
	c.run()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link == nil {
		select {
		case c.asked <- struct{}{}:
		default:
		}
	}
	for before := c.attempts; c.link == nil && c.attempts == before; {
		change := c.changed
		c.mu.Unlock()
		var err error
		select {
		case <-change:
		case <-ctx.Done():
			err = wl.Sentence(ctx, ctx.Err())
		case <-c.ctx.Done():
			err = api.Errorf(api.Unavailable, "nerva is ending; copy it again in a moment")
		}
		c.mu.Lock()
		if err != nil {
			return nil, err
		}
	}
	if c.link == nil {
		return nil, c.why
	}
	return c.link, nil
}

// run starts the owner, once.
func (c *Clipboard) run() {
	c.start.Do(func() {
		go func() {
			defer close(c.ended)
			displays.Follow(c.ctx, c.log, displays.Wayland(), c.asked, c.serve)
		}()
	})
}

// tell wakes all who wait for a change. It is called with mu held.
func (c *Clipboard) tell() {
	close(c.changed)
	c.changed = make(chan struct{})
}

package compositor

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"nerva/core/desk"
	"nerva/wayland/internal/displays"
)

const (
	// gap is the least time between two lists in the long run: a terminal may change its title for every line it prints. It is
	// half of what an event may take to its suggestion.
	gap = 25 * time.Millisecond
	// burst lists may come at once: a window that opens and takes the focus, and the turn back to another one right after
	// it, are not the same as neither.
	burst = 8
)

// Watch implements desk.Windows. A list is reported only if it differs from the one before.
func (c *Client) Watch(ctx context.Context, changed func([]desk.Window)) error {
	var last []desk.Window
	first := true
	tell := func(list []desk.Window) {
		if first || !slices.Equal(last, list) {
			first, last = false, list
			changed(list)
		}
	}
	displays.Follow(ctx, c.log, c.env.signs(), nil, func(ctx context.Context) error {
		b, err := c.find(ctx)
		if err != nil {
			tell(nil)
			return err
		}
		if err = follow(ctx, b, tell); ctx.Err() == nil {
			c.log.Info("the compositor's events ended", "compositor", b.name(), "error", err)
		}
		return fmt.Errorf("%w: %w", displays.ErrThere, err)
	})
	return ctx.Err()
}

// signs are the sockets of compositors. Hyprland's lie in a folder each, in one that appears with the first.
func (e Env) signs() displays.Signs {
	hypr := filepath.Join(e.RuntimeDir, "hypr")
	return displays.Signs{
		Dir: e.RuntimeDir,
		Folders: func() []string {
			instances, _ := filepath.Glob(filepath.Join(hypr, "*")) // the pattern is well formed
			return append([]string{hypr}, instances...)
		},
		Is: func(path string) bool {
			name := filepath.Base(path)
			return path == hypr || filepath.Dir(path) == hypr || name == requestSocket ||
				strings.HasPrefix(name, "sway-ipc.") || displays.IsDisplay(path)
		},
	}
}

// follow tells the list at first and after each change, until the compositor breaks off or ctx ends.
func follow(ctx context.Context, b backend, tell func([]desk.Window)) (err error) {
	ctx, cancel := context.WithCancel(ctx) // ends what subscribe leaves behind
	defer cancel()
	events, err := b.subscribe(ctx)
	if err != nil {
		return err
	}
	changes := make(chan struct{}, 1) // full: at least one change since the last list
	var broken error                  // set before changes is closed
	go func() {
		defer close(changes)
		for {
			if broken = events.next(); broken != nil {
				return
			}
			select {
			case changes <- struct{}{}:
			default:
			}
		}
	}()
	defer func() {
		err = errors.Join(err, events.Close())
		for range changes { // until the goroutine has ended
		}
	}()
	var paid time.Time // when the lists so far would have ended, one for each gap
	for {
		list, err := b.windows(ctx)
		if err != nil {
			return err
		}
		tell(plain(list))
		if _, more := <-changes; !more {
			return broken
		}
		if now := time.Now(); paid.Before(now) {
			paid = now
		}
		paid = paid.Add(gap)
		select {
		case <-ctx.Done():
		case <-time.After(time.Until(paid) - burst*gap):
		}
	}
}

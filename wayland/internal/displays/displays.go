// Package displays tells when a Wayland display may have come: a user service starts before the compositor, and
// outlives it.
//
// Follow owns a watch of the runtime folder, in the goroutine that calls it. The package must not know what a display
// is wanted for.
package displays

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"nerva/wayland/internal/sockets"
)

const (
	// Between making its socket and listening on it a compositor refuses, and no file event tells when that is over:
	// after a sign of life we ask again, first after firstRetry, then half as often each time.
	firstRetry = 20 * time.Millisecond
	// maxRetries bounds the asking: until there is a new sign of life.
	maxRetries = 7
	// steady is how long a display must have been of use for its end to be a sign of life, too.
	steady = 10 * time.Second
)

// Follow calls use at once, and again each time after it has returned and a display may have come, or asked brings
// something, until ctx ends. use returns the error of a display that was not there or has gone; after errors.ErrUnsupported
// there is no use in asking the same one again.
func Follow(ctx context.Context, log *slog.Logger, asked <-chan struct{}, use func(context.Context) error) {
	var signs <-chan fsnotify.Event
	var overrun <-chan error
	if watcher, err := watch(sockets.RuntimeDir()); err != nil {
		log.Error("a display that comes from now on won't be noticed; restart the daemon after logging in", "error", err)
	} else {
		defer func() { _ = watcher.Close() }() // fails only for one that is closed
		signs, overrun = watcher.Events, watcher.Errors
	}
	for tries := 0; ctx.Err() == nil; tries++ {
		began := time.Now()
		err := use(ctx)
		if time.Since(began) > steady {
			tries = 0
		}
		var retry <-chan time.Time
		if tries < maxRetries && !errors.Is(err, errors.ErrUnsupported) {
			retry = time.After(firstRetry << tries)
		}
		if wait(ctx, asked, retry, signs, overrun) {
			tries = -1
		}
	}
}

// wait returns when it is time to try, and whether there was a sign of life.
func wait(ctx context.Context, asked <-chan struct{}, retry <-chan time.Time, signs <-chan fsnotify.Event, overrun <-chan error) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-asked:
			return false
		case <-retry:
			return false
		case <-overrun: //nolint:errcheck // the queue ran over: anything may have happened
			return true
		case e := <-signs:
			if e.Has(fsnotify.Create) && strings.HasPrefix(filepath.Base(e.Name), "wayland-") {
				return true
			}
		}
	}
}

func watch(dir string) (*fsnotify.Watcher, error) {
	watcher, err := fsnotify.NewWatcher()
	if err == nil {
		err = watcher.Add(dir)
		if err != nil {
			_ = watcher.Close()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", dir, err)
	}
	return watcher, nil
}

package compositor

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"nerva/core/desk"
)

const (
	// gap is the least time between two lists: a terminal may change its title for every line it prints.
	gap = 50 * time.Millisecond
	// Between making its socket and listening on it a compositor refuses, and no file event tells when
	// that is over: after a sign of life we ask again, first after firstRetry, then half as often each time.
	firstRetry = 20 * time.Millisecond
	lastRetry  = 30 * time.Second
	// maxRetries bounds the asking where nothing listens at all: until there is a new sign of life.
	maxRetries = 7
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
	arrivals, err := newArrivals(c.env.RuntimeDir)
	if err != nil {
		c.log.Error("compositors that start from now on won't be noticed; restart the daemon after logging in", "error", err)
	}
	defer arrivals.close()
	for tries := 0; ctx.Err() == nil; tries++ {
		b, err := c.find(ctx)
		if err != nil {
			tell(nil)
			tries = arrivals.wait(ctx, tries, tries < maxRetries)
			continue
		}
		listed, err := follow(ctx, b, tell)
		if ctx.Err() != nil {
			break
		}
		c.log.Info("the compositor's events ended", "compositor", b.name(), "error", err)
		if listed {
			tries = -1
			continue
		}
		tries = arrivals.wait(ctx, tries, true)
	}
	return ctx.Err()
}

// follow tells the list at first and after each change, until the compositor breaks off or ctx ends. It
// says whether there was a first list.
func follow(ctx context.Context, b backend, tell func([]desk.Window)) (listed bool, err error) {
	ctx, cancel := context.WithCancel(ctx) // ends what subscribe leaves behind
	defer cancel()
	events, err := b.subscribe(ctx)
	if err != nil {
		return false, err
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
	for {
		list, err := b.windows(ctx)
		if err != nil {
			return listed, err
		}
		listed = true
		tell(plain(list))
		if _, more := <-changes; !more {
			return true, broken
		}
		select {
		case <-ctx.Done():
		case <-time.After(gap):
		}
	}
}

// arrivals reports sockets that appear in the runtime folder. The nil arrivals reports none.
type arrivals struct {
	watcher *fsnotify.Watcher
	hypr    string // the folder of Hyprland's instances, which appears with the first one
}

func newArrivals(runtimeDir string) (*arrivals, error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", runtimeDir, err)
	}
	if err := watcher.Add(runtimeDir); err != nil {
		_ = watcher.Close()
		return nil, fmt.Errorf("watch %s: %w", runtimeDir, err)
	}
	a := &arrivals{watcher, filepath.Join(runtimeDir, "hypr")}
	a.addHypr()
	return a, nil
}

// addHypr watches Hyprland's folders as far as they exist; what is watched already stays.
func (a *arrivals) addHypr() {
	instances, _ := filepath.Glob(filepath.Join(a.hypr, "*")) // the pattern is well formed
	for _, dir := range append([]string{a.hypr}, instances...) {
		_ = a.watcher.Add(dir) // gone, or not a folder: then no socket lies there
	}
}

// wait returns at a sign of life of a compositor (and -1, for the tries to begin anew), when ctx ends, or,
// where retry is set, after a while that grows with the number of tries.
func (a *arrivals) wait(ctx context.Context, tries int, retry bool) int {
	var later <-chan time.Time
	if retry {
		later = time.After(min(firstRetry<<min(tries, 16), lastRetry))
	}
	if a == nil {
		select {
		case <-ctx.Done():
		case <-later:
		}
		return tries
	}
	for {
		select {
		case <-ctx.Done():
			return tries
		case <-later:
			return tries
		case <-a.watcher.Errors: //nolint:errcheck // the queue ran over: anything may have happened
		case e := <-a.watcher.Events:
			if !e.Has(fsnotify.Create) || !a.promising(e.Name) {
				continue
			}
		}
		a.addHypr()
		return -1
	}
}

// promising says whether a new file may be a compositor's socket, or a folder that will hold one.
func (a *arrivals) promising(path string) bool {
	name := filepath.Base(path)
	return path == a.hypr || filepath.Dir(path) == a.hypr || name == requestSocket ||
		strings.HasPrefix(name, "sway-ipc.") || strings.HasPrefix(name, "wayland-")
}

func (a *arrivals) close() {
	if a != nil {
		_ = a.watcher.Close()
	}
}

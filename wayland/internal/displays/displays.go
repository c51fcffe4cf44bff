// Package displays tells when a compositor's socket may have come: a user service starts before the compositor, and
// outlives it.
//
// Follow owns a watch of the folders that hold such sockets, in the goroutine that calls it. The package must not know
// what a compositor is wanted for.
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
	lastRetry  = 30 * time.Second
	// maxRetries bounds the asking where nothing listens: until there is a new sign of life.
	maxRetries = 7
	// steady is how long one must have been of use for its end to be a sign of life, too.
	steady = 10 * time.Second
)

// ErrThere is wrapped by the error of something that listens and does not answer as it should: it is asked on, at most
// every 30 s.
var ErrThere = errors.New("the compositor is there")

// Signs says which new files are signs of life.
type Signs struct {
	Dir     string                 // the runtime folder
	Folders func() []string        // further folders, looked for again after each sign; those that are missing count for nothing
	Is      func(path string) bool // whether a new file may be a socket, or a folder that will hold one
}

// Wayland has the signs of a display.
func Wayland() Signs {
	return Signs{
		Dir:     sockets.RuntimeDir(),
		Folders: func() []string { return nil },
		Is:      IsDisplay,
	}
}

// IsDisplay says whether a new file may be the socket of a Wayland display.
func IsDisplay(path string) bool { return strings.HasPrefix(filepath.Base(path), "wayland-") }

// Follow calls use at once, and again each time after it has returned and a display may have come, or asked brings
// something, until ctx ends. use returns the error of one that was not there or has gone; after errors.ErrUnsupported
// there is no use in asking the same one again.
func Follow(ctx context.Context, log *slog.Logger, signs Signs, asked <-chan struct{}, use func(context.Context) error) {
	w, err := signs.watch()
	if err != nil {
		log.Error("a compositor that starts from now on won't be noticed; restart the daemon after logging in", "error", err)
	}
	defer w.close()
	for tries := 0; ctx.Err() == nil; tries++ {
		began := time.Now()
		err := use(ctx)
		if time.Since(began) > steady {
			tries = 0
		}
		var retry <-chan time.Time
		if !errors.Is(err, errors.ErrUnsupported) && (tries < maxRetries || errors.Is(err, ErrThere)) {
			retry = time.After(min(firstRetry<<min(tries, 16), lastRetry))
		}
		if w.wait(ctx, asked, retry) {
			tries = -1
		}
	}
}

// watcher waits for signs; the nil watcher gets none.
type watcher struct {
	*fsnotify.Watcher
	signs Signs
}

func (s Signs) watch() (*watcher, error) {
	files, err := fsnotify.NewWatcher()
	if err == nil {
		if err = files.Add(s.Dir); err != nil {
			_ = files.Close() // fails only for one that is closed
		}
	}
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", s.Dir, err)
	}
	w := &watcher{files, s}
	w.follow()
	return w, nil
}

// follow watches the further folders as far as they exist; what is watched already stays.
func (w *watcher) follow() {
	for _, dir := range w.signs.Folders() {
		_ = w.Add(dir) // gone, or not a folder: then no socket lies there
	}
}

func (w *watcher) close() {
	if w != nil {
		_ = w.Close()
	}
}

// wait returns when it is time to try, and whether there was a sign of life.
func (w *watcher) wait(ctx context.Context, asked <-chan struct{}, retry <-chan time.Time) bool {
	var files <-chan fsnotify.Event
	var overrun <-chan error
	if w != nil {
		files, overrun = w.Events, w.Errors
	}
	for {
		select {
		case <-ctx.Done():
			return false
		case <-asked:
			return false
		case <-retry:
			return false
		case <-overrun: //nolint:errcheck // the queue ran over: anything may have happened
		case e := <-files:
			if !e.Has(fsnotify.Create) || !w.signs.Is(e.Name) {
				continue
			}
		}
		w.follow()
		return true
	}
}

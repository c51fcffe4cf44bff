package notes

import (
	"context"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"

	"nerva/core/beneath"
	"nerva/core/paths"
)

// settle is how long Run waits after an event for those that belong to it: editors write a note as a new
// file, a rename and a change of times.
const settle = 200 * time.Millisecond

// Run watches the folder and calls OnChange, until ctx ends; it returns ctx's error. Where watching is
// impossible it says so in the log, and notices only what Add adds.
func (f *Folder) Run(ctx context.Context) error {
	w := &watch{folder: f, first: true}
	if watcher, err := fsnotify.NewWatcher(); err != nil {
		f.o.Log.Warn("the notes folder can't be watched; raise fs.inotify.max_user_instances", "error", err)
	} else {
		defer func() { _ = watcher.Close() }()
		w.watcher, w.events, w.errors = watcher, watcher.Events, watcher.Errors
	}
	defer f.watched.Store(false)
	f.tidy(ctx)
	w.refresh(ctx)
	timer := time.NewTimer(settle)
	timer.Stop()
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case ev := <-w.events:
			if w.matters(ev) {
				f.changes.Add(1)
				timer.Reset(settle)
			}
		case err := <-w.errors:
			// The queue of events may have run over: what they were is lost.
			f.o.Log.Warn("watching the notes folder", "error", err)
			f.changes.Add(1)
			timer.Reset(settle)
		case <-f.added:
			w.refresh(ctx)
		case <-timer.C:
			w.refresh(ctx)
		}
	}
}

// watch is Run's state.
type watch struct {
	folder  *Folder
	watcher *fsnotify.Watcher // nil where there is none
	events  chan fsnotify.Event
	errors  chan error
	first   bool
	last    []Note
	full    bool // the limit of watches has been reached, and been said
}

// refresh reads the folder, watches its directories, and tells of a change.
func (w *watch) refresh(ctx context.Context) {
	var notes []Note
	for {
		var dirs []string
		var err error
		if notes, dirs, err = w.folder.scan(ctx); err != nil {
			if ctx.Err() == nil {
				w.folder.o.Log.Warn("the notes can't be listed", "error", err)
			}
			return
		}
		if !w.follow(dirs) {
			break
		}
		// Something may have come into a directory before it was watched.
	}
	w.folder.watched.Store(w.watcher != nil && !w.full && len(w.watcher.WatchList()) > 0)
	if !w.first && reflect.DeepEqual(notes, w.last) {
		return
	}
	w.first, w.last = false, notes
	if w.folder.onChange != nil {
		w.folder.onChange(slices.Clone(notes))
	}
}

// follow watches these directories and no others; while the folder is missing, the nearest directory above
// it. It says whether there was a new one.
func (w *watch) follow(dirs []string) (grown bool) {
	if w.watcher == nil {
		return false
	}
	have := w.watcher.WatchList()
	for _, d := range have {
		if !slices.Contains(dirs, d) && (len(dirs) > 0 || !paths.Within(w.folder.dir, d)) {
			_ = w.watcher.Remove(d) // fails where the directory is gone, and the watch with it
		}
	}
	if len(dirs) == 0 {
		return w.await(have)
	}
	for _, d := range dirs {
		if slices.Contains(have, d) {
			continue
		}
		if err := w.watcher.Add(d); err != nil {
			if !w.full {
				w.full = true
				w.folder.o.Log.Warn("part of the notes folder can't be watched; raise fs.inotify.max_user_watches", "path", d, "error", err)
			}
			continue
		}
		grown = true
	}
	return grown
}

// await watches the nearest existing directory above the missing folder.
func (w *watch) await(have []string) bool {
	for d := filepath.Dir(w.folder.dir); ; d = filepath.Dir(d) {
		if slices.Contains(have, d) {
			return false
		}
		if w.watcher.Add(d) == nil {
			return true
		}
		if d == filepath.Dir(d) {
			return false
		}
	}
}

// matters says whether an event can change the list of notes.
func (w *watch) matters(ev fsnotify.Event) bool {
	if ev.Op == fsnotify.Chmod || hidden(ev.Name) && paths.Within(ev.Name, w.folder.dir) && ev.Name != w.folder.dir {
		return false
	}
	switch {
	case paths.Within(w.folder.dir, ev.Name):
		return true
	case !paths.Within(ev.Name, w.folder.dir):
		return false
	default:
		// A name without an extension may be a directory.
		return markdown(ev.Name) || !ev.Has(fsnotify.Write)
	}
}

// tidy puts in order what a crash has left while a note was written.
func (f *Folder) tidy(ctx context.Context) {
	_, dirs, err := f.scan(ctx)
	if err != nil {
		return // refresh says so
	}
	for _, d := range dirs {
		real, err := f.o.Files().Resolve(d, beneath.Write)
		if err == nil {
			err = f.o.Files().Sweep(real)
		}
		if err != nil {
			f.o.Log.Debug("a directory of notes is not looked through for what a crash may have left", "path", d, "error", err)
		}
	}
}

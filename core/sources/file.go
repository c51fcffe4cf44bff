package sources

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nerva/core/paths"
	"nerva/core/policy"
	"nerva/core/watchers"
)

// wantedFiles is one listener for all globs: what is done to a file is told once, however many rules it is for.
func (s *Sources) wantedFiles(all map[string]listen) {
	var globs []string
	for _, m := range s.o.Engine.Wants("file") {
		globs = append(globs, s.globs(m)...)
	}
	slices.Sort(globs)
	globs = slices.Compact(globs)
	if len(globs) > 0 {
		all["file "+strings.Join(globs, " ")] = func(ctx context.Context, post post) error { return s.files(ctx, globs, post) }
	}
}

func (s *Sources) globs(m watchers.Match) []string {
	var all []string
	for _, glob := range m.Paths {
		all = append(all, paths.Expand(s.o.Home, glob))
	}
	return all
}

// oneOf is the test for the globs of rules, which were compiled before.
func oneOf(globs []string) func(path string) bool { return policy.OneOf(globs, func(int) {}) }

// errOverflow: more has happened than the kernel keeps.
var errOverflow = errors.New("the kernel's queue of file events ran over")

func (s *Sources) files(ctx context.Context, globs []string, post post) error {
	for told := false; ; told = true {
		err := s.watch(ctx, watched{globs: globs, post: post, log: s.o.Log})
		if !errors.Is(err, errOverflow) {
			return err
		}
		if !told {
			s.o.Log.Warn("more happened to files than could be told, and some of it is lost; let match.paths name fewer folders, "+
				"or raise fs.inotify.max_queued_events", "error", err)
		}
	}
}

// watched is what is watched for whom.
type watched struct {
	globs []string
	post  post
	log   *slog.Logger
	// anew is called when all that happens from now on will be told, and when a folder is no more where it was: what there is
	// has to be looked up. nil: nobody does.
	anew func()
	// again has also told what the kernel may tell of a file that was found already: for who wants to know what is in it.
	again bool
}

// watch tells what happens to files from now on.
func (s *Sources) watch(ctx context.Context, what watched) error {
	queue, err := newInotify()
	if err != nil {
		return err
	}
	defer func() { _ = queue.file.Close() }()                         // what it had to say was read
	defer context.AfterFunc(ctx, func() { _ = queue.file.Close() })() // ends read
	w := &fileWatch{s: s, post: what.post, fits: oneOf(what.globs), again: what.again, anew: what.anew, seen: map[string]bool{}}
	if w.anew == nil {
		w.anew = func() {}
	}
	w.folders = folders{
		queue: queue, log: what.log, limit: s.folders, watched: map[string]folder{}, byWatch: map[int32][]string{}, at: map[int32]bool{},
		found: func(string, fs.DirEntry) {},
	}
	for _, glob := range what.globs {
		w.reaches = append(w.reaches, reaches(glob)...)
	}
	w.settle()
	w.found = w.come // what was there before has not happened now
	what.log.Debug("files are watched", "folders", len(w.watched))
	w.anew()
	for {
		events, bytes, err := queue.read()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		if err := w.take(events, bytes); err != nil {
			return err
		}
	}
}

// tell posts what happened to a path.
func (w *fileWatch) tell(event, path, from string, isFolder bool) {
	if !w.fits(path) {
		return
	}
	f := fields{"Text": path, "Event": event, "Path": path, "Name": filepath.Base(path), "From": from, "Folder": isFolder}
	if info, err := os.Lstat(path); err == nil && !isFolder { // it may be gone again
		f["Bytes"] = float64(info.Size())
	}
	w.post(watchers.Event{Source: "file", Fields: f})
}

// tellRemoved posts that nothing is at a path any more; to is where it has gone where that is known. For rules that
// name both places it was moved alone.
func (w *fileWatch) tellRemoved(path string, isFolder bool, to string) {
	if !w.fits(path) {
		return
	}
	e := watchers.Event{Source: "file", Fields: fields{
		"Text": path, "Event": "removed", "Path": path, "Name": filepath.Base(path), "Folder": isFolder,
	}}
	if to != "" {
		e.Only = func(m watchers.Match) bool { return !oneOf(w.s.globs(m))(to) }
	}
	w.post(e)
}

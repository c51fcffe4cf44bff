package sources

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"nerva/core/paths"
)

// mostFolders is how many folders are watched at most: a watch takes about 1 KiB of the kernel's memory, and the user's other
// programs need some of fs.inotify.max_user_watches.
const mostFolders = 8192

const (
	// whole tells all that happens in a folder.
	whole = unix.IN_CREATE | unix.IN_MODIFY | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_MOVED_TO | way
	// coming tells what comes into a folder in which something is waited for.
	coming = unix.IN_CREATE | unix.IN_MOVED_TO | way
	// way tells that a folder on the way to others is no more where it was.
	way = unix.IN_DELETE_SELF | unix.IN_MOVE_SELF
)

// folders are those that are watched. They belong to the goroutine of their watch.
type folders struct {
	queue   *inotify
	reaches []reach
	log     *slog.Logger
	limit   int
	full    bool // there are more than can be watched, and that was logged

	watched map[string]folder
	byWatch map[int32][]string // links may lead to one folder by several paths
	at      map[int32]bool     // has been moved to where it is now; the folder itself has yet to say that it was moved
	// found is told what lies in a folder that was not watched from its beginning.
	found func(path string, entry fs.DirEntry)
}

type folder struct {
	wd    int32
	whole bool
}

// settle watches what is missing of the folders that globs begin in, and of the ways there; where one does not exist, the
// nearest above that does.
func (f *folders) settle() {
	for _, r := range f.reaches {
		f.path(r.base)
		f.walk(r.base)
	}
}

// path watches the folders above one. It begins again where the next has come while it was not watched for.
func (f *folders) path(base string) {
	above := "/"
	for base != above {
		next := firstBelow(above, base)
		if isFolder(next) || f.add(above, coming) && isFolder(next) {
			f.add(above, way)
			above = next
			continue
		}
		return
	}
}

// firstBelow is the folder in above that base lies in, or is.
func firstBelow(above, base string) string {
	for filepath.Dir(base) != above {
		base = filepath.Dir(base)
	}
	return base
}

// isFolder follows links: what a rule names may be one.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// walk watches a folder and those below it as far as globs reach, the upper ones first, and tells what is found in those
// that were not watched.
func (f *folders) walk(top string) {
	for next := []string{top}; len(next) > 0; next = next[1:] {
		folder := next[0]
		if f.watched[folder].whole || !slices.ContainsFunc(f.reaches, func(r reach) bool { return r.has(folder) }) || !f.add(folder, whole) {
			continue
		}
		entries, err := os.ReadDir(folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			f.log.Info("a folder that a watcher's rule names can't be listed", "folder", folder, "error", err)
		}
		for _, e := range entries {
			path := filepath.Join(folder, e.Name())
			f.found(path, e)
			if e.IsDir() {
				next = append(next, path)
			}
		}
	}
}

// add watches a folder and says whether it is watched.
func (f *folders) add(path string, mask uint32) bool {
	before, known := f.watched[path]
	if !known && len(f.watched) >= f.limit {
		f.fill(path, errors.New("too many folders"))
		return false
	}
	wd, err := f.queue.add(path, mask)
	switch {
	case errors.Is(err, unix.ENOSPC):
		f.fill(path, err)
		return false
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR):
		return false // it is gone, and whoever told of it will tell that
	case err != nil:
		if mask == whole {
			f.log.Warn("a folder that a watcher's rule names can't be watched", "folder", path, "error", err)
		}
		return false
	}
	if known && before.wd != wd {
		f.drop(path) // another folder of the same name
	}
	if !slices.Contains(f.byWatch[wd], path) {
		f.byWatch[wd] = append(f.byWatch[wd], path)
	}
	f.watched[path] = folder{wd, mask == whole || before.whole && before.wd == wd}
	return true
}

func (f *folders) fill(path string, err error) {
	if !f.full {
		f.full = true
		f.log.Warn("not all folders of the watchers' rules are watched; let match.paths name fewer, or raise fs.inotify.max_user_watches",
			"folder", path, "limit", f.limit, "error", err)
	}
}

// drop forgets a path, and its watch where no other path has it.
func (f *folders) drop(path string) {
	wd := f.watched[path].wd
	delete(f.watched, path)
	f.byWatch[wd] = slices.DeleteFunc(f.byWatch[wd], func(p string) bool { return p == path })
	if len(f.byWatch[wd]) > 0 {
		return
	}
	delete(f.byWatch, wd)
	delete(f.at, wd)
	if err := f.queue.remove(wd); err != nil {
		f.log.Debug("a watch is not removed", "folder", path, "error", err)
	}
}

// gone forgets a folder and all below it.
func (f *folders) gone(top string) {
	for path := range f.watched {
		if paths.Within(path, top) {
			f.drop(path)
		}
	}
}

// moved gives the watches of a folder and all below it to where they are now, and looks there for what rules want.
func (f *folders) moved(from, to string) {
	f.gone(to) // it may have been an empty one that is replaced
	for path, folder := range f.watched {
		if !paths.Within(path, from) {
			continue
		}
		if path == from {
			f.at[folder.wd] = true
		}
		now := to + path[len(from):]
		delete(f.watched, path)
		f.watched[now] = folder
		for i, p := range f.byWatch[folder.wd] {
			if p == path {
				f.byWatch[folder.wd][i] = now
			}
		}
	}
	for path := range f.watched {
		if paths.Within(path, to) && !slices.ContainsFunc(f.reaches, func(r reach) bool { return r.has(path) }) {
			f.drop(path)
		}
	}
	f.settle()
	f.walk(to)
}

// ended says that the kernel has ended a watch, or that its folder was moved. Unless it is known where to, its paths are
// forgotten, and what they may lead to now is looked for.
func (f *folders) ended(wd int32, mask uint32) {
	if mask&unix.IN_MOVE_SELF != 0 && f.at[wd] {
		delete(f.at, wd)
		return
	}
	known := slices.Clone(f.byWatch[wd])
	for _, path := range known {
		f.gone(path)
	}
	if len(known) > 0 { // else it has been told by the folder above
		f.settle()
	}
}

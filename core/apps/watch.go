package apps

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/fsnotify/fsnotify"
)

// watchSet keeps inotify watches on all folders whose change can change the set of applications. It
// belongs to the goroutine of Index.Run. A nil watchSet watches nothing.
type watchSet struct {
	watcher *fsnotify.Watcher
	log     *slog.Logger
	full    bool // the limit of watches was hit, and said so
	// dirs has for each watched folder, links resolved, the names that matter in it; nil is all of them.
	dirs, next map[string]map[string]bool
}

// begin starts a new set; what it does not name again is dropped by end.
func (w *watchSet) begin() {
	if w != nil {
		w.next = map[string]map[string]bool{}
	}
}

func (w *watchSet) end() {
	if w == nil {
		return
	}
	for dir := range w.dirs {
		if _, still := w.next[dir]; !still {
			// A folder that is gone has lost its watch already.
			if err := w.watcher.Remove(dir); err != nil && !errors.Is(err, fsnotify.ErrNonExistentWatch) {
				w.log.Debug("watch not removed", "folder", dir, "err", err)
			}
		}
	}
	w.dirs, w.next = w.next, nil
}

// tree watches a folder of desktop files and the way to it.
func (w *watchSet) tree(dir string) {
	if w == nil {
		return
	}
	w.path(dir)
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		w.add(real, "")
	}
}

// path watches what can make another file or folder stand at path: the folder it lies in, the folder of
// every link on the way (a Nix profile changes by swapping one), and where something is missing, the
// nearest folder above that exists.
func (w *watchSet) path(path string) {
	if w == nil {
		return
	}
	at, rest := "/", split(path)
	for links := 0; len(rest) > 0 && links < 40; { // 40 is the kernel's own limit, path_resolution(7)
		name := rest[0]
		rest = rest[1:]
		if name == ".." {
			at = filepath.Dir(at)
			continue
		}
		next := filepath.Join(at, name)
		info, err := os.Lstat(next)
		isLink := err == nil && info.Mode()&fs.ModeSymlink != 0
		if err != nil || isLink || len(rest) == 0 {
			w.add(at, name)
		}
		if err != nil {
			return
		}
		if !isLink {
			at = next
			continue
		}
		links++
		target, err := os.Readlink(next)
		if err != nil {
			return
		}
		if filepath.IsAbs(target) {
			at = "/"
		}
		rest = append(split(target), rest...)
	}
}

// split takes a path apart without cleaning it: "link/.." is not "." when link is one.
func split(path string) []string {
	var names []string
	for n := range strings.SplitSeq(path, "/") {
		if n != "" && n != "." {
			names = append(names, n)
		}
	}
	return names
}

// add watches for one name in a folder, or for all with the empty name.
func (w *watchSet) add(dir, name string) {
	// A Nix store is never changed in place, and a profile has links to hundreds of its folders.
	if strings.HasPrefix(dir, "/nix/store/") {
		return
	}
	names, known := w.next[dir]
	switch {
	case !known && name != "":
		w.next[dir] = map[string]bool{name: true}
	case name == "":
		w.next[dir] = nil
	case names != nil:
		names[name] = true
	}
	if known {
		return
	}
	// Also for a folder that was watched before: it may be another one of the same name by now.
	err := w.watcher.Add(dir)
	if err == nil || errors.Is(err, fs.ErrNotExist) || w.full {
		return
	}
	w.full = true
	w.log.Warn("new applications will not be noticed everywhere; raise fs.inotify.max_user_watches", "folder", dir, "err", err)
}

// matters says whether an event can change the set of applications.
func (w *watchSet) matters(e fsnotify.Event) bool {
	if _, self := w.dirs[e.Name]; self {
		return true
	}
	dir, name := filepath.Split(e.Name)
	names, watched := w.dirs[filepath.Clean(dir)]
	if !watched {
		return false
	}
	if names != nil {
		return names[name] && (e.Op != fsnotify.Write && e.Op != fsnotify.Chmod || strings.HasSuffix(name, ".desktop"))
	}
	if strings.HasSuffix(name, ".desktop") || e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename) {
		return true
	}
	// mimeinfo.cache and temporary files come and go here; only a folder or a link to one adds something.
	info, err := os.Lstat(e.Name)
	return err == nil && !info.Mode().IsRegular()
}

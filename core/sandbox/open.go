package sandbox

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nerva/core/api"
	"nerva/core/paths"
)

// mostArguments is how many words a view may take: some 1600 entries in open folders. Bubblewrap takes 9000 (its
// MAX_ARGS), but for each bind it reads the table of all mounts, and so the start of a program takes seconds by then.
const mostArguments = 5000

// open takes the folders apart in which something hidden lies, or would lie: an empty folder stands in for each, with
// a bind for each entry that may be seen. A mask over a name would not hold: when another program puts a new file in
// place of it the kernel drops what is mounted there (rename(2), unlink(2)), and all that appears later would be seen.
// A bind stays with the file that it was made of, and what has none is not there.
func (v *view) open() error {
	maps.DeleteFunc(v.binds, func(path, _ string) bool { return v.hides(path) })
	for _, path := range v.masks {
		for dir := filepath.Dir(path); v.bound(dir) && v.writable(dir) == ""; dir = filepath.Dir(dir) {
			if info, err := os.Lstat(dir); err == nil && info.IsDir() && !v.hides(dir) {
				v.opened[dir] = 0
			}
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(v.opened)) {
		delete(v.binds, dir)
		if err := v.list(dir); err != nil {
			return err
		}
	}
	return nil
}

// list shows the entries of a folder that is open. Pipes, sockets and devices would lead out, and are left out.
func (v *view) list(dir string) error {
	entries, err := os.ReadDir(dir)
	// What nervad may not list the program may not either; what has gone is not there.
	if err != nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrNotExist) {
		return api.Errorf(api.Failed, "the sandbox can't show %s: %w; look at what is there", dir, err)
	}
	v.opened[dir] = len(entries)
	hidden := v.patterns(dir)
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		_, open := v.opened[path]
		_, granted := v.binds[path]
		info, err := e.Info()
		switch {
		case open, granted, v.hides(path), hidden(e.Name()):
		case err != nil: // it has gone, or is the place of a file system that no longer answers
		case info.Mode().Type() == fs.ModeSymlink:
			if target, err := os.Readlink(path); err == nil {
				v.links[path] = target
			}
		case info.IsDir(), info.Mode().IsRegular():
			// It may go before bubblewrap comes to it.
			v.binds[path] = "--ro-bind-try"
		}
	}
	return nil
}

// patterns says which names in a folder a hidden path means that ends in a pattern.
func (v *view) patterns(dir string) func(name string) bool {
	var patterns []string
	for _, mask := range v.masks {
		if folder, last := filepath.Split(mask); filepath.Clean(folder) == dir && strings.Contains(last, "*") {
			patterns = append(patterns, last)
		}
	}
	return func(name string) bool {
		return slices.ContainsFunc(patterns, func(pattern string) bool {
			fits, err := filepath.Match(pattern, name)
			return fits || err != nil
		})
	}
}

// outermost says whether no folder around an open one is open.
func (v *view) outermost(dir string) bool {
	_, open := v.opened[filepath.Dir(dir)]
	return !open || dir == "/"
}

// lies says whether path lies in an open folder, shown or not.
func (v *view) lies(path string) bool {
	for dir := range v.opened {
		if paths.Within(path, dir) {
			return true
		}
	}
	return false
}

// frames are the options for open folders: made before what is put in them, and read-only after it.
func (v *view) frames(size string) (before, after []string) {
	for _, dir := range slices.Sorted(maps.Keys(v.opened)) {
		if v.outermost(dir) {
			before = append(before, "--size", size, "--tmpfs", dir)
			after = append(after, "--remount-ro", dir)
		} else {
			before = append(before, "--dir", dir)
		}
	}
	return before, after
}

// bounded refuses a view that is too large. To leave entries out would make a program see a smaller home
// and say so to nobody.
func (v *view) bounded(args []string) error {
	if len(args) <= mostArguments {
		return nil
	}
	var largest string
	for _, dir := range slices.Sorted(maps.Keys(v.opened)) {
		if v.opened[dir] > v.opened[largest] {
			largest = dir
		}
	}
	return api.Errorf(api.Unavailable,
		"the sandbox can't hide what is protected in %s among %d other files and folders; move most of them into a folder", largest, v.opened[largest])
}

package beneath

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"nerva/core/protected"
)

// What a search is bounded by.
const (
	maxSeen  = 200_000 // files and folders
	maxDepth = 16      // folders below a root
	maxFound = 100     // files
	maxTime  = 5 * time.Second
	batch    = 256 // entries of a folder that are looked at before the time is
)

// File is a regular file that a search has found.
type File struct {
	Path     string    `json:"path"`
	Name     string    `json:"name"`
	Size     int64     `json:"size"` // bytes
	Modified time.Time `json:"modified"`
}

// Find lists the files whose name has all words, in any letter case, the newest first. It follows no links, stays on
// the file systems of the roots and leaves out what is hidden or protected. more says that it ended at a bound.
func (t *Tree) Find(ctx context.Context, words []string) (found []File, more bool, err error) {
	search, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	w := &walk{now: t.list.Now(), found: []File{}}
	for _, word := range words {
		w.words = append(w.words, strings.ToLower(word))
	}
	for _, root := range t.real() {
		if err := w.root(search, root); err != nil {
			return nil, false, err
		}
	}
	if ctx.Err() != nil {
		return nil, false, ctx.Err()
	}
	slices.SortStableFunc(w.found, func(a, b File) int { return b.Modified.Compare(a.Modified) })
	return w.found, w.more, nil
}

// walk goes through folders, the near ones first: where it has to end early they are the likelier ones.
type walk struct {
	now   *protected.Now
	words []string
	seen  int
	found []File
	more  bool
}

type level struct {
	path  string // within the root
	depth int
}

func (w *walk) root(ctx context.Context, root string) error {
	if w.now.Why(root) != "" {
		return nil
	}
	top, err := openat2(unix.AT_FDCWD, root, root, unix.O_PATH|unix.O_DIRECTORY, noLinks)
	if err != nil {
		if os.IsNotExist(err) {
			return nil
		}
		return failed(root, err)
	}
	defer func() { _ = top.Close() }()
	for queue := []level{{".", 0}}; len(queue) > 0; queue = queue[1:] {
		if ctx.Err() != nil || w.seen >= maxSeen || len(w.found) >= maxFound {
			w.more = true
			return nil
		}
		queue = append(queue, w.folder(ctx, top, root, queue[0])...)
	}
	return nil
}

// folder looks at one folder and returns those in it. One that can't be read must not hide the others.
func (w *walk) folder(ctx context.Context, top *os.File, root string, l level) []level {
	folder, err := openat2(int(top.Fd()), l.path, filepath.Join(root, l.path), unix.O_RDONLY|unix.O_DIRECTORY, inside|unix.RESOLVE_NO_XDEV)
	if err != nil {
		return nil
	}
	defer func() { _ = folder.Close() }()
	var inner []level
	for w.seen < maxSeen && len(w.found) < maxFound {
		if ctx.Err() != nil {
			w.more = true
			return nil
		}
		entries, err := folder.ReadDir(batch)
		for _, e := range entries {
			w.seen++
			rel := filepath.Join(l.path, e.Name())
			path := filepath.Join(root, rel)
			if strings.HasPrefix(e.Name(), ".") || legible(e.Name()) != nil {
				continue
			}
			switch {
			case e.IsDir() && e.Name() != "node_modules" && w.now.Why(path) == "":
				inner = append(inner, level{rel, l.depth + 1})
			case e.Type().IsRegular() && w.fits(e.Name()) && w.now.Why(path) == "":
				w.add(folder, path)
			}
		}
		if err != nil {
			break // the end, or as good as
		}
	}
	if l.depth >= maxDepth && len(inner) > 0 {
		w.more, inner = true, nil
	}
	return inner
}

func (w *walk) fits(name string) bool {
	name = strings.ToLower(name)
	return !slices.ContainsFunc(w.words, func(word string) bool { return !strings.Contains(name, word) })
}

func (w *walk) add(folder *os.File, path string) {
	stat, err := at(folder, path)
	if err != nil || len(w.found) >= maxFound {
		return // it went away; or enough are found
	}
	w.found = append(w.found, File{path, filepath.Base(path), stat.Size, time.Unix(stat.Mtim.Unix())})
}

package apps

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"
)

const (
	maxFile  = 1 << 20 // bytes; the largest real desktop files, with a hundred languages, have 60 KiB
	maxDepth = 8       // sub folders below applications/
	maxDirs  = 4096    // of one tree: links among folders can make one of any size
	maxFiles = 1 << 17
)

// stamp tells one version of a file from the next. In a Nix store every mtime is 1970 and an update is
// another inode; an atomic replacement is another inode too, and an edit in place has another ctime.
type stamp struct {
	dev, ino     uint64
	size         int64
	mtime, ctime syscall.Timespec
}

type cached struct {
	stamp stamp
	v     verdict
	used  bool
}

// scanner reads the trees of desktop files. It belongs to the goroutine of Index.Run.
type scanner struct {
	env   Env
	log   *slog.Logger
	steps []string
	cache map[string]*cached
	// watch is told of every folder before it is read, so that nothing is missed in between.
	watch *watchSet
}

func newScanner(env Env, log *slog.Logger, watch *watchSet) *scanner {
	return &scanner{env: env, log: log, steps: ladder(env.Locales), cache: map[string]*cached{}, watch: watch}
}

// scan reads everything that is new and gives the present set.
//
// The first file of an id wins and takes the id, whatever is in it (section "Desktop File ID": "the first
// one in the $XDG_DATA_DIRS precedence order is used"): where it is hidden, broken, dangling, or empty, a
// file of a later folder does not come back. GLib's list of applications does the same.
func (s *scanner) scan() *Snapshot {
	for _, c := range s.cache {
		c.used = false
	}
	snap := &Snapshot{byID: map[string]*Entry{}}
	taken := map[string]bool{}
	for _, root := range s.env.roots() {
		t := tree{scanner: s, taken: taken, snap: snap}
		t.walk(root, "", nil)
	}
	for path, c := range s.cache {
		if !c.used {
			delete(s.cache, path)
		}
	}
	for _, e := range snap.byID {
		if s.shows(e) {
			snap.visible = append(snap.visible, e)
		}
	}
	slices.SortFunc(snap.visible, func(a, b *Entry) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
	})
	return snap
}

func (s *scanner) shows(e *Entry) bool {
	if e.noDisplay || e.execErr != nil && !e.DBusActivatable || !e.shownIn(s.env.CurrentDesktop) {
		return false
	}
	_, installed := s.env.lookPath(e.TryExec)
	return e.TryExec == "" || installed
}

// tree is the walk through one applications folder.
type tree struct {
	*scanner
	taken map[string]bool
	snap  *Snapshot
	dirs  int
}

// walk reads a folder. Links to folders are followed, but not into a folder that is being read already.
func (t *tree) walk(dir, prefix string, above []os.FileInfo) {
	t.watch.tree(dir)
	here, err := os.Stat(dir)
	if err != nil {
		t.complain(dir, err)
		return
	}
	t.dirs++
	inside := slices.ContainsFunc(above, func(i os.FileInfo) bool { return os.SameFile(i, here) })
	if !here.IsDir() || inside || len(above) >= maxDepth || t.dirs > maxDirs {
		return
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		t.complain(dir, err)
	}
	for _, d := range list {
		path := filepath.Join(dir, d.Name())
		if isDir(d, path) {
			t.walk(path, prefix+d.Name()+"-", append(above[:len(above):len(above)], here))
		} else if id, ok := strings.CutSuffix(prefix+d.Name(), ".desktop"); ok && len(t.taken) < maxFiles {
			if d.Type()&os.ModeSymlink != 0 {
				t.watch.path(path)
			}
			t.file(id, path)
		}
	}
}

func isDir(d os.DirEntry, path string) bool {
	if d.Type()&os.ModeSymlink == 0 {
		return d.IsDir()
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// complain notes, once, a folder that is there but can't be read. A data folder that isn't there is normal.
func (t *tree) complain(dir string, err error) {
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	st, _ := stampOf(dir) // the zero stamp, where that fails as well, will do
	if c := t.cache[dir]; c == nil || c.stamp != st {
		t.log.Warn("folder of desktop files skipped", "folder", dir, "err", err)
	}
	t.cache[dir] = &cached{stamp: st, used: true}
}

func (t *tree) file(id, path string) {
	if t.taken[id] {
		return
	}
	t.taken[id] = true
	if v := t.read(id, path); v.entry != nil {
		t.snap.byID[id] = v.entry
	}
}

// read parses a file unless this version of it is known. What is wrong with a version is logged once.
func (s *scanner) read(id, path string) verdict {
	st, err := stampOf(path)
	if c := s.cache[path]; c != nil && c.stamp == st {
		c.used = true
		return c.v
	}
	var v verdict
	if err == nil {
		v, err = s.load(id, path)
	}
	switch {
	case err != nil:
		s.log.Warn("broken desktop file skipped", "file", path, "err", err)
	case len(v.flaws) > 0:
		s.log.Warn("desktop file has flaws", "file", path, "err", strings.Join(v.flaws, "; "))
	}
	s.cache[path] = &cached{stamp: st, v: v, used: true}
	return v
}

func (s *scanner) load(id, path string) (verdict, error) {
	if id == "" || !utf8.ValidString(id) {
		return verdict{}, fmt.Errorf("its file name %q makes no id", id)
	}
	data, err := readFile(path)
	if err != nil {
		return verdict{}, err
	}
	return parse(id, path, data, s.steps)
}

// readFile reads a regular file of bounded size; O_NONBLOCK keeps a named pipe from holding the scan up.
func readFile(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("it is larger than %d bytes", maxFile)
	}
	return data, nil
}

// stampOf looks through links; a dangling one has the zero stamp and an error.
func stampOf(path string) (stamp, error) {
	var st syscall.Stat_t
	if err := syscall.Stat(path, &st); err != nil {
		return stamp{}, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	return stamp{dev: st.Dev, ino: st.Ino, size: st.Size, mtime: st.Mtim, ctime: st.Ctim}, nil
}

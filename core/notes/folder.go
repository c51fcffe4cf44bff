// Package notes keeps notes: a folder of Markdown files that belongs to the user and to any editor, and to
// which this package only ever adds.
//
// Files are read and written through os.Root, so that no name, ".." or symbolic link leads out of the
// folder. The title of a note is that of its front matter, else its first heading, its first line or its
// file name; tags are those of the front matter and #words. Hidden files, files that are no text and very
// large ones are left out.
//
// A Folder keeps what it read of each file's title and tags, behind a mutex, until size or time of the
// file changes. Run owns the watch and is the only caller of the OnChange callback, which brings the
// launcher its list: nothing at a keystroke comes here. The package must not know who reads the notes.
package notes

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"nerva/core/api"
)

// Note is one file.
type Note struct {
	Path     string    `json:"path"` // absolute, if the folder's path is
	Title    string    `json:"title"`
	Tags     []string  `json:"tags"` // without #, never nil
	Modified time.Time `json:"modified"`
	// Snippet is the place that a search found, one line.
	Snippet string `json:"snippet,omitempty"`
}

// Folder is a directory of notes. Its methods may be called from any goroutine.
type Folder struct {
	dir      string
	log      *slog.Logger
	now      func() time.Time
	added    chan struct{} // wakes Run, which may watch nothing yet
	onChange func([]Note)

	mu    sync.Mutex
	cache map[string]cached // by path within the folder
}

type cached struct {
	note Note
	size int64
	skip bool // not a note
}

// New returns the notes in dir, which need not exist: Add creates it.
func New(dir string, log *slog.Logger) *Folder {
	return &Folder{
		dir: filepath.Clean(dir), log: log, now: time.Now,
		added: make(chan struct{}, 1), cache: map[string]cached{},
	}
}

// OnChange sets what Run calls with all notes, newest first, at first and after each change. Call it
// before Run.
func (f *Folder) OnChange(changed func([]Note)) { f.onChange = changed }

// open opens the folder. A missing one is fs.ErrNotExist.
func (f *Folder) open() (*os.Root, error) {
	root, err := os.OpenRoot(f.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, api.Errorf(api.Unavailable, "open the notes folder: %w; set notes.path to a folder that can be read", err)
	}
	return root, err
}

// List returns all notes, the newest first; none where the folder is missing.
func (f *Folder) List(ctx context.Context) ([]Note, error) {
	notes, _, err := f.scan(ctx)
	return notes, err
}

// scan reads what has changed in the folder and returns its notes and its directories.
func (f *Folder) scan(ctx context.Context) (notes []Note, dirs []string, err error) {
	notes = []Note{}
	root, err := f.open()
	if errors.Is(err, fs.ErrNotExist) {
		return notes, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = root.Close() }()
	seen := map[string]bool{}
	err = f.walk(ctx, root, func(rel string, info fs.FileInfo) {
		if info.IsDir() {
			dirs = append(dirs, filepath.Join(f.dir, rel))
			return
		}
		seen[rel] = true
		if c := f.look(root, rel, info); !c.skip {
			notes = append(notes, c.note)
		}
	})
	if err != nil {
		return nil, nil, err
	}
	f.forget(seen)
	slices.SortStableFunc(notes, newestFirst)
	return notes, dirs, nil
}

func newestFirst(a, b Note) int {
	if c := b.Modified.Compare(a.Modified); c != 0 {
		return c
	}
	return strings.Compare(a.Path, b.Path)
}

// walk calls visit for the directories and Markdown files of the folder. What can't be read is left out:
// one locked directory must not hide the others.
func (f *Folder) walk(ctx context.Context, root *os.Root, visit func(rel string, info fs.FileInfo)) error {
	return fs.WalkDir(root.FS(), ".", func(rel string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			f.log.Warn("part of the notes folder can't be read", "path", rel, "error", err)
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if hidden(rel) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !d.IsDir() && !markdown(rel) {
			return nil
		}
		// Stat, not Info: a link to a note within the folder is a note; one that leads out is refused.
		if info, err := root.Stat(rel); err == nil && (d.IsDir() || info.Mode().IsRegular()) {
			visit(rel, info)
		}
		return nil
	})
}

func hidden(rel string) bool {
	name := filepath.Base(rel)
	return name != "." && strings.HasPrefix(name, ".")
}

func markdown(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".md" || ext == ".markdown"
}

// look returns the note in a file, from the cache if the file is still the same.
func (f *Folder) look(root *os.Root, rel string, info fs.FileInfo) cached {
	f.mu.Lock()
	c, ok := f.cache[rel]
	f.mu.Unlock()
	if ok && c.size == info.Size() && c.note.Modified.Equal(info.ModTime()) {
		return c
	}
	c = cached{note: Note{Path: filepath.Join(f.dir, rel), Modified: info.ModTime()}, size: info.Size()}
	text, err := readText(root, rel)
	switch {
	case errors.Is(err, errNoText):
		c.skip = true
	case err != nil:
		f.log.Warn("a note can't be read", "path", rel, "error", err)
		return cached{skip: true}
	default:
		c.note.Title, c.note.Tags = describe(text, rel)
	}
	f.mu.Lock()
	f.cache[rel] = c
	f.mu.Unlock()
	return c
}

// forget drops files that are gone.
func (f *Folder) forget(seen map[string]bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for rel := range f.cache {
		if !seen[rel] {
			delete(f.cache, rel)
		}
	}
}

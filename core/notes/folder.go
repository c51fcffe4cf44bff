// Package notes keeps notes: a folder of Markdown files that belongs to the user and to any editor. This package adds to
// it: whole notes, and text at the end of one. What stands in a note already it never changes.
//
// Files are read through os.Root, so that no name, ".." or symbolic link leads out of the folder, and written by
// core/beneath, which overwrites nothing that another program has saved meanwhile. The title of a note is that of its front
// matter, else its first heading, its first line or its file name; tags are those of the front matter and #words. Hidden
// files, files that are no text and very large ones are left out.
//
// What is in the files is found by an index, an SQLite database in nerva's cache that is made anew whenever it is missing
// or broken. Whoever holds a Folder's turn owns the index. It is brought up to date with the folder before it is asked,
// unless Run, which owns the watch, has seen nothing happen since the last time. Run is the only caller of the OnChange
// callback, which brings the launcher its list of titles. A keystroke comes here by Mentions alone, which takes no turn: it reads
// the index beside its owner, and what has been committed there is what it finds. The package must not know who reads the notes.
package notes

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"nerva/core/api"
	"nerva/core/beneath"
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

// Options are what a Folder works with. Nothing in it may be nil or empty.
type Options struct {
	// Files writes in the folder, and refuses what is protected. It is asked each time.
	Files func() *beneath.Tree
	// Index is the path of the index, which may be removed at any time.
	Index string
	Log   *slog.Logger
}

// Folder is a directory of notes. Its methods may be called from any goroutine.
type Folder struct {
	dir      string
	o        Options
	now      func() time.Time
	added    chan struct{} // wakes Run, which may watch nothing yet
	onChange func([]Note)

	// changes counts what happened to the folder; watched says that nothing happens unnoticed.
	changes atomic.Int64
	watched atomic.Bool

	// reader is the index's, for Mentions, nil while there is none. spoilt is what it has found to be wrong with the index.
	reader  atomic.Pointer[reader]
	reading chan struct{} // has room for the one that asks it
	spoilt  atomic.Pointer[error]

	turn   chan struct{} // whose turn it is has taken the token out, and owns what follows
	index  *index        // nil until it is needed
	seen   int64         // the changes that the index has; -1: none
	closed bool
}

// New returns the notes in dir, which need not exist: Add creates it. Close it at the end.
func New(dir string, o Options) *Folder {
	f := &Folder{
		dir: filepath.Clean(dir), o: o, now: time.Now,
		added: make(chan struct{}, 1), reading: make(chan struct{}, 1), turn: make(chan struct{}, 1), seen: -1,
	}
	f.turn <- struct{}{}
	return f
}

// Close lets go of the index, once Run has ended.
func (f *Folder) Close() error {
	<-f.turn
	defer f.pass()
	f.closed = true
	if f.index == nil {
		return nil
	}
	f.reader.Store(nil)
	f.reading <- struct{}{} // nobody reads any more
	defer func() { <-f.reading }()
	err := f.index.close()
	f.index = nil
	return err
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
	if err := f.take(ctx); err != nil {
		return nil, err
	}
	defer f.pass()
	if err := f.refresh(ctx); err != nil {
		return nil, err
	}
	return f.notes(), nil
}

func newestFirst(a, b Note) int {
	if c := b.Modified.Compare(a.Modified); c != 0 {
		return c
	}
	return strings.Compare(a.Path, b.Path)
}

// walk calls visit for the directories and Markdown files of the folder. What can't be read is left out:
// one locked directory must not hide the others.
func (f *Folder) walk(ctx context.Context, root *os.Root, visit func(rel string, info fs.FileInfo) error) error {
	return fs.WalkDir(root.FS(), ".", func(rel string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			f.o.Log.Warn("part of the notes folder can't be read", "path", rel, "error", err)
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
			return visit(rel, info)
		}
		return nil
	})
}

func hidden(rel string) bool {
	name := filepath.Base(rel)
	return name != "." && strings.HasPrefix(name, ".")
}

// secret says that a path within the folder has a hidden part, which makes it none of the notes.
func secret(rel string) bool {
	for part := range strings.SplitSeq(filepath.ToSlash(filepath.Clean(rel)), "/") {
		if hidden(part) && part != ".." {
			return true
		}
	}
	return false
}

func markdown(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".md" || ext == ".markdown"
}

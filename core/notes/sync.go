package notes

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"nerva/core/api"
)

// tick is how far the clock by which a file system dates changes may be behind: two changes within one may have one date.
const tick = 20 * time.Millisecond

// take waits for the turn.
func (f *Folder) take(ctx context.Context) error {
	select {
	case <-f.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	if f.closed {
		f.pass()
		return api.Errorf(api.Unavailable, "%s is not the folder of notes any more; try again", f.dir)
	}
	return nil
}

func (f *Folder) pass() { f.turn <- struct{}{} }

// ask looks notes up in the index, which is up to date then. One that turns out to be broken is made anew.
func (f *Folder) ask(ctx context.Context, lookup func(*index) ([]string, error)) ([]Note, error) {
	if err := f.take(ctx); err != nil {
		return nil, err
	}
	defer f.pass()
	if f.seen != f.changes.Load() || !f.watched.Load() {
		if err := f.refresh(ctx); err != nil {
			return nil, err
		}
	}
	paths, err := lookup(f.index)
	if broken(err) {
		if err = errors.Join(f.renew(ctx, err), f.refresh(ctx)); err == nil {
			paths, err = lookup(f.index)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("ask the index of the notes: %w", err)
	}
	list := make([]Note, 0, len(paths))
	for _, rel := range paths {
		list = append(list, f.note(rel))
	}
	return list, nil
}

func (f *Folder) note(rel string) Note {
	n := f.index.known[rel].note
	n.Path, n.Tags = filepath.Join(f.dir, rel), slices.Clone(n.Tags)
	return n
}

// notes are those that the index knows, the newest first.
func (f *Folder) notes() []Note {
	list := []Note{}
	for rel, e := range f.index.known {
		if !e.skip {
			list = append(list, f.note(rel))
		}
	}
	slices.SortFunc(list, newestFirst)
	return list
}

// scan brings the index up to date and returns the notes and the directories that there are.
func (f *Folder) scan(ctx context.Context) (notes []Note, dirs []string, err error) {
	if err := f.take(ctx); err != nil {
		return nil, nil, err
	}
	defer f.pass()
	if dirs, err = f.follow(ctx); err != nil {
		return nil, nil, err
	}
	return f.notes(), dirs, nil
}

func (f *Folder) refresh(ctx context.Context) error {
	_, err := f.follow(ctx)
	return err
}

// follow brings the index up to date, a new one where the present one turns out to be broken.
func (f *Folder) follow(ctx context.Context) (dirs []string, err error) {
	if spoilt := f.spoilt.Swap(nil); spoilt != nil && f.index != nil {
		err = f.renew(ctx, *spoilt)
	} else if f.index == nil {
		err = f.openIndex(ctx)
	}
	if err != nil {
		return nil, err
	}
	changes := f.changes.Load()
	if dirs, err = f.read(ctx); broken(err) {
		if err = f.renew(ctx, err); err == nil {
			dirs, err = f.read(ctx)
		}
	}
	if err == nil {
		f.seen = changes
	}
	return dirs, err
}

// renew throws the index away and opens an empty one.
func (f *Folder) renew(ctx context.Context, why error) error {
	f.o.Log.Warn("the index of the notes is made anew", "path", f.o.Index, "reason", why)
	f.reader.Store(nil)
	_ = f.index.close() // it is broken
	f.index, f.seen = nil, -1
	if err := discard(f.o.Index); err != nil {
		return err
	}
	return f.openIndex(ctx)
}

func (f *Folder) openIndex(ctx context.Context) error {
	ix, err := openIndex(ctx, f.o.Index, f.dir, f.o.Log)
	if err != nil {
		return err
	}
	f.index = ix
	f.reader.Store(ix.reader)
	return nil
}

// read reads the files that have changed since the index knows them, and lists the directories.
func (f *Folder) read(ctx context.Context) (dirs []string, err error) {
	root, err := f.open()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	up, there := f.index.update(), map[string]bool{}
	if err == nil {
		defer func() { _ = root.Close() }()
		err = f.walk(ctx, root, func(rel string, info fs.FileInfo) error {
			if info.IsDir() {
				dirs = append(dirs, filepath.Join(f.dir, rel))
				return nil
			}
			return f.look(ctx, up, there, root, rel, info)
		})
		if err != nil {
			return nil, errors.Join(err, up.undo())
		}
	}
	for rel := range f.index.known {
		if there[rel] {
			continue
		}
		if err := up.drop(ctx, rel); err != nil {
			return nil, errors.Join(err, up.undo())
		}
	}
	return dirs, up.finish()
}

// look reads a file unless it is still as the index has it.
func (f *Folder) look(ctx context.Context, up *update, there map[string]bool, root *os.Root, rel string, info fs.FileInfo) error {
	now, settled := state(info)
	if e, ok := f.index.known[rel]; ok && e.state == now {
		there[rel] = true
		return nil
	}
	e := entry{note: Note{Modified: info.ModTime(), Tags: []string{}}}
	if settled {
		e.state = now
	}
	text, err := readText(root, rel)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, errNoText):
		e.skip, text = true, ""
	case err != nil:
		f.o.Log.Warn("a note can't be read", "path", rel, "error", err)
		return nil
	default:
		e.note.Title, e.note.Tags = describe(text, rel)
	}
	there[rel] = true
	return up.put(ctx, rel, e, text)
}

// state tells a file's content from any other that it had. It is not settled where the file has changed so lately that
// another change might have the same date.
func state(info fs.FileInfo) (state string, settled bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", false
	}
	changed := time.Unix(stat.Ctim.Unix())
	return fmt.Sprint(stat.Ino, stat.Size, stat.Mtim.Nano(), stat.Ctim.Nano()), time.Since(changed) > tick
}

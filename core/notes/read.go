package notes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"nerva/core/api"
	"nerva/core/paths"
)

// maxNote is the size in bytes up to which a file is a note.
const maxNote = 1 << 20

// errNoText says that a file is not a note: binary, too large, or no file at all.
var errNoText = errors.New("not a text of at most 1 MiB")

func readText(root *os.Root, rel string) (string, error) {
	// A FIFO that took the file's place must not block.
	file, err := root.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errNoText
	}
	data, err := io.ReadAll(io.LimitReader(file, maxNote+1))
	if err != nil {
		return "", err
	}
	if len(data) > maxNote || bytes.IndexByte(data, 0) >= 0 || !utf8.Valid(data) {
		return "", errNoText
	}
	return string(data), nil
}

// Find returns one note. name is a path, absolute or within the folder, or in any case a title or the name of the
// file without its ending; of several notes it is the newest.
func (f *Folder) Find(ctx context.Context, name string) (Note, error) {
	root, err := f.open()
	if errors.Is(err, fs.ErrNotExist) {
		return Note{}, f.notFound(name)
	}
	if err != nil {
		return Note{}, err
	}
	defer func() { _ = root.Close() }()
	rel, err := f.find(ctx, root, name)
	if err != nil {
		return Note{}, err
	}
	info, err := root.Stat(rel)
	if err != nil {
		return Note{}, fmt.Errorf("read the note %s: %w", name, err)
	}
	text, err := readText(root, rel)
	if err != nil {
		return Note{}, api.Errorf(api.Failed, "read the note %s: %w; open it with another program", name, err)
	}
	note := Note{Path: filepath.Join(f.dir, rel), Modified: info.ModTime()}
	note.Title, note.Tags = describe(text, rel)
	return note, nil
}

// find returns the path within the folder of the note with this path, title or name.
func (f *Folder) find(ctx context.Context, root *os.Root, name string) (string, error) {
	rel := name
	if filepath.IsAbs(name) {
		rel = f.below(name)
	}
	if filepath.IsLocal(rel) && markdown(rel) && !strings.ContainsRune(rel, 0) && !secret(rel) {
		if info, err := root.Stat(rel); err == nil && info.Mode().IsRegular() {
			return rel, nil
		}
	}
	list, err := f.List(ctx)
	if err != nil {
		return "", err
	}
	called := func(n Note) bool { return strings.EqualFold(n.Title, strings.TrimSpace(name)) }
	i := slices.IndexFunc(list, called)
	if i < 0 {
		file := normal(filepath.ToSlash(strings.TrimSpace(rel)))
		i = slices.IndexFunc(list, func(n Note) bool {
			within, err := filepath.Rel(f.dir, n.Path)
			return err == nil && (normal(within) == file || normal(filepath.Base(within)) == file)
		})
	}
	if i < 0 {
		return "", f.notFound(name)
	}
	return filepath.Rel(f.dir, list[i].Path)
}

// below is the path within the folder of an absolute one, which may have been written with the folder's links resolved.
func (f *Folder) below(path string) string {
	resolved, _ := paths.Links(f.dir)
	for _, dir := range []string{f.dir, resolved} {
		if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
			return rel
		}
	}
	return path
}

func (f *Folder) notFound(name string) error {
	return api.Errorf(api.NotFound, "there is no note %q in %s; list them with `nerva note list`", name, f.dir)
}

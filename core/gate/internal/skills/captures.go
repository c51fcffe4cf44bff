package skills

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"nerva/core/api"
)

const (
	keepCaptures = 20
	keepFor      = time.Hour
)

// captures is the private folder of the screenshots that were handed out.
type captures struct{ dir string }

// keep moves the file at path into the folder, 0600, and prunes the folder.
func (c captures) keep(path string, now time.Time) (string, error) {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return "", c.failed(err)
	}
	if err := os.Chmod(c.dir, 0o700); err != nil {
		return "", c.failed(err)
	}
	f, err := os.CreateTemp(c.dir, now.Format("20060102-150405-*.png")) // 0600
	if err != nil {
		return "", c.failed(err)
	}
	kept := f.Name()
	if err := errors.Join(move(path, f), f.Close()); err != nil {
		_, _ = os.Remove(kept), os.Remove(path)
		return "", c.failed(err)
	}
	if err := c.prune(kept, now); err != nil {
		return "", c.failed(err)
	}
	return kept, nil
}

func (c captures) failed(err error) error {
	return api.Errorf(api.Failed, "the screenshot could not be kept in %s: %w; make room or mend the folder's permissions", c.dir, err)
}

// move renames where it can; the file may lie on another file system.
func move(path string, to *os.File) error {
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	err := os.Rename(path, to.Name())
	if !errors.Is(err, syscall.EXDEV) {
		return err
	}
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	if _, err := io.Copy(to, from); err != nil {
		return err
	}
	return os.Remove(path)
}

// prune leaves the newest ones, none older than keepFor, and in any case the one just made.
func (c captures) prune(fresh string, now time.Time) error {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return err
	}
	var files []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // another capture's pruning was faster
		}
		if err != nil {
			return err
		}
		if info.Mode().IsRegular() && info.Name() != filepath.Base(fresh) {
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	for i, f := range files {
		if i < keepCaptures-1 && now.Sub(f.ModTime()) < keepFor {
			continue
		}
		if err := os.Remove(filepath.Join(c.dir, f.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove an old one: %w", err)
		}
	}
	return nil
}

package beneath

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"nerva/core/api"
)

// original is a file that is to be replaced, as it was when it was looked at.
type original struct {
	file *os.File
	stat *unix.Stat_t
	held bool
	text *string // nil where it was not read
}

// hold opens the file at path, which before describes.
func (t *Tree) hold(path string, before *unix.Stat_t) (*original, error) {
	file, err := t.Open(path)
	if err != nil {
		return nil, err
	}
	old := &original{file: file, stat: new(unix.Stat_t)}
	err = unix.Fstat(int(file.Fd()), old.stat)
	switch {
	case err != nil:
		err = failed(path, err)
	case before == nil || !same(before, old.stat):
		err = busy(path)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return old, nil
}

// untouched says whether what has the name in folder now is the file as it was, and nobody is about to write into it.
func (o *original) untouched(folder *os.File, name string) bool {
	now, err := at(folder, name)
	// Not the time of the inode's last change: to be renamed is one.
	if err != nil || now.Dev != o.stat.Dev || identity(now) != identity(o.stat) || o.held && !unbroken(o.file) {
		return false
	}
	if o.text == nil {
		return true
	}
	text, _, err := readText(o.file)
	return err == nil && text == *o.text
}

// make gives a new file its name, which must be free.
func (t *Tree) make(folder *os.File, path, text string) error {
	file, err := part(folder, text, nil)
	if err != nil {
		return sentence(path, err)
	}
	defer func() { _ = file.Close() }()
	if err = t.verify(folder, filepath.Dir(path)); err == nil {
		err = take(folder, file.Name(), filepath.Base(path))
	}
	if err != nil {
		return sentence(path, errors.Join(err, remove(folder, file.Name())))
	}
	return sentence(path, folder.Sync())
}

// take renames where the new name is free, and is fs.ErrExist where it is not.
func take(folder *os.File, from, to string) error {
	fd := int(folder.Fd())
	err := unix.Renameat2(fd, from, fd, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) { // not every file system knows the flag
		if err = unix.Linkat(fd, from, fd, to, 0); err == nil {
			err = remove(folder, from)
		}
	}
	return err
}

// replace writes a file beside the original and exchanges the two. What comes out is looked at: if it is not what was
// read, somebody saved in that very moment, and gets the name back.
func (t *Tree) replace(folder *os.File, path, text string, old *original) error {
	file, err := part(folder, text, old)
	if err != nil {
		return sentence(path, err)
	}
	defer func() { _ = file.Close() }()
	own, temporary := &original{file: file, stat: new(unix.Stat_t)}, file.Name()
	if err = unix.Fstat(int(file.Fd()), own.stat); err == nil {
		temporary, err = label(folder, own, old, filepath.Base(path))
	}
	if err == nil {
		err = t.verify(folder, filepath.Dir(path))
	}
	// Leased as late as may be: who wants to write waits.
	if err == nil && (!own.lease() || !old.lease() || !old.untouched(folder, filepath.Base(path))) {
		err = busy(path)
	}
	if err != nil {
		return sentence(path, errors.Join(err, remove(folder, temporary)))
	}
	return sentence(path, exchange(folder, temporary, path, own, old))
}

func exchange(folder *os.File, temporary, path string, own, old *original) error {
	fd, name := int(folder.Fd()), filepath.Base(path)
	err := unix.Renameat2(fd, temporary, fd, name, unix.RENAME_EXCHANGE)
	switch {
	case errors.Is(err, unix.EINVAL): // not every file system knows the flag
		if err = unix.Renameat(fd, temporary, fd, name); err != nil {
			return errors.Join(err, remove(folder, temporary))
		}
		return folder.Sync()
	case errors.Is(err, unix.ENOENT): // removed or renamed meanwhile
		return errors.Join(busy(path), remove(folder, temporary))
	case err != nil:
		return errors.Join(err, remove(folder, temporary))
	}
	if !old.untouched(folder, temporary) {
		return back(folder, temporary, path, own)
	}
	err = folder.Sync()
	// Who opened the old file by its name before the exchange has come to the lease by now.
	if old.held && !unbroken(old.file) {
		return errors.Join(err, back(folder, temporary, path, own))
	}
	return errors.Join(err, remove(folder, temporary))
}

// back undoes an exchange. Where ours was changed or replaced in its short time under the name, too, the newer one keeps
// the name and the other one is laid beside it: nothing that anybody saved is thrown away.
func back(folder *os.File, temporary, path string, own *original) error {
	fd, name := int(folder.Fd()), filepath.Base(path)
	err := unix.Renameat2(fd, temporary, fd, name, unix.RENAME_EXCHANGE)
	switch {
	case errors.Is(err, unix.ENOENT):
		if err = take(folder, temporary, name); errors.Is(err, fs.ErrExist) {
			return errors.Join(busy(path), aside(folder, temporary, name))
		}
	case err == nil && own.untouched(folder, temporary):
		err = remove(folder, temporary)
	case err == nil:
		if err = unix.Renameat2(fd, temporary, fd, name, unix.RENAME_EXCHANGE); err == nil {
			err = aside(folder, temporary, name)
		}
	}
	return errors.Join(busy(path), err, folder.Sync())
}

// part writes a new hidden file and opens it for reading: held open for writing it could not be leased.
func part(folder *os.File, text string, old *original) (*os.File, error) {
	name := prefix + rand.Text()
	err := fill(folder, name, text, old)
	if err == nil {
		var fd int
		if fd, err = unix.Openat(int(folder.Fd()), name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0); err == nil {
			return os.NewFile(uintptr(fd), name), nil
		}
	}
	if left := remove(folder, name); !errors.Is(left, unix.ENOENT) {
		err = errors.Join(err, left)
	}
	return nil, err
}

// fill makes a new file, 0600. With an original it gets what that has besides its text.
func fill(folder *os.File, name, text string, old *original) error {
	flags := unix.O_WRONLY | unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := unix.Openat(int(folder.Fd()), name, flags, 0o600)
	if err != nil {
		return err
	}
	file := os.NewFile(uintptr(fd), name)
	if _, err = file.WriteString(text); err == nil && old != nil {
		err = dress(file, old)
	}
	if err == nil {
		err = file.Sync() // a crash must not leave an empty file under the name
	}
	return errors.Join(err, file.Close())
}

func remove(folder *os.File, name string) error {
	return unix.Unlinkat(int(folder.Fd()), name, 0)
}

func same(a, b *unix.Stat_t) bool {
	return a.Dev == b.Dev && a.Ino == b.Ino && a.Size == b.Size && a.Mtim == b.Mtim && a.Ctim == b.Ctim
}

func busy(path string) error {
	return api.Errorf(api.Busy, "%s was changed meanwhile and left as it is; look at it and try again", path)
}

// sentence leaves an error that is one as it is.
func sentence(path string, err error) error {
	var one *api.Error
	if err == nil || errors.As(err, &one) || errors.Is(err, fs.ErrExist) {
		return err
	}
	return api.Errorf(api.Failed, "%s was not written: %w; look at its folder and the room on the disk", path, err)
}

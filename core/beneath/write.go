package beneath

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"nerva/core/api"
)

// WriteFile makes text the whole content of the file at path, which Resolve gave for Write, or makes the file. It does
// so in one step: whoever reads it sees the old text or the new one. The file's permissions stay; a new one is the
// user's alone. The folder has to be there and belong to the user.
func (t *Tree) WriteFile(path, text string) error {
	folder, err := t.parent(path)
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	before, err := target(folder, path)
	if err != nil {
		return err
	}
	return t.put(folder, path, text, before)
}

// Edit replaces the text of a file by what change makes of it. Where the file was changed meanwhile it is left as it is
// and the error is api.Busy.
func (t *Tree) Edit(path string, change func(text string) (string, error)) error {
	folder, err := t.parent(path)
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	before, err := target(folder, path)
	if err != nil {
		return err
	}
	text, cut, err := t.ReadText(path)
	switch {
	case err != nil:
		return err
	case cut:
		return api.Errorf(api.InvalidInput, "%s is larger than 1 MiB; edit it in another program", path)
	}
	if text, err = change(text); err != nil {
		return err
	}
	return t.put(folder, path, text, before)
}

// parent opens the folder that path is in, for a change.
func (t *Tree) parent(path string) (*os.File, error) {
	if err := allowed(t.list.Now(), path, path, Write); err != nil {
		return nil, err
	}
	// The folder itself stays as it is, so it may be one around what is protected.
	folder, err := t.handle(filepath.Dir(path), unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, err
	}
	var stat unix.Stat_t
	if err := unix.Fstat(int(folder.Fd()), &stat); err != nil {
		return nil, errors.Join(failed(path, err), folder.Close())
	}
	if int(stat.Uid) != os.Geteuid() {
		return nil, errors.Join(api.Errorf(api.Denied,
			"%s is not changed, because its folder belongs to somebody else; choose one of your own", path), folder.Close())
	}
	return folder, nil
}

// target looks at what is at path; it is nil where nothing is.
func target(folder *os.File, path string) (*unix.Stat_t, error) {
	stat, err := at(folder, path)
	switch {
	case errors.Is(err, unix.ENOENT):
		return nil, nil
	case err != nil:
		return nil, failed(path, err)
	case stat.Mode&unix.S_IFMT == unix.S_IFLNK:
		return nil, changed(path)
	case stat.Mode&unix.S_IFMT != unix.S_IFREG:
		return nil, api.Errorf(api.InvalidInput, "%s is no regular file; choose another name", path)
	case int(stat.Uid) != os.Geteuid() || stat.Mode&unix.S_IWUSR == 0:
		return nil, api.Errorf(api.Denied, "%s is write-protected; change its permissions first", path)
	}
	return stat, nil
}

func at(folder *os.File, path string) (*unix.Stat_t, error) {
	var stat unix.Stat_t
	err := unix.Fstatat(int(folder.Fd()), filepath.Base(path), &stat, unix.AT_SYMLINK_NOFOLLOW)
	return &stat, err
}

// put writes a file beside the one at path and then gives it its name, if what was there is there still.
func (t *Tree) put(folder *os.File, path, text string, before *unix.Stat_t) error {
	temporary := ".nerva-" + rand.Text()
	mode := uint32(0o600)
	if before != nil {
		mode = before.Mode & 0o777
	}
	err := fill(folder, temporary, text, mode)
	if err == nil {
		err = t.give(folder, temporary, path, before)
	}
	if err != nil {
		// Where it had its name already there is nothing to remove.
		if left := unix.Unlinkat(int(folder.Fd()), temporary, 0); left != nil && !errors.Is(left, unix.ENOENT) {
			err = errors.Join(err, left)
		}
		return sentence(path, err)
	}
	return nil
}

func fill(folder *os.File, name, text string, mode uint32) error {
	flags := unix.O_WRONLY | unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := unix.Openat(int(folder.Fd()), name, flags, 0o600)
	if err != nil {
		return err
	}
	file := os.NewFile(uintptr(fd), name)
	_, err = file.WriteString(text)
	if err == nil {
		err = unix.Fchmod(fd, mode)
	}
	if err == nil {
		err = file.Sync() // a crash must not leave an empty file under the name
	}
	return errors.Join(err, file.Close())
}

func (t *Tree) give(folder *os.File, name, path string, before *unix.Stat_t) error {
	if err := t.verify(folder, filepath.Dir(path)); err != nil {
		return err
	}
	now, err := target(folder, path)
	if err != nil {
		return err
	}
	if !same(before, now) {
		return api.Errorf(api.Busy, "%s was changed meanwhile and left as it is; read it again", path)
	}
	fd := int(folder.Fd())
	if now == nil {
		err = unix.Renameat2(fd, name, fd, filepath.Base(path), unix.RENAME_NOREPLACE)
	}
	if now != nil || errors.Is(err, unix.EINVAL) { // not every file system knows the flag
		err = unix.Renameat(fd, name, fd, filepath.Base(path))
	}
	if err != nil {
		return err
	}
	return folder.Sync()
}

func same(a, b *unix.Stat_t) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Dev == b.Dev && a.Ino == b.Ino && a.Size == b.Size && a.Mtim == b.Mtim && a.Ctim == b.Ctim
}

// sentence leaves an error that is one as it is.
func sentence(path string, err error) error {
	var one *api.Error
	if errors.As(err, &one) {
		return err
	}
	return api.Errorf(api.Failed, "%s was not written: %w; look at its folder and the room on the disk", path, err)
}

package beneath

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"nerva/core/api"
)

// WriteFile makes text the whole content of the file at path, which Resolve gave for Write, or makes the file. It does
// so in one step: whoever reads it sees the old text or the new one. The file's permissions stay; a new one is the
// user's alone. Where the file has a second name, that one keeps the old text. The folder has to be there and belong to the user. Of a file that is changed just then, or held open
// for writing by another program, the error is api.Busy.
func (t *Tree) WriteFile(path, text string) error {
	writing.Lock()
	defer writing.Unlock()
	folder, err := t.room(path)
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	before, err := target(folder, path)
	if err != nil {
		return err
	}
	if before == nil {
		if err = t.make(folder, path, text); errors.Is(err, fs.ErrExist) {
			return busy(path)
		}
		return err
	}
	old, err := t.hold(path, before)
	if err != nil {
		return err
	}
	defer func() { _ = old.file.Close() }()
	return t.replace(folder, path, text, old)
}

// Create makes a new file with text. Where there is something of that name already, the error is fs.ErrExist.
func (t *Tree) Create(path, text string) error {
	writing.Lock()
	defer writing.Unlock()
	folder, err := t.room(path)
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	return t.make(folder, path, text)
}

// Edit replaces the text of a file by what change makes of it. Where the file was changed meanwhile, or another program
// holds it open for writing, it is left as it is and the error is api.Busy. A file with a second name is not edited.
func (t *Tree) Edit(path string, change func(text string) (string, error)) error {
	writing.Lock()
	defer writing.Unlock()
	folder, err := t.room(path)
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	before, err := target(folder, path)
	if err != nil {
		return err
	}
	old, err := t.hold(path, before)
	if err != nil {
		return err
	}
	defer func() { _ = old.file.Close() }()
	text, cut, err := readText(old.file)
	switch {
	case old.stat.Nlink > 1:
		// A rename would part the names, and writing in place leaves half a text after a crash.
		return api.Errorf(api.Denied, "%s has a second name (a hard link), which would be left with the old text; change it with another program", path)
	case err != nil:
		return err
	case cut:
		return api.Errorf(api.InvalidInput, "%s is larger than 1 MiB; edit it in another program", path)
	}
	old.text = &text
	made, err := change(text)
	if err != nil {
		return err
	}
	return t.replace(folder, path, made, old)
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

package beneath

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"nerva/core/api"
	"nerva/core/paths"
)

// Trash moves a file or folder into the trash of the user's home and returns where it is then. path is what Resolve
// gave for Remove. What lies on another file system than the trash stays: to copy it and then remove it is no one step.
//
// Source: freedesktop.org, Trash specification 1.0.
func (t *Tree) Trash(path string) (where string, err error) {
	folder, err := t.parent(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = folder.Close() }()
	bin, err := t.bin()
	if err != nil {
		return "", err
	}
	defer func() { _ = bin.close() }()
	if root, ok := t.root(path); ok && root == path {
		return "", api.Errorf(api.Denied, "%s is a folder in which files may be used, and stays; choose what is in it", path)
	}
	if paths.Within(path, bin.path) || paths.Within(bin.path, path) {
		return "", api.Errorf(api.Denied, "%s is in the trash already, or around it; empty the trash yourself", path)
	}
	stat, err := at(folder, path)
	if err != nil {
		return "", failed(path, err)
	}
	switch stat.Mode & unix.S_IFMT {
	case unix.S_IFREG, unix.S_IFDIR:
	case unix.S_IFLNK:
		return "", changed(path)
	default:
		return "", api.Errorf(api.InvalidInput, "%s is neither a file nor a folder; remove it yourself", path)
	}
	return bin.take(folder, path, stat.Dev)
}

// bin is an open trash.
type bin struct {
	path        string
	files, info *os.File
	device      uint64
}

// bin opens the trash of the home folder, and makes it where there is none yet.
func (t *Tree) bin() (*bin, error) {
	data := os.Getenv("XDG_DATA_HOME")
	if !filepath.IsAbs(data) {
		data = filepath.Join(t.home, ".local/share")
	}
	data = filepath.Join(data, "Trash")
	path, err := paths.Links(data)
	if err != nil {
		return nil, noBin(data, err)
	}
	b := &bin{path: path}
	for name, to := range map[string]**os.File{"files": &b.files, "info": &b.info} {
		if *to, err = own(filepath.Join(path, name)); err != nil {
			return nil, errors.Join(noBin(data, err), b.close())
		}
	}
	var stat unix.Stat_t
	if err := unix.Fstat(int(b.files.Fd()), &stat); err != nil {
		return nil, errors.Join(noBin(data, err), b.close())
	}
	b.device = stat.Dev
	return b, nil
}

// noBin leaves out what the error says of where links led.
func noBin(path string, err error) error {
	if named, ok := errors.AsType[*os.PathError](err); ok {
		err = named.Err
	}
	return api.Errorf(api.Failed, "nothing was removed, because the trash %s can't be used: %w; look at the folder", path, err)
}

// own opens a folder that is the user's, no link followed.
func own(path string) (*os.File, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	folder, err := openat2(unix.AT_FDCWD, path, path, unix.O_RDONLY|unix.O_DIRECTORY, noLinks)
	if err != nil {
		return nil, err
	}
	var stat unix.Stat_t
	if err := unix.Fstat(int(folder.Fd()), &stat); err != nil {
		return nil, errors.Join(err, folder.Close())
	}
	if int(stat.Uid) != os.Geteuid() {
		return nil, errors.Join(errors.New("it belongs to somebody else"), folder.Close())
	}
	return folder, nil
}

func (b *bin) close() error {
	var err error
	for _, folder := range []*os.File{b.files, b.info} {
		if folder != nil {
			err = errors.Join(err, folder.Close())
		}
	}
	return err
}

// maxName leaves room in the 255 bytes of a name for what is put behind it.
const maxName = 200

func (b *bin) take(folder *os.File, path string, device uint64) (string, error) {
	if device != b.device {
		return "", elsewhere(path)
	}
	base := filepath.Base(path)
	name := base
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "")
	}
	for plain := name; ; name = plain + "." + rand.Text()[:8] {
		err := b.describe(name, path)
		if err == nil {
			err = unix.Renameat2(int(folder.Fd()), base, int(b.files.Fd()), name, unix.RENAME_NOREPLACE)
			if err != nil {
				err = errors.Join(err, unix.Unlinkat(int(b.info.Fd()), name+".trashinfo", 0))
			}
		}
		switch {
		case err == nil:
			return filepath.Join(b.path, "files", name), nil
		case errors.Is(err, unix.EEXIST) && name == plain:
		case errors.Is(err, unix.EXDEV):
			return "", elsewhere(path)
		default:
			return "", api.Errorf(api.Failed, "%s was not removed: %w; look at its folder and at the trash", path, err)
		}
	}
}

func elsewhere(path string) error {
	return api.Errorf(api.Failed, "%s lies on another disk than the trash, so it was not removed; remove it yourself", path)
}

// describe reserves a name: the file that says where something was comes first (section "Implementation notes").
func (b *bin) describe(name, path string) error {
	return fill(b.info, name+".trashinfo", fmt.Sprintf("[Trash Info]\nPath=%s\nDeletionDate=%s\n",
		(&url.URL{Path: path}).EscapedPath(), time.Now().Format("2006-01-02T15:04:05")), nil)
}

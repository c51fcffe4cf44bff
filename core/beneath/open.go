package beneath

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"nerva/core/api"
)

// MaxText is the size in bytes up to which a file is read as text.
const MaxText = 1 << 20

const (
	noLinks = unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS
	inside  = unix.RESOLVE_BENEATH | noLinks
)

// Open opens a regular file for reading. path is what Resolve gave.
func (t *Tree) Open(path string) (*os.File, error) {
	return t.open(path, func(kind uint32) error {
		if kind == unix.S_IFREG {
			return nil
		}
		return api.Errorf(api.InvalidInput, "%s is no regular file; give the path of one", path)
	})
}

// OpenAny opens a regular file or a folder for reading.
func (t *Tree) OpenAny(path string) (*os.File, error) {
	return t.open(path, func(kind uint32) error {
		if kind == unix.S_IFREG || kind == unix.S_IFDIR {
			return nil
		}
		return api.Errorf(api.InvalidInput, "%s is neither a file nor a folder; give the path of one", path)
	})
}

// open looks at what is there before it opens it for reading: to open a FIFO or a device is to act on it.
func (t *Tree) open(path string, fits func(kind uint32) error) (*os.File, error) {
	handle, err := t.handle(path, unix.O_PATH)
	if err != nil {
		return nil, err
	}
	defer func() { _ = handle.Close() }()
	var stat unix.Stat_t
	if err := unix.Fstat(int(handle.Fd()), &stat); err != nil {
		return nil, failed(path, err)
	}
	if err := fits(stat.Mode & unix.S_IFMT); err != nil {
		return nil, err
	}
	// The very same file, whatever has become of its path.
	fd, err := unix.Open(descriptor(handle), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, failed(path, err)
	}
	return os.NewFile(uintptr(fd), path), nil
}

// ReadText reads a file that is text: valid UTF-8 without zero bytes. Of a longer one than MaxText it is the beginning.
func (t *Tree) ReadText(path string) (text string, cut bool, err error) {
	file, err := t.Open(path)
	if err != nil {
		return "", false, err
	}
	defer func() { _ = file.Close() }()
	return readText(file)
}

func readText(file *os.File) (text string, cut bool, err error) {
	data, err := io.ReadAll(io.NewSectionReader(file, 0, MaxText+1))
	if err != nil {
		return "", false, failed(file.Name(), err)
	}
	if cut = len(data) > MaxText; cut {
		data = whole(data[:MaxText])
	}
	if bytes.IndexByte(data, 0) >= 0 || !utf8.Valid(data) {
		return "", false, api.Errorf(api.InvalidInput, "%s is not a text; open it with open_path", file.Name())
	}
	return string(data), cut, nil
}

// whole takes off the end what is only the first part of a letter.
func whole(text []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if end := text[len(text)-n:]; utf8.RuneStart(end[0]) {
			if !utf8.FullRune(end) {
				return text[:len(text)-n]
			}
			break
		}
	}
	return text
}

// handle opens what is at path, no link followed on the way, and makes sure that it is there still.
func (t *Tree) handle(path string, flags uint64) (*os.File, error) {
	root, ok := t.root(path)
	if !ok {
		return nil, api.Errorf(api.Denied, "%s lies outside of %s; choose a path in there", path, t.names())
	}
	top, err := openat2(unix.AT_FDCWD, root, root, unix.O_PATH|unix.O_DIRECTORY, noLinks)
	if err != nil {
		return nil, failed(root, err)
	}
	defer func() { _ = top.Close() }()
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return nil, failed(path, err)
	}
	file, err := openat2(int(top.Fd()), rel, path, flags, inside)
	if err != nil {
		return nil, failed(path, err)
	}
	if err := t.verify(file, path); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// verify holds that an open file is the one at path, in case that a folder on the way was moved or taken out of the
// root's reach meanwhile, and that this is nothing protected by now.
func (t *Tree) verify(file *os.File, path string) error {
	now, err := os.Readlink(descriptor(file))
	if err != nil {
		return api.Errorf(api.Unavailable, "look where %s is: %w; is /proc mounted?", path, err)
	}
	if now != path {
		if replaced(file, now, path) {
			return busy(path)
		}
		return changed(path)
	}
	return allowed(t.list.Now(), path, path, Read)
}

// replaced says that a file lost its name to another one while it was opened, as happens to those that are saved.
func replaced(file *os.File, now, path string) bool {
	var stat unix.Stat_t
	return filepath.Dir(now) == filepath.Dir(path) && unix.Fstat(int(file.Fd()), &stat) == nil && stat.Mode&unix.S_IFMT == unix.S_IFREG
}

func descriptor(file *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", file.Fd()) }

func openat2(dir int, path, name string, flags, resolve uint64) (*os.File, error) {
	how := &unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: resolve}
	for range 100 { // EAGAIN: something was moved just then (openat2(2), RESOLVE_BENEATH)
		fd, err := unix.Openat2(dir, path, how)
		if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return os.NewFile(uintptr(fd), name), nil
	}
	return nil, unix.EAGAIN
}

func changed(path string) error {
	return api.Errorf(api.Denied, "%s leads elsewhere by now, so it was left alone; look at its folders and ask again", path)
}

// failed makes a sentence of the kernel's answer.
func failed(path string, err error) error {
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR):
		return api.Errorf(api.NotFound, "there is no file or folder %s; check the path", path)
	case errors.Is(err, unix.ELOOP), errors.Is(err, unix.EXDEV):
		return changed(path)
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return api.Errorf(api.Denied, "%s can't be opened: %w; change its permissions first", path, err)
	case errors.Is(err, unix.ENOSYS):
		return api.Errorf(api.Unavailable, "files can't be opened safely here: %w; Linux 5.6 and newer can", err)
	case errors.Is(err, unix.ENAMETOOLONG):
		return api.Errorf(api.InvalidInput, "%s has a name that is too long; choose a shorter one", shorter(path))
	}
	return api.Errorf(api.Failed, "%s can't be opened: %w; look at the disk that it is on", path, err)
}

func shorter(path string) string { return strings.ToValidUTF8(path[:min(len(path), 80)], "") + "…" }

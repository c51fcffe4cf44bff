package portal

import (
	"errors"
	"fmt"
	"image/png"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	"nerva/core/api"
)

// maxPicture bounds a picture file, in bytes: four 8K outputs of noise stay below it.
const maxPicture = 512 << 20

// take copies the PNG file that a portal handed back into a new file in dir (0600) and removes the
// original. xdg-desktop-portal-wlr writes all its pictures to /tmp/out.png, where every user may read
// them and the next one replaces them.
func take(uri, dir string) (string, error) {
	path, err := localPath(uri)
	if err != nil {
		return "", err
	}
	original, info, err := openPicture(path)
	if err != nil {
		return "", err
	}
	defer original.Close()
	copied, err := private(original, dir)
	if err != nil {
		return "", err
	}
	if err := removeSame(path, info); err != nil {
		return "", errors.Join(err, os.Remove(copied))
	}
	return copied, nil
}

// localPath returns the absolute path that a file URI names on this machine (RFC 8089).
func localPath(uri string) (string, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return "", api.Errorf(api.Failed, "the portal's screenshot has no usable address: update the portal's backend: %w", err)
	}
	if u.Scheme != "file" || (u.Host != "" && u.Host != "localhost") || !filepath.IsAbs(u.Path) {
		return "", api.Errorf(api.Failed, "the portal's screenshot %q is not a local file: update the portal's backend", uri)
	}
	return filepath.Clean(u.Path), nil
}

// openPicture opens path if it is a regular PNG file of this user. The path may lie in a folder where
// anybody can put things: no link is followed, and nothing is waited for, as opening a FIFO would.
func openPicture(path string) (*os.File, os.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, api.Errorf(api.Failed, "the portal's screenshot can't be opened: try again: %w", err)
	}
	info, err := f.Stat()
	if err == nil {
		err = checkPicture(f, info)
	}
	if err != nil {
		f.Close()
		return nil, nil, api.Errorf(api.Failed, "the portal's screenshot %s is refused: update the portal's backend: %w", path, err)
	}
	return f, info, nil
}

func checkPicture(f *os.File, info os.FileInfo) error {
	switch stat, ok := info.Sys().(*syscall.Stat_t); {
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	case !ok || int(stat.Uid) != os.Getuid():
		return errors.New("it belongs to another user")
	case info.Size() > maxPicture:
		return fmt.Errorf("it has %d bytes, more than %d", info.Size(), maxPicture)
	}
	if _, err := png.DecodeConfig(f); err != nil {
		return fmt.Errorf("it is not a PNG picture: %w", err)
	}
	_, err := f.Seek(0, io.SeekStart)
	return err
}

// private copies f into a new file in dir that only the user may read.
func private(f *os.File, dir string) (string, error) {
	target, err := os.CreateTemp(dir, "screen-*.png") // 0600
	if err != nil {
		return "", api.Errorf(api.Failed, "the screenshot can't be kept: make room in %s or correct its permissions: %w", dir, err)
	}
	_, err = io.Copy(target, io.LimitReader(f, maxPicture))
	if err = errors.Join(err, target.Close()); err != nil {
		return "", errors.Join(api.Errorf(api.Failed, "the screenshot can't be kept: make room in %s: %w", dir, err), os.Remove(target.Name()))
	}
	return target.Name(), nil
}

// removeSame removes path if it is still the file that was copied: by now it may be another's.
func removeSame(path string, copied os.FileInfo) error {
	now, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) || (err == nil && !os.SameFile(now, copied)) {
		return nil
	}
	if err == nil {
		err = os.Remove(path)
	}
	if err != nil {
		return api.Errorf(api.Failed, "the screenshot's original at %s can't be removed: remove it by hand: %w", path, err)
	}
	return nil
}

package sandbox

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"nerva/core/api"
	"nerva/core/paths"
)

// hide takes hidden out of what is shown, also what does not exist: it may when the folder is listed. A program can make
// what does not exist, and replace a link, where it may write: such a folder is refused.
func (v *view) hide(hidden []string) error {
	var masks []string
	for _, path := range hidden {
		spots, real, err := spots(path)
		if err != nil {
			return api.Errorf(api.Failed, "the sandbox can't hide %s: %w; look at what is there", path, err)
		}
		for _, spot := range spots {
			if writable := v.writable(spot); writable != "" && real != spot {
				return api.Errorf(api.InvalidInput,
					"the sandbox can't let a program write to %s, in which %s would lie; grant a folder that is not around it", writable, path)
			}
		}
		if masks = append(masks, spots...); real != "" {
			masks = append(masks, real)
		}
	}
	slices.Sort(masks)
	v.masks = paths.Outermost(masks)
	return v.open()
}

// spots are where path has its name, and where a link of that name leads to nothing yet; real is what is there.
func spots(path string) (spots []string, real string, err error) {
	spots = []string{follow(path)}
	if real, err = filepath.EvalSymlinks(path); err == nil {
		return spots, real, nil
	}
	_, err = os.Stat(path)
	// What nervad can't reach no program of the same user can. Without an error it has just appeared.
	missing := func(is error) bool { return errors.Is(err, is) }
	if err != nil && !slices.ContainsFunc([]error{fs.ErrNotExist, unix.ENOTDIR, unix.ELOOP, fs.ErrPermission}, missing) {
		return nil, "", err
	}
	if at, err := paths.Links(path); err == nil {
		spots = append(spots, at)
	}
	return spots, "", nil
}

// follow resolves the links on the way to path, as far as it exists, and not path itself.
func follow(path string) string {
	dir := filepath.Dir(path)
	if dir == path {
		return path
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		return filepath.Join(real, filepath.Base(path))
	}
	return filepath.Join(follow(dir), filepath.Base(path))
}

// writable is the granted folder that path lies in, or nothing.
func (v *view) writable(path string) string {
	for folder, option := range v.binds {
		if option == "--bind" && paths.Within(path, folder) {
			return folder
		}
	}
	return ""
}

// hides says whether path, with links resolved, lies in what is hidden.
func (v *view) hides(path string) bool {
	return slices.ContainsFunc(v.masks, func(mask string) bool { return paths.Within(path, mask) })
}

// mask puts an empty folder, or a file that can't be opened, in the place of path. A folder on the way to it that is
// writable becomes a mount as well: what is mounted can't be moved away to make another in its place.
func mask(path, writable string) []string {
	var args []string
	for dir := filepath.Dir(path); paths.Within(dir, writable) && dir != writable; dir = filepath.Dir(dir) {
		args = append([]string{"--bind", dir, dir}, args...)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return append(args, "--perms", "0555", "--tmpfs", path, "--remount-ro", path)
	}
	// Bubblewrap mounts without devices: opening it fails.
	return append(args, "--ro-bind", "/dev/null", path)
}

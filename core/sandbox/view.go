package sandbox

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"nerva/core/api"
	"nerva/core/paths"
)

// system is what everybody may read of an operating system: Debian's and its like, NixOS's, Guix's. Not /run, /var,
// /sys and /nix/var, where services have their sockets and state.
var system = []string{
	"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix/store", "/gnu/store",
	"/run/current-system",
}

// always are hidden whatever is granted: the session's and the system's sockets.
var always = []string{"/run/user", "/run/dbus", "/tmp/.X11-unix", "/tmp/.ICE-unix"}

// view is the file system that a program will see.
type view struct {
	home   string            // with links resolved
	binds  map[string]string // real path → bubblewrap's option
	links  map[string]string // path → target
	opened map[string]int    // folder that is shown by its entries, a real path → how many it has
	masks  []string          // paths without links on the way, none in another
}

// newView says what is shown. A grant that can't be kept to is an error, never a smaller or a larger one.
func (s *Sandbox) newView(spec Spec) (*view, error) {
	v := &view{binds: map[string]string{}, links: map[string]string{}, opened: map[string]int{}}
	for _, path := range system {
		v.show(path)
	}
	if spec.Network {
		// What it leads to is a single file, not the folder of a resolver with its socket.
		if real, err := filepath.EvalSymlinks("/etc/resolv.conf"); err == nil {
			v.binds[real] = "--ro-bind"
		}
	}
	if err := v.setHome(s.o.Home); err != nil {
		return nil, err
	}
	for option, paths := range map[string][]string{"--ro-bind": spec.Read, "--bind": spec.Write} {
		for _, path := range paths {
			real, err := grantable(path, option)
			if err != nil {
				return nil, err
			}
			if v.binds[real] != "--bind" {
				v.binds[real] = option
			}
		}
	}
	hidden := slices.Concat(always, s.o.Hidden())
	if s.o.Runtime != "" {
		hidden = append(hidden, s.o.Runtime)
	}
	return v, v.hide(hidden)
}

// show shows a path read-only, if it is there, and a link as a link.
func (v *view) show(path string) {
	if target, err := os.Readlink(path); err == nil {
		v.links[path] = target
	} else if _, err := os.Stat(path); err == nil {
		v.binds[path] = "--ro-bind"
	}
}

// setHome shows the home folder where it really lies, and by the name it has in the session.
func (v *view) setHome(home string) error {
	real, err := filepath.EvalSymlinks(home)
	if err != nil {
		return api.Errorf(api.Unavailable, "the sandbox can't show the home folder: %w; look at $HOME", err)
	}
	if real == "/" {
		return api.Errorf(api.Unavailable, "the sandbox can't hide secrets in a home folder that is /; set $HOME to another")
	}
	v.home, v.binds[real] = real, "--ro-bind"
	if clean := filepath.Clean(home); clean != real {
		v.links[clean] = real
	}
	return nil
}

// grantable resolves a path that is to be shown in addition.
func grantable(path, option string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", api.Errorf(api.NotFound, "the sandbox can't show %s: it does not exist; create it or grant another", path)
	}
	if err != nil {
		return "", api.Errorf(api.Failed, "the sandbox can't show %s: %w; grant another path", path, err)
	}
	kernel := paths.Within(real, "/proc") || paths.Within(real, "/dev") || paths.Within(real, "/sys")
	around := slices.ContainsFunc([]string{"/tmp", "/var/tmp", "/run", "/nix/var"}, func(p string) bool { return paths.Within(p, real) })
	if !filepath.IsAbs(path) || kernel || around {
		return "", api.Errorf(api.InvalidInput, "the sandbox never shows %s as a whole (%s); grant a folder in it", real, option)
	}
	return real, nil
}

// shows says whether there is anything of the computer's at path.
func (v *view) shows(path string) bool {
	return v.bound(path) || v.lies(path) || paths.Within(path, "/tmp") || paths.Within(path, "/proc")
}

func (v *view) bound(path string) bool {
	for folder := range v.binds {
		if paths.Within(path, folder) {
			return true
		}
	}
	return false
}

// arguments are bubblewrap's options for it, outer folders first, masks last. space bounds what can be written in memory.
func (v *view) arguments(space uint64) ([]string, error) {
	size := strconv.FormatUint(space, 10)
	args := []string{"--size", size, "--tmpfs", "/tmp", "--symlink", "/tmp", "/var/tmp", "--dir", "/run"}
	frames, closed := v.frames(size)
	args = append(args, frames...)
	for _, path := range slices.Sorted(maps.Keys(v.binds)) {
		args = append(args, v.binds[path], path, path)
	}
	for _, path := range slices.Sorted(maps.Keys(v.links)) {
		if !v.bound(path) { // else the link itself is there
			args = append(args, "--symlink", v.links[path], path)
		}
	}
	// Its /dev is a tmpfs of its own, which would take half of the computer's memory.
	args = append(args, "--proc", "/proc", "--dev", "/dev", "--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev")
	args = append(args, closed...)
	for _, path := range v.masks {
		if writable := v.writable(path); writable != "" {
			args = append(args, mask(path, writable)...)
		}
	}
	return args, v.bounded(args)
}

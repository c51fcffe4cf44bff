// Package sockets finds the listening Unix sockets of a login session: the compositor's, the display's.
// A user service starts before the compositor and outlives it, so the environment it was started with
// may name no socket, or one that is dead; what lies in the runtime folder is the truth.
//
// It owns no state and starts no goroutine; it must not know what is spoken over a socket.
package sockets

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"nerva/core/api"
)

// RuntimeDir is $XDG_RUNTIME_DIR, or the folder that logind would have named (pam_systemd(8)).
func RuntimeDir() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return dir
	}
	return fmt.Sprintf("/run/user/%d", os.Getuid())
}

// Live says whether something listens on the socket at path. It connects and hangs up at once; a crashed
// compositor leaves its socket file behind, which refuses. One whose queue is full is busy.
func Live(path string) bool {
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err != nil {
		return errors.Is(err, unix.EAGAIN)
	}
	_ = conn.Close() // nothing was written
	return true
}

// Newest returns the files that fit one of the patterns (filepath.Match), the one made last first.
func Newest(patterns ...string) []string {
	type file struct {
		path string
		made time.Time
	}
	var found []file
	for _, pattern := range patterns {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			continue // the only error is a malformed pattern: it fits nothing
		}
		for _, path := range paths {
			if info, err := os.Lstat(path); err == nil && info.Mode().Type() == os.ModeSocket {
				found = append(found, file{path, info.ModTime()})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b file) int { return cmp.Or(b.made.Compare(a.made), cmp.Compare(a.path, b.path)) })
	list := make([]string, len(found))
	for i, f := range found {
		list[i] = f.path
	}
	return list
}

// Display returns the path of the Wayland display's socket: $WAYLAND_DISPLAY where it is live, else the
// newest live wayland-* in the runtime folder, else the empty string.
func Display() string { return DisplayIn(RuntimeDir(), os.Getenv("WAYLAND_DISPLAY")) }

// DisplayIn is Display for another runtime folder and another $WAYLAND_DISPLAY, which may be an absolute path.
func DisplayIn(dir, name string) string {
	if name != "" {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		if Live(name) {
			return name
		}
	}
	for _, path := range Newest(filepath.Join(dir, "wayland-*")) {
		if !strings.HasSuffix(path, ".lock") && Live(path) {
			return path
		}
	}
	return ""
}

// Environ is this process's environment with a WAYLAND_DISPLAY that is live, for a client that is executed.
func Environ() ([]string, error) {
	display := Display()
	if display == "" {
		return nil, api.Errorf(api.Unavailable, "no Wayland display is running: log in to a Wayland session and try again")
	}
	// The last value of a name counts (os/exec). libwayland takes an absolute path as well as a name.
	return append(os.Environ(), "WAYLAND_DISPLAY="+display), nil
}

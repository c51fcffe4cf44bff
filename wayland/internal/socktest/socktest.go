// Package socktest gives a test a runtime folder of its own and sockets in it.
//
// All of it belongs to the test and goes with it.
package socktest

import (
	"net"
	"os"
	"path/filepath"
	"testing"
)

// RuntimeDir makes a folder and sets $XDG_RUNTIME_DIR to it; $WAYLAND_DISPLAY is unset. Its path is
// short: a socket's may have 107 bytes, and t.TempDir's can be longer.
func RuntimeDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("WAYLAND_DISPLAY", "")
	return dir
}

// Listen makes a socket.
func Listen(t *testing.T, path string) *net.UnixListener {
	t.Helper()
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

// Dead makes a socket that nobody listens on, as a crash leaves it.
func Dead(t *testing.T, path string) {
	t.Helper()
	listener := Listen(t, path)
	listener.SetUnlinkOnClose(false)
	listener.Close()
}

// Display makes a runtime folder with a live wayland-0, on which nobody speaks.
func Display(t *testing.T) {
	t.Helper()
	Listen(t, filepath.Join(RuntimeDir(t), "wayland-0"))
}

package sockets

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"nerva/core/api"
)

// listen makes a socket of a given age; a dead one is left behind by nobody.
func listen(t *testing.T, path string, age time.Duration, live bool) {
	t.Helper()
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	made := time.Now().Add(-age)
	if err := os.Chtimes(path, made, made); err != nil {
		t.Fatal(err)
	}
	if !live {
		listener.SetUnlinkOnClose(false)
		listener.Close()
		return
	}
	t.Cleanup(func() { listener.Close() })
}

func runtimeDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	return dir
}

func TestDisplay(t *testing.T) {
	dir := runtimeDir(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	t.Setenv("WAYLAND_DISPLAY", "")
	if got := Display(); got != "" {
		t.Errorf("with no socket: %q", got)
	}
	if _, err := Environ(); api.CodeOf(err) != api.Unavailable {
		t.Errorf("with no socket: %v", err)
	}
	listen(t, at("wayland-0"), 2*time.Hour, true)
	listen(t, at("wayland-1"), time.Hour, true)
	listen(t, at("wayland-2"), 0, false)
	if err := os.WriteFile(at("wayland-3"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for variable, want := range map[string]string{
		"":              "wayland-1", // the newest that is live
		"wayland-0":     "wayland-0",
		at("wayland-0"): "wayland-0",
		"wayland-2":     "wayland-1", // out of date
	} {
		t.Setenv("WAYLAND_DISPLAY", variable)
		if got := Display(); got != at(want) {
			t.Errorf("WAYLAND_DISPLAY=%s: %q, want %s", variable, got, want)
		}
	}
	env, err := Environ()
	if err != nil || !slices.Contains(env, "WAYLAND_DISPLAY="+Display()) {
		t.Errorf("environment: %v, %v", env, err)
	}
}

func TestNewest(t *testing.T) {
	dir := runtimeDir(t)
	listen(t, filepath.Join(dir, "a"), time.Hour, false)
	listen(t, filepath.Join(dir, "b"), 0, true)
	if got, want := Newest(dir+"/*", "["), []string{dir + "/b", dir + "/a"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

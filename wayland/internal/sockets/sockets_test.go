package sockets

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/wayland/internal/socktest"
)

// age sets when a socket was made.
func age(t *testing.T, path string, age time.Duration) {
	t.Helper()
	made := time.Now().Add(-age)
	if err := os.Chtimes(path, made, made); err != nil {
		t.Fatal(err)
	}
}

func TestDisplay(t *testing.T) {
	dir := socktest.RuntimeDir(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	if got := Display(); got != "" {
		t.Errorf("with no socket: %q", got)
	}
	if _, err := Environ(); api.CodeOf(err) != api.Unavailable {
		t.Errorf("with no socket: %v", err)
	}
	socktest.Listen(t, at("wayland-0"))
	age(t, at("wayland-0"), 2*time.Hour)
	socktest.Listen(t, at("wayland-1"))
	age(t, at("wayland-1"), time.Hour)
	socktest.Dead(t, at("wayland-2"))
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
	dir := socktest.RuntimeDir(t)
	socktest.Dead(t, filepath.Join(dir, "a"))
	age(t, filepath.Join(dir, "a"), time.Hour)
	socktest.Listen(t, filepath.Join(dir, "b"))
	if got, want := Newest(dir+"/*", "["), []string{dir + "/b", dir + "/a"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

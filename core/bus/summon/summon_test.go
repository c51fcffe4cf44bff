package summon

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nerva/core/bus/bustest"
	"nerva/core/bus/overlay"
	"nerva/core/bus/sessionbus"
)

// TestMain is the overlay where the test starts itself under its name: it serves until it is hidden.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != program {
		os.Exit(m.Run())
	}
	hidden := make(chan bool, 1)
	if err := fakeOverlay(context.Background(), "", func(call string) {
		if call == "hide" {
			hidden <- true
			return
		}
		log, err := os.OpenFile(os.Getenv("OVERLAY_LOG"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			panic(err)
		}
		_, _ = log.WriteString(call + "\n")
		_ = log.Close()
	}); err != nil {
		os.Exit(3)
	}
	<-hidden
}

func fakeOverlay(ctx context.Context, address string, did func(call string)) error {
	conn, err := sessionbus.Connect(ctx, address)
	if err != nil {
		return err
	}
	return overlay.Serve(conn, overlay.Handler{
		Toggle: func(token string) { did("toggle " + token) },
		Show:   func(token, text string) { did("show " + token + text) },
		Hide:   func() { did("hide") },
	})
}

func call(t *testing.T, method string) error {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 15*time.Second)
	defer stop()
	return Call(ctx, method, os.Getenv("XDG_ACTIVATION_TOKEN"))
}

func TestCallsReachTheResidentOverlay(t *testing.T) {
	bus := bustest.Start(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	t.Setenv("XDG_ACTIVATION_TOKEN", "T1")
	calls := make(chan string, 1)
	if err := fakeOverlay(t.Context(), bus.Address, func(c string) { calls <- c }); err != nil {
		t.Fatal(err)
	}
	for method, want := range map[string]string{overlay.Toggle: "toggle T1", overlay.Show: "show T1", overlay.Hide: "hide"} {
		if err := call(t, method); err != nil {
			t.Fatal(err)
		}
		if got := <-calls; got != want {
			t.Errorf("%s: the overlay got %q, want %q", method, got, want)
		}
	}
}

// TestStartsOneOverlay holds that two key presses while none runs end in one overlay that was shown.
func TestStartsOneOverlay(t *testing.T) {
	bus := bustest.Start(t)
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, program)); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(dir, "log")
	t.Setenv("OVERLAY_LOG", log)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	t.Setenv("WAYLAND_DISPLAY", "wayland-test")
	t.Setenv("XDG_ACTIVATION_TOKEN", "")
	t.Setenv("PATH", dir)
	done := make(chan error, 2)
	for range 2 {
		go func() { done <- call(t, overlay.Toggle) }()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	conn, err := sessionbus.Connect(t.Context(), bus.Address)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(log)
	if err != nil || strings.Count(string(b), "show") < 2 {
		t.Errorf("the overlay was not shown for both presses: %q %v", b, err)
	}
	// It ends at that, perhaps before it answers.
	_ = overlay.Call(t.Context(), conn, overlay.Hide, overlay.Options{})
}

func TestBadInputGetsASentence(t *testing.T) {
	bus := bustest.Start(t)
	for _, c := range []struct {
		name, method, want string
		env                map[string]string
	}{
		{name: "no bus", want: "no session bus", env: map[string]string{"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}},
		{name: "no display", want: "WAYLAND_DISPLAY is not set", env: map[string]string{"WAYLAND_DISPLAY": ""}},
		{name: "no overlay", want: "nerva-overlay is not installed", env: map[string]string{"WAYLAND_DISPLAY": "w", "PATH": "/nowhere"}},
		{name: "nothing to hide", method: overlay.Hide},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			err := call(t, cmp.Or(c.method, overlay.Toggle))
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v should contain %q", err, c.want)
			}
		})
	}
}

func TestAnOverlayThatDiesIsSaid(t *testing.T) {
	bus := bustest.Start(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, program), []byte("#!/bin/sh\nexit 4\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	t.Setenv("WAYLAND_DISPLAY", "wayland-test")
	t.Setenv("PATH", dir)
	if err := call(t, overlay.Toggle); err == nil || !strings.Contains(err.Error(), "ended before it was up (exit status 4)") {
		t.Error(err)
	}
}

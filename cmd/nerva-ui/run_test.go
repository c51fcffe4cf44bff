package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

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

func ui(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestCallsReachTheResidentOverlay(t *testing.T) {
	bus := bustest.Start(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	t.Setenv("XDG_ACTIVATION_TOKEN", "T1")
	calls := make(chan string, 1)
	if err := fakeOverlay(t.Context(), bus.Address, func(c string) { calls <- c }); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ arg, want string }{
		{"", "toggle T1"}, {"toggle", "toggle T1"}, {"show", "show T1"}, {"hide", "hide"},
	} {
		if code, _, stderr := ui(t, strings.Fields(c.arg)...); code != 0 {
			t.Fatalf("nerva-ui %s: %d %s", c.arg, code, stderr)
		}
		if got := <-calls; got != c.want {
			t.Errorf("nerva-ui %s: the overlay got %q, want %q", c.arg, got, c.want)
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
	codes := make(chan int, 2)
	for range 2 {
		go func() {
			code, _, stderr := ui(t)
			if code != 0 {
				t.Error(stderr)
			}
			codes <- code
		}()
	}
	<-codes
	<-codes
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
		name, args, want string
		env              map[string]string
		code             int
	}{
		{name: "unknown word", args: "open", want: `there is no "open"; use toggle, show or hide`, code: 2},
		{name: "too many", args: "show hide", want: "one argument at most", code: 2},
		{name: "no bus", want: "no session bus", code: 1, env: map[string]string{"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}},
		{name: "no display", want: "WAYLAND_DISPLAY is not set", code: 1, env: map[string]string{"WAYLAND_DISPLAY": ""}},
		{name: "no overlay", want: "nerva-overlay is not installed", code: 1, env: map[string]string{"WAYLAND_DISPLAY": "w", "PATH": "/nowhere"}},
		{name: "nothing to hide", args: "hide", code: 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			code, _, stderr := ui(t, strings.Fields(c.args)...)
			if code != c.code || !strings.Contains(stderr, c.want) {
				t.Errorf("exit %d, want %d; %q should contain %q", code, c.code, stderr, c.want)
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
	if code, _, stderr := ui(t); code != 1 || !strings.Contains(stderr, "ended before it was up (exit status 4)") {
		t.Errorf("exit %d, %q", code, stderr)
	}
}

// BenchmarkToggle is a whole nerva-ui process: exec, handshake, call, exit.
func BenchmarkToggle(b *testing.B) {
	bus := bustest.Start(b)
	binary := filepath.Join(b.TempDir(), "nerva-ui")
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	conn, err := sessionbus.Connect(b.Context(), bus.Address)
	if err != nil {
		b.Fatal(err)
	}
	none := func() {}
	h := overlay.Handler{Toggle: func(string) {}, Show: func(string, string) {}, Hide: none}
	if err := overlay.Serve(conn, h); err != nil {
		b.Fatal(err)
	}
	b.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	b.Run("process", func(b *testing.B) {
		for b.Loop() {
			if err := exec.Command(binary).Run(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("version only", func(b *testing.B) {
		for b.Loop() {
			if err := exec.Command(binary, "--version").Run(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("connect", func(b *testing.B) {
		for b.Loop() {
			c, err := sessionbus.Connect(b.Context(), bus.Address)
			if err != nil {
				b.Fatal(err)
			}
			_ = c.Close()
		}
	})
	b.Run("call", func(b *testing.B) {
		for b.Loop() {
			if err := overlay.Call(b.Context(), conn, overlay.Toggle, overlay.Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

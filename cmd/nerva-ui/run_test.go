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
	"nerva/core/bus/overlay/socket"
)

// TestMain is nerva-ui, or the nerva that it becomes, where the test starts itself under that name.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "nerva-ui":
		os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
	case "nerva":
		_, _ = os.Stdout.WriteString(strings.Join(os.Args, " ") + " " + os.Getenv("XDG_ACTIVATION_TOKEN"))
		os.Exit(7)
	}
	os.Exit(m.Run())
}

// ui runs nerva-ui with a nerva in PATH, or without.
func ui(t *testing.T, withNerva bool, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if withNerva {
		if err := os.Symlink(self, filepath.Join(bin, "nerva")); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(self, args...)
	c.Args[0] = "nerva-ui"
	c.Env = append(os.Environ(), "PATH=/nowhere::"+bin, "XDG_ACTIVATION_TOKEN=T1")
	var out, errs strings.Builder
	c.Stdout, c.Stderr = &out, &errs
	_ = c.Run()
	return c.ProcessState.ExitCode(), out.String(), errs.String()
}

func TestCallsReachTheResidentOverlay(t *testing.T) {
	bustest.RuntimeDir(t)
	calls := make(chan string, 1)
	go func() {
		_ = overlay.Listen(t.Context(), overlay.Handler{
			Toggle: func(token string) { calls <- "toggle " + token },
			Show:   func(token, _ string) { calls <- "show " + token },
			Hide:   func() { calls <- "hide" },
		})
	}()
	for socket.Call(socket.Path(), overlay.Hide, "") != socket.Done {
		if t.Context().Err() == context.Canceled {
			t.Fatal("nobody listens")
		}
	}
	<-calls
	for _, c := range []struct{ arg, want string }{
		{"", "toggle T1"}, {"toggle", "toggle T1"}, {"show", "show T1"}, {"hide", "hide"},
	} {
		if code, _, stderr := ui(t, false, strings.Fields(c.arg)...); code != 0 {
			t.Fatalf("nerva-ui %s: %d %s", c.arg, code, stderr)
		}
		if got := <-calls; got != c.want {
			t.Errorf("nerva-ui %s: the overlay got %q, want %q", c.arg, got, c.want)
		}
	}
}

func TestWithoutOverlayItBecomesTheCommandLine(t *testing.T) {
	bustest.RuntimeDir(t)
	for arg, want := range map[string]string{
		"": "nerva toggle T1", "toggle": "nerva toggle T1", "show": "nerva toggle --show T1", "hide": "nerva toggle --hide T1",
	} {
		code, stdout, stderr := ui(t, true, strings.Fields(arg)...)
		if code != 7 || stdout != want {
			t.Errorf("nerva-ui %s: exit %d, %q, want %q; %s", arg, code, stdout, want, stderr)
		}
	}
}

func TestBadInputGetsASentence(t *testing.T) {
	bustest.RuntimeDir(t)
	for args, want := range map[string]string{
		"open":      `there is no "open"; use toggle, show or hide`,
		"show hide": "one argument at most",
	} {
		if code, _, stderr := ui(t, true, strings.Fields(args)...); code != 2 || !strings.Contains(stderr, want) {
			t.Errorf("nerva-ui %s: exit %d, %q should contain %q", args, code, stderr, want)
		}
	}
	if code, _, stderr := ui(t, false); code != 1 || !strings.Contains(stderr, "neither beside nerva-ui nor in PATH") {
		t.Errorf("without nerva: exit %d, %q", code, stderr)
	}
	if code, stdout, _ := ui(t, false, "--help"); code != 0 || stdout != usage {
		t.Errorf("--help: exit %d, %q", code, stdout)
	}
}

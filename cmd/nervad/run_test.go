package main

import (
	"context"
	"os"
	"strings"
	"testing"

	"nerva/core/bus"
	"nerva/core/bus/bustest"
)

func TestBadInputGetsASentence(t *testing.T) {
	for _, c := range []struct {
		name, args, stdout, stderr string
		code                       int
	}{
		{"unknown flag", "--bogus", "", "nervad: flag provided but not defined: -bogus; see nervad --help\n", 2},
		{"an argument", "start", "", "nervad: takes no argument \"start\"; see nervad --help\n", 2},
		{"version", "--version", "nervad dev\n", "", 0},
		{"help", "--help", usage, "", 0},
		{"no bus", "", "", "nervad: no session bus at unix:path=/nowhere", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
			var stdout, stderr strings.Builder
			code := run(t.Context(), strings.Fields(c.args), &stdout, &stderr)
			if code != c.code || stdout.String() != c.stdout || !strings.HasPrefix(stderr.String(), c.stderr) {
				t.Errorf("exit %d, stdout %q, stderr %q", code, stdout.String(), stderr.String())
			}
		})
	}
}

// TestSecondDaemonSaysWhoRuns holds the rule for a daemon started by hand; the unit's queue is core/bus'.
func TestSecondDaemonSaysWhoRuns(t *testing.T) {
	b := bustest.Start(t)
	dir := t.TempDir()
	for name, value := range map[string]string{
		"DBUS_SESSION_BUS_ADDRESS": b.Address, "HOME": dir, "XDG_RUNTIME_DIR": dir, "XDG_STATE_HOME": "",
		"XDG_CONFIG_HOME": "", "XDG_CACHE_HOME": "", "XDG_DATA_HOME": "", "XDG_DATA_DIRS": dir,
	} {
		t.Setenv(name, value)
	}
	ctx, stop := context.WithCancel(t.Context())
	first := make(chan int, 1)
	go func() { first <- run(ctx, nil, t.Output(), t.Output()) }()
	c, err := bus.Dial(t.Context(), bus.DialOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	presence, err := c.Presence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for there := range presence {
		if there {
			break
		}
	}
	status, err := c.Status(t.Context())
	if err != nil || status.PID != os.Getpid() {
		t.Fatalf("%+v %v", status, err)
	}
	var stdout, stderr strings.Builder
	if code := run(t.Context(), nil, &stdout, &stderr); code != 0 || !strings.Contains(stdout.String(), "nervad is running already: pid ") {
		t.Errorf("exit %d, %q %q", code, stdout.String(), stderr.String())
	}
	stop()
	if code := <-first; code != 0 {
		t.Errorf("the first ended with %d", code)
	}
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/bus/bustest"
	"nerva/core/daemon"
	"nerva/core/desk"
)

func TestSinceIsHowLongAgoOrWhen(t *testing.T) {
	now := time.Date(2026, 3, 2, 14, 30, 0, 0, time.FixedZone("", 3600))
	for _, c := range []struct{ text, want string }{
		{"2h", "2026-03-02T12:30:00+01:00"},
		{"90m", "2026-03-02T13:00:00+01:00"},
		{"7d", "2026-02-23T14:30:00+01:00"},
		{"2026-01-31", "2026-01-31T00:00:00+01:00"},
		{"2026-01-31T14:02", "2026-01-31T14:02:00+01:00"},
		{"2026-01-31T14:02:09Z", "2026-01-31T14:02:09Z"},
		{"-2h", ""},
		{"-2d", ""},
		{"14:02", ""},
	} {
		at, err := parseSince(c.text, now)
		var usage usageError
		if c.want == "" && !errors.As(err, &usage) || c.want != "" && at.Format(time.RFC3339) != c.want {
			t.Errorf("%s: %v, %v", c.text, at, err)
		}
	}
	if at, err := parseSince("", now); err != nil || !at.IsZero() {
		t.Errorf("nothing: %v, %v", at, err)
	}
}

func TestATaintedCallIsMarked(t *testing.T) {
	if got := decided(api.Record{Decision: "ask", DecidedBy: "overlay", Tainted: true}); got != "ask (overlay) tainted" {
		t.Error(got)
	}
}

// serve runs a daemon on a private bus until the test, or stop, ends it.
func serve(t *testing.T) (c *bus.Client, stop func()) {
	t.Helper()
	b := bustest.Start(t)
	dir := t.TempDir()
	for name, value := range map[string]string{
		"DBUS_SESSION_BUS_ADDRESS": b.Address, "HOME": dir, "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": "", "XDG_CACHE_HOME": "",
		"XDG_DATA_HOME": "", "XDG_DATA_DIRS": dir, "OPENAI_API_KEY": "", "CREDENTIALS_DIRECTORY": "", "NOTIFY_SOCKET": "",
	} {
		t.Setenv(name, value)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- daemon.Run(ctx, daemon.Options{
			Host: daemon.Nervad, Desk: desk.Absent("there is no desktop in this test"), Ready: func() { close(ready) },
		})
	}()
	stop = func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		done <- nil
	}
	t.Cleanup(stop)
	select {
	case <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	c, err := bus.Dial(t.Context(), bus.DialOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, stop
}

func calculate(t *testing.T, c *bus.Client) {
	t.Helper()
	if _, err := c.Execute(t.Context(), "calculate", json.RawMessage(`{"expression":"6*7"}`), api.AskOptions{}); err != nil {
		t.Fatal(err)
	}
}

// follow runs `nerva log --follow` and returns its lines and its exit code.
func follow(ctx context.Context, errs io.Writer, args ...string) (*bufio.Scanner, <-chan int) {
	r, w := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"log", "--follow"}, args...), terminal{in: strings.NewReader(""), out: w, err: errs})
		_ = w.Close()
	}()
	return bufio.NewScanner(r), code
}

func TestFollowGoesOnUntilItIsInterrupted(t *testing.T) {
	c, _ := serve(t)
	calculate(t, c)
	ctx, interrupt := context.WithCancel(t.Context())
	var errs strings.Builder
	lines, code := follow(ctx, &errs, "--json")
	for want := uint64(1); want < 8; want += 2 {
		if !lines.Scan() {
			t.Fatal("it ended: ", errs.String())
		}
		var r api.Record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil || r.Seq != want || r.Outcome != "ok" || r.Ended != want+1 {
			t.Errorf("%s, %v", lines.Text(), err)
		}
		calculate(t, c) // it has come to wait by now
	}
	lines.Scan() // the last call's: its writer would wait
	interrupt()
	if got := <-code; got != exitInterrupted || errs.Len() > 0 {
		t.Errorf("exit %d, %s", got, errs.String())
	}
}

func TestFollowSaysThatTheDaemonWentAway(t *testing.T) {
	c, stop := serve(t)
	calculate(t, c)
	var errs strings.Builder
	lines, code := follow(t.Context(), &errs, "--skill", "calculate")
	if !lines.Scan() || !strings.Contains(lines.Text(), "\tcalculate\t{\"expression\":\"6*7\"}\tallow (tier)\tok") {
		t.Errorf("%q", lines.Text())
	}
	stop()
	if got := <-code; got != exitFailed || errs.String() != "nerva: the daemon went away; follow the log again once it is back\n" {
		t.Errorf("exit %d, %q", got, errs.String())
	}
}

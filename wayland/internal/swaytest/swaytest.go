// Package swaytest starts a real sway without a screen, in a runtime folder that a test has made, so that the test may
// arrange its outputs, kill it and start it again.
//
// A Sway belongs to its test and ends with it.
package swaytest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Sway is one that runs.
type Sway struct {
	Display string // the display's socket
	Socket  string // that of its IPC
	t       *testing.T
	command *exec.Cmd
	ended   bool
}

// limit is how long sway may take to start on a busy machine.
const limit = time.Minute

// Setup says how a Sway begins.
type Setup struct {
	Outputs int    // how many
	Config  string // added to its configuration
	Socket  string // that of its IPC; empty: where sway makes it, in the runtime folder
}

// Start starts a sway in $XDG_RUNTIME_DIR, which must be the test's own (socktest.RuntimeDir), and returns once it
// answers. The test is skipped where sway is not installed.
func Start(t *testing.T, setup Setup) *Sway {
	t.Helper()
	if _, err := exec.LookPath("sway"); err != nil {
		t.Skip("sway is not installed; run by dev/enter")
	}
	dir, err := os.MkdirTemp(os.Getenv("XDG_RUNTIME_DIR"), "sway")
	if err != nil {
		t.Fatal(err)
	}
	fifo, file := filepath.Join(dir, "ready"), filepath.Join(dir, "config")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	config := "xwayland disable\ndefault_border none\n" + setup.Config + "\nexec 'echo \"$WAYLAND_DISPLAY $SWAYSOCK\" >" + fifo + "'\n"
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	ready, err := os.OpenFile(fifo, os.O_RDWR, 0) // both ends: opening does not wait, and there is no end of file
	if err != nil {
		t.Fatal(err)
	}
	defer ready.Close()
	s := &Sway{t: t, command: exec.Command("sway", "-c", file)}
	var log bytes.Buffer
	s.command.Stderr = &log
	s.command.Env = append(without(os.Environ(), "WAYLAND_DISPLAY", "SWAYSOCK", "DISPLAY"),
		"WLR_BACKENDS=headless", "WLR_LIBINPUT_NO_DEVICES=1", "WLR_RENDERER=pixman", "WLR_HEADLESS_OUTPUTS="+strconv.Itoa(setup.Outputs))
	if setup.Socket != "" {
		s.command.Env = append(s.command.Env, "SWAYSOCK="+setup.Socket)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	said := make([]byte, 1024)
	_ = ready.SetReadDeadline(time.Now().Add(limit))
	n, err := ready.Read(said)
	names := strings.Fields(string(said[:n]))
	if err != nil || len(names) != 2 {
		s.Kill()
		t.Fatalf("sway did not start: %v, it said %q; its log:\n%s", err, said[:n], log.String())
	}
	s.Display, s.Socket = filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), names[0]), names[1]
	return s
}

func without(env []string, names ...string) []string {
	return slices.DeleteFunc(env, func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains(names, name)
	})
}

// Kill ends it as a crash does: its sockets stay behind.
func (s *Sway) Kill() {
	if !s.ended {
		s.ended = true
		_ = s.command.Process.Kill()
		_ = s.command.Wait() // "signal: killed"
	}
}

// Occupy takes the name of its display, after Kill, from whoever starts next.
func (s *Sway) Occupy() {
	s.t.Helper()
	lock, err := os.OpenFile(s.Display+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		s.t.Cleanup(func() { lock.Close() })
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// Command is swaymsg's.
func (s *Sway) Command(words string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), limit)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "swaymsg", "-s", s.Socket, "--", words).CombinedOutput(); err != nil {
		s.t.Fatalf("swaymsg %s: %v: %s", words, err, out)
	}
}

// Foot opens a terminal window, which ends with the test or by the returned function.
func (s *Sway) Foot(appID, title string) (end func()) {
	s.t.Helper()
	if _, err := exec.LookPath("foot"); err != nil {
		s.t.Skip("foot is not installed; run by dev/enter")
	}
	c := exec.Command("foot", "--app-id="+appID, "--title="+title, "--override=locked-title=yes", "sleep", "300")
	c.Env = append(os.Environ(), "WAYLAND_DISPLAY="+s.Display)
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Wait() // it is killed, or loses its compositor
	}()
	end = func() {
		_ = c.Process.Kill()
		<-ended
	}
	s.t.Cleanup(end)
	return end
}

package spawn

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"

	"nerva/core/api"
	"nerva/core/desk"
)

// alone is a spawner without a bus.
func alone() *Spawner {
	return New(func() (*dbus.Conn, error) { return nil, errors.New("no bus") }, slog.New(slog.DiscardHandler))
}

// exited waits for the end of a process by its pidfd, and then for somebody to reap it.
func exited(t *testing.T, pid int) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return // it is gone altogether
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(fd) }()
	if n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 10_000); n != 1 || err != nil {
		t.Fatalf("process %d did not end: %v", pid, err)
	}
	for limit := time.Now().Add(10 * time.Second); syscall.Kill(pid, 0) == nil; runtime.Gosched() {
		if time.Now().After(limit) {
			t.Fatalf("process %d is a zombie", pid)
		}
	}
}

// report is what a program sees of how it was started.
func report(t *testing.T, s *Spawner, c desk.Command) (desk.Process, string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	c.Argv = append([]string{"/bin/sh", "-c", `exec >"$OUT"; env; echo "dir=$(pwd)"; readlink /proc/$$/fd/0; ls -l /proc/$$/fd; echo "pid=$$ args=$*"`, "sh"}, c.Argv...)
	c.Env = append(c.Env, "OUT="+out)
	p, err := s.Spawn(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	exited(t, p.PID)
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return p, string(text)
}

func TestSpawn(t *testing.T) {
	home := t.TempDir()
	for name, value := range map[string]string{
		"HOME": home, "OPENAI_API_KEY": "secret", "NOTIFY_SOCKET": "/secret", "CREDENTIALS_DIRECTORY": "/secret",
		"LISTEN_FDS": "secret", "NERVA_X": "secret", "XDG_ACTIVATION_TOKEN": "stale", "KEPT": "as it is",
	} {
		t.Setenv(name, value)
	}
	leak, err := os.Open("/dev/zero")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = leak.Close() }()
	p, text := report(t, alone(), desk.Command{Argv: []string{"$HOME", "%f", "a b"}, Env: []string{"XDG_ACTIVATION_TOKEN=fresh"}})
	if p.PID == 0 || p.Unit != "" {
		t.Errorf("process %+v", p)
	}
	for _, want := range []string{"KEPT=as it is\n", "XDG_ACTIVATION_TOKEN=fresh\n", "dir=" + home + "\n", "/dev/null\n", "args=$HOME %f a b\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, bad := range []string{"secret", "stale", "/dev/zero"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q in\n%s", bad, text)
		}
	}
}

func TestSpawnMakesASession(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	p, err := alone().Spawn(context.Background(), desk.Command{Argv: []string{"sh", "-c", `cut -d' ' -f6 /proc/$$/stat >` + out}})
	if err != nil {
		t.Fatal(err)
	}
	exited(t, p.PID)
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(text)); got != strconv.Itoa(p.PID) {
		t.Errorf("session %s, pid %d", got, p.PID)
	}
}

func TestSpawnFails(t *testing.T) {
	dir := t.TempDir()
	for name, file := range map[string]struct {
		text string
		mode os.FileMode
	}{"plain": {"x", 0o644}, "noformat": {"x", 0o755}, "nointerpreter": {"#!/nonexistent\n", 0o755}} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(file.text), file.mode); err != nil {
			t.Fatal(err)
		}
	}
	for rule, c := range map[string]struct {
		command desk.Command
		code    api.Code
		want    string
	}{
		"no program":                 {desk.Command{}, api.InvalidInput, "a command needs a program"},
		"NUL in an argument":         {desk.Command{Argv: []string{"true", "a\x00b"}}, api.InvalidInput, "NUL bytes"},
		"not in PATH":                {desk.Command{Argv: []string{"nerva-no-such"}}, api.NotFound, "nerva-no-such is not in PATH; install it"},
		"no such path":               {desk.Command{Argv: []string{"/no/such"}}, api.NotFound, "does not exist; install it"},
		"no interpreter":             {desk.Command{Argv: []string{dir + "/nointerpreter"}}, api.NotFound, "or the interpreter it names"},
		"not executable":             {desk.Command{Argv: []string{dir + "/plain"}}, api.Failed, "may not be executed"},
		"a folder":                   {desk.Command{Argv: []string{dir}}, api.Failed, "can't be executed"},
		"neither program nor script": {desk.Command{Argv: []string{dir + "/noformat"}}, api.Failed, "needs #! in its first line"},
		"no such working folder":     {desk.Command{Argv: []string{"true"}, Dir: dir + "/none"}, api.NotFound, "the working folder " + dir + "/none of true does not exist"},
	} {
		t.Run(rule, func(t *testing.T) {
			_, err := alone().Spawn(context.Background(), c.command)
			if api.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %s %v, want %s …%s…", api.CodeOf(err), err, c.code, c.want)
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := alone().Spawn(ctx, desk.Command{Argv: []string{"true"}}); api.CodeOf(err) != api.Cancelled {
		t.Errorf("cancelled: %v", err)
	}
}

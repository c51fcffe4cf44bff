package sandbox_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nerva/core/api"
	"nerva/core/sandbox"
)

func TestLimits(t *testing.T) {
	var core unix.Rlimit // as a shell may have it that is being debugged in
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &core); err != nil {
		t.Fatal(err)
	}
	raised := unix.Rlimit{Cur: core.Max, Max: core.Max}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &raised); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Setrlimit(unix.RLIMIT_CORE, &core) })
	for _, c := range []struct {
		name  string
		argv  []string
		limit sandbox.Limits
		ended sandbox.Limit
		check func(sandbox.Result) bool
	}{
		{"a sleeper", []string{"sleep", "1000"}, sandbox.Limits{Time: 300 * time.Millisecond}, sandbox.Time, nil},
		{"a loop", sh(`while :; do :; done`), sandbox.Limits{CPU: time.Second}, sandbox.CPU, nil},
		{"endless output", []string{"yes"}, sandbox.Limits{Output: 1000}, sandbox.Output, func(r sandbox.Result) bool {
			return r.Truncated && len(r.Stdout) == 1000
		}},
		{"endless errors", sh(`yes >&2`), sandbox.Limits{Output: 1000}, sandbox.Output, func(r sandbox.Result) bool {
			return r.Truncated && len(r.Stderr) == 1000
		}},
		{"a large file", sh(`exec head -c 3000000 /dev/zero > /tmp/x`), sandbox.Limits{FileSize: 1 << 20}, sandbox.FileSize, nil},
		{"a memory hog", []string{"perl", "-e", `$x = "a" x (1 << 30); print "had"`}, sandbox.Limits{Memory: 256 << 20}, "", func(r sandbox.Result) bool {
			return r.Exit != 0 && len(r.Stdout) == 0
		}},
		{"many open files", []string{"perl", "-e", `while (open $f[++$n], "<", "/dev/null") {} print $n < 300`}, sandbox.Limits{}, "", func(r sandbox.Result) bool {
			return string(r.Stdout) == "1"
		}},
		{"core dumps", sh(`grep 'Max core' /proc/self/limits`), sandbox.Limits{}, "", func(r sandbox.Result) bool {
			return strings.Fields(string(r.Stdout))[4] == "0"
		}},
		{"as much as is kept", []string{"head", "-c", "1000", "/dev/zero"}, sandbox.Limits{Output: 1000}, "", func(r sandbox.Result) bool {
			return !r.Truncated && len(r.Stdout) == 1000 && r.Exit == 0
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newWorld(t).run(t, sandbox.Spec{Argv: c.argv, Limits: c.limit})
			if r.Ended != c.ended || c.check != nil && !c.check(r) {
				t.Errorf("ended by %q, exit %d, truncated %v, %.100s%.300s", r.Ended, r.Exit, r.Truncated, r.Stdout, r.Stderr)
			}
		})
	}
}

// TestAForkBombStaysSmall runs itself again as a user who is not root, whom the kernel holds to the limit.
func TestAForkBombStaysSmall(t *testing.T) {
	if os.Getuid() == 0 {
		again := exec.Command(executable(t), "-test.run=^"+t.Name()+"$", "-test.v")
		again.Dir = "/"
		again.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=/tmp"}
		again.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		out, err := again.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if strings.Contains(string(out), "--- SKIP") {
			t.Skipf("as another user: %s", out)
		}
		return
	}
	const bomb = `while (defined($p = fork)) { $n++; if (!$p) { sleep 1000; exit } } print $n || 0`
	r := newWorld(t).run(t, sandbox.Spec{Argv: []string{"perl", "-e", bomb}, Limits: sandbox.Limits{Processes: 20, Time: 10 * time.Second}})
	if n := string(r.Stdout); n != "18" { // and bubblewrap's, and the first
		t.Errorf("there were %q, ended by %q, %s", n, r.Ended, r.Stderr)
	}
}

// executable is a copy of this program that every user may start.
func executable(t *testing.T) string {
	t.Helper()
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "nerva-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "test")
	if err := errors.Join(os.WriteFile(path, program, 0o755), os.Chmod(path, 0o755), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	return path
}

var marks atomic.Int64

// newMark is a time to sleep that nothing else sleeps, in seconds.
func newMark() string { return fmt.Sprintf("%d.%d", 100_000+os.Getpid(), marks.Add(1)) }

// marked are the processes that were given the mark as an argument.
func marked(t *testing.T, mark string) (pids []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && strings.Contains(string(text), "\x00"+mark+"\x00") {
			pids = append(pids, file)
		}
	}
	return pids
}

func TestNothingSurvives(t *testing.T) {
	for _, c := range []struct{ name, script string }{
		{"what is left in the background", `sleep $1 & echo up`},
		{"a daemon", `(setsid sh -c 'trap "" HUP TERM; sleep $0' $1 <&- >&- 2>&- &) ; echo up`},
		{"what is many", `i=0; while test $i -lt 100; do setsid sleep $1 <&- >&- 2>&- & i=$((i+1)); done; echo up`},
		{"what holds the output", `(setsid sleep $1 &) ; echo up`},
		{"what ignores signals, at the limit", `trap "" HUP TERM INT; setsid sleep $1 & echo up; sleep $1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			mark := newMark()
			r := newWorld(t).run(t, sandbox.Spec{Argv: sh(c.script, mark), Limits: sandbox.Limits{Time: 2 * time.Second}})
			if left := marked(t, mark); string(r.Stdout) != "up\n" || len(left) > 0 {
				t.Errorf("%s%s, left %v", r.Stdout, r.Stderr, left)
			}
		})
	}
}

func TestTheEndOfTheContextEndsAll(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	ready := filepath.Join(w.home, "work", "ready")
	if err := syscall.Mkfifo(ready, 0o600); err != nil {
		t.Fatal(err)
	}
	done, mark := make(chan error, 1), newMark()
	go func() {
		_, err := w.Run(ctx, sandbox.Spec{Argv: sh(`sleep $1 & echo up > ~/work/ready; wait`, mark), Write: []string{w.path("work")}})
		done <- err
	}()
	if _, err := os.ReadFile(ready); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; api.CodeOf(err) != api.Cancelled {
		t.Errorf("got %v", err)
	}
	if left := marked(t, mark); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// TestTheEndOfTheDaemonEndsAll runs itself again as the daemon that is killed.
func TestTheEndOfTheDaemonEndsAll(t *testing.T) {
	const role = "NERVA_TEST_DAEMON" // the mark and a FIFO
	if mark, ready, _ := strings.Cut(os.Getenv(role), " "); mark != "" {
		w := newWorld(t)
		_, _ = w.Run(t.Context(), sandbox.Spec{Argv: sh(`echo up > "$2"; setsid sleep $1`, mark, ready), Write: []string{ready}})
		return
	}
	newWorld(t) // or skip
	mark, ready := newMark(), filepath.Join(t.TempDir(), "ready")
	if err := syscall.Mkfifo(ready, 0o600); err != nil {
		t.Fatal(err)
	}
	daemon := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	daemon.Env = append(os.Environ(), role+"="+mark+" "+ready)
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(ready)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if !bufio.NewScanner(f).Scan() {
		t.Error("the program did not start")
	}
	if err := daemon.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = daemon.Wait()
	deadline := time.Now().Add(10 * time.Second)
	for len(marked(t, mark)) > 0 {
		if time.Now().After(deadline) {
			t.Fatal("it runs on")
		}
		time.Sleep(10 * time.Millisecond) // nothing tells us of the end of what is not our child
	}
}

func TestWithoutBubblewrapNothingRuns(t *testing.T) {
	home := t.TempDir()
	box := sandbox.New(sandbox.Options{Home: home, Hidden: func() []string { return nil }})
	touch := sandbox.Spec{Argv: []string{"touch", filepath.Join(home, "x")}, Write: []string{home}}
	t.Setenv("PATH", filepath.Join(home, "none"))
	if _, err := box.Run(t.Context(), touch); api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "install bubblewrap") {
		t.Errorf("without the program: %v", err)
	}
	broken := filepath.Join(home, "bin")
	if err := os.Mkdir(broken, 0o755); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n"
	if err := os.WriteFile(filepath.Join(broken, "bwrap"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", broken)
	if _, err := box.Run(t.Context(), touch); api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "uid map") {
		t.Errorf("without user namespaces: %v", err)
	}
	if _, err := os.Stat(filepath.Join(home, "x")); err == nil {
		t.Error("it ran")
	}
}

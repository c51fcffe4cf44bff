package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"nerva/test/program"
)

// idleFor is how long nothing happens.
const idleFor = time.Minute

// measureIdle leaves both processes, with fifty rules of watchers in force, alone for a minute and counts how often one of their threads woke; then strace
// shows in out/idle.strace what they wait for.
func measureIdle(ctx context.Context, r *report) error {
	config, err := fiftyRules()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(config) }() // it is thrown away
	pids, stop, err := startResidents(ctx, "XDG_CONFIG_HOME="+config)
	if err != nil {
		return err
	}
	defer stop()
	for range 10 { // what happens once has happened
		if err := toggle(ctx); err != nil {
			return err
		}
	}
	// The runtime gives memory back, the first indexes are made, and GLib lets an unused thread go after 15 s.
	time.Sleep(20 * time.Second)
	before := map[string]map[string]int{}
	for name, pid := range pids {
		if before[name], err = sleeps(pid); err != nil {
			return err
		}
	}
	time.Sleep(idleFor)
	for _, name := range []string{"nervad", "overlay"} {
		after, err := sleeps(pids[name])
		if err != nil {
			return err
		}
		r.atMost(name+" idle, wake-ups of all threads", "a minute", float64(woken(before[name], after)), 2)
	}
	timed, err := timedWaits(ctx, pids)
	if err != nil {
		return err
	}
	r.atMost("waits with a time-out of nerva's own while idle", "a minute", float64(timed), 0)
	return nil
}

// fiftyRules makes a folder with a configuration that has them.
func fiftyRules() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "idle"); err != nil {
		return "", err
	}
	return dir, writeConfig(dir, program.FiftyRules(dir))
}

// startResidents starts a daemon and an overlay, and waits until they know each other.
func startResidents(ctx context.Context, env ...string) (pids map[string]int, stop func(), err error) {
	stopDaemon, err := startDaemon(ctx, env...)
	if err != nil {
		return nil, nil, err
	}
	overlay := exec.Command(overlayPath())
	if err := overlay.Start(); err != nil {
		stopDaemon()
		return nil, nil, err
	}
	stop = func() {
		_ = overlay.Process.Signal(syscall.SIGTERM)
		_ = overlay.Wait()
		stopDaemon()
	}
	daemon, err := attached(ctx)
	if err != nil {
		stop()
		return nil, nil, err
	}
	return map[string]int{"nervad": daemon, "overlay": overlay.Process.Pid}, stop, nil
}

// sleeps is how often each thread of a process has gone to sleep by itself: once for each time that it woke.
func sleeps(pid int) (of map[string]int, err error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("process %d is gone: %w", pid, err)
	}
	of = map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		for line := range strings.Lines(string(text)) {
			if name, value, _ := strings.Cut(line, ":"); name == "voluntary_ctxt_switches" {
				if of[file], err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
					return nil, err
				}
			}
		}
	}
	return of, nil
}

// woken is how often the threads woke between two looks. What a thread did that has ended meanwhile is not known; that
// it ended is one time.
func woken(before, after map[string]int) (n int) {
	for thread, count := range after {
		n += count - before[thread]
	}
	for thread := range before {
		if _, lives := after[thread]; !lives {
			n++
		}
	}
	return n
}

// timedWaits counts, over another minute, the system calls that wait for a time and not for an event. The Go runtime has
// some: its monitor sleeps for half of what lies between two forced collections, 60 s, and when it wakes for microseconds
// at a time; a collection stops the others for at most as long (runtime/proc.go, sysmon and stopTheWorldWithSema).
func timedWaits(ctx context.Context, pids map[string]int) (n int, err error) {
	path := filepath.Join("out", "idle.strace")
	args := []string{"--follow-forks", "--output=" + path}
	for _, pid := range pids {
		args = append(args, "--attach="+strconv.Itoa(pid))
	}
	ctx, cancel := context.WithTimeout(ctx, idleFor)
	defer cancel()
	cmd := exec.CommandContext(ctx, "strace", args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	if said, err := cmd.CombinedOutput(); ctx.Err() == nil {
		return 0, fmt.Errorf("strace: %w: %s", err, said)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if timed(line) {
			n++
		}
	}
	return n, nil
}

// brief is at most 10 ms, which the runtime's monitor never exceeds while it looks after others.
var brief = regexp.MustCompile(`tv_sec=0, tv_nsec=(\d{1,7}|10000000)\}`)

// timed says whether a line of strace's is a wait that ends by itself.
func timed(line string) bool {
	switch {
	case strings.Contains(line, "futex("):
		return strings.Contains(line, "tv_sec=") && !strings.Contains(line, "tv_sec=60,") && !strings.Contains(line, "tv_sec=59,") && !brief.MatchString(line)
	case strings.Contains(line, "epoll_pwait("):
		// epoll_pwait(4, [], 128, 60000, NULL, 0) = 0: the fourth; 0 looks and does not wait.
		_, rest, _ := strings.Cut(line, "128, ")
		timeout, _, _ := strings.Cut(rest, ",")
		return timeout != "-1" && timeout != "0" && timeout != ""
	case strings.Contains(line, "ppoll("), strings.Contains(line, "poll("):
		return !strings.Contains(line, ", NULL,") && !strings.Contains(line, ", -1)")
	}
	return strings.Contains(line, "nanosleep(") && !brief.MatchString(line) || strings.Contains(line, "timer_settime(") || strings.Contains(line, "timerfd_settime(")
}

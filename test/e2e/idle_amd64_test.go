package e2e

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nerva/test/program"
)

// TestNothingWaitsForATimeWhileIdle looks at what each thread of both resident programs waits for in the kernel, ten
// times in a row, with fifty rules of watchers in force and a timer set: an event, and never a time. `make bench BENCH="-only idle"` counts wake-ups over a minute.
func TestNothingWaitsForATimeWhileIdle(t *testing.T) {
	s := start(t, offline+program.FiftyRules(t.TempDir()))
	daemon, overlay := s.nervad(), s.overlay()
	s.output("nerva", "timer", "add", "tea in 2 hours")
	s.followed()
	s.summon()
	s.keys("Escape")
	s.waitHidden()
	var waits []string
	inARow := 0
	s.eventually("nothing waits for a time", func() bool {
		waits = append(timedThreads(s, daemon.PID), timedThreads(s, overlay.PID)...)
		if inARow++; len(waits) > 0 {
			s.Logf("these still do: %v", waits)
			inARow = 0
		}
		return inARow == 10
	})
}

// timedThreads names the waits of a process that end by themselves.
func timedThreads(s *session, pid int) (waits []string) {
	s.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/syscall", pid))
	s.must(err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		comm, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "comm"))
		// GLib's thread pool keeps an unused thread for 15 s, once.
		if wait := timedWait(s, pid, strings.Fields(string(text))); wait != "" && !bytes.HasPrefix(comm, []byte("pool-")) {
			waits = append(waits, fmt.Sprintf("%s: %s", bytes.TrimSpace(comm), wait))
		}
	}
	return waits
}

// timedWait describes a thread that waits for a time. The words are the number of its system call and its six
// arguments (proc_pid_syscall(5)).
func timedWait(s *session, pid int, words []string) string {
	s.Helper()
	if len(words) < 7 {
		return strings.Join(words, " ") // running, or blocked by no system call
	}
	number, err := strconv.Atoi(words[0])
	s.must(err)
	arg := func(i int) uint64 {
		v, err := strconv.ParseUint(strings.TrimPrefix(words[1+i], "0x"), 16, 64)
		s.must(err)
		return v
	}
	switch number {
	case unix.SYS_FUTEX:
		// The monitor of the Go runtime sleeps for half of what lies between two forced collections (runtime/proc.go).
		if at := arg(3); at != 0 && duration(pid, at) != time.Minute {
			return fmt.Sprint("futex for ", duration(pid, at))
		}
	case unix.SYS_EPOLL_PWAIT, unix.SYS_EPOLL_WAIT:
		if timeout := int32(arg(3)); timeout >= 0 {
			return fmt.Sprint("epoll for ms ", timeout)
		}
	case unix.SYS_POLL:
		if timeout := int32(arg(2)); timeout >= 0 {
			return fmt.Sprint("poll for ms ", timeout)
		}
	case unix.SYS_PPOLL:
		if at := arg(2); at != 0 {
			return fmt.Sprint("ppoll for ", duration(pid, at))
		}
	case unix.SYS_READ, unix.SYS_RECVMSG, unix.SYS_RECVFROM, unix.SYS_ACCEPT4, unix.SYS_WAITID, unix.SYS_RT_SIGTIMEDWAIT:
	default:
		return fmt.Sprint("system call ", number)
	}
	return ""
}

// duration reads a timespec in another process; -1 where it is gone.
func duration(pid int, at uint64) time.Duration {
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return -1
	}
	defer memory.Close()
	var spec [2]int64
	data := make([]byte, 16)
	if _, err := memory.ReadAt(data, int64(at)); err != nil {
		return -1
	}
	spec[0], spec[1] = int64(binary.NativeEndian.Uint64(data)), int64(binary.NativeEndian.Uint64(data[8:]))
	return time.Duration(spec[0])*time.Second + time.Duration(spec[1])
}

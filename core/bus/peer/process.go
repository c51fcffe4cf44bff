package peer

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// process is one that is being looked at.
type process struct {
	pid uint32
	// same says, after something was read below /proc/PID, that it was this process's.
	same  func() bool
	close func()
}

// byPIDFD takes the descriptor over. Its number is looked up here: the kernel gives it in this process's namespace,
// and gives none once the process has ended (proc(5), /proc/PID/fdinfo).
func byPIDFD(fd int) (*process, error) {
	p := &process{close: func() { _ = unix.Close(fd) }}
	info, err := os.ReadFile(filepath.Join("/proc/self/fdinfo", strconv.Itoa(fd)))
	if err == nil {
		p.pid, err = pidOf(info)
	}
	if err != nil {
		p.close()
		return nil, err
	}
	p.same = func() bool {
		// A pidfd is readable once its process has ended (pidfd_open(2)). Until somebody has waited for it its
		// number is not given away, and signals reach it; so a signal of 0 would not tell.
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := retry(func() (int, error) { return unix.Poll(poll, 0) })
		return err == nil && n == 0
	}
	return p, nil
}

func retry(call func() (int, error)) (int, error) {
	for {
		if n, err := call(); !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

func pidOf(fdinfo []byte) (uint32, error) {
	for line := range strings.Lines(string(fdinfo)) {
		if value, ok := strings.CutPrefix(line, "Pid:"); ok {
			pid, err := strconv.ParseInt(strings.TrimSpace(value), 10, 32)
			if err == nil && pid <= 0 {
				err = fmt.Errorf("it has ended, or is not visible from here")
			}
			return uint32(max(pid, 0)), err
		}
	}
	return 0, fmt.Errorf("the descriptor is no pidfd")
}

func byPID(pid uint32) (*process, error) {
	begun, err := startTime(pid)
	if err != nil {
		return nil, err
	}
	return &process{
		pid: pid, close: func() {},
		same: func() bool {
			now, err := startTime(pid)
			return err == nil && now == begun
		},
	}, nil
}

func startTime(pid uint32) (string, error) {
	stat, err := os.ReadFile(proc(pid, "stat"))
	if err != nil {
		return "", err
	}
	return startOf(stat)
}

// startOf is field 22 of /proc/PID/stat (proc(5)). The second field is the program's name in parentheses, with any
// character in it.
func startOf(stat []byte) (string, error) {
	after := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(after) < 20 {
		return "", fmt.Errorf("/proc/PID/stat has no start time")
	}
	return after[19], nil
}

func proc(pid uint32, file string) string {
	return filepath.Join("/proc", strconv.FormatUint(uint64(pid), 10), file)
}

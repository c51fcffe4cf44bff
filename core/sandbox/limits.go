package sandbox

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// openFiles is how many a process may have open.
const openFiles = 256

// set puts the limits on a process of bubblewrap's that has not become the program yet; what it starts inherits them.
// It is in its own user namespace by then, and so processes are counted in that alone.
func (l Limits) set(pid int) error {
	cpu := uint64((l.CPU + time.Second - 1) / time.Second)
	for _, one := range []struct {
		name      string
		resource  int
		soft, max uint64
	}{
		// SIGXCPU says what happened; a program that ignores it has a second left.
		{"cpu", unix.RLIMIT_CPU, cpu, cpu + 1},
		// Not RLIMIT_DATA: memory that is shared between processes would not count.
		{"memory", unix.RLIMIT_AS, l.Memory, l.Memory},
		{"processes", unix.RLIMIT_NPROC, l.Processes, l.Processes},
		{"file size", unix.RLIMIT_FSIZE, l.FileSize, l.FileSize},
		{"open files", unix.RLIMIT_NOFILE, openFiles, openFiles},
		{"core dumps", unix.RLIMIT_CORE, 0, 0},
	} {
		limit := unix.Rlimit{Cur: one.soft, Max: one.max}
		err := unix.Prlimit(pid, one.resource, &limit, nil)
		if errors.Is(err, unix.EPERM) {
			// The daemon's own limit is lower and can't be raised; it holds as well.
			err = unix.Prlimit(pid, one.resource, nil, &limit)
			if err == nil && limit.Cur > one.soft {
				err = unix.EPERM
			}
		}
		if err != nil {
			return fmt.Errorf("limit %s: %w", one.name, err)
		}
	}
	return nil
}

// ended is the limit behind an exit status that bubblewrap gives for a signal.
func ended(status int) Limit {
	switch status - 128 {
	case int(unix.SIGXCPU):
		return CPU
	case int(unix.SIGXFSZ):
		return FileSize
	}
	return ""
}

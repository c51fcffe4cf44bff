// Package system says how the computer is: power by UPower, the rest by the kernel.
//
// A System has no state and samples nothing: whoever asks gets what is known at this moment. The connection to the
// system bus belongs to somebody else. A Supply has a connection for each who follows the battery, in the goroutine of that. The
// package must not know who wants to know.
package system

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"

	"nerva/core/api"
	"nerva/core/desk"
)

// System implements desk.System.
type System struct {
	conn func() (*dbus.Conn, error)
}

// New returns a System that gets its connection to the system bus from conn each time.
func New(conn func() (*dbus.Conn, error)) *System { return &System{conn} }

// Status implements desk.System. Without UPower it says why the power source is not known; the rest must be there.
func (s *System) Status(ctx context.Context, folder string) (desk.SystemStatus, error) {
	status := desk.SystemStatus{CPUs: runtime.NumCPU()}
	var kernel unix.Sysinfo_t
	if err := unix.Sysinfo(&kernel); err != nil {
		return status, unread("the kernel's state", err)
	}
	status.UptimeS = kernel.Uptime
	for i, load := range kernel.Loads {
		status.Load[i] = float64(load*100>>16) / 100 // sysinfo(2): scaled by 1<<16
	}
	memory, err := os.Open("/proc/meminfo")
	if err != nil {
		return status, unread("/proc/meminfo", err)
	}
	defer memory.Close()
	if status.Memory, err = meminfo(memory); err != nil {
		return status, unread("/proc/meminfo", err)
	}
	var disk unix.Statfs_t
	if err := unix.Statfs(folder, &disk); err != nil {
		return status, unread("the disk of "+folder, err)
	}
	block := uint64(disk.Frsize) //nolint:gosec // no file system has blocks of a negative size
	status.Disk = desk.Space{Total: disk.Blocks * block, Available: disk.Bavail * block}
	status.Battery, status.PowerSource, err = s.power(ctx)
	if ctx.Err() != nil {
		return status, api.Errorf(api.Cancelled, "the state of the computer was not waited for: %w", ctx.Err())
	}
	if err != nil {
		status.Why = err.Error()
	}
	return status, nil
}

func unread(what string, err error) error {
	return api.Errorf(api.Failed, "%s can't be read: see whether /proc is mounted: %w", what, err)
}

// meminfo reads MemTotal and MemAvailable, which are in KiB (proc_meminfo(5)).
func meminfo(r io.Reader) (desk.Space, error) {
	var s desk.Space
	fields := map[string]*uint64{"MemTotal:": &s.Total, "MemAvailable:": &s.Available}
	lines := bufio.NewScanner(r)
	for lines.Scan() && len(fields) > 0 {
		f := strings.Fields(lines.Text())
		if len(f) < 2 || fields[f[0]] == nil {
			continue
		}
		kib, err := strconv.ParseUint(f[1], 10, 54)
		if err != nil {
			return s, fmt.Errorf("read %s: %w", f[0], err)
		}
		*fields[f[0]] = kib << 10
		delete(fields, f[0])
	}
	if err := lines.Err(); err != nil {
		return s, err
	}
	if len(fields) > 0 {
		return s, fmt.Errorf("it lacks MemTotal or MemAvailable")
	}
	return s, nil
}

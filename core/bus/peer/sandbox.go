package peer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// examine reads below /proc/PID; whether it was this process's only same tells. An error means that the process
// can't be examined.
func (p *process) examine(label string) (Peer, error) {
	flatpak, err := hasFlatpakInfo(proc(p.pid, "root"))
	if err != nil {
		return Peer{}, err
	}
	exe, err := os.Readlink(proc(p.pid, "exe"))
	if err != nil {
		return Peer{}, err
	}
	groups, err := os.ReadFile(proc(p.pid, "cgroup"))
	if err != nil {
		return Peer{}, err
	}
	// The kernel appends " (deleted)" to the path of a program that was replaced while it ran.
	program := strings.TrimSuffix(filepath.Base(exe), " (deleted)")
	return Peer{PID: p.pid, Program: program, Sandboxed: flatpak || isSnap(label, exe, string(groups))}, nil
}

// hasFlatpakInfo knows Flatpak by the file in the root of its sandboxes (flatpak-metadata(5)). The root is opened by
// itself: that it can't be entered, or that the process has just ended, must not look as if there were no file.
func hasFlatpakInfo(root string) (bool, error) {
	fd, err := unix.Open(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false, fmt.Errorf("its root: %w", err)
	}
	defer func() { _ = unix.Close(fd) }()
	var info unix.Stat_t
	err = unix.Fstatat(fd, ".flatpak-info", &info, unix.AT_SYMLINK_NOFOLLOW)
	if errors.Is(err, unix.ENOENT) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("its root: %w", err)
	}
	return true, nil
}

// isSnap knows snaps by their AppArmor label, and where there is no AppArmor by the place of the program or by the
// control group that snapd puts each into, such as snap.firefox.firefox-UUID.scope.
func isSnap(label, exe, groups string) bool {
	if strings.HasPrefix(label, "snap.") || strings.HasPrefix(exe, "/snap/") || strings.HasPrefix(exe, "/var/lib/snapd/") {
		return true
	}
	for line := range strings.Lines(groups) {
		for part := range strings.SplitSeq(strings.TrimSpace(line), "/") {
			if strings.HasPrefix(part, "snap.") && (strings.HasSuffix(part, ".scope") || strings.HasSuffix(part, ".service")) {
				return true
			}
		}
	}
	return false
}

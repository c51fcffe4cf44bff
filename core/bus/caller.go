package bus

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
)

// The names of callers, as they stand in the audit log.
const (
	callerOverlay = "overlay"
	callerCLI     = "cli"
	callerOther   = "dbus"
)

// identify says who called, by what the bus and the kernel say of the peer and never by what it says
// itself. Telling the command line from other programs is a courtesy to the reader of the log: nothing is
// allowed on the strength of a program's file name.
func (s *Server) identify(c *call) (by api.Caller, sandboxed bool) {
	by = api.Caller{Name: callerOther, Peer: c.sender}
	ctx, done := context.WithTimeout(s.ctx, answerLimit)
	defer done()
	var credentials map[string]dbus.Variant
	get := s.conn.BusObject().CallWithContext(ctx, member(busName, "GetConnectionCredentials"), 0, c.sender)
	if err := get.Store(&credentials); err != nil {
		s.log.Warn("the bus does not say who called", "peer", c.sender, "error", err)
		return by, true
	}
	by.PID, _ = credentials["ProcessID"].Value().(uint32)
	label, _ := credentials["LinuxSecurityLabel"].Value().([]byte)
	proc := filepath.Join("/proc", strconv.FormatUint(uint64(by.PID), 10))
	switch peer, attached := s.Overlay(); {
	case attached && peer == c.sender:
		by.Name = callerOverlay
	case isCLI(proc):
		by.Name = callerCLI
	}
	return by, isSandboxed(proc, string(label))
}

func (s *Server) caller(c *call) api.Caller {
	by, _ := s.identify(c)
	return by
}

func isCLI(proc string) bool {
	exe, err := os.Readlink(filepath.Join(proc, "exe"))
	// The kernel appends " (deleted)" to the path of a program that was replaced while it ran.
	return err == nil && strings.TrimSuffix(filepath.Base(exe), " (deleted)") == "nerva"
}

// isSandboxed knows Flatpak by the file in the root of its sandboxes, as xdg-desktop-portal does, and snaps
// by their AppArmor label.
func isSandboxed(proc, label string) bool {
	_, err := os.Stat(filepath.Join(proc, "root", ".flatpak-info"))
	return err == nil || strings.HasPrefix(label, "snap.")
}

package bus

import (
	"context"

	"nerva/core/api"
	"nerva/core/bus/peer"
)

// The names of callers, as they stand in the audit log.
const (
	callerOverlay = "overlay"
	callerCLI     = "cli"
	callerOther   = "dbus"
)

// openToSandboxes is the one member that a sandboxed peer may call: to find things tells what is called so and does
// nothing. It is named here and not in the table of members, so that a new one is closed.
var openToSandboxes = member(LauncherInterface, "Query")

// admit finds out who calls and turns sandboxed peers away, but for the one open member.
//
// org.freedesktop.DBus.Peer is godbus' own: Ping tells that somebody is there and GetMachineId what any program may
// read in a file.
func (c *call) admit() error {
	called := member(c.iface, c.method.name)
	if called == openToSandboxes {
		c.trusted = c.fromOverlay() || !c.look().Sandboxed
		return nil
	}
	seen := c.look()
	if seen.Sandboxed {
		return peer.Denied(called)
	}
	c.by = c.server.caller(c.sender, seen)
	return nil
}

// fromOverlay says that the overlay calls, which was looked at when it took its name: it calls at every key.
func (c *call) fromOverlay() bool {
	overlay, attached := c.server.Overlay()
	return attached && overlay == c.sender
}

// look finds out about the caller; one who can't be examined counts as sandboxed.
func (c *call) look() peer.Peer {
	ctx, done := context.WithTimeout(c.server.ctx, answerLimit)
	defer done()
	seen, err := peer.Look(ctx, c.server.conn, c.sender)
	if err != nil {
		c.server.log.Warn("a peer can't be examined", "peer", c.sender, "error", err)
	}
	return seen
}

// caller names a peer. Telling the command line from other programs is a courtesy to the reader of the log: nothing
// is allowed on the strength of a program's file name.
func (s *Server) caller(sender string, seen peer.Peer) api.Caller {
	by := api.Caller{Name: callerOther, Peer: sender, PID: seen.PID}
	switch overlay, attached := s.Overlay(); {
	case attached && overlay == sender:
		by.Name = callerOverlay
	case seen.Program == "nerva":
		by.Name = callerCLI
	}
	return by
}

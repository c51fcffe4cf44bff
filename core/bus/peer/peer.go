// Package peer says which process is behind a name on the bus, and whether it is sandboxed: by what the bus and the
// kernel say of it, never by what it says itself.
//
// It owns nothing: each call looks again, since what is kept would have to be forgotten at the right moment. It must
// not know what is allowed to whom.
package peer

import (
	"context"
	"fmt"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

// Peer is a process that was connected to the bus when it was looked at, and the same before and after.
type Peer struct {
	PID uint32
	// Program is the base name of its executable, a courtesy to who reads a log: anybody can choose it.
	Program string
	// Sandboxed is true for programs in a Flatpak or Snap sandbox, and for those that can't be examined.
	Sandboxed bool
}

// The ways of knowing peers, as the daemon's status names them.
const (
	// ByPIDFD: the bus gives a descriptor of the process, which no later process can stand in for (dbus 1.15.8,
	// dbus-broker).
	ByPIDFD = "pidfd"
	// ByPID: an older bus gives a number that may have passed to another process since the peer connected; the
	// start time tells only that it was one process while it was looked at.
	ByPID = "pid"
)

// AccessDenied is the error's name for peers in a sandbox. It is D-Bus' own and not one of nerva's, because it is
// what the proxies of the sandboxes answer too: a sandboxed program need know nothing of nerva to understand it.
const AccessDenied = "org.freedesktop.DBus.Error.AccessDenied"

// Denied is the answer to a sandboxed peer.
func Denied(what string) *dbus.Error {
	return dbus.NewError(AccessDenied, []any{
		fmt.Sprintf("%s is not for programs in a sandbox, or whose process can't be examined; call it from outside", what),
	})
}

// Look examines the peer with a unique name. A peer whose process can't be told, or has ended, is an error together
// with a sandboxed Peer, so that ignoring the error denies.
func Look(ctx context.Context, conn *dbus.Conn, name string) (Peer, error) {
	unknown := Peer{Sandboxed: true}
	c, err := credentials(ctx, conn, name)
	if err != nil {
		return unknown, fmt.Errorf("the bus does not say who %s is: %w", name, err)
	}
	p, err := c.process()
	if err != nil {
		return unknown, fmt.Errorf("the process of %s: %w", name, err)
	}
	defer p.close()
	seen, err := p.look(c.label())
	if err != nil {
		return seen, fmt.Errorf("the process of %s: %w", name, err)
	}
	return seen, nil
}

// look examines a process, and looks afterwards whether all that was its own.
func (p *process) look(label string) (Peer, error) {
	seen, err := p.examine(label)
	if err == nil && !p.same() {
		err = fmt.Errorf("process %d ended while it was looked at", p.pid)
	}
	if err != nil {
		return Peer{PID: p.pid, Sandboxed: true}, err
	}
	return seen, nil
}

// How says in which of the two ways this bus lets peers be known.
func How(ctx context.Context, conn *dbus.Conn) string {
	c, err := credentials(ctx, conn, conn.Names()[0])
	if err != nil {
		return ByPID
	}
	fd, ok := c.pidfd()
	if !ok {
		return ByPID
	}
	_ = unix.Close(fd)
	return ByPIDFD
}

// known is what the bus says of a peer (D-Bus specification, "GetConnectionCredentials").
type known map[string]dbus.Variant

func credentials(ctx context.Context, conn *dbus.Conn, name string) (c known, err error) {
	err = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetConnectionCredentials", 0, name).Store(&c)
	return c, err
}

// label is the security label, which ends in a zero byte; empty where no security module gives one.
func (c known) label() string {
	label, _ := c["LinuxSecurityLabel"].Value().([]byte)
	return string(label)
}

// pidfd is the caller's to close.
func (c known) pidfd() (fd int, ok bool) {
	handle, ok := c["ProcessFD"].Value().(dbus.UnixFD)
	return int(handle), ok
}

func (c known) process() (*process, error) {
	if fd, ok := c.pidfd(); ok {
		return byPIDFD(fd)
	}
	pid, ok := c["ProcessID"].Value().(uint32)
	if !ok {
		return nil, fmt.Errorf("the bus gives no process")
	}
	return byPID(pid)
}

// Package sessionbus holds the one connection to the D-Bus session bus that the desktop's services are
// asked over (portal, notifications, applications), that to the system bus for those of the whole computer, and that to the
// accessibility bus.
//
// Bus owns the connection under its mutex: made on first use, made anew when it was lost, closed when the
// context ends. Those that Private makes are their callers'. It must not know what is asked over it.
package sessionbus

import (
	"context"
	"sync"

	"github.com/godbus/dbus/v5"

	"nerva/core/desk"
)

// Bus is a connection that is made when it is needed.
type Bus struct {
	ctx  context.Context
	dial func(...dbus.ConnOption) (*dbus.Conn, error)
	// address is where Private dials.
	address func() (string, error)
	// without is the sentence for where there is none.
	without string

	mu   sync.Mutex
	conn *dbus.Conn // nil until first used
}

// New returns a Bus that connects nothing yet; what it connects later is closed when ctx ends.
//
// It never starts a bus of its own, as dbus-launch would: nobody else would be on it.
func New(ctx context.Context) *Bus {
	return &Bus{
		ctx: ctx, dial: dbus.SessionBusPrivateNoAutoStartup, address: sessionAddress,
		without: "no session bus can be reached: log in to a desktop session, or start the program with dbus-run-session",
	}
}

// NewSystem is New for the system bus.
func NewSystem(ctx context.Context) *Bus {
	return &Bus{
		ctx: ctx, dial: dbus.SystemBusPrivate, address: systemAddress,
		without: "the system bus can't be reached: see whether dbus.service runs",
	}
}

// NewAccessible is New for the accessibility bus, whose address a service on the session bus knows, which starts it (at-spi2-core,
// xml/Bus.xml).
func NewAccessible(ctx context.Context, session *Bus) *Bus {
	address := func() (address string, err error) {
		conn, err := session.Conn()
		if err != nil {
			return "", err
		}
		limited, cancel := context.WithTimeout(ctx, desk.Limit)
		defer cancel()
		err = conn.Object("org.a11y.Bus", "/org/a11y/bus").CallWithContext(limited, "org.a11y.Bus.GetAddress", 0).Store(&address)
		return address, err
	}
	dial := func(o ...dbus.ConnOption) (*dbus.Conn, error) {
		at, err := address()
		if err != nil {
			return nil, err
		}
		return dbus.Dial(at, o...)
	}
	return &Bus{ctx: ctx, dial: dial, address: address, without: "the accessibility bus can't be reached: install at-spi2-core and log in again"}
}

// Conn returns the live connection, the same for all callers, who must not close it. Without a session
// bus it fails with api.Unavailable.
func (b *Bus) Conn() (*dbus.Conn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conn != nil && b.conn.Connected() {
		return b.conn, nil
	}
	conn, err := open(func() (*dbus.Conn, error) {
		return b.dial(
			dbus.WithContext(b.ctx),
			// godbus's default handler delivers each signal from a goroutine of its own, in any order.
			dbus.WithSignalHandler(dbus.NewSequentialSignalHandler()))
	})
	if err == nil && b.ctx.Err() != nil {
		// godbus closes it from a goroutine, which may come later than the answer to Hello.
		conn.Close()
		err = b.ctx.Err()
	}
	if err != nil {
		return nil, b.unavailable(err)
	}
	b.conn = conn
	return conn, nil
}

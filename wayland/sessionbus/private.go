package sessionbus

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/sockets"
)

// Private makes a connection of the caller's own, who closes it; it ends with ctx at the latest. It is for who listens to what
// anybody may say: what is too much for it harms no other part, and no file descriptor comes over it, which a signal may
// carry and nobody would close. Its errors are those of Conn.
func (b *Bus) Private(ctx context.Context, options ...dbus.ConnOption) (*dbus.Conn, error) {
	address, err := b.address()
	if err != nil {
		return nil, b.unavailable(err)
	}
	conn, err := open(func() (*dbus.Conn, error) { return plain(ctx, address, append(options, dbus.WithContext(ctx))) })
	if err != nil {
		return nil, b.unavailable(err)
	}
	return conn, nil
}

func (b *Bus) unavailable(err error) error {
	return api.Errorf(api.Unavailable, "%s: %w", b.without, err)
}

// open makes a connection that dial began one that can be spoken on.
func open(dial func() (*dbus.Conn, error)) (*dbus.Conn, error) {
	conn, err := dial()
	if err != nil {
		return nil, err
	}
	limit := time.AfterFunc(desk.Limit, func() { conn.Close() })
	defer limit.Stop()
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// plain dials the first of the addresses (D-Bus Specification, "Server Addresses") that answers, in such a way that the library
// does not offer to take file descriptors: it does for its own sockets alone.
func plain(ctx context.Context, addresses string, options []dbus.ConnOption) (*dbus.Conn, error) {
	var failed error
	for address := range strings.SplitSeq(addresses, ";") {
		path, isUnix := socketOf(address)
		if !isUnix {
			conn, err := dbus.Dial(address, options...) // over TCP none can come
			if err == nil {
				return conn, nil
			}
			failed = errors.Join(failed, err)
			continue
		}
		socket, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
		if err == nil {
			return dbus.NewConn(buffered{bufio.NewReader(socket), socket}, options...)
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

// buffered spares the library its reads of a byte or four.
type buffered struct {
	io.Reader
	io.WriteCloser
}

// socketOf gives the socket of an address, as Go writes it: an abstract one begins with @.
func socketOf(address string) (path string, ok bool) {
	keys, isUnix := strings.CutPrefix(address, "unix:")
	if !isUnix {
		return "", false
	}
	for pair := range strings.SplitSeq(keys, ",") {
		key, value, _ := strings.Cut(pair, "=")
		value, err := dbus.UnescapeBusAddressValue(value)
		if err != nil || value == "" {
			continue
		}
		switch key {
		case "path":
			return value, true
		case "abstract":
			return "@" + value, true
		}
	}
	return "", false
}

// sessionAddress is where the library looks, too, in the end.
func sessionAddress() (string, error) {
	if address := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && address != "autolaunch:" {
		return address, nil
	}
	return "unix:path=" + dbus.EscapeBusAddressValue(filepath.Join(sockets.RuntimeDir(), "bus")), nil
}

// systemAddress: D-Bus Specification, "System message bus".
func systemAddress() (string, error) {
	if address := os.Getenv("DBUS_SYSTEM_BUS_ADDRESS"); address != "" {
		return address, nil
	}
	return "unix:path=/var/run/dbus/system_bus_socket", nil
}

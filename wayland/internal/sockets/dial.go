package sockets

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// step is how long the kernel waits for a queue before we look whether we are still wanted.
const step = 100 * time.Millisecond

// Dial connects to the socket at path. Where the queue of the listener is full, as that of sway's IPC is with three,
// it waits until ctx ends: connect(2) does so for a blocking socket alone, and Go's fails with EAGAIN.
func Dial(ctx context.Context, path string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if !errors.Is(err, unix.EAGAIN) {
		return conn, err
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	file := os.NewFile(uintptr(fd), path)
	defer file.Close() // the connection has a descriptor of its own
	timeout := unix.NsecToTimeval(step.Nanoseconds())
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &timeout); err != nil {
		return nil, os.NewSyscallError("setsockopt", err)
	}
	for {
		err := unix.Connect(fd, &unix.SockaddrUnix{Name: path})
		switch {
		case err == nil:
			return net.FileConn(file)
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR):
			return nil, os.NewSyscallError("connect", err)
		}
	}
}

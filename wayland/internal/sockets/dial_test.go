package sockets

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"nerva/wayland/internal/socktest"
)

// crowded makes a listener whose queue is full.
func crowded(t *testing.T) (path string, fd int) {
	t.Helper()
	path = filepath.Join(socktest.RuntimeDir(t), "s")
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if err := errors.Join(unix.Bind(fd, &unix.SockaddrUnix{Name: path}), unix.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	for {
		conn, err := net.Dial("unix", path)
		if errors.Is(err, unix.EAGAIN) {
			return path, fd
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close() // its place in the queue stays taken
	}
}

func TestABusyListenerIsWaitedFor(t *testing.T) {
	path, fd := crowded(t)
	if !Live(path) {
		t.Error("a busy listener counts as dead")
	}
	dialled := make(chan error, 1)
	go func() {
		conn, err := Dial(t.Context(), path)
		if err == nil {
			_, err = conn.Write([]byte("hello"))
			err = errors.Join(err, conn.Close())
		} else {
			_ = unix.Shutdown(fd, unix.SHUT_RDWR) // nobody comes: no more waiting below
		}
		dialled <- err
	}()
	for said := ""; said != "hello"; {
		peer, _, err := unix.Accept(fd)
		if err != nil {
			t.Fatalf("%v; the dialling side: %v", err, <-dialled)
		}
		b := make([]byte, 5)
		n, err := unix.Read(peer, b) // nothing from those that crowd
		if err != nil {
			t.Fatal(err)
		}
		said = string(b[:n])
		_ = unix.Close(peer)
	}
	if err := <-dialled; err != nil {
		t.Error(err)
	}
}

func TestAWaitForAListenerEndsWithItsContext(t *testing.T) {
	path, _ := crowded(t)
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() {
		_, err := Dial(ctx, path)
		waiting <- err
	}()
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

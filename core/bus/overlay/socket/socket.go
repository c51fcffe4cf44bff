// Package socket is the short way to a resident overlay: one connection, one line, one byte back. The bus
// needs a handshake and two hops for the same, which nerva-ui's 2 ms do not have.
//
// It owns nothing. It is linked into nerva-ui, so it imports syscall and os and nothing else: what a package
// like net or fmt initialises would take longer than the call.
package socket

import (
	"os"
	"syscall"
)

// Result of a Call.
type Result int

// The results of a Call.
const (
	Done   Result = iota
	Absent        // nobody listens
	Broken        // whoever listens took the line and did not answer within 5 s
)

// Path is where the overlay listens, in a folder that only the user can enter; empty without a
// $XDG_RUNTIME_DIR.
func Path() string {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return ""
	}
	return dir + "/nerva/overlay.sock"
}

// MaxLine bounds a line, its newline included: a method, a space, an activation token.
const MaxLine = 4096

// Call has the overlay that listens at path do the method ("Toggle", "Show" or "Hide"). The token is an
// activation token or empty.
func Call(path, method, token string) Result {
	line := method + " " + token + "\n"
	if path == "" || len(path) > 107 || len(line) > MaxLine {
		return Absent // the bus has room for any
	}
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return Absent
	}
	defer func() { _ = syscall.Close(fd) }()
	limit := syscall.Timeval{Sec: 5}
	_ = syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &limit)
	_ = syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &limit)
	if err := retry(func() error { return syscall.Connect(fd, &syscall.SockaddrUnix{Name: path}) }); err != nil {
		return Absent
	}
	// The kernel takes a line of this length whole or not at all.
	if err := retry(func() error { _, err := syscall.Write(fd, []byte(line)); return err }); err != nil {
		return Absent
	}
	var answer [1]byte
	n := 0
	err = retry(func() (err error) { n, err = syscall.Read(fd, answer[:]); return err })
	if err != nil || n != 1 {
		return Broken
	}
	return Done
}

func retry(call func() error) error {
	for {
		if err := call(); err != syscall.EINTR { //nolint:errorlint // errors costs more than it brings here
			return err
		}
	}
}

package overlay

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"nerva/core/bus/overlay/socket"
)

// lineLimit is how long a client may take to send its line.
const lineLimit = time.Second

// Listen serves the socket at socket.Path until ctx ends, for whoever owns Name: a socket that a dead overlay
// has left is replaced, one that answers is not. The handler is called as Serve's is.
func Listen(ctx context.Context, h Handler) error {
	path := socket.Path()
	if path == "" {
		return errors.New("XDG_RUNTIME_DIR is not set; log in by a session manager that sets it")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the folder of the overlay's socket: %w", err)
	}
	if c, err := net.Dial("unix", path); err == nil {
		_ = c.Close()
		return fmt.Errorf("another overlay listens at %s", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the socket of an overlay that ended: %w", err)
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "unix", path)
	if err != nil {
		return fmt.Errorf("listen for nerva-ui: %w", err)
	}
	var answers sync.WaitGroup
	defer answers.Wait()
	defer context.AfterFunc(ctx, func() { _ = l.Close() })()
	for {
		c, err := l.Accept()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("listen for nerva-ui: %w", err)
		}
		answers.Go(func() { h.answer(c) })
	}
}

// answer does what a connection's one line says; any other line gets no answer.
func (h Handler) answer(c net.Conn) {
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(lineLimit)) // not of the answer, which waits for a frame
	line, err := bufio.NewReader(io.LimitReader(c, socket.MaxLine)).ReadString('\n')
	if err != nil {
		return
	}
	method, token, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
	switch method {
	case Toggle:
		h.Toggle(token)
	case Show:
		h.Show(token, "")
	case Hide:
		h.Hide()
	default:
		return
	}
	_, _ = c.Write([]byte{'\n'}) // whoever has gone needs no answer
}

package activation

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nerva/core/api"
)

// runtimeDir is a private folder of sockets in which no display runs.
func runtimeDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "run") // t.TempDir may be too long for a socket's name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("WAYLAND_DISPLAY", "")
	return dir
}

func tokens(t *testing.T) *Tokens {
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	return New(ctx)
}

func TestNoDisplay(t *testing.T) {
	runtimeDir(t)
	_, err := tokens(t).Token(context.Background(), "x")
	if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "log in to a Wayland session") {
		t.Error(err)
	}
}

// A compositor that hangs takes a second from a launch, no more; the next one may be a better one.
func TestCompositorHangs(t *testing.T) {
	l := listen(t, runtimeDir(t))
	accepted := make(chan net.Conn, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	tokens := tokens(t)
	for range 2 {
		_, err := tokens.Token(context.Background(), "x")
		if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "gave no activation token") {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for range 5 { // two probes and two clients before, then the probe of this one
			<-accepted
		}
		cancel()
	}()
	if _, err := tokens.Token(ctx, "x"); api.CodeOf(err) != api.Cancelled {
		t.Error(err)
	}
}

func TestCompositorHangsUp(t *testing.T) {
	l := listen(t, runtimeDir(t))
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	if _, err := tokens(t).Token(context.Background(), "x"); api.CodeOf(err) != api.Unavailable {
		t.Error(err)
	}
}

func TestEnding(t *testing.T) {
	runtimeDir(t)
	ctx, cancel := context.WithCancel(context.Background())
	tokens := New(ctx)
	cancel()
	if _, err := tokens.Token(context.Background(), "x"); api.CodeOf(err) != api.Unavailable {
		t.Error(err)
	}
}

func listen(t *testing.T, dir string) net.Listener {
	l, err := net.Listen("unix", filepath.Join(dir, "wayland-0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// The compositor of the session gives tokens, each another, and again after the connection was lost.
func TestToken(t *testing.T) {
	if os.Getenv("WAYLAND_DISPLAY") == "" {
		t.Skip("no WAYLAND_DISPLAY")
	}
	tokens := tokens(t)
	seen := map[string]bool{}
	for i := range 3 {
		if i == 2 {
			tokens.conn.close() // as a compositor that ends does
		}
		token, err := tokens.Token(context.Background(), "org.x.Y")
		if err != nil || token == "" || seen[token] {
			t.Fatalf("token %q, %v", token, err)
		}
		seen[token] = true
	}
}

package activation

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/socktest"
	"nerva/wayland/internal/swaytest"
)

func tokens(t *testing.T) *Tokens {
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	return New(ctx)
}

// TestTheTokenOfAClickComesFirst: no display is needed for it.
func TestTheTokenOfAClickComesFirst(t *testing.T) {
	t.Setenv("WAYLAND_DISPLAY", "nowhere-0")
	token, err := New(t.Context()).Token(desk.WithToken(t.Context(), "clicked"), "foot")
	if err != nil || token != "clicked" {
		t.Errorf("%q, %v", token, err)
	}
}

func TestNoDisplay(t *testing.T) {
	socktest.RuntimeDir(t)
	_, err := tokens(t).Token(context.Background(), "x")
	if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "log in to a Wayland session") {
		t.Error(err)
	}
}

// A compositor that hangs takes a second from a launch, no more; the next one may be a better one.
func TestCompositorHangs(t *testing.T) {
	l := socktest.Listen(t, filepath.Join(socktest.RuntimeDir(t), "wayland-0"))
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
		if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "did not answer in time") {
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
	l := socktest.Listen(t, filepath.Join(socktest.RuntimeDir(t), "wayland-0"))
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
	socktest.RuntimeDir(t)
	ctx, cancel := context.WithCancel(context.Background())
	tokens := New(ctx)
	cancel()
	if _, err := tokens.Token(context.Background(), "x"); api.CodeOf(err) != api.Unavailable {
		t.Error(err)
	}
}

// Each token is another, and the next one comes from whatever compositor runs by then: the one that the last came from
// is killed, and starts again under another display.
func TestTokensOutliveACompositor(t *testing.T) {
	socktest.RuntimeDir(t)
	s := swaytest.Start(t, swaytest.Setup{Outputs: 1})
	t.Setenv("WAYLAND_DISPLAY", s.Display)
	tokens := tokens(t)
	seen := map[string]bool{}
	for i := range 4 {
		if i == 2 {
			s.Kill()
			s.Occupy()
			if _, err := tokens.Token(t.Context(), "org.x.Y"); api.CodeOf(err) != api.Unavailable {
				t.Errorf("without a compositor: %v", err)
			}
			if again := swaytest.Start(t, swaytest.Setup{Outputs: 1}); again.Display == s.Display {
				t.Fatal("it has the same display")
			}
		}
		token, err := tokens.Token(t.Context(), "org.x.Y")
		if err != nil || token == "" || seen[token] {
			t.Fatalf("token %q, %v", token, err)
		}
		seen[token] = true
	}
}

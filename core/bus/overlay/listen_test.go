package overlay_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nerva/core/bus/bustest"
	"nerva/core/bus/overlay"
	"nerva/core/bus/overlay/socket"
)

// listen serves the socket in a runtime folder of the test and returns what the overlay was called for.
func listen(t *testing.T) (calls <-chan string, ended <-chan error, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	did, end := make(chan string, 1), make(chan error, 1)
	go func() {
		end <- overlay.Listen(ctx, overlay.Handler{
			Toggle: func(token string) { did <- "toggle " + token },
			Show:   func(token, _ string) { did <- "show " + token },
			Hide:   func() { did <- "hide" },
		})
	}()
	t.Cleanup(cancel)
	return did, end, cancel
}

// until calls as nerva-ui does, until someone listens.
func until(t *testing.T, method, token string) socket.Result {
	t.Helper()
	for {
		if r := socket.Call(socket.Path(), method, token); r != socket.Absent || t.Context().Err() != nil {
			return r
		}
	}
}

func TestTheSocketReachesTheHandler(t *testing.T) {
	bustest.RuntimeDir(t)
	calls, ended, stop := listen(t)
	for _, c := range []struct{ method, token, want string }{
		{overlay.Toggle, "T", "toggle T"}, {overlay.Toggle, "", "toggle "}, {overlay.Show, "a b", "show a b"}, {overlay.Hide, "", "hide"},
	} {
		if r := until(t, c.method, c.token); r != socket.Done {
			t.Errorf("%s: result %d", c.method, r)
		}
		if got := <-calls; got != c.want {
			t.Errorf("%s: %q, want %q", c.method, got, c.want)
		}
	}
	if info, err := os.Stat(filepath.Dir(socket.Path())); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of the socket: %v, %v", info, err)
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if r := socket.Call(socket.Path(), overlay.Toggle, ""); r != socket.Absent {
		t.Errorf("after the end: result %d", r)
	}
}

func TestALineThatIsNoneDoesNothing(t *testing.T) {
	bustest.RuntimeDir(t)
	calls, _, _ := listen(t)
	until(t, overlay.Hide, "")
	<-calls
	for _, line := range []string{"Explode \n", "\n", "toggle\n", strings.Repeat("x", 2*socket.MaxLine)} {
		c, err := net.Dial("unix", socket.Path())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.Write([]byte(line))
		if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("%.10q was answered", line)
		}
		_ = c.Close()
	}
	if r := socket.Call(socket.Path(), overlay.Toggle, strings.Repeat("x", socket.MaxLine)); r != socket.Absent {
		t.Errorf("a token that is too long: result %d", r)
	}
	if len(calls) > 0 {
		t.Errorf("the overlay did %q", <-calls)
	}
}

// TestAFrameThatTakesLongIsWaitedFor: the limit that a client has for its line is not the overlay's.
func TestAFrameThatTakesLongIsWaitedFor(t *testing.T) {
	bustest.RuntimeDir(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- overlay.Listen(ctx, overlay.Handler{
			Toggle: func(string) { time.Sleep(overlay.LineLimit + 100*time.Millisecond) },
			Hide:   func() {},
		})
	}()
	until(t, overlay.Hide, "")
	if r := socket.Call(socket.Path(), overlay.Toggle, ""); r != socket.Done {
		t.Errorf("result %d", r)
	}
	cancel()
	<-ended
}

func TestTheSocketOfADeadOverlayIsReplacedALiveOneIsNot(t *testing.T) {
	bustest.RuntimeDir(t)
	if err := os.MkdirAll(filepath.Dir(socket.Path()), 0o700); err != nil {
		t.Fatal(err)
	}
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket.Path()})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	_ = dead.Close()
	calls, _, _ := listen(t)
	until(t, overlay.Hide, "")
	<-calls
	_, ended, _ := listen(t)
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "another overlay listens") {
		t.Error(err)
	}
	if r := socket.Call(socket.Path(), overlay.Hide, ""); r != socket.Done || <-calls != "hide" {
		t.Errorf("the first one does not answer any more: %d", r)
	}
}

func TestWhoTakesTheLineAndDoesNotAnswerIsTold(t *testing.T) {
	bustest.RuntimeDir(t)
	l, err := net.Listen("unix", filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = c.Read(make([]byte, 64))
		_ = c.Close()
	}()
	if r := socket.Call(l.Addr().String(), overlay.Toggle, ""); r != socket.Broken {
		t.Errorf("result %d", r)
	}
}

package presence

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/socktest"
	"nerva/wayland/internal/swaytest"
)

var _ desk.Presence = (*Presence)(nil)

// said is a log that tells when there is something in it.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		select {
		case s.more <- struct{}{}:
		default:
		}
	}()
	return s.text.Write(b)
}

func (s *said) count(words string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Count(s.text.String(), words)
}

func following(t *testing.T) (<-chan bool, *said) {
	t.Helper()
	told := make(chan bool, 16)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	log := &said{more: make(chan struct{}, 1)}
	p := New(slog.New(slog.NewTextHandler(log, nil)))
	go func() { ended <- p.FollowPresence(ctx, 1, func(idle bool) { told <- idle }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("FollowPresence returned %v", err)
		}
	})
	return told, log
}

func await(t *testing.T, told <-chan bool, want bool) {
	t.Helper()
	if got := <-told; got != want {
		t.Errorf("idle %v, want %v", got, want)
	}
}

func TestPresenceIsTold(t *testing.T) {
	socktest.RuntimeDir(t)
	told, _ := following(t) // the compositor comes later
	sway := swaytest.Start(t, swaytest.Setup{Outputs: 1})
	user := swaytest.NewMouse(t, sway)
	for range 2 {
		await(t, told, true)
		user.Move()
		await(t, told, false)
	}
	await(t, told, true)
	// The end of the session is no news, the beginning of the next is.
	sway.Kill()
	swaytest.Start(t, swaytest.Setup{Outputs: 1})
	await(t, told, false)
	await(t, told, true)
}

// TestACompositorWithoutTheProtocol is asked once, and that is said once; another one is waited for.
func TestACompositorWithoutTheProtocol(t *testing.T) {
	listener := socktest.Listen(t, filepath.Join(socktest.RuntimeDir(t), "wayland-9"))
	asked := make(chan struct{}, 16)
	go func() {
		for {
			conn, err := listener.AcceptUnix()
			if err != nil {
				return
			}
			if empty(conn) == nil {
				asked <- struct{}{}
			}
		}
	}()
	told, log := following(t)
	<-asked
	for log.count("ext_idle_notifier_v1") == 0 {
		<-log.more
	}
	socktest.Listen(t, filepath.Join(filepath.Dir(listener.Addr().String()), "wayland-8")).Close() // a sign of life, of nobody
	<-asked
	listener.Close()
	swaytest.Start(t, swaytest.Setup{Outputs: 1})
	await(t, told, true)
	if n := log.count("ext_idle_notifier_v1"); n != 1 || len(asked) > 0 {
		t.Errorf("said %d times, asked %d times too many", n, len(asked))
	}
}

// empty plays a compositor that offers nothing: it answers get_registry and sync, and waits for the end. One who only looks
// whether somebody listens has hung up.
func empty(conn net.Conn) error {
	defer conn.Close()
	requests := make([]byte, 12+12)
	if _, err := io.ReadFull(conn, requests); err != nil {
		return err
	}
	word := binary.NativeEndian
	answer := word.AppendUint32(nil, word.Uint32(requests[20:])) // wl_callback.done
	answer = word.AppendUint32(answer, 12<<16)
	answer = word.AppendUint32(answer, 0)
	if _, err := conn.Write(answer); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, conn)
	return err
}

func TestATimeThatCannotBeWaitedFor(t *testing.T) {
	for _, seconds := range []int{-1, 0, maxSeconds + 1} {
		if err := New(slog.New(slog.DiscardHandler)).FollowPresence(t.Context(), seconds, nil); api.CodeOf(err) != api.InvalidInput {
			t.Errorf("%d s: %v", seconds, err)
		}
	}
}

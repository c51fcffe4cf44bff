package input

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"nerva/core/desk"
	"nerva/wayland/compositor"
	"nerva/wayland/internal/socktest"
	"nerva/wayland/internal/swaytest"
	"nerva/wayland/internal/wl"
)

// session is a private sway with an Input that is to act in it.
type session struct {
	*swaytest.Sway
	input *Input
	desk  *compositor.Client
}

func newSession(t *testing.T, outputs int, config string) *session {
	t.Helper()
	socktest.RuntimeDir(t)
	s := &session{Sway: swaytest.Start(t, swaytest.Setup{Outputs: outputs, Config: config})}
	t.Setenv("SWAYSOCK", s.Socket)
	life, end := context.WithCancel(context.Background())
	s.desk = compositor.New(life, compositor.Environ(), slog.New(slog.DiscardHandler))
	s.input = New(life, Options{Windows: s.desk})
	t.Cleanup(func() {
		end()
		<-s.input.ended
	})
	return s
}

// awaitFocus waits until a window of this application has the focus, and returns it.
func (s *session) awaitFocus(t *testing.T, appID string) desk.Window {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var found desk.Window
	_ = s.desk.Watch(ctx, func(list []desk.Window) {
		for _, w := range list {
			if w.Focused && w.AppID == appID {
				found = w
				cancel()
			}
		}
	})
	if found.ID == "" {
		t.Fatalf("no window of %s has the focus", appID)
	}
	return found
}

// user is the keyboard of somebody who sits there: one with a layout of its own.
type typist struct {
	*wl.Conn
	keyboard *wl.Object
	keymap   string
	now      uint32
}

var keymaps sync.Map // by layout

func keymapOf(t *testing.T, layout string) string {
	t.Helper()
	if known, ok := keymaps.Load(layout); ok {
		return known.(string)
	}
	if _, err := exec.LookPath("xkbcli"); err != nil {
		t.Skip("xkbcli is not installed; run by dev/enter")
	}
	name, variant, _ := strings.Cut(layout, ":")
	out, err := exec.Command("xkbcli", "compile-keymap", "--layout", name, "--variant", variant).Output()
	if err != nil {
		t.Fatalf("the keymap of %s: %v", layout, err)
	}
	keymaps.Store(layout, string(out))
	return string(out)
}

// newTypist connects one and presses Shift once, by which the seat takes its keymap.
func (s *session) newTypist(t *testing.T, layout string) *typist {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	conn, err := wl.Dial(ctx, s.Display)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = conn.Close()
	})
	u := &typist{Conn: conn, keymap: keymapOf(t, layout)}
	seat := conn.BindFirst(seatInterface, 1, 5, nil)
	manager := conn.BindFirst(keyboards, 1, 1, nil)
	u.keyboard = manager.Create(managerCreateKeyboard, virtualKeyboard, nil, seat, wl.NewID{})
	d := &display{conn: conn, keyboard: u.keyboard}
	d.upload(u.keymap)
	u.press(t, 42)
	return u
}

func (u *typist) press(t *testing.T, code uint32) {
	t.Helper()
	u.key(code, 1)
	u.key(code, 0)
	if err := u.Roundtrip(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (u *typist) key(code, state uint32) {
	u.now++
	u.keyboard.Request(virtualKey, u.now, code, state)
}

// terminal opens foot with a program that gives what is typed, byte by byte.
func (s *session) terminal(t *testing.T) *bytesRead {
	t.Helper()
	fifo := t.TempDir() + "/typed"
	if err := exec.Command("mkfifo", fifo).Run(); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("foot", "--app-id=typed", "sh", "-c", "stty raw -echo; exec cat >"+fifo)
	c.Env = append(os.Environ(), "WAYLAND_DISPLAY="+s.Display, "LC_ALL=C.UTF-8")
	if err := c.Start(); err != nil {
		t.Skipf("foot is not installed; run by dev/enter: %v", err)
	}
	f, err := os.OpenFile(fifo, os.O_RDONLY, 0) // waits until cat opens it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait() // it was killed
		_ = f.Close()
	})
	s.awaitFocus(t, "typed")
	return &bytesRead{f: f}
}

type bytesRead struct {
	f   *os.File
	got []byte
}

// expect reads as much as want has, and says where it differs.
func (b *bytesRead) expect(t *testing.T, want string) {
	t.Helper()
	for len(b.got) < len(want) {
		_ = b.f.SetReadDeadline(time.Now().Add(10 * time.Second))
		part := make([]byte, 64<<10)
		n, err := b.f.Read(part)
		b.got = append(b.got, part[:n]...)
		if err != nil {
			break
		}
	}
	got := string(b.got)
	b.got = nil
	if got == want {
		return
	}
	w, g := []rune(want), []rune(got)
	for i := range w {
		if i >= len(g) || g[i] != w[i] {
			t.Fatalf("character %d of %d differs: want %q, got %q (%d characters)", i, len(w), string(w[i:min(i+30, len(w))]), string(g[min(i, len(g)):min(i+30, len(g))]), len(g))
		}
	}
	t.Fatalf("%d characters more than %d came: %q", len(g)-len(w), len(w), string(g[len(w):]))
}

package input

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/wl"
)

// shifted needs Shift, and keys that every layout lacks: with it every kind of request is under way.
var shifted = strings.Repeat("AbЖ漢", 500)

// TestMain plays the program that is killed, where it is told when: between two requests that press a key and let go of it.
func TestMain(m *testing.M) {
	when, err := strconv.Atoi(os.Getenv("NERVA_INPUT_DIES"))
	if err != nil {
		os.Exit(m.Run())
	}
	ctx := context.Background()
	i := New(ctx, Options{Windows: always{}, Only: "virtual"})
	_, err = i.Type(ctx, desk.Typing{Text: shifted[:21]})
	fmt.Println("typed", err)
	i.devices[0].(*virtual).clock = func() time.Time {
		if when--; when == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return time.Now()
	}
	_, err = i.Type(ctx, desk.Typing{Text: shifted})
	fmt.Println("it lives:", err)
	os.Exit(1)
}

// always has one window with the focus.
type always struct{}

func (always) List(context.Context) ([]desk.Window, error) {
	return []desk.Window{{ID: "1", Focused: true}}, nil
}
func (always) Focus(context.Context, string) error { return nil }
func (always) Watch(ctx context.Context, _ func([]desk.Window)) error {
	<-ctx.Done()
	return ctx.Err()
}

// sync returns once the judge has seen everything that the compositor has told it until now.
func (j *judge) sync() {
	j.t.Helper()
	answered := make(chan struct{})
	j.conn.Bind(j.global, seatInterface, 1, func(event uint16, _ *wl.Args) {
		if event == seatCapabilities {
			close(answered)
		}
	})
	<-answered
}

// TestNoKeyStaysDownWhereItIsKilled: sway lets go of the keys that a virtual keyboard had down when it is gone, and keeps the
// modifiers; Hyprland keeps the keys, too.
func TestNoKeyStaysDownWhereItIsKilled(t *testing.T) {
	s := newSession(t, 1, "")
	u := s.newTypist(t, "de")
	j := newJudge(t, s.Display)
	users := j.now().keymaps[len(j.now().keymaps)-1]
	for when := 1; when <= 90; when += 8 {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), fmt.Sprint("NERVA_INPUT_DIES=", when+when/8%2), "WAYLAND_DISPLAY="+s.Display)
		out, err := c.Output()
		if string(out) != "typed <nil>\n" || err == nil || err.Error() != "signal: killed" {
			t.Fatalf("it said %q and ended by %v", out, err)
		}
		// The compositor has seen the end once it has served two more requests of somebody else's.
		for range 2 {
			if err := u.Roundtrip(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		j.sync()
		now := j.now()
		if down := now.down(); len(down) > 0 || now.mods != [4]uint32{} || len(now.keys) == 0 {
			t.Errorf("killed at %d: down are %v, modifiers %v after %d events", when, down, now.mods, len(now.keys))
		}
		u.press(t, 30)
		j.await("the user's key", func(s *seen) bool { return s.keys[len(s.keys)-1] == keyEvent{30, false, 0} })
		if now := j.now(); now.keymaps[len(now.keymaps)-1] != users {
			t.Errorf("killed at %d: the user's key comes with another keymap", when)
		}
	}
}

func TestCancellingStopsWithEveryKeyUp(t *testing.T) {
	s := newSession(t, 1, "")
	s.newTypist(t, "us")
	j := newJudge(t, s.Display)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := s.input.Type(ctx, desk.Typing{Text: shifted})
		done <- err
	}()
	j.await("the beginning", func(s *seen) bool { return len(s.keys) >= 100 })
	cancel()
	err := <-done
	if api.CodeOf(err) != api.Cancelled || !strings.Contains(err.Error(), "of 2000 characters") {
		t.Errorf("error %v", err)
	}
	j.sync()
	now := j.now()
	if len(now.keys) > 1500 || len(now.keys)%2 != 0 || len(now.down()) > 0 || now.mods != [4]uint32{} || isOurs(now.keymaps[len(now.keymaps)-1]) {
		t.Errorf("%d events, down are %v, modifiers %v, an extended keymap: %v", len(now.keys), now.down(), now.mods, isOurs(now.keymaps[len(now.keymaps)-1]))
	}
	// It is as good as before.
	if _, err := s.input.Type(t.Context(), desk.Typing{Text: "x"}); err != nil {
		t.Error(err)
	}
}

func TestWhatLosesTheFocusGetsNoMore(t *testing.T) {
	s := newSession(t, 1, "")
	s.newTypist(t, "us")
	j := newJudge(t, s.Display)
	done := make(chan error, 1)
	go func() {
		_, err := s.input.Type(t.Context(), desk.Typing{Text: strings.Repeat("a", 10_000)})
		done <- err
	}()
	j.await("the beginning", func(s *seen) bool { return len(s.keys) >= 100 })
	s.Command("workspace 2") // an empty one: no window has the focus
	err := <-done
	if api.CodeOf(err) != api.Busy || !strings.Contains(err.Error(), "has lost the focus") || !strings.Contains(err.Error(), "of 10000 characters") {
		t.Errorf("error %v", err)
	}
	if _, err := s.input.Type(t.Context(), desk.Typing{Text: "a"}); api.CodeOf(err) != api.NotFound {
		t.Errorf("without a window: %v", err)
	}
	// The window that is named gets the focus again.
	list, err := s.desk.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := len(j.now().keys)
	if _, err := s.input.Type(t.Context(), desk.Typing{Text: "a", Window: list[0].ID}); err != nil {
		t.Fatal(err)
	}
	j.await("the letter", func(s *seen) bool { return len(s.keys) >= n+2 })
	if _, err := s.input.Type(t.Context(), desk.Typing{Text: "a", Window: "99999"}); api.CodeOf(err) != api.NotFound {
		t.Errorf("a window that is none: %v", err)
	}
}

// TestALayerSurfaceIsTypedIntoByNobody: nerva's overlay is one.
func TestALayerSurfaceIsTypedIntoByNobody(t *testing.T) {
	s := newSession(t, 1, "")
	s.newTypist(t, "us")
	j := newJudge(t, s.Display)
	window := s.awaitFocus(t, "nerva-judge")
	c := exec.Command("fuzzel", "--dmenu", "--no-exit-on-keyboard-focus-loss")
	c.Env = append(os.Environ(), "WAYLAND_DISPLAY="+filepath.Base(s.Display)) // it names a file by it
	c.Stdin = strings.NewReader("one\n")
	c.Stderr = t.Output()
	if err := c.Start(); err != nil {
		t.Skipf("fuzzel is not installed; run by dev/enter: %v", err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait() // it was killed
	})
	j.await("the loss of the focus", func(s *seen) bool { return s.focus == "" })
	n := len(j.now().keys)
	for id, code := range map[string]api.Code{"": api.NotFound, window.ID: api.Busy} {
		if _, err := s.input.Type(t.Context(), desk.Typing{Text: "one\n", Window: id}); api.CodeOf(err) != code {
			t.Errorf("into %q: %v", id, err)
		}
	}
	j.sync()
	if len(j.now().keys) != n {
		t.Error("keys came")
	}
	// The window gets it as soon as the surface is gone.
	done := make(chan error, 1)
	go func() {
		_, err := s.input.Type(t.Context(), desk.Typing{Text: "a", Window: window.ID})
		done <- err
	}()
	_ = c.Process.Kill()
	if err := <-done; err != nil {
		t.Error(err)
	}
	j.await("the letter", func(s *seen) bool { return len(s.keys) == n+2 })
}

func TestAChordIsPressedAndLetGoOf(t *testing.T) {
	for _, c := range []struct {
		layout, keys string
		code, mods   uint32
	}{
		{"us", "ctrl+shift+t", 20, 1 | 4},
		{"us", "enter", 28, 0},
		{"us", "super+f5", 63, 64},
		{"fr", "ctrl+a", 16, 4},
		{"ru", "ctrl+c", 0, 4}, // the layout has no such key
	} {
		t.Run(c.layout+" "+c.keys, func(t *testing.T) {
			s := newSession(t, 1, "")
			s.newTypist(t, c.layout)
			j := newJudge(t, s.Display)
			if _, err := s.input.Press(t.Context(), desk.Chord{Keys: c.keys}); err != nil {
				t.Fatal(err)
			}
			j.await("the key", func(s *seen) bool { return len(s.keys) == 2 && s.mods == [4]uint32{} })
			for i, k := range j.now().keys {
				if (k.code != c.code && c.code != 0) || k.down != (i == 0) || k.mods != c.mods {
					t.Errorf("event %d is %+v", i, k)
				}
			}
		})
	}
}

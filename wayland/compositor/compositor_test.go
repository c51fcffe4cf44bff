package compositor

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/socktest"
)

var _ desk.Windows = (*Client)(nil)

func TestSwayFocus(t *testing.T) {
	for _, test := range []struct {
		rule, id string
		code     api.Code
		sent     []string
	}{
		{"a window", "13", "", []string{"[con_id=13] focus"}},
		{"a window that is gone", "99", api.NotFound, []string{"[con_id=99] focus"}},
		{"no id", "", api.InvalidInput, nil},
		{"a command instead of an id", "13] kill; exec rm", api.InvalidInput, nil},
		{"a sign", "-13", api.InvalidInput, nil},
		{"an id of hyprland", "0x55", api.InvalidInput, nil},
		{"too long", strings.Repeat("1", 21), api.InvalidInput, nil},
	} {
		t.Run(test.rule, func(t *testing.T) {
			dir := socktest.RuntimeDir(t)
			s := startSway(t, swaySocket(dir, 1))
			err := New(Env{RuntimeDir: dir}, quiet()).Focus(t.Context(), test.id)
			if api.CodeOf(err) != test.code {
				t.Errorf("error %v, want code %q", err, test.code)
			}
			if !slices.Equal(s.commands, test.sent) {
				t.Errorf("sway was told %q, want %q", s.commands, test.sent)
			}
		})
	}
}

func TestHyprlandFocusInBothLanguages(t *testing.T) {
	const lua, words = `dispatch hl.dsp.focus({ window = "address:0x55d0c8b11110" })`, "dispatch focuswindow address:0x55d0c8b11110"
	state := string(golden(t, "hyprland-state.txt"))
	for _, test := range []struct {
		rule    string
		replies map[string]string
		id      string
		code    api.Code
		sent    []string
	}{
		{"a configuration in Lua", map[string]string{lua: "ok"}, "0x55d0c8b11110", "", []string{lua}},
		{"one in the old language", map[string]string{lua: "Invalid dispatcher", words: "ok"}, "0x55d0c8b11110", "", []string{lua, words}},
		{"refused", map[string]string{hyprlandState: state}, "0x55d0c8b11110", api.Failed, []string{lua, words, hyprlandState}},
		{
			"a window that is gone",
			map[string]string{hyprlandState: "[]\n\n\n[]\n\n\n{}"},
			"0x55d0c8b11110", api.NotFound,
			[]string{lua, words, hyprlandState},
		},
		{"a program instead of an id", nil, `0x1" }) os.exit() --`, api.InvalidInput, nil},
		{"an id of sway", nil, "13", api.InvalidInput, nil},
	} {
		t.Run(test.rule, func(t *testing.T) {
			dir := socktest.RuntimeDir(t)
			h := startHyprland(t, dir, "abc_1_2", test.replies)
			err := New(Env{RuntimeDir: dir}, quiet()).Focus(t.Context(), test.id)
			if api.CodeOf(err) != test.code {
				t.Errorf("error %v, want code %q", err, test.code)
			}
			h.mu.Lock()
			defer h.mu.Unlock()
			if !slices.Equal(h.requests, test.sent) {
				t.Errorf("hyprland was told %q, want %q", h.requests, test.sent)
			}
		})
	}
}

func TestFind(t *testing.T) {
	state := map[string]string{hyprlandState: string(golden(t, "hyprland-state.txt"))}
	for _, test := range []struct {
		rule       string
		arrange    func(t *testing.T, dir string) Env
		compositor string
		says       string
	}{
		{"nothing runs", func(_ *testing.T, dir string) Env { return Env{RuntimeDir: dir} }, "", "no Wayland compositor is running"},
		{"the runtime folder is missing", func(_ *testing.T, dir string) Env { return Env{RuntimeDir: dir + "/gone"} }, "", "no Wayland compositor is running"},
		{"sway without the variable", func(t *testing.T, dir string) Env {
			startSway(t, swaySocket(dir, 1))
			return Env{RuntimeDir: dir}
		}, "sway", ""},
		{"the variable is out of date", func(t *testing.T, dir string) Env {
			socktest.Dead(t, swaySocket(dir, 1))
			startSway(t, swaySocket(dir, 2))
			return Env{RuntimeDir: dir, SwaySock: swaySocket(dir, 1), HyprlandSignature: "gone"}
		}, "sway", ""},
		{"the variable names a socket elsewhere", func(t *testing.T, dir string) Env {
			elsewhere := filepath.Join(socktest.RuntimeDir(t), "s")
			startSway(t, elsewhere)
			startHyprland(t, dir, "abc", state)
			return Env{RuntimeDir: dir, SwaySock: elsewhere}
		}, "sway", ""},
		{"hyprland without the variable", func(t *testing.T, dir string) Env {
			startHyprland(t, dir, "abc", state)
			return Env{RuntimeDir: dir}
		}, "hyprland", ""},
		{"hyprland by the variable", func(t *testing.T, dir string) Env {
			startHyprland(t, dir, "abc", state)
			startSway(t, swaySocket(dir, 1))
			return Env{RuntimeDir: dir, HyprlandSignature: "abc"}
		}, "hyprland", ""},
		{"sway has crashed", func(t *testing.T, dir string) Env {
			socktest.Dead(t, swaySocket(dir, 1))
			return Env{RuntimeDir: dir}
		}, "", "no Wayland compositor is running"},
		{"another compositor", func(t *testing.T, dir string) Env {
			socktest.Listen(t, filepath.Join(dir, "wayland-0"))
			return Env{RuntimeDir: dir}
		}, "", "this compositor's window list isn't supported yet (sway and Hyprland are)"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			c := New(test.arrange(t, socktest.RuntimeDir(t)), quiet())
			if got := c.Compositor(); got != test.compositor {
				t.Errorf("compositor %q, want %q", got, test.compositor)
			}
			list, err := c.List(t.Context())
			if test.says == "" {
				if err != nil || len(list) == 0 {
					t.Errorf("list: %v, %v", list, err)
				}
				return
			}
			if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want %q", err, test.says)
			}
		})
	}
}

func TestPlace(t *testing.T) {
	dir := socktest.RuntimeDir(t)
	startSway(t, swaySocket(dir, 1))
	c := New(Env{RuntimeDir: dir}, quiet())
	place, visible, err := c.Place(t.Context(), "11")
	if want := (desk.Region{Width: 1920, Height: 1080}); place != want || visible || err != nil {
		t.Errorf("place of a hidden window: %v, %v, %v", place, visible, err)
	}
	if _, _, err := c.Place(t.Context(), "99"); api.CodeOf(err) != api.NotFound {
		t.Errorf("place of no window: %v", err)
	}
}

// TestBrokenAnswers: whatever a compositor says, there is a sentence and no hang.
func TestBrokenAnswers(t *testing.T) {
	for _, test := range []struct{ rule, answer, says string }{
		{"nothing", "", "broke off"},
		{"another protocol", "HTTP/1.1 400 Bad Request\r\n\r\n", "not a sway socket"},
		{"endless", "i3-ipc\xff\xff\xff\xff\x04\x00\x00\x00", "more than"},
		{"cut off", "i3-ipc\x10\x00\x00\x00\x04\x00\x00\x00{", "broke off"},
		{"of another kind", "i3-ipc\x02\x00\x00\x00\x00\x00\x00\x00{}", "answered message 4 with 0"},
		{"not JSON", "i3-ipc\x02\x00\x00\x00\x04\x00\x00\x00{]", "can't be read"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			dir := socktest.RuntimeDir(t)
			listener := socktest.Listen(t, swaySocket(dir, 1))
			go func() {
				for {
					conn, err := listener.Accept()
					if err != nil {
						return
					}
					if _, _, err := receive(conn); err == nil {
						conn.Write([]byte(test.answer))
					}
					conn.Close()
				}
			}()
			list, err := New(Env{RuntimeDir: dir}, quiet()).List(t.Context())
			if err == nil || len(list) != 0 || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, %v, want %q", list, err, test.says)
			}
		})
	}
}

func TestHangingCompositor(t *testing.T) {
	dir := socktest.RuntimeDir(t)
	socktest.Listen(t, swaySocket(dir, 1)) // accepts by its backlog, answers nothing
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(Env{RuntimeDir: dir}, quiet()).List(ctx); api.CodeOf(err) != api.Cancelled {
		t.Errorf("cancelled: %v", err)
	}
}

func TestMain(m *testing.M) {
	// The tests name their own sockets.
	os.Unsetenv("SWAYSOCK")
	os.Unsetenv("HYPRLAND_INSTANCE_SIGNATURE")
	os.Exit(m.Run())
}

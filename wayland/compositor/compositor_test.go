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

// act does one thing to a window.
type act func(c *Client, ctx context.Context, id string) error

func moveTo(workspace string) act {
	return func(c *Client, ctx context.Context, id string) error { return c.MoveTo(ctx, id, workspace) }
}

func TestWhatSwayIsTold(t *testing.T) {
	for _, test := range []struct {
		rule string
		do   act
		id   string
		code api.Code
		sent []string
	}{
		{"a window", (*Client).Focus, "13", "", []string{"[con_id=13] focus"}},
		{"a window that is gone", (*Client).Focus, "99", api.NotFound, []string{"[con_id=99] focus"}},
		{"no id", (*Client).Focus, "", api.InvalidInput, nil},
		{"a command instead of an id", (*Client).Focus, "13] kill; exec rm", api.InvalidInput, nil},
		{"a sign", (*Client).Focus, "-13", api.InvalidInput, nil},
		{"an id of hyprland", (*Client).Focus, "0x55", api.InvalidInput, nil},
		{"too long", (*Client).Focus, strings.Repeat("1", 21), api.InvalidInput, nil},
		{"close", (*Client).Close, "13", "", []string{"[con_id=13] kill"}},
		{"close a window that is gone", (*Client).Close, "99", api.NotFound, []string{"[con_id=99] kill"}},
		{"close a command", (*Client).Close, "13] focus", api.InvalidInput, nil},
		{"move", moveTo("2: a b"), "13", "", []string{`[con_id=13] move --no-auto-back-and-forth container to workspace "2: a b"`}},
		{"hide", moveTo("scratchpad"), "13", "", []string{"[con_id=13] move scratchpad"}},
		{"move out of the quotes", moveTo(`x"; exec rm; "`), "13", api.InvalidInput, nil},
		{"move a command", moveTo("2"), "13] kill", api.InvalidInput, nil},
	} {
		t.Run(test.rule, func(t *testing.T) {
			dir := socktest.RuntimeDir(t)
			s := startSway(t, swaySocket(dir, 1))
			err := test.do(New(t.Context(), Env{RuntimeDir: dir}, quiet()), t.Context(), test.id)
			if api.CodeOf(err) != test.code {
				t.Errorf("error %v, want code %q", err, test.code)
			}
			if !slices.Equal(s.commands, test.sent) {
				t.Errorf("sway was told %q, want %q", s.commands, test.sent)
			}
		})
	}
}

// TestWhatHyprlandIsTold in both languages: after the list, which alone says that a window is gone.
func TestWhatHyprlandIsTold(t *testing.T) {
	const (
		id         = "0x55d0c8b11110"
		lua, words = `dispatch hl.dsp.focus({ window = "address:0x55d0c8b11110" })`, "dispatch focuswindow address:0x55d0c8b11110"
		luaClose   = `dispatch hl.dsp.window.close({ window = "address:0x55d0c8b11110" })`
		wordsClose = "dispatch closewindow address:0x55d0c8b11110"
	)
	luaMove := func(workspace string) string {
		return `dispatch hl.dsp.window.move({ workspace = "` + workspace + `", follow = false, window = "address:0x55d0c8b11110" })`
	}
	for _, test := range []struct {
		rule string
		ok   string // the request that is answered so
		do   act
		id   string
		code api.Code
		sent []string // after the list
	}{
		{"a configuration in Lua", lua, (*Client).Focus, id, "", []string{lua}},
		{"one in the old language", words, (*Client).Focus, id, "", []string{lua, words}},
		{"refused", "", (*Client).Focus, id, api.Failed, []string{lua, words}},
		{"a window that is gone", "", (*Client).Focus, "0x1", api.NotFound, []string{}},
		{"a program instead of an id", "", (*Client).Focus, `0x1" }) os.exit() --`, api.InvalidInput, nil},
		{"an id of sway", "", (*Client).Focus, "13", api.InvalidInput, nil},
		{"close", luaClose, (*Client).Close, id, "", []string{luaClose}},
		{"close in the old language", wordsClose, (*Client).Close, id, "", []string{luaClose, wordsClose}},
		{"close a window that is gone", luaClose, (*Client).Close, "0x1", api.NotFound, []string{}},
		{"move to a number", luaMove("3"), moveTo("3"), id, "", []string{luaMove("3")}},
		{"move to a name", luaMove("name:a b"), moveTo("a b"), id, "", []string{luaMove("name:a b")}},
		{"move to a name like a direction", luaMove("name:+1"), moveTo("+1"), id, "", []string{luaMove("name:+1")}},
		{"move to a special workspace", luaMove("special:x"), moveTo("special:x"), id, "", []string{luaMove("special:x")}},
		{
			"move in the old language", "dispatch movetoworkspacesilent name:web,address:" + id, moveTo("web"), id, "",
			[]string{luaMove("name:web"), "dispatch movetoworkspacesilent name:web,address:" + id},
		},
		{"move to a program", "", moveTo(`x" }) os.exit() --`), id, api.InvalidInput, nil},
		{"move to more words", "", moveTo(`1,address:0x2`), id, api.InvalidInput, nil},
	} {
		t.Run(test.rule, func(t *testing.T) {
			dir := socktest.RuntimeDir(t)
			h := startHyprland(t, dir, "abc_1_2", map[string]string{hyprlandState: string(golden(t, "hyprland-state.txt")), test.ok: "ok"})
			err := test.do(New(t.Context(), Env{RuntimeDir: dir}, quiet()), t.Context(), test.id)
			if api.CodeOf(err) != test.code {
				t.Errorf("error %v, want code %q", err, test.code)
			}
			h.mu.Lock()
			defer h.mu.Unlock()
			want := test.sent
			if want != nil {
				want = append([]string{hyprlandState}, want...)
			}
			if !slices.Equal(h.requests, want) {
				t.Errorf("hyprland was told %q, want %q", h.requests, want)
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
			startDisplay(t, filepath.Join(dir, "wayland-0"), func() {})
			return Env{RuntimeDir: dir}
		}, "", "this compositor tells nobody its windows"},
		{"sway, which listens on its display first", func(t *testing.T, dir string) Env {
			startDisplay(t, filepath.Join(dir, "wayland-0"), func() { startSway(t, swaySocket(dir, 1)) })
			return Env{RuntimeDir: dir}
		}, "sway", ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			c := New(t.Context(), test.arrange(t, socktest.RuntimeDir(t)), quiet())
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
	c := New(t.Context(), Env{RuntimeDir: dir}, quiet())
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
			list, err := New(t.Context(), Env{RuntimeDir: dir}, quiet()).List(t.Context())
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
	if _, err := New(t.Context(), Env{RuntimeDir: dir}, quiet()).List(ctx); api.CodeOf(err) != api.Cancelled {
		t.Errorf("cancelled: %v", err)
	}
}

func TestMain(m *testing.M) {
	// The tests name their own sockets.
	os.Unsetenv("SWAYSOCK")
	os.Unsetenv("HYPRLAND_INSTANCE_SIGNATURE")
	os.Exit(m.Run())
}

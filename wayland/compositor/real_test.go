package compositor

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/socktest"
	"nerva/wayland/internal/swaytest"
)

// The tests here are on a real sway: by its IPC, by the protocols that other compositors have as well, and by the
// protocol that only lists.
var realBackends = []string{"sway", "wayland", "list only"}

// realSway starts one, of which a client with the Env sees what the backend is about.
func realSway(t *testing.T, backend string) (*swaytest.Sway, Env) {
	t.Helper()
	dir := socktest.RuntimeDir(t)
	setup := swaytest.Setup{Outputs: 1}
	if backend != "sway" {
		setup.Socket = filepath.Join(socktest.RuntimeDir(t), "ipc") // out of sight
		t.Setenv("XDG_RUNTIME_DIR", dir)
	}
	if backend == "list only" {
		name := wlrManager.Name
		wlrManager.Name = "none"
		t.Cleanup(func() { wlrManager.Name = name })
	}
	return swaytest.Start(t, setup), Env{RuntimeDir: dir}
}

// await returns the first list that is as wanted.
func await(t *testing.T, lists <-chan []desk.Window, what string, wanted func([]desk.Window) bool) []desk.Window {
	t.Helper()
	limit := time.After(time.Minute)
	var last []desk.Window
	for {
		select {
		case last = <-lists:
			if wanted(last) {
				return last
			}
		case <-limit:
			t.Fatalf("waited for %s; the windows are %+v", what, last)
		}
	}
}

func of(list []desk.Window, appID string) *desk.Window {
	i := slices.IndexFunc(list, func(w desk.Window) bool { return w.AppID == appID && w.Title != "" })
	if i < 0 {
		return &desk.Window{}
	}
	return &list[i]
}

func has(appIDs ...string) func([]desk.Window) bool {
	return func(list []desk.Window) bool {
		return len(list) == len(appIDs) && !slices.ContainsFunc(appIDs, func(id string) bool { return of(list, id).ID == "" })
	}
}

func TestARealCompositorsWindows(t *testing.T) {
	for _, backend := range realBackends {
		t.Run(backend, func(t *testing.T) {
			s, env := realSway(t, backend)
			c := New(t.Context(), env, quiet())
			if got, want := c.Compositor(), strings.ReplaceAll(backend, "list only", "wayland"); got != want {
				t.Fatalf("compositor %q, want %q", got, want)
			}
			lists := watch(t, c)
			s.Foot("one", `First "window" <1>`)
			await(t, lists, "the first window", has("one"))
			s.Foot("two", "second")
			list := await(t, lists, "the second window", func(l []desk.Window) bool {
				return has("one", "two")(l) && (backend == "list only" || of(l, "two").Focused && l[0].AppID == "two")
			})
			one, two := of(list, "one"), of(list, "two")
			if one.Title != `First "window" <1>` || one.Focused || one.ID == two.ID {
				t.Errorf("the windows are %+v", list)
			}
			if backend == "wayland" && one.Output != "HEADLESS-1" {
				t.Errorf("the output is %q", one.Output)
			}
			var code api.Code
			if backend == "list only" {
				code = api.Unavailable
			}
			if err := c.Focus(t.Context(), one.ID); api.CodeOf(err) != code {
				t.Errorf("focus: %v", err)
			}
			if code == "" {
				await(t, lists, "the focus", func(l []desk.Window) bool { return l[0].ID == one.ID && l[0].Focused && !l[1].Focused })
			}
			if err := c.Close(t.Context(), two.ID); api.CodeOf(err) != code {
				t.Errorf("close: %v", err)
			}
			if code == "" {
				await(t, lists, "the end of the closed window", has("one"))
				for what, do := range map[string]func() error{
					"focus": func() error { return c.Focus(t.Context(), two.ID) },
					"close": func() error { return c.Close(t.Context(), two.ID) },
				} {
					if err := do(); api.CodeOf(err) != api.NotFound {
						t.Errorf("%s of a closed window: %v", what, err)
					}
				}
			}
			list, err := c.List(t.Context())
			if err != nil || of(list, "one").ID != one.ID {
				t.Errorf("asked, the windows are %+v, %v", list, err)
			}
		})
	}
}

// TestARealWindowMoves: any name that is let through is the workspace's, and nothing more.
func TestARealWindowMoves(t *testing.T) {
	s, env := realSway(t, "sway")
	c := New(t.Context(), env, quiet())
	lists := watch(t, c)
	s.Foot("one", "first")
	id := await(t, lists, "the window", has("one"))[0].ID
	for _, name := range []string{"7", "3: web", "[app_id=one] kill", "a  b) && (c) | {d} > e # ~ é 🌐", "--no-auto-back-and-forth", "scratchpad"} {
		if err := c.MoveTo(t.Context(), id, name); err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		await(t, lists, "workspace "+name, func(l []desk.Window) bool { return len(l) == 1 && l[0].Workspace == name })
	}
	for _, name := range []string{
		"", " ", "next", "PREV_on_output", "current", "number", "__i3_scratch", `a"; kill; "`, "a'b", `a\`, "$x", "a; kill", "a, kill", "a\nkill",
		"a\u202eb", "a\xff", strings.Repeat("x", 81),
	} {
		if err := c.MoveTo(t.Context(), id, name); api.CodeOf(err) != api.InvalidInput {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := c.MoveTo(t.Context(), "999999", "7"); api.CodeOf(err) != api.NotFound {
		t.Errorf("no window: %v", err)
	}
	if list, err := c.List(t.Context()); err != nil || len(list) != 1 || list[0].Workspace != "scratchpad" {
		t.Errorf("in the end: %+v, %v", list, err)
	}
}

// TestOutputsComeAndGo under a connection that stays.
func TestOutputsComeAndGo(t *testing.T) {
	s, env := realSway(t, "wayland")
	c := New(t.Context(), env, quiet())
	lists := watch(t, c)
	s.Foot("one", "first")
	id := await(t, lists, "the window", has("one"))[0].ID
	on := func(name string) func([]desk.Window) bool {
		return func(l []desk.Window) bool { return len(l) == 1 && l[0].ID == id && l[0].Output == name }
	}
	s.Command("create_output")
	s.Command("[app_id=one] move container to output HEADLESS-2")
	await(t, lists, "the second output", on("HEADLESS-2"))
	s.Command("output HEADLESS-2 unplug")
	await(t, lists, "the first output", on("HEADLESS-1"))
	if err := c.MoveTo(t.Context(), id, "7"); api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "its own keys") {
		t.Errorf("move: %v", err)
	}
	if _, _, err := c.Place(t.Context(), id); api.CodeOf(err) != api.Unavailable {
		t.Errorf("place: %v", err)
	}
}

// TestWatchOutlivesACrash: the compositor is killed, and comes back under another display.
func TestWatchOutlivesACrash(t *testing.T) {
	for _, backend := range realBackends {
		t.Run(backend, func(t *testing.T) {
			s, env := realSway(t, backend)
			env.Display = s.Display // as the daemon's environment has it ever after
			c := New(t.Context(), env, quiet())
			lists := watch(t, c)
			s.Foot("before", "before")
			before := await(t, lists, "a window", has("before"))[0].ID
			s.Kill()
			await(t, lists, "the end", has())
			s.Occupy()
			setup := swaytest.Setup{Outputs: 1}
			if backend != "sway" {
				setup.Socket = s.Socket + "-again"
			}
			again := swaytest.Start(t, setup)
			if again.Display == s.Display {
				t.Fatal("it has the same display")
			}
			again.Foot("after", "after")
			after := await(t, lists, "a window of the new one", has("after"))[0].ID
			if backend != "sway" && after == before {
				t.Errorf("id %s means another window", after)
			}
			if list, err := c.List(t.Context()); err != nil || !has("after")(list) {
				t.Errorf("List: %+v, %v", list, err)
			}
		})
	}
}

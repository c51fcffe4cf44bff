package compositor

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nerva/core/desk"
)

func golden(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSwayTree(t *testing.T) {
	got, err := parseTree(golden(t, "sway-tree.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := []window{
		// The focused window first, then by each container's own list, the scratchpad last.
		{
			desk.Window{ID: "13", AppID: "org.gnome.Calculator", Title: "Calculator", PID: 4013, Workspace: "3", Output: "HEADLESS-2", Focused: true},
			desk.Region{X: 2200, Y: 100, Width: 400, Height: 500},
			true,
		},
		{
			desk.Window{ID: "9", AppID: "foot", Title: `vim "a\b"`, PID: 4009, Workspace: "1", Output: "HEADLESS-1"},
			desk.Region{X: 962, Y: 563, Width: 956, Height: 515},
			true,
		},
		{
			desk.Window{ID: "8", AppID: "XTerm", Title: "root@host: /", PID: 4008, Workspace: "1", Output: "HEADLESS-1"},
			desk.Region{X: 962, Y: 23, Width: 956, Height: 515},
			true,
		},
		{
			desk.Window{ID: "7", AppID: "foot", Title: "~", PID: 4007, Workspace: "1", Output: "HEADLESS-1"},
			desk.Region{X: 2, Y: 23, Width: 956, Height: 1055},
			true,
		},
		{
			desk.Window{ID: "11", AppID: "firefox", PID: 4011, Workspace: "2: web", Output: "HEADLESS-1"},
			desk.Region{Width: 1920, Height: 1080},
			false,
		},
		{
			desk.Window{ID: "14", AppID: "org.gnome.TextEditor", Title: "notes — scratch", PID: 4014, Workspace: "scratchpad"},
			desk.Region{X: 602, Y: 302, Width: 796, Height: 496},
			false,
		},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(window{})); diff != "" {
		t.Errorf("windows (-want +got):\n%s", diff)
	}
}

// TestSwayTreeAsRecorded parses what sway 1.10 said: a floating terminal, and one on a hidden workspace.
func TestSwayTreeAsRecorded(t *testing.T) {
	got, err := parseTree(golden(t, "sway-1.10-tree.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := []window{
		{
			desk.Window{ID: "9", AppID: "two", Title: "foot", PID: 28844, Workspace: "1", Output: "HEADLESS-1", Focused: true},
			desk.Region{X: 292, Y: 153, Width: 696, Height: 494},
			true,
		},
		{
			desk.Window{ID: "8", AppID: "one", Title: `First "x"`, PID: 28842, Workspace: "2", Output: "HEADLESS-1"},
			desk.Region{X: 2, Y: 25, Width: 1276, Height: 773},
			false,
		},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(window{})); diff != "" {
		t.Errorf("windows (-want +got):\n%s", diff)
	}
}

func TestSwayFocusBehindLayerSurface(t *testing.T) {
	tree := string(golden(t, "sway-tree.json"))
	for _, test := range []struct{ rule, tree, focused string }{
		{"a window has it", tree, "13"},
		{"a layer surface has it", strings.Replace(tree, `"focused": true`, `"focused": false`, 1), "13 behind"},
		{"an empty workspace has it", `{"type": "root", "focus": [1], "nodes": [{"id": 1, "type": "output", "focus": [2, 3], "nodes": [
			{"id": 2, "type": "workspace", "focused": true}, {"id": 3, "type": "workspace", "focus": [4], "nodes": [{"id": 4, "type": "con", "pid": 9}]}]}]}`, ""},
		{"a layer surface over an empty workspace has it", `{"type": "root", "focus": [1], "nodes": [{"id": 1, "type": "output", "focus": [2, 3], "nodes": [
			{"id": 2, "type": "workspace"}, {"id": 3, "type": "workspace", "focus": [4], "nodes": [{"id": 4, "type": "con", "pid": 9}]}]}]}`, ""},
	} {
		list, err := parseTree([]byte(test.tree))
		if err != nil || len(list) == 0 {
			t.Fatalf("%s: %v, %v", test.rule, list, err)
		}
		focused := ""
		for _, w := range list {
			if w.Focused {
				focused += w.ID
				if w.Behind {
					focused += " behind"
				}
			}
		}
		if focused != test.focused {
			t.Errorf("%s: focused %q, want %q", test.rule, focused, test.focused)
		}
	}
}

func TestHyprlandState(t *testing.T) {
	got, err := parseClients(string(golden(t, "hyprland-state.txt")))
	if err != nil {
		t.Fatal(err)
	}
	want := []window{
		{
			desk.Window{ID: "0x55d0c8b11110", AppID: "XTerm", Title: "root@host: /", PID: 5002, Workspace: "1", Output: "DP-1", Focused: true},
			desk.Region{X: 970, Y: 52, Width: 938, Height: 1016},
			true,
		},
		{
			desk.Window{ID: "0x55d0c8a0b1c0", AppID: "foot", Title: `vim "a\b"`, PID: 5001, Workspace: "1", Output: "DP-1"},
			desk.Region{X: 12, Y: 52, Width: 948, Height: 1016},
			true,
		},
		{
			desk.Window{ID: "0x55d0c8b33330", AppID: "foot", Title: "behind in the group", PID: 5004, Workspace: "1", Output: "DP-1"},
			desk.Region{X: 12, Y: 52, Width: 948, Height: 1016},
			false,
		},
		{
			desk.Window{ID: "0x55d0c8b55550", AppID: "org.gnome.TextEditor", Title: "notes", PID: 5006, Workspace: "special:notes", Output: "DP-1"},
			desk.Region{X: 100, Y: 100, Width: 600, Height: 400},
			true,
		},
		// Never focused: last, whatever the number says.
		{
			desk.Window{ID: "0x55d0c8b22220", AppID: "firefox", PID: 5003, Workspace: "web", Output: "HDMI-A-1"},
			desk.Region{X: 1920, Width: 1280, Height: 720},
			false,
		},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(window{})); diff != "" {
		t.Errorf("windows (-want +got):\n%s", diff)
	}
}

func TestHyprlandWithoutWindows(t *testing.T) {
	got, err := parseClients("[]\n\n\n[]\n\n\n{}")
	if err != nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

func FuzzSwayTree(f *testing.F) {
	f.Add(golden(f, "sway-tree.json"))
	f.Add([]byte(`{"type":"con","pid":1,"focus":[1,1],"nodes":[{"id":1},{"id":1}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := parseTree(b)
		if err != nil && list != nil {
			t.Error("a list beside an error")
		}
		for _, w := range list {
			if w.PID == 0 {
				t.Errorf("%+v is no window", w)
			}
		}
	})
}

func FuzzHyprlandState(f *testing.F) {
	f.Add(string(golden(f, "hyprland-state.txt")))
	f.Add("[]\n\n\n[]\n\n\n{}")
	f.Fuzz(func(t *testing.T, reply string) {
		if list, err := parseClients(reply); err != nil && list != nil {
			t.Error("a list beside an error")
		}
	})
}

func FuzzSwayMessage(f *testing.F) {
	f.Add([]byte("i3-ipc\x02\x00\x00\x00\x04\x00\x00\x00{}i3-ipc"))
	f.Add([]byte("i3-ipc\xff\xff\xff\xff\x04\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, payload, err := readMessage(bytes.NewReader(b))
		if err == nil && !bytes.HasPrefix(b[len(swayMagic)+8:], payload) {
			t.Errorf("%q holds no %q", b, payload)
		}
		_ = commandReply("1", "focus", b) // must not panic
	})
}

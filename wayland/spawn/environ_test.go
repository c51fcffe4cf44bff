package spawn

import (
	"net"
	"os"
	"path/filepath"
	"testing"
)

// The compositor may have started after us, or again.
func TestDisplayThatRuns(t *testing.T) {
	dir, err := os.MkdirTemp("", "run") // t.TempDir may be too long for a socket's name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("WAYLAND_DISPLAY", "")
	if got, ok := environment([]string{"WAYLAND_DISPLAY=dead"}, nil)["WAYLAND_DISPLAY"]; !ok || got != "dead" {
		t.Errorf("with none running: %q", got)
	}
	for _, name := range []string{"wayland-7", "other"} {
		l, err := net.Listen("unix", filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
	}
	for own, want := range map[string]string{
		"A=":                                  "wayland-7",
		"WAYLAND_DISPLAY=dead":                "wayland-7",
		"WAYLAND_DISPLAY=other":               "other",
		"WAYLAND_DISPLAY=" + dir + "/other":   dir + "/other",
		"WAYLAND_DISPLAY=/nonexistent/socket": "wayland-7",
	} {
		if got := environment([]string{own}, nil)["WAYLAND_DISPLAY"]; got != want {
			t.Errorf("%s: got %q, want %q", own, got, want)
		}
	}
}

// The manager's PATH counts for a service that was started with a shorter one.
func TestLookPath(t *testing.T) {
	dir := t.TempDir()
	tool := filepath.Join(dir, "tool")
	if err := os.WriteFile(tool, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	e := environ{"PATH": ".:/nonexistent:" + dir}
	for program, want := range map[string]string{"tool": tool, tool: tool, "other": "", dir + "/other": "", "": ""} {
		got, err := e.lookPath(program)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v", program, got, err)
		}
	}
}

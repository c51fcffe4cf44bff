package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"nerva/test/program"
)

// TestNervadOutlivesItsCompositor: a compositor is killed, and comes back under another display. What nervad is told
// of it by its environment is out of date then.
func TestNervadOutlivesItsCompositor(t *testing.T) {
	for _, kind := range []string{"sway", "wayland"} {
		t.Run(kind, func(t *testing.T) {
			s := start(t, offline)
			dir, err := os.MkdirTemp("", "run") // t.TempDir may be too long for a socket's name
			s.must(err)
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			s.env = append(s.env, "XDG_RUNTIME_DIR="+dir, "WAYLAND_DISPLAY=wayland-1", "SWAYSOCK="+filepath.Join(dir, "none"))
			first := s.compositor(kind, dir, "zebra")
			s.nervad()
			s.eventually("the window is found", func() bool { return s.found("zebra") })
			first.Kill()
			s.eventually("the window is gone", func() bool { return !s.found("zebra") })

			lock, err := os.OpenFile(filepath.Join(dir, "wayland-1.lock"), os.O_RDWR, 0)
			s.must(err)
			t.Cleanup(func() { _ = lock.Close() })
			s.must(syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)) // the display's name is taken
			s.compositor(kind, dir, "quagga")
			s.eventually("the new window is found", func() bool { return s.found("quagga") && !s.found("zebra") })
			if out := s.output("nerva", "exec", "list_windows"); strings.Count(out, `"id"`) != 1 || !strings.Contains(out, "quagga") {
				t.Errorf("the windows are %s", out)
			}
			if out := s.output("nerva", "status", "--json"); !strings.Contains(out, `"`+kind+`"`) {
				t.Errorf("the status is %s", out)
			}
		})
	}
}

// compositor starts a sway in a runtime folder, with one window. Of kind wayland its own socket is out of sight.
func (s *session) compositor(kind, dir, title string) *program.Program {
	s.Helper()
	config := filepath.Join(s.TempDir(), "sway")
	s.write(config, "xwayland disable\nexec foot --title "+title+" sleep 600\n")
	argv := []string{"-u", "SWAYSOCK", "WLR_BACKENDS=headless", "WLR_LIBINPUT_NO_DEVICES=1", "WLR_RENDERER=pixman", "WLR_HEADLESS_OUTPUTS=1"}
	if kind != "sway" {
		argv = append(argv, "SWAYSOCK="+filepath.Join(dir, title))
	}
	return s.program("env", append(argv, "sway", "-c", config)...)
}

// found says whether a window of the title is among the results.
func (s *session) found(title string) bool {
	s.Helper()
	return strings.Contains(s.output("nerva", "search", title, "--json"), `"window:`)
}

package clipboard

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/socktest"
)

var _ desk.Clipboard = Clipboard{}

func TestSetText(t *testing.T) {
	for _, test := range []struct{ rule, text, want string }{
		{"text", "a $(b)\n--clear\x00c", "--type text/plain\na $(b)\n--clear\x00c"},
		{"the empty text clears", "", "--clear\n"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			socktest.Display(t)
			dir := t.TempDir()
			got := filepath.Join(dir, "got")
			script := "#!/bin/sh\n{ echo \"$@\"; cat; } >" + got + "\n"
			if err := os.WriteFile(filepath.Join(dir, "wl-copy"), []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
			if err := New().SetText(t.Context(), test.text); err != nil {
				t.Fatal(err)
			}
			if b, err := os.ReadFile(got); err != nil || string(b) != test.want {
				t.Errorf("wl-copy got %q, %v, want %q", b, err, test.want)
			}
		})
	}
}

func TestSetTextFails(t *testing.T) {
	t.Run("no display", func(t *testing.T) {
		socktest.RuntimeDir(t)
		mustSay(t, "no Wayland display is running")
	})
	t.Run("no wl-copy", func(t *testing.T) {
		socktest.Display(t)
		t.Setenv("PATH", t.TempDir())
		mustSay(t, "install the package wl-clipboard")
	})
}

func mustSay(t *testing.T, what string) {
	t.Helper()
	if err := New().SetText(t.Context(), "x"); api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), what) {
		t.Errorf("error %v, want %q", err, what)
	}
}

package input

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"nerva/core/desk"
)

// gtkEntry is a window with a text view that prints, as a line of JSON, all its text whenever that changes.
const gtkEntry = `
import json, gi
gi.require_version("Gtk", "4.0")
from gi.repository import GLib, Gtk
GLib.set_prgname("entry")
Gtk.init()
window, view = Gtk.Window(title="entry"), Gtk.TextView(accepts_tab=True)
buffer = view.get_buffer()
buffer.connect("changed", lambda b: print(json.dumps(b.get_text(b.get_start_iter(), b.get_end_iter(), True)), flush=True))
window.set_child(view)
window.present()
GLib.MainLoop().run()
`

// TestGTKTakesItExactly: a second judge, with input methods and compose sequences in between.
func TestGTKTakesItExactly(t *testing.T) {
	if exec.Command("python3", "-c", `import gi; gi.require_version("Gtk", "4.0"); from gi.repository import Gtk`).Run() != nil {
		t.Skip("python3 has no GTK 4; run by dev/enter")
	}
	s := newSession(t, 1, "")
	u := s.newTypist(t, "de")
	c := exec.Command("python3", "-c", gtkEntry)
	c.Env = append(os.Environ(), "WAYLAND_DISPLAY="+s.Display, "GDK_BACKEND=wayland", "GSK_RENDERER=cairo", "GTK_A11Y=none")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait() // it was killed
	})
	s.awaitFocus(t, "entry")
	text := string([]rune(mixed())[:700])
	if _, err := s.input.Type(t.Context(), desk.Typing{Text: text}); err != nil {
		t.Fatal(err)
	}
	u.press(t, 2) // 1: the end of what came
	_ = out.(*os.File).SetReadDeadline(time.Now().Add(20 * time.Second))
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	var got string
	for !strings.HasSuffix(got, "1") || len(got) < len(text) {
		if !lines.Scan() {
			t.Fatalf("it ended: %v", lines.Err())
		}
		if err := json.Unmarshal(lines.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
	}
	want := []rune(text + "1")
	for i, r := range []rune(got) {
		if i >= len(want) || want[i] != r {
			t.Fatalf("character %d is %q", i, string([]rune(got)[i:min(i+20, len([]rune(got)))]))
		}
	}
}

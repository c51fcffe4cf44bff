package atspi_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/atspi"
	"nerva/wayland/compositor"
	"nerva/wayland/sessionbus"
)

// The tests here have real windows in a real desktop: `make test` runs them by dev/desktop.

// window is a program of testdata.
type window struct {
	*testing.T
	in    io.Writer
	lines <-chan string
}

// patience bounds a wait for what a program has to say; it says it at once.
const patience = 10 * time.Second

func open(t *testing.T, script, appID string, env ...string) (*window, *atspi.Tree, desk.Window) {
	t.Helper()
	if os.Getenv("NERVA_DESKTOP") == "" {
		t.Skip("no private desktop: `make test` runs this by dev/desktop")
	}
	cmd := exec.Command("python3", "testdata/"+script)
	cmd.Env, cmd.Stderr = append(os.Environ(), env...), t.Output()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 1000)
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
	}()
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		<-read
		_ = cmd.Wait() // "signal: killed"
	})
	w := &window{t, in, lines}
	if line := w.line(); line != "ready" {
		t.Fatalf("%s says %q", script, line)
	}
	windows := compositor.New(t.Context(), compositor.Environ(), slog.New(slog.DiscardHandler))
	return w, newTree(t, windows), w.shown(windows, appID)
}

func (w *window) line() string {
	w.Helper()
	select {
	case line, open := <-w.lines:
		if !open {
			w.Fatal("the window has ended")
		}
		return line
	case <-time.After(patience):
		return "nothing"
	}
}

// shown waits until the compositor has the window.
func (w *window) shown(windows desk.Windows, appID string) (shown desk.Window) {
	w.Helper()
	ctx, stop := context.WithTimeout(w.Context(), patience)
	defer stop()
	_ = windows.Watch(ctx, func(list []desk.Window) { // its error is ctx's
		for _, window := range list {
			if window.AppID == appID {
				shown = window
				stop()
			}
		}
	})
	if shown.ID == "" {
		w.Fatalf("no window of %s is shown", appID)
	}
	return shown
}

// said gives all that happened by now, after a first thing if there is one to wait for.
func (w *window) said(first bool) string {
	w.Helper()
	var all []string
	if first {
		all = append(all, w.line())
	}
	const mark = "is that all?"
	if _, err := io.WriteString(w.in, mark+"\n"); err != nil {
		w.Fatal(err)
	}
	for {
		line := w.line()
		if line == mark || line == "nothing" {
			return strings.Join(all, ", ")
		}
		all = append(all, line)
	}
}

func newTree(t *testing.T, windows atspi.Windows) *atspi.Tree {
	bus := sessionbus.New(t.Context())
	return atspi.New(bus.Conn, sessionbus.NewAccessible(t.Context(), bus).Conn, windows)
}

// use is one control, how it must be activated, or what is written into it (via "value"), and what the window says then.
type use struct{ name, roles, via, says string }

// value is what is written, as the end of what the window says.
func (u use) value() string {
	words := strings.Split(u.says, " ")
	return strings.Trim(words[len(words)-1], "'")
}

// useAll finds each control by its name and role in the window, activates it, and sees in the window's own words that it was
// this one, and nothing else.
func (w *window) useAll(tree *atspi.Tree, shown desk.Window, uses []use) {
	w.Helper()
	for _, u := range uses {
		list, _, err := tree.Controls(w.Context(), desk.ControlQuery{Window: shown.ID})
		if err != nil {
			w.Fatal(err)
		}
		var found []desk.Control
		for _, c := range list {
			if c.Name == u.name && strings.Contains(u.roles, string(c.Role)) {
				found = append(found, c)
			}
		}
		if len(found) != 1 {
			w.Errorf("%s, %s: %d are there", u.name, u.roles, len(found))
			continue
		}
		via := "value"
		if u.via == via {
			err = tree.Write(w.Context(), found[0], u.value(), true)
		} else {
			via, err = tree.Activate(w.Context(), found[0])
		}
		if err != nil || via != u.via {
			w.Errorf("%+v: by %q, %v", found[0], via, err)
			continue
		}
		if says := w.said(true); says != u.says {
			w.Errorf("%s: the window says %q, want %q", u.name, says, u.says)
		}
	}
}

func TestDesktopTwentyControlsOfGTK(t *testing.T) {
	w, tree, shown := open(t, "gtk.py", "org.nerva.GtkControls")
	w.useAll(tree, shown, []use{
		{"Save", "button", "action", "Save: pressed"},
		{"Undo", "button", "action", "Undo: pressed"},
		{"Bold", "toggle button", "action", "Bold: True"},
		{"Right", "toggle button, radio button", "action", "Right: True"},
		{"Wireless", "check box, switch", "action", "Wireless: True"},
		{"Second tab", "page tab", "selection", "Second tab: shown"},
		{"History", "page tab, toggle button", "action", "History: shown"},
		{"Bravo", "list item", "selection", "Bravo: selected"},
		{"Echo", "list item", "selection", "Echo: selected"},
		{"Copies", "spin button", "value", "Copies: 7"},
		{"Volume", "slider", "value", "Volume: 4.0"},
		{"Full name", "text", "value", "Full name: has Zoë€😀"},
		{"Secret", "password text", "value", "Secret: has , Secret: has pässword"},
		{"Website", "link", "action", "Website: opened"},
		{"Details", "button", "action", "Details: True"},
		{"Find", "entry", "value", "Find: has x"},
		{"Notes", "text", "value", "Notes: has 'note'"},
		{"Tools", "toggle button", "action", "Tools: True"},
		{"Reload", "menu item", "action", "Tools: False, Reload: chosen"},
		{"Country", "combo box", "action", "Country: True"},
	})
}

func TestDesktopTwentyControlsOfQt(t *testing.T) {
	w, tree, shown := open(t, "qt.py", "org.nerva.QtControls", "QT_QPA_PLATFORM=wayland")
	w.useAll(tree, shown, []use{
		{"Save", "button", "action", "Save: pressed"},
		{"Undo", "button", "action", "Undo: pressed"},
		{"Bold", "check box", "action", "Bold: True"},
		{"Remember", "check box", "action", "Remember: True"},
		{"Small", "radio button", "action", "Small: True"},
		{"Second tab", "page tab", "action", "Second tab: shown"},
		{"Bravo", "list item", "action", "Bravo: selected"},
		{"Echo", "table cell", "action", "Echo: selected"},
		{"Copies", "spin button", "focus", "Copies: focused"},
		{"Volume", "slider", "focus", "Volume: focused"},
		{"Balance", "dial", "focus", "Balance: focused"},
		{"Full name", "text", "focus", "Full name: focused"},
		{"Secret", "password text", "focus", "Secret: focused"},
		{"Advanced", "check box", "action", "Advanced: False"},
		{"More", "button", "action", "More: pressed"},
		{"Birthday", "spin button, date editor", "focus", "Birthday: focused"},
		{"Notes", "text", "focus", "Notes: focused"},
		{"Tools", "menu item", "action", "Tools: True"},
		{"Reload", "menu item", "action", "Reload: chosen"},
		{"Country", "combo box", "action", "Country: True"},
	})
}

// byName gives the one control that has it.
func (w *window) byName(tree *atspi.Tree, shown desk.Window, name string, role desk.ControlRole) desk.Control {
	w.Helper()
	list, _, err := tree.Controls(w.Context(), desk.ControlQuery{Window: shown.ID, Name: name, Role: role})
	if err != nil || len(list) != 1 {
		w.Fatalf("%s: %+v, %v", name, list, err)
	}
	return list[0]
}

// TestDesktopWhatCannotBeUsedSaysSo: GTK 4 has neither an action for check boxes nor a way to give them the focus, and nothing
// else must be pressed in their place.
func TestDesktopWhatCannotBeUsedSaysSo(t *testing.T) {
	gtk, tree, shown := open(t, "gtk.py", "org.nerva.GtkControls")
	for name, test := range map[string]struct {
		role desk.ControlRole
		says string
	}{
		"Remember": {"check box", "offers no way to press"}, "Small": {"radio button", "offers no way to press"},
		"Locked": {"button", "greyed out"}, "Full name": {"text", "give the value"},
	} {
		if _, err := tree.Activate(t.Context(), gtk.byName(tree, shown, name, test.role)); api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if list, _, err := tree.Controls(t.Context(), desk.ControlQuery{Window: shown.ID, Name: "Hidden"}); err != nil || len(list) > 0 {
		t.Errorf("what is hidden is listed: %+v, %v", list, err)
	}
	if says := gtk.said(false); says != "" {
		t.Errorf("the window says %q", says)
	}
}

// TestDesktopTextGoesInAtTheCaret: two toolkits that count differently, and neither changes a letter.
func TestDesktopTextGoesInAtTheCaret(t *testing.T) {
	for script, test := range map[string]struct{ appID, env string }{
		"gtk.py": {"org.nerva.GtkControls", "GDK_BACKEND=wayland"}, "qt.py": {"org.nerva.QtControls", "QT_QPA_PLATFORM=wayland"},
	} {
		t.Run(script, func(t *testing.T) {
			w, tree, shown := open(t, script, test.appID, test.env)
			name := func() desk.Control { return w.byName(tree, shown, "Full name", "text") }
			for _, step := range []struct{ text, says string }{
				{"Zoë €", "Full name: has Zoë €"}, {" 😀ж", "Full name: has Zoë € 😀ж"}, {"x", "Full name: has Zoë € 😀жx"},
			} {
				if err := tree.Write(t.Context(), name(), step.text, false); err != nil {
					t.Fatal(err)
				}
				if says := w.said(true); says != step.says {
					t.Errorf("the window says %q, want %q", says, step.says)
				}
			}
			if c := name(); c.Value != "Zoë € 😀жx" {
				t.Errorf("it holds %q", c.Value)
			}
			if err := tree.Write(t.Context(), name(), "two\nlines", false); api.CodeOf(err) != api.InvalidInput {
				t.Errorf("two lines in one: %v", err)
			}
			for _, step := range []struct{ text, says string }{{"two\n\tli", `Notes: has 'two\n\tli'`}, {"nes", `Notes: has 'two\n\tlines'`}} {
				if err := tree.Write(t.Context(), w.byName(tree, shown, "Notes", "text"), step.text, false); err != nil {
					t.Fatal(err)
				}
				if says := w.said(true); says != step.says {
					t.Errorf("the window says %q, want %q", says, step.says)
				}
			}
			secret := w.byName(tree, shown, "Secret", "password text")
			if secret.Value != "" {
				t.Errorf("a password is told: %q", secret.Value)
			}
			if err := tree.Write(t.Context(), secret, "ü", false); err != nil {
				t.Errorf("into a password: %v", err)
			}
			if says := w.said(true); !strings.HasPrefix(says, "Secret: has ") || !strings.Contains(says, "ü") {
				t.Errorf("the window says %q", says)
			}
			if err := tree.Write(t.Context(), w.byName(tree, shown, "Volume", "slider"), "1000", true); api.CodeOf(err) != api.Failed {
				t.Errorf("beyond the end of a slider: %v", err)
			}
		})
	}
}

func TestDesktopWhatHasTheFocus(t *testing.T) {
	w, tree, shown := open(t, "qt.py", "org.nerva.QtControls", "QT_QPA_PLATFORM=wayland")
	name := w.byName(tree, shown, "Full name", "text")
	if via, err := tree.Activate(t.Context(), name); err != nil || via != "focus" {
		t.Fatalf("by %s, %v", via, err)
	}
	if says := w.said(true); says != "Full name: focused" {
		t.Errorf("the window says %q", says)
	}
	if c, err := tree.Focused(t.Context(), shown.ID); err != nil || c.ID != name.ID {
		t.Errorf("%+v, %v", c, err)
	}
	for _, step := range []struct{ text, says string }{{"Zoë ", "Full name: has Zoë "}, {"😀", "Full name: has Zoë 😀"}} {
		if done, err := tree.Insert(t.Context(), shown.ID, step.text); err != nil || !done {
			t.Errorf("insert where the keyboard writes to: %v, %v", done, err)
		}
		if says := w.said(true); says != step.says {
			t.Errorf("the window says %q, want %q", says, step.says)
		}
	}
}

package shortcut

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestTheDocumentNamesEveryBinding(t *testing.T) {
	text, err := os.ReadFile("../../docs/shortcut.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "<!-- bindings -->\n")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Split(table, "\n")[2:]
	if len(rows) != len(Bindings) {
		t.Fatalf("%d rows, and %d bindings", len(rows), len(Bindings))
	}
	for i, b := range Bindings {
		row := strings.ReplaceAll(rows[i], "`", "")
		if !strings.Contains(row, "| "+b.Line+" |") || !strings.Contains(row, "| "+b.File+" |") || strings.Contains(row, "no process") != b.Direct {
			t.Errorf("%s is not %+v", row, b)
		}
	}
}

// TestEveryBindingHasItsLanguagesForm holds what no program here could check: each language has one pattern, from the
// source that Bindings names.
func TestEveryBindingHasItsLanguagesForm(t *testing.T) {
	forms := map[string]string{
		"Lua":             `^hl\.bind\("[A-Z]+( \+ [A-Z]+)*", hl\.dsp\.(exec_cmd|global)\("[^"]+"\)\)$`,
		"hyprlang":        `^bind = [A-Z ]+, [A-Z]+, (exec|global), \S+$`,
		"sway":            `^bindsym [A-Za-z0-9+]+ exec \S+$`,
		"KDL":             `^[A-Z][a-z]+(\+[A-Z][a-z]+)+ \{ spawn "[^"]+"; \}$`,
		"System Settings": `^a command nerva-ui with Meta\+Space$`,
		"Settings":        `^a command nerva-ui with Super\+Space$`,
	}
	for _, b := range Bindings {
		if !regexp.MustCompile(forms[b.Language]).MatchString(b.Line) || forms[b.Language] == "" {
			t.Errorf("%s: %s", b.Language, b.Line)
		}
		if direct := strings.Contains(b.Line, "org.nerva.Overlay1:"+ID); direct != b.Direct || direct == strings.Contains(b.Line, "nerva-ui") {
			t.Errorf("%s runs nerva-ui, or calls the overlay: %+v", b.Line, b)
		}
	}
}

func TestSwayTakesItsBinding(t *testing.T) {
	sway, err := exec.LookPath("sway")
	if err != nil {
		t.Skip("sway is not installed; run by dev/enter")
	}
	file := filepath.Join(t.TempDir(), "config")
	for line, right := range map[string]bool{Line("sway"): true, "bindsym Mod4+spaec exec nerva-ui": false} {
		if err := os.WriteFile(file, []byte(line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		c := exec.CommandContext(ctx, sway, "-C", "-c", file)
		c.Env = append(os.Environ(), "WLR_BACKENDS=headless", "WLR_RENDERER=pixman", "WLR_LIBINPUT_NO_DEVICES=1", "XDG_RUNTIME_DIR="+t.TempDir())
		out, err := c.CombinedOutput()
		cancel()
		if (err == nil) != right {
			t.Errorf("sway -C on %q: %v\n%s", line, err, out)
		}
	}
}

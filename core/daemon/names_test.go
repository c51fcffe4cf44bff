package daemon

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/bus/bustest"
)

// asPeer makes the test's program a peer that queries for each line of its standard input.
const asPeer = "NERVA_TEST_PEER"

func TestMain(m *testing.M) {
	if os.Getenv(asPeer) != "" {
		if err := bePeer(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func bePeer() error {
	c, err := bus.Dial(context.Background(), bus.DialOptions{})
	if err != nil {
		return err
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		found, err := c.Query(context.Background(), in.Text(), 0)
		fmt.Println(strings.Join(ids(found), " "), err)
	}
	return nil
}

func ids(results []api.Result) (list []string) {
	for _, r := range results {
		list = append(list, r.ID)
	}
	return list
}

// TestAProgramInASandboxIsGivenNamesAlone holds it over the bus for what is private in an answer, beside a program in none.
func TestAProgramInASandboxIsGivenNamesAlone(t *testing.T) {
	dir := home(t)
	write(t, filepath.Join(dir, "Documents", "notes", "a.md"), "# Animals\nthe quokka is private\n")
	write(t, filepath.Join(dir, ".config", "nerva", "config.toml"), `[llm]
provider = "offline"
[[watchers.rule]]
name = "copied"
on = "clipboard"
suggest = { title = "About {{.Text}}?", ask = "{{.Text}}" }
`)
	// What hides in a sandbox may call itself as it likes, and see whether it still finds itself.
	write(t, filepath.Join(dir, "usr", "applications", "org.example.Clip.desktop"), "[Desktop Entry]\nType=Application\nName=Clip zebra\nExec=false\n")
	b := bustest.Start(t)
	s := &screen{others: make(chan *copy)}
	stop := start(t, b, Options{Desk: s.desk()})
	c := dial(t, b)
	for end := time.Now().Add(10 * time.Second); ; { // until the rules have their ear at the clipboard
		s.copies("text/plain", "zebra crossing")
		if list, err := c.Suggestions(t.Context(), 1); err != nil || time.Now().After(end) {
			t.Fatalf("nothing is suggested: %v", err)
		} else if len(list) > 0 {
			break
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ask := func(cmd *exec.Cmd) func(text string) string {
		in, out := b.Talk(t, cmd, asPeer+"=1")
		lines := bufio.NewScanner(out)
		return func(text string) string {
			if _, err := fmt.Fprintln(in, text); err != nil || !lines.Scan() {
				t.Fatalf("the peer has ended: %v, %v", err, lines.Err())
			}
			return strings.TrimSuffix(lines.Text(), " <nil>")
		}
	}
	outside, inside := ask(exec.Command(self)), ask(bustest.Sandboxed(t, true, self))
	note := "note:" + filepath.Join(dir, "Documents", "notes", "a.md")
	const apps = "app:org.example.Clip app:org.example.Paint:new-window app:org.example.Paint"
	for _, c := range []struct{ text, outside, inside string }{
		{"animals", note, note},
		{"quokka", note, ""},
		{"quokka priv", note, ""},
		{"", "suggestion:1 " + apps + " window:7 " + note, apps + " window:7 " + note},
		{"clip ", "clip:1", "app:org.example.Clip"},
		{"clip zeb", "clip:1", "app:org.example.Clip"},
		{"clip unheard", "", ""},
		{"zebra", "window:7 app:org.example.Clip", "window:7 app:org.example.Clip"},
		{"6*7", "calc:6*7", "calc:6*7"},
	} {
		got := outside(c.text)
		for end := time.Now().Add(10 * time.Second); got != c.outside && time.Now().Before(end); { // until events have come
			got = outside(c.text)
		}
		if got != c.outside {
			t.Errorf("outside of a sandbox %q finds %q, want %q", c.text, got, c.outside)
		}
		if got := inside(c.text); got != c.inside {
			t.Errorf("in a sandbox %q finds %q, want %q", c.text, got, c.inside)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

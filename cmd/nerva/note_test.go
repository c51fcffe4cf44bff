package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestNotesAreAddedToAndSayWhatLinksToThem(t *testing.T) {
	startDaemon(t)
	nerva := func(tty bool, args ...string) (out, said string, code int) {
		var o, e bytes.Buffer
		code = run(t.Context(), append([]string{"note"}, args...), terminal{in: strings.NewReader(""), out: &o, err: &e, outTTY: tty})
		return o.String(), e.String(), code
	}
	text := func(path string) string {
		data, err := os.ReadFile(strings.TrimSpace(path))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	path, said, code := nerva(false, "add", "--title", "Garden", "plant tomatoes")
	if code != exitOK {
		t.Fatal(said)
	}
	if again, said, code := nerva(false, "add", "--to", "garden", "water", "them"); code != exitOK || again != path || text(path) != "# Garden\n\nplant tomatoes\n\nwater them\n" {
		t.Errorf("exit %d, %s: %s, %q", code, again, said, text(path))
	}
	daily, said, code := nerva(false, "add", "--daily", "--", "- see [[garden]]")
	if name := time.Now().Format("2006-01-02") + ".md"; code != exitOK || filepath.Base(strings.TrimSpace(daily)) != name {
		t.Errorf("exit %d, %s: %s", code, daily, said)
	}
	const list = "\nLinked from: "
	if out, _, _ := nerva(true, "show", "garden"); !strings.HasSuffix(out, "water them\n"+list+strings.TrimSpace(strings.TrimPrefix(strings.SplitN(text(daily), "\n", 2)[0], "#"))+"\n") {
		t.Errorf("at a terminal: %q", out)
	}
	if out, said, _ := nerva(false, "show", "garden"); out != text(path) || !strings.HasPrefix(said, list) {
		t.Errorf("in a pipe: %q, %q", out, said)
	}
	for _, wrong := range [][]string{{"--to", "", "x"}, {"--daily", "--title", "x", "y"}, {"--to", "garden", "--daily", "y"}} {
		if _, said, code := nerva(false, append([]string{"add"}, wrong...)...); code != exitUsage || !strings.Contains(said, "--to") {
			t.Errorf("%q: exit %d, %s", wrong, code, said)
		}
	}
}

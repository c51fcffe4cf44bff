package daemon

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/bus/bustest"
)

// TestACommandGoesThroughFenceAndSandbox, from the bus to the program and back.
func TestACommandGoesThroughFenceAndSandbox(t *testing.T) {
	if out, err := exec.Command("bwrap", "--unshare-user", "--ro-bind", "/", "/", "true").CombinedOutput(); err != nil {
		t.Skipf("no bubblewrap works here: %v: %s", err, out)
	}
	dir := home(t)
	write(t, filepath.Join(dir, ".config/nerva/config.toml"), `
[llm]
provider = "offline"
[policy]
caution = "allow"
[llm.share]
files = "allow"
[commands]
allowed = ["ls", "cat", "sh"]
[[commands.pattern]]
argv = ["sh", "-c", "kill -XCPU $$"]
`)
	for _, secret := range []string{".ssh/id", ".gnupg/key", ".config/nerva/secrets/key", ".local/state/nerva/rules.toml"} {
		write(t, filepath.Join(dir, secret), "canary")
	}
	write(t, filepath.Join(dir, "Documents/a"), "hello")
	b := bustest.Start(t)
	stop := start(t, b, Options{})
	defer func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}()
	c := dial(t, b)
	for input, want := range map[string]string{
		`{"argv":["cat","Documents/a"]}`:                          `{"stdout":"hello","stderr":"","exit":0}`,
		`{"argv":["ls"],"cwd":"~/Documents"}`:                     `{"stdout":"a\n","stderr":"","exit":0}`,
		`{"argv":["ls"],"cwd":"~/.ssh"}`:                          "keys of SSH",
		`{"argv":["ls"],"cwd":"~/none"}`:                          "there is no folder",
		`{"argv":["ls"],"cwd":"~/Documents/a"}`:                   "is no folder",
		`{"argv":["date"]}`:                                       "only ls, cat, sh may be",
		`{"argv":["sh","-c","id"]}`:                               "fit none of its",
		`{"argv":["sh","-c","kill -XCPU $$"]}`:                    "sh was ended: it used more than 15s of the processor",
		`{"argv":["cat",".ssh/id",".gnupg/key"]}`:                 `"exit":1`,
		`{"argv":["cat",".config/nerva/secrets/key"]}`:            `"exit":1`,
		`{"argv":["cat",".config/nerva/config.toml"]}`:            `"exit":1`,
		`{"argv":["cat",".local/state/nerva/rules.toml"]}`:        `"exit":1`,
		`{"argv":["cat",".local/state/nerva/nerva.db"]}`:          `"exit":1`,
		`{"argv":["cat",".cache/nerva/../../.ssh/id"],"cwd":"~"}`: `"exit":1`,
	} {
		out, err := c.Execute(t.Context(), "run_command", json.RawMessage(input), api.AskOptions{})
		got := string(out)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) || strings.Contains(got, "canary") {
			t.Errorf("%s: %s, want %s", input, got, want)
		}
	}
}

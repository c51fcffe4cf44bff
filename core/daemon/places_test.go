package daemon

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/bus/bustest"
)

func TestFilesAreThoseOfTheConfiguration(t *testing.T) {
	dir := home(t)
	file := filepath.Join(dir, ".config", "nerva", "config.toml")
	const keys = "[llm]\nprovider = \"offline\"\napi_key_file = \"~/work/model.key\"\n[policy]\ncaution = \"allow\"\n" +
		"[secrets]\npath = \"~/work/vault\"\n[files]\nroots = "
	write(t, file, keys+"[\"~/work\"]\n")
	for _, name := range []string{"work/a", "work/vault/a", "work/model.key", "other/a", ".cache/nerva/captures/a", ".bashrc"} {
		write(t, filepath.Join(dir, name), "x")
	}
	if err := os.Symlink("vault/a", filepath.Join(dir, "work", "link")); err != nil {
		t.Fatal(err)
	}
	b := bustest.Start(t)
	var s screen
	stop := start(t, b, Options{Desk: s.desk()})
	c := dial(t, b)
	check := func(want map[string]api.Code) {
		t.Helper()
		for path, code := range want {
			input, _ := json.Marshal(map[string]string{"path": "~/" + path})
			out, err := c.Execute(t.Context(), "read_file", input, api.AskOptions{})
			if api.CodeOf(err) != code || err == nil && !strings.Contains(string(out), `"text":"x"`) {
				t.Errorf("%s: %s, %v", path, out, err)
			}
			records, err := c.Log(t.Context(), api.LogFilter{Limit: 1})
			if err != nil || len(records) != 1 {
				t.Fatal(err)
			}
			if r := records[0]; code == api.Denied && (r.Decision != "deny" || r.DecidedBy != "protected" || r.Outcome != "denied") {
				t.Errorf("%s: %+v", path, r)
			}
		}
	}
	check(map[string]api.Code{
		"work/a": "", "work/vault/a": api.Denied, "work/link": api.Denied, "work/model.key": api.Denied, "other/a": api.Denied,
		".cache/nerva/captures/a": api.Denied, ".bashrc": api.Denied,
	})
	write(t, file, keys+"[\"~\"]\n")
	if err := c.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(map[string]api.Code{
		"work/a": "", "work/vault/a": api.Denied, "other/a": "", ".cache/nerva/captures/a": "", ".bashrc": api.Denied,
		".config/nerva/config.toml": api.Denied, ".local/state/nerva/nerva.db": api.Denied, ".cache/nerva/x": api.Denied,
	})
	if err := c.Activate(t.Context(), "file:"+filepath.Join(dir, "work/vault/a"), "", api.ActivateOptions{}); api.CodeOf(err) != api.Denied {
		t.Errorf("a result that is a secret: %v", err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

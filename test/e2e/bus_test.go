package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const (
	busName = "org.nerva.Nerva1"
	busPath = "/org/nerva/Nerva1"
)

func busctl(member, signature string, args ...string) []string {
	i := strings.LastIndexByte(member, '.')
	return append([]string{"--user", "call", busName, busPath, member[:i], member[i+1:], signature}, args...)
}

func TestAskAndWaitAnswers42(t *testing.T) {
	s := withDaemon(t, offline)
	got := s.output("busctl", busctl("org.nerva.Agent1.AskAndWait", "sa{sv}", "what is 21*2", "0")...)
	if got != `s "42"` {
		t.Errorf("got %s", got)
	}
}

// The four ways in, driven by a shell as a user's script would.
func TestAShellScriptDrivesEveryWayIn(t *testing.T) {
	s := withDaemon(t, offline)
	s.application("org.test.Marker", "Name=Marker Pen\nExec=touch "+filepath.Join(s.data, "marked")+"\n")
	s.eventually("the new application is found", func() bool {
		return strings.Contains(s.output("busctl", busctl("org.nerva.Launcher1.Query", "su", "marker pen", "5")...), `"app:org.test.Marker"`)
	})
	s.output("sh", "-ec", `
		call() { busctl --user call org.nerva.Nerva1 /org/nerva/Nerva1 "$@"; }
		call org.nerva.Launcher1 Activate 'ssa{sv}' app:org.test.Marker '' 0
		run=$(call org.nerva.Agent1 Ask 'sa{sv}' 'make a note that the shell was here' 0 | cut -d'"' -f2)
		call org.nerva.Skills1 Execute 'ssa{sv}' calculate '{"expression":"6*7"}' 0 | grep -q 42
		until busctl --user get-property org.nerva.Nerva1 "$run" org.nerva.Run1 State | grep -q done; do sleep 0.05; done
	`)
	s.eventually("the application ran", func() bool {
		_, err := os.Stat(filepath.Join(s.data, "marked"))
		return err == nil
	})
	if notes := s.output("sh", "-c", "cat "+s.notes+"/*.md"); !strings.Contains(notes, "the shell was here") {
		t.Errorf("the note says %q", notes)
	}
}

func TestEveryObjectIntrospects(t *testing.T) {
	s := withDaemon(t, offline)
	run := strings.Split(s.output("busctl", busctl("org.nerva.Agent1.Ask", "sa{sv}", "what is 1+1", "0")...), `"`)[1]
	tree := s.output("busctl", "--user", "tree", "--list", busName)
	for _, path := range []string{busPath, run} {
		if !strings.Contains(tree, path) {
			t.Errorf("the tree lacks %s:\n%s", path, tree)
		}
	}
	main := s.output("gdbus", "introspect", "--session", "--dest", busName, "--object-path", busPath)
	for _, member := range []string{
		"org.nerva.Launcher1", "Query(", "Activate(", "org.nerva.Agent1", "Ask(", "AskAndWait(", "ListRuns(",
		"org.nerva.Skills1", "List(", "Execute(", "org.nerva.Manager1", "Status(", "Reload(", "Version",
	} {
		if !strings.Contains(main, member) {
			t.Errorf("%s lacks %s", busPath, member)
		}
	}
	one := s.output("gdbus", "introspect", "--session", "--dest", busName, "--object-path", run)
	for _, member := range []string{"org.nerva.Run1", "State", "Prompt", "Answer", "Steps", "Cancel(", "Decide(", "Text(", "Step(", "Confirm(", "Finished("} {
		if !strings.Contains(one, member) {
			t.Errorf("%s lacks %s", run, member)
		}
	}
}

func TestASecondDaemonSaysWhoRunsAndExits0(t *testing.T) {
	s := start(t, offline)
	first := s.nervad()
	out, errs, exit := s.run("nervad")
	if exit != 0 || !strings.Contains(out+errs, "nervad") || !strings.Contains(out+errs, strconv.Itoa(first.PID)) {
		t.Errorf("exit status %d: %s%s", exit, out, errs)
	}
}

func TestSkillsNameTierEffectAndTrust(t *testing.T) {
	s := withDaemon(t, offline)
	var skills []struct {
		ID, Risk, Effect string
		Untrusted        bool
		InputSchema      json.RawMessage `json:"input_schema"`
	}
	s.json(&skills, "nerva", "skills", "--json")
	want := map[string]string{
		"launch_app": "safe local", "list_apps": "safe observe", "list_windows": "safe observe untrusted",
		"get_active_window": "safe observe untrusted", "focus_window": "safe local", "close_window": "caution local", "move_window": "safe local",
		"capture_screen": "safe observe untrusted",
		"notify":         "safe local", "calculate": "safe observe", "add_note": "safe local", "list_notes": "safe observe untrusted",
		"open_path": "caution local", "open_url": "caution send", "media_status": "safe observe", "media_control": "caution local",
		"set_volume": "caution local", "power": "dangerous local", "system_status": "safe observe", "convert": "safe observe",
		"read_file": "caution observe untrusted", "write_file": "dangerous write",
		"delete_file": "dangerous write", "search_files": "safe observe untrusted", "edit_note": "caution write", "run_command": "caution exec untrusted",
	}
	for _, k := range skills {
		got := k.Risk + " " + k.Effect
		if k.Untrusted {
			got += " untrusted"
		}
		if w, known := want[k.ID]; known && got != w {
			t.Errorf("%s is %s, want %s", k.ID, got, w)
		}
		if !strings.Contains(string(k.InputSchema), `"object"`) {
			t.Errorf("%s has no schema of an object: %s", k.ID, k.InputSchema)
		}
		delete(want, k.ID)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

func TestEveryExitCodeAsDocumented(t *testing.T) {
	s := withDaemon(t, offline)
	for _, c := range []struct {
		rule string
		exit int
		args []string
		says string
	}{
		{"done", 0, []string{"ask", "what", "is", "21*2"}, "42"},
		{"a skill that fails", 1, []string{"exec", "calculate", "--input", `{"expression":"1/0"}`}, "zero"},
		{"a skill that is not there", 1, []string{"exec", "fly"}, "fly"},
		{"an input that is no JSON", 2, []string{"exec", "calculate", "--input", "{"}, "--input is not JSON"},
		{"a word that is no command", 2, []string{"serach", "x"}, `did you mean "search"`},
		{"a flag that is none", 2, []string{"search", "--fast", "x"}, "--fast"},
		{"nobody to say yes", 3, []string{"exec", "open_path", "--input", `{"path":"/etc/hostname"}`}, "open_path"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			out, errs, exit := s.run("nerva", c.args...)
			if exit != c.exit || !strings.Contains(out+errs, c.says) {
				t.Errorf("exit status %d, want %d; printed %q and %q, want %q in it", exit, c.exit, out, errs, c.says)
			}
		})
	}
}

func TestWithoutDaemonTheCommandLineSaysHowToStartIt(t *testing.T) {
	s := start(t, offline)
	_, errs, exit := s.run("nerva", "status")
	if exit != 4 || !strings.Contains(errs, "systemctl --user start nervad") {
		t.Errorf("exit status %d: %s", exit, errs)
	}
}

func TestABrokenConfigurationIsNamedAndTheLastGoodStays(t *testing.T) {
	s := withDaemon(t, offline)
	s.write(s.config, "[llm]\nprovidr = \"openai\"\n")
	_, errs, exit := s.run("busctl", busctl("org.nerva.Manager1.Reload", "")...)
	if exit == 0 {
		t.Error("Reload of a broken configuration does not fail")
	}
	for _, what := range []string{s.config + ":2:1", "llm.providr", "llm.provider"} {
		if !strings.Contains(errs, what) {
			t.Errorf("Reload says %q, which lacks %q", errs, what)
		}
	}
	var status struct {
		LLM    struct{ Provider string }
		Config struct{ Error string }
	}
	s.json(&status, "nerva", "status", "--json")
	if status.LLM.Provider != "offline" || !strings.Contains(status.Config.Error, "llm.providr") {
		t.Errorf("%+v", status)
	}
	if got := s.output("nerva", "ask", "what is 2+3"); got != "5" {
		t.Errorf("the daemon answers %q", got)
	}
}

func TestABrokenDesktopFileIsSkippedWithOneLine(t *testing.T) {
	s := start(t, offline)
	s.write(filepath.Join(s.data, "applications", "broken.desktop"), "this is no desktop entry\n")
	s.application("org.test.Whole", "Name=Wholesome\nExec=true\n")
	daemon := s.nervad()
	if found := s.output("nerva", "search", "wholesome"); !strings.Contains(found, "app:org.test.Whole") {
		t.Errorf("found %q", found)
	}
	if n := strings.Count(daemon.Log.String(), "broken.desktop"); n != 1 {
		t.Errorf("%d log lines name the broken file:\n%s", n, daemon.Log)
	}
}

package gate_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/gate"
	"nerva/core/policy"
)

// doing is somebody who does something and then says yes.
type doing struct {
	act   func() error
	asked []string // inputs
}

func (d *doing) Ask(_ context.Context, q api.Question) (api.Decision, string, error) {
	d.asked = append(d.asked, string(q.Input))
	if d.act != nil {
		return api.Once, "overlay", d.act()
	}
	return api.Once, "overlay", nil
}

// put writes a file below the home.
func (r room) put(t *testing.T, path, text string) string {
	t.Helper()
	path = filepath.Join(r.home, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheQuestionShowsTheFileThatIsMeant(t *testing.T) {
	for _, c := range []struct{ skill, input, want string }{
		{"read_file", `{"path":"~/link/a"}`, `{"path":"HOME/real/a"}`},
		{"write_file", `{"text":"<&>","path":"~/link/new"}`, `{"path":"HOME/real/new","text":"<&>"}`},
		{"delete_file", `{"path":"~/link/./a"}`, `{"path":"HOME/real/a"}`},
		{"open_path", `{"path":"~/link"}`, `{"path":"HOME/real"}`},
		{"edit_note", `{"path":"~/link/../notes/a.md","text":"x"}`, `{"path":"HOME/real/a.md","text":"x"}`},
		{"launch_app", `{"app":"foot","uris":["~/link/a","https://x"]}`, `{"app":"foot","uris":["HOME/real/a","https://x/"]}`},
	} {
		t.Run(c.skill, func(t *testing.T) {
			r := newRoom(t)
			r.put(t, "real/a", "text")
			for _, link := range []string{"link", "notes"} {
				if err := os.Symlink("real", filepath.Join(r.home, link)); err != nil {
					t.Fatal(err)
				}
			}
			person := &doing{}
			_, _ = r.do(t, c.skill, c.input, person)
			want := strings.ReplaceAll(c.want, "HOME", r.home)
			if len(person.asked) != 1 || person.asked[0] != want {
				t.Errorf("asked %q, want %s", person.asked, want)
			}
		})
	}
}

func TestASwapAfterTheQuestionChangesNothing(t *testing.T) {
	for _, c := range []struct {
		skill, input string
		to           string // what the folder becomes a link to
	}{
		{"read_file", `{"path":"~/box/a"}`, ".ssh"},
		{"read_file", `{"path":"~/box/a"}`, "real"},
		{"write_file", `{"path":"~/box/a","text":"evil"}`, ".ssh"},
		{"write_file", `{"path":"~/box/a","text":"evil"}`, "real"},
		{"delete_file", `{"path":"~/box/a"}`, "real"},
		{"open_path", `{"path":"~/box/a"}`, ".ssh"},
		{"open_path", `{"path":"~/box/a"}`, "real"},
		{"launch_app", `{"app":"foot","uris":["~/box/a","https://x"]}`, "real"},
		{"launch_app", `{"app":"foot","uris":["file:///HOME/box/a","https://x"]}`, ".ssh"},
	} {
		t.Run(c.skill+" "+c.to, func(t *testing.T) {
			r := newRoom(t)
			for _, name := range []string{".ssh/a", "real/a", "box/a"} {
				r.put(t, name, "canary")
			}
			box := filepath.Join(r.home, "box")
			person := &doing{act: func() error {
				if err := os.Rename(box, box+".away"); err != nil {
					return err
				}
				return os.Symlink(c.to, box)
			}}
			out, err := r.do(t, c.skill, strings.ReplaceAll(c.input, "/HOME", r.home), person)
			if len(person.asked) != 1 || api.CodeOf(err) != api.Denied || strings.Contains(out, "canary") {
				t.Errorf("asked %q: %s, %v", person.asked, out, err)
			}
			if err != nil && strings.Contains(err.Error(), filepath.Join(r.home, c.to)) {
				t.Errorf("the error says where the link leads: %v", err)
			}
			if r.desk.did != nil {
				t.Errorf("did %q", r.desk.did)
			}
			for _, name := range []string{".ssh/a", "real/a", "box.away/a"} {
				if text, err := os.ReadFile(filepath.Join(r.home, name)); err != nil || string(text) != "canary" {
					t.Errorf("%s: %q, %v", name, text, err)
				}
			}
		})
	}
}

func TestWhatIsProtectedIsDeniedBeforeAnybodyIsAsked(t *testing.T) {
	for _, c := range []struct{ skill, input string }{
		{"read_file", `{"path":"~/docs/link"}`},
		{"read_file", `{"path":"/proc/self/environ"}`},
		{"write_file", `{"path":"~/.bashrc","text":"evil"}`},
		{"write_file", `{"path":"~/.config/nerva/config.toml","text":"evil"}`},
		{"write_file", `{"path":"~/bin/ls","text":"evil"}`},
		{"write_file", `{"path":"~/.config/containers/systemd/x.container","text":"evil"}`},
		{"write_file", `{"path":"~/.bash_completion","text":"evil"}`},
		{"delete_file", `{"path":"~/.config"}`},
		{"open_path", `{"path":"~/.ssh"}`},
		{"read_note", `{"path":"~/notes/link.md"}`},
		{"edit_note", `{"path":"~/notes/link.md","text":"evil"}`},
		{"launch_app", `{"app":"foot","uris":["~/.ssh/a"]}`},
	} {
		t.Run(c.skill, func(t *testing.T) {
			r := newRoom(t)
			for _, name := range []string{".ssh/a", "docs/a", "notes/a", ".bashrc", ".config/nerva/config.toml", "bin/ls"} {
				r.put(t, name, "canary")
			}
			for _, link := range []string{"docs/link", "notes/link.md"} {
				if err := os.Symlink("../.ssh/a", filepath.Join(r.home, link)); err != nil {
					t.Fatal(err)
				}
			}
			person := &doing{}
			out, err := r.Do(t.Context(), gate.Call{Skill: c.skill, Input: json.RawMessage(c.input)}, person)
			if api.CodeOf(err) != api.Denied || out.State != api.StepDenied || len(person.asked) > 0 || r.desk.did != nil {
				t.Errorf("%+v, %v, asked %q, did %q", out, err, person.asked, r.desk.did)
			}
			records, err := r.log.Records(t.Context(), api.LogFilter{Limit: 1})
			if err != nil || len(records) != 1 || records[0].Decision != "deny" || records[0].DecidedBy != "protected" || records[0].Outcome != "denied" {
				t.Errorf("%+v, %v", records, err)
			}
		})
	}
}

// TestACommandWithoutAFolderRunsInTheHome: the folder is written out, so that a rule about it fits.
func TestACommandWithoutAFolderRunsInTheHome(t *testing.T) {
	r := newRoom(t)
	rule := policy.Rule{Name: "not at home", Skill: "run_command", Match: map[string]any{"cwd": "~"}, Decision: policy.Deny}
	p := policy.Policy{Rules: []policy.Compiled{rule.Compile(r.home, func(key, problem string) { t.Error(key, problem) })}}
	for input, want := range map[string]policy.Decision{`{"argv":["ls"]}`: policy.Deny, `{"argv":["ls"],"cwd":"/etc"}`: policy.Ask} {
		if _, err := r.do(t, "run_command", input, &yes{}); err != nil {
			t.Fatal(err)
		}
		records, err := r.log.Records(t.Context(), api.LogFilter{Limit: 1})
		if err != nil || len(records) != 1 {
			t.Fatalf("%v, %v", records, err)
		}
		if v := p.Decide(api.Skill{ID: "run_command", Risk: api.Caution, Effect: api.Exec}, records[0].Input, nil); v.Decision != want {
			t.Errorf("%s became %s: %+v", input, records[0].Input, v)
		}
	}
}

func TestFilesGoRound(t *testing.T) {
	r := newRoom(t)
	path := r.put(t, "docs/letter.txt", "dear")
	for _, c := range []struct{ skill, input, want string }{
		{"search_files", `{"query":"LETTER txt"}`, `"path":"` + path + `","name":"letter.txt","size":4,`},
		{"read_file", `{"path":"~/docs/letter.txt"}`, `{"path":"` + path + `","text":"dear"}`},
		{"write_file", `{"path":"~/docs/letter.txt","text":"Dear Ada"}`, `{"path":"` + path + `"}`},
		{"read_file", `{"path":"` + path + `"}`, `{"path":"` + path + `","text":"Dear Ada"}`},
		{"delete_file", `{"path":"` + path + `"}`, `{"path":"` + path + `","trash":"` + r.home + `/.local/share/Trash/files/letter.txt"}`},
		{"search_files", `{"query":"letter"}`, `{"files":[]}`},
	} {
		if out, err := r.do(t, c.skill, c.input, &yes{}); err != nil || !strings.Contains(out, c.want) {
			t.Errorf("%s: %s, %v", c.skill, out, err)
		}
	}
	r.put(t, "docs/picture", "\x89PNG\x00")
	if _, err := r.do(t, "read_file", `{"path":"~/docs/picture"}`, &yes{}); api.CodeOf(err) != api.InvalidInput || !strings.Contains(err.Error(), "not a text") {
		t.Error(err)
	}
}

func TestAFileURIOfAnyHostHandsOutNothingProtected(t *testing.T) {
	for host, code := range map[string]api.Code{
		"": api.Denied, "localhost": api.Denied, "LOCALHOST": api.Denied, "Localhost": api.Denied, "u@localhost": api.Denied,
		"localhost.": api.InvalidInput, "localhost:80": api.InvalidInput, "%6cocalhost": api.InvalidInput, "127.0.0.1": api.InvalidInput,
		"[::1]": api.InvalidInput, "0": api.InvalidInput, "ｌocalhost": api.InvalidInput,
	} {
		r := newRoom(t)
		input, err := json.Marshal(map[string]any{"app": "foot", "uris": []string{"file://" + host + r.put(t, ".ssh/id", "canary")}})
		if err != nil {
			t.Fatal(err)
		}
		person := &yes{}
		if _, err := r.do(t, "launch_app", string(input), person); api.CodeOf(err) != code || person.asked > 0 || r.desk.did != nil {
			t.Errorf("%q: %v, asked %d times, did %q", host, err, person.asked, r.desk.did)
		}
	}
}

func (r room) link(t *testing.T, path, to string) {
	t.Helper()
	if err := os.Symlink(to, filepath.Join(r.home, path)); err != nil {
		t.Fatal(err)
	}
}

func TestWhatATaintedRunWroteIsKnownWhereItLiesAndLater(t *testing.T) {
	r := newRoom(t)
	r.put(t, "real/a.md", "a")
	r.link(t, "notes", "real")
	tainted := func(skill, input string) (gate.Outcome, error) {
		return r.Do(t.Context(), gate.Call{Run: 1, Skill: skill, Input: json.RawMessage(input), TaintedBy: []string{"read a note"}}, nil)
	}
	if _, err := tainted("add_note", `{"text":"x","title":"b"}`); err != nil {
		t.Fatal(err)
	}
	for _, uri := range []string{"~/notes/b.md", "~/real/b.md", "~/real"} {
		if out, err := tainted("launch_app", `{"app":"foot","uris":["`+uri+`"]}`); out.State != api.StepRefused {
			t.Errorf("%s was opened: %v, %v", uri, out.State, err)
		}
	}
	if out, err := tainted("launch_app", `{"app":"foot","uris":["~/notes/a.md"]}`); out.State != api.StepOK {
		t.Errorf("another note was not opened: %v", err)
	}
	r.Forget(1)
	for uri, want := range map[string]api.StepState{"~/notes/b.md": api.StepRefused, "~/real": api.StepOK, "~/notes/a.md": api.StepOK} {
		input := json.RawMessage(`{"app":"foot","uris":["` + uri + `"]}`)
		if out, err := r.Do(t.Context(), gate.Call{Run: 2, Skill: "launch_app", Input: input}, nil); out.State != want {
			t.Errorf("%s in a later run: %v, %v", uri, out.State, err)
		}
	}
	if _, err := r.do(t, "launch_app", `{"app":"foot","uris":["~/notes/b.md"]}`, nil); err != nil {
		t.Errorf("a person's own script was asked: %v", err)
	}
}

func TestNotesThatLeadToWhatIsProtectedAreNone(t *testing.T) {
	r := newRoom(t)
	r.put(t, ".ssh/known.md", "x")
	r.link(t, "notes", ".ssh")
	if _, err := r.do(t, "add_note", `{"text":"x","title":"new"}`, nil); api.CodeOf(err) != api.Denied {
		t.Errorf("a note was written among keys: %v", err)
	}
	r.notes.note = gate.Note{Path: filepath.Join(r.home, "notes/known.md"), Title: "known", Snippet: "x"}
	for skill, input := range map[string]string{"list_notes": `{}`, "search_notes": `{"query":"x"}`} {
		if out, err := r.do(t, skill, input, nil); out != `{"notes":[]}` || err != nil {
			t.Errorf("%s gave %s, %v", skill, out, err)
		}
	}
	if out, err := r.do(t, "read_note", `{"path":"known"}`, nil); err == nil {
		t.Errorf("read_note gave %s", out)
	}
}

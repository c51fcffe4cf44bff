package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/bus/bustest"
	"nerva/core/desk"
)

func TestAsksCalculatesAndRecords(t *testing.T) {
	home(t)
	b := bustest.Start(t)
	stop := start(t, b, Options{})
	c := dial(t, b)
	answer, err := c.AskAndWait(t.Context(), "what is 21*2", api.AskOptions{})
	if err != nil || !strings.Contains(answer, "42") {
		t.Errorf("%q %v", answer, err)
	}
	output, err := c.Execute(t.Context(), "calculate", json.RawMessage(`{"expression":"2^10"}`), api.AskOptions{})
	if err != nil || string(output) != `{"result":"1024"}` {
		t.Errorf("%s %v", output, err)
	}
	records, err := c.Log(t.Context(), api.LogFilter{})
	if err != nil || len(records) != 2 || records[0].Skill != "calculate" || records[0].Run == 0 || records[1].Run != 0 {
		t.Errorf("%+v %v", records, err)
	}
	if n, err := c.VerifyLog(t.Context()); err != nil || n.Records != 4 {
		t.Errorf("%d %v", n, err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestFindsAndActivates(t *testing.T) {
	home(t)
	b := bustest.Start(t)
	s := &screen{}
	stop := start(t, b, Options{Desk: s.desk()})
	c := dial(t, b)
	for _, q := range []struct{ text, first string }{
		{"paint", "app:org.example.Paint"},
		{"picture", "app:org.example.Paint"},
		{"paint new", "app:org.example.Paint:new-window"},
		{"new window", "app:org.example.Paint:new-window"},
		{"zebra", "window:7"},
		{"6*7", "calc:6*7"},
	} {
		results, err := c.Query(t.Context(), q.text, 5)
		if err != nil || len(results) == 0 || results[0].ID != q.first {
			t.Errorf("%s: %+v %v", q.text, results, err)
		}
	}
	for _, a := range []struct{ id, action string }{
		{"app:org.example.Paint", ""},
		{"app:org.example.Paint", "new-window"},
		{"app:org.example.Paint:new-window", "open"},
		{"window:7", "focus"},
		{"window:8", "close"},
		{"calc:6*7", ""},
	} {
		o := api.ActivateOptions{Token: "T"}
		if err := c.Activate(t.Context(), a.id, a.action, o); err != nil {
			t.Errorf("%v: %v", a, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var argvs []string
	for _, p := range s.spawned {
		argvs = append(argvs, filepath.Base(strings.Join(p.Argv, " ")))
	}
	if got := strings.Join(argvs, ", "); got != "true, true --new, true --new" || s.focused != "7" || s.closed != "8" || s.copied != "42" {
		t.Errorf("spawned %s, focused %s, closed %s, copied %s", got, s.focused, s.closed, s.copied)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestWhatCannotBeActivatedIsSaid(t *testing.T) {
	home(t)
	b := bustest.Start(t)
	stop := start(t, b, Options{Desk: (&screen{}).desk()})
	c := dial(t, b)
	for _, a := range []struct{ id, action, want string }{
		{"nonsense", "", `"nonsense" is no result's id`},
		{"app:none", "", `there is no application "none"`},
		{"app:org.example.Paint", "fly", `app:org.example.Paint has no action "fly"`},
		{"bird:x", "", `nothing of the kind "bird"`},
		{"window:7", "fold", `window:7 has no action "fold"`},
		{"calc:1/0", "", "zero"},
	} {
		err := c.Activate(t.Context(), a.id, a.action, api.ActivateOptions{})
		if err == nil || !strings.Contains(err.Error(), a.want) {
			t.Errorf("%v: %v", a, err)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestKeepsTheLastGoodConfiguration(t *testing.T) {
	dir := home(t)
	b := bustest.Start(t)
	hangups := make(chan os.Signal)
	stop := start(t, b, Options{Reload: hangups})
	c := dial(t, b)
	file := filepath.Join(dir, ".config", "nerva", "config.toml")
	write(t, file, "[llm]\nprovidr = \"openai\"\n")
	err := c.Reload(t.Context())
	if api.CodeOf(err) != api.InvalidInput || !strings.Contains(err.Error(), "config.toml") || !strings.Contains(err.Error(), "providr") {
		t.Errorf("%v", err)
	}
	status, err := c.Status(t.Context())
	if err != nil || status.LLM.Provider != "offline" || !strings.Contains(status.Config.Error, "providr") || status.Config.Path != file {
		t.Errorf("%+v %v", status, err)
	}
	// With no copy on disk what is in force stays in force.
	if err := os.Remove(filepath.Join(dir, ".local", "state", "nerva", "config.last-good.toml")); err != nil {
		t.Fatal(err)
	}
	if err := c.Reload(t.Context()); err == nil {
		t.Error("the wrong file was taken over")
	}
	write(t, file, "[llm]\nprovider = \"offline\"\n[policy]\nsafe = \"deny\"\n")
	hangups <- syscall.SIGHUP
	hangups <- syscall.SIGHUP // taken once the first has been dealt with
	if _, err := c.Execute(t.Context(), "calculate", json.RawMessage(`{"expression":"1"}`), api.AskOptions{}); api.CodeOf(err) != api.Denied {
		t.Errorf("%v", err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestRulesDecideAboutWhatIsMeant(t *testing.T) {
	dir := home(t)
	write(t, filepath.Join(dir, ".config", "nerva", "config.toml"), `[llm]
provider = "offline"
[[policy.rule]]
name = "documents"
skill = "open_path"
match = { path = "~/Documents/**" }
decision = "allow"
[[policy.rule]]
name = "private"
skill = "open_path"
match = { path = "~/private/**" }
decision = "deny"
[[policy.rule]]
name = "vault"
skill = "open_path"
match = { path = "~/vault/**" }
decision = "deny"
[[policy.rule]]
name = "notes"
skill = "read_note"
match = { path = "~/Documents/notes/private/**" }
decision = "deny"
[[policy.rule]]
name = "no paint"
skill = "launch_app"
match = { app = "org.example.Paint" }
decision = "deny"
`)
	write(t, filepath.Join(dir, "real", "key"), "x")
	write(t, filepath.Join(dir, "Documents", "notes", "private", "diary.md"), "# My diary\nsecret\n")
	if err := os.Symlink("real", filepath.Join(dir, "vault")); err != nil {
		t.Fatal(err)
	}
	deep := "~/Documents/link" + strings.Repeat("/none", 50)
	write(t, filepath.Join(dir, "Documents", "letter"), "x")
	write(t, filepath.Join(dir, "private", "key"), "x")
	for name, to := range map[string]string{"link": "../private", "dangling": "../private/none", "loop": "loop", "chain": "link"} {
		if err := os.Symlink(to, filepath.Join(dir, "Documents", name)); err != nil {
			t.Fatal(err)
		}
	}
	b := bustest.Start(t)
	var s screen
	stop := start(t, b, Options{Desk: s.desk()})
	c := dial(t, b)
	for _, one := range []struct{ path, by string }{
		{"~/Documents/letter", "documents"},
		{"~/private/key", "private"},
		{"~/Documents/link/key", "private"},
		{"~/Documents/chain/none/deep", "private"},
		{"~/Documents/dangling", "private"},
		{"~/Documents/../private", "private"},
		{"~/Documents/loop", "schema"},
		{deep, "private"},
		{"~/vault/key", "vault"},
		{"~/real/key", "vault"},
		{"/proc/self/root", "protected"},
		{"/", "nobody"},
		{`read_note {"path":"~/Documents/notes/private/diary.md"}`, "notes"},
		{`read_note {"path":"private/diary.md"}`, "notes"},
		{`read_note {"path":"My diary"}`, "notes"},
		{`launch_app {"app":"org.example.Paint"}`, "no paint"},
		{`launch_app {"app":"org.example.Paint.desktop"}`, "no paint"},
		{`launch_app {"app":"paint"}`, "no paint"},
		{`launch_app {"app":"picture"}`, "no paint"},
	} {
		skill, input, named := strings.Cut(one.path, " ")
		if !named {
			skill, input = "open_path", `{"path":"`+one.path+`"}`
		}
		_, err := c.Execute(t.Context(), skill, json.RawMessage(input), api.AskOptions{})
		if denied := api.CodeOf(err) == api.Denied; denied != (one.by != "documents" && one.by != "schema") {
			t.Errorf("%s: %v", one.path, err)
		}
		records, err := c.Log(t.Context(), api.LogFilter{Limit: 1})
		if err != nil || len(records) != 1 || records[0].DecidedBy != one.by {
			t.Errorf("%s: %+v %v", one.path, records, err)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestNotesAreFound(t *testing.T) {
	dir := home(t)
	write(t, filepath.Join(dir, "Documents", "notes", "cats.md"), "# Quokka facts\n")
	b := bustest.Start(t)
	s := &screen{}
	stop := start(t, b, Options{Desk: s.desk()})
	c := dial(t, b)
	find := func(title string) api.Result {
		for deadline := time.Now().Add(10 * time.Second); ; {
			results, err := c.Query(t.Context(), title, 1)
			if err != nil || time.Now().After(deadline) {
				t.Fatalf("%s was not found: %v", title, err)
			}
			if len(results) == 1 && results[0].Kind == api.KindNote {
				return results[0]
			}
		}
	}
	r := find("quokka")
	if err := c.Activate(t.Context(), r.ID, "", api.ActivateOptions{}); err != nil {
		t.Error(err)
	}
	s.mu.Lock()
	if s.opened != filepath.Join(dir, "Documents", "notes", "cats.md") {
		t.Errorf("opened %s", s.opened)
	}
	s.mu.Unlock()
	if _, err := c.Execute(t.Context(), "add_note", json.RawMessage(`{"text":"buy wombat food"}`), api.AskOptions{}); err != nil {
		t.Error(err)
	}
	find("wombat")
	write(t, filepath.Join(dir, "elsewhere", "x.md"), "# Numbat\n")
	write(t, filepath.Join(dir, ".config", "nerva", "config.toml"), "[llm]\nprovider = \"offline\"\n[notes]\npath = \"~/elsewhere\"\n")
	if err := c.Reload(t.Context()); err != nil {
		t.Error(err)
	}
	find("numbat")
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestStateIsPrivate(t *testing.T) {
	dir := home(t)
	b := bustest.Start(t)
	stop := start(t, b, Options{})
	for _, below := range []string{".local/state/nerva", ".cache/nerva"} {
		info, err := os.Stat(filepath.Join(dir, below))
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v %v", below, info, err)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestStopCancelsRunsAndLetsGoOfEverything(t *testing.T) {
	home(t)
	b := bustest.Start(t)
	stop := start(t, b, Options{})
	c := dial(t, b)
	// A skill that asks, and an asker who could answer: the run waits.
	run, err := c.Ask(t.Context(), "open ~", api.AskOptions{Interactive: true})
	if err != nil {
		t.Fatal(err)
	}
	now, events, err := c.Watch(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	for len(now.Questions) == 0 {
		e, ok := <-events
		if !ok || e.Type == api.EventFinished {
			t.Fatalf("the run did not wait: %+v", e)
		}
		if e.Type == api.EventConfirm {
			break
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	var last api.Event
	for e := range events {
		last = e
	}
	if last.State != api.CancelledRun {
		t.Errorf("last event %+v", last)
	}
	stop = start(t, b, Options{}) // nothing is left that a second daemon would trip over
	if runs, err := c.Runs(t.Context(), 0); err != nil || len(runs) != 1 || runs[0].State != api.CancelledRun {
		t.Errorf("%+v %v", runs, err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestOverlayHandsOverToNervad(t *testing.T) {
	home(t)
	b := bustest.Start(t)
	_, hosted := run(t, b, Options{Host: Overlay})
	c := dial(t, b)
	if _, err := c.AskAndWait(t.Context(), "what is 1+1", api.AskOptions{}); err != nil {
		t.Error(err)
	}
	nervad := start(t, b, Options{})
	if err := <-hosted; !errors.Is(err, ErrReplaced) {
		t.Errorf("the overlay's daemon: %v", err)
	}
	status, err := c.Status(t.Context())
	if err != nil || status.Host != "nervad" {
		t.Errorf("%+v %v", status, err)
	}
	if runs, err := c.Runs(t.Context(), 0); err != nil || len(runs) != 1 {
		t.Errorf("the runs of the overlay's daemon are gone: %v %v", runs, err)
	}
	var running *bus.RunningError
	err = Run(t.Context(), Options{Address: b.Address, Host: Nervad, Desk: desk.Absent("none")})
	if !errors.As(err, &running) || running.Status.PID != os.Getpid() {
		t.Errorf("a third: %v", err)
	}
	if err := nervad(); err != nil {
		t.Error(err)
	}
}

func TestNoBusIsASentence(t *testing.T) {
	err := Run(t.Context(), Options{Address: "unix:path=/nowhere", Desk: desk.Absent("none")})
	if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "no session bus") {
		t.Errorf("%v", err)
	}
}

// stopper is a log that stops the daemon at its first line.
type stopper struct {
	slog.Handler
	stop func()
}

func (s stopper) Enabled(context.Context, slog.Level) bool { return true }

func (s stopper) Handle(context.Context, slog.Record) error {
	s.stop()
	return nil
}

func (s stopper) WithAttrs([]slog.Attr) slog.Handler { return s }

// TestADaemonThatIsStoppedWhileItStartsEndsWithoutAnError: systemd would call it failed.
func TestADaemonThatIsStoppedWhileItStartsEndsWithoutAnError(t *testing.T) {
	dir := home(t)
	write(t, filepath.Join(dir, ".config", "nerva", "config.toml"), "[llm]\nprovider = \"offline\"\n[mcp.servers.w]\nurl = \"https://example.org\"\n")
	b := bustest.Start(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ready := false
	err := Run(ctx, Options{
		Host: Nervad, Desk: desk.Absent("none"), Address: b.Address, Ready: func() { ready = true },
		Log: slog.New(stopper{slog.DiscardHandler, stop}), // what is said of the server comes before all is open
	})
	if err != nil || ready {
		t.Errorf("%v, ready: %v", err, ready)
	}
}

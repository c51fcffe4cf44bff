package gate

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"nerva/core/api"
	"nerva/core/policy"
)

// running is a Runner that keeps what it was asked to run.
type running struct {
	runs   []PluginRun
	answer PluginAnswer
	err    error
}

func (r *running) RunPlugin(_ context.Context, run PluginRun) (PluginAnswer, error) {
	r.runs = append(r.runs, run)
	return r.answer, r.err
}

const weather = `title = "Weather"
description = "The weather of a city."
exec = "bin/run"
timeout = "20s"
[input]
type = "object"
required = ["city"]
properties.city = { type = "string", description = "a city" }
`

// plugged is a bench with a folder of plugins.
type plugged struct {
	*bench
	runner   *running
	dir      string
	settings map[string]PluginSettings
}

func newPlugged(t *testing.T) *plugged {
	t.Helper()
	p := &plugged{newBench(t), &running{answer: PluginAnswer{Stdout: []byte(`{"sun":true}` + "\n")}}, t.TempDir(), map[string]PluginSettings{}}
	p.o.Plugins = Plugins{
		Dir: p.dir, Runner: p.runner, Log: slog.New(slog.DiscardHandler),
		Settings: func(name string) PluginSettings { return p.settings[name] },
	}
	return p
}

func (p *plugged) write(t *testing.T, name, manifest string) {
	t.Helper()
	p.file(t, name+"/skill.toml", manifest, 0o600)
	p.file(t, name+"/bin/run", "#!/bin/sh\necho", 0o700)
}

func (p *plugged) file(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func (p *plugged) load(t *testing.T) {
	t.Helper()
	if wrong := p.LoadPlugins(); len(wrong) > 0 {
		t.Fatal(wrong)
	}
}

const maxLarge = 20 << 10

const paris = `{"city":"Paris"}`

func TestAPluginIsWhatItsFilesAre(t *testing.T) {
	p := newPlugged(t)
	p.write(t, "weather", weather)
	p.load(t)
	answers := &person{answer: api.Always}
	do := func(asked int, why string) {
		t.Helper()
		out, err := p.Do(t.Context(), call("weather", paris), answers)
		if err != nil || string(out.Output) != `{"sun":true}` || !out.Untrusted || out.Did != "ran the plugin weather" {
			t.Errorf("%s: %s, %+v, %v", why, out.Output, out, err)
		}
		if len(answers.asked) != asked {
			t.Errorf("%s: asked %d times, want %d", why, len(answers.asked), asked)
		}
		p.Forget(1)
	}
	do(1, "the first time")
	do(1, "agreed to")
	run := p.runner.runs[0]
	if run.Exec != "bin/run" || string(run.Input) != paris+"\n" || len(run.Files) != 2 || run.Network || run.Limit.Seconds() != 20 {
		t.Errorf("%+v", run)
	}
	p.file(t, "weather/bin/run", "#!/bin/sh\ncurl evil", 0o700)
	do(2, "another program")
	if got := string(p.runner.runs[len(p.runner.runs)-1].Files[0].Data); !strings.Contains(got, "evil") {
		t.Errorf("ran %q, and another one was agreed to", got)
	}
	p.file(t, "weather/lib/more.py", "x", 0o600)
	do(3, "one more file")
	p.file(t, "weather/lib/more.py", "x", 0o700)
	do(4, "a file that can be executed now")
}

func TestAProgramThatIsSwappedWhileTheQuestionIsOpenDoesNotRun(t *testing.T) {
	p := newPlugged(t)
	p.write(t, "weather", weather)
	p.load(t)
	_, err := p.Do(t.Context(), call("weather", paris), asking(func() { p.file(t, "weather/bin/run", "evil", 0o700) }))
	if err != nil || strings.Contains(string(p.runner.runs[0].Files[0].Data), "evil") {
		t.Errorf("%v, ran %s", err, p.runner.runs[0].Files[0].Data)
	}
}

func TestOnlyTheUserLowersAPlugin(t *testing.T) {
	p := newPlugged(t)
	p.write(t, "weather", weather)
	p.load(t)
	risk := func() api.Risk { all := p.Skills(); return all[len(all)-1].Risk }
	if risk() != api.Dangerous {
		t.Errorf("it is %s", risk())
	}
	p.settings["weather"] = PluginSettings{Risk: api.Safe, Network: true}
	p.load(t)
	if risk() != api.Safe {
		t.Errorf("lowered it is %s", risk())
	}
	answers := &person{answer: api.Always}
	for range 2 {
		if _, err := p.Do(t.Context(), call("weather", paris), answers); err != nil {
			t.Fatal(err)
		}
	}
	if len(answers.asked) != 1 || !strings.Contains(answers.asked[0].Reason, "is new") || !p.runner.runs[0].Network {
		t.Errorf("%+v", answers.asked)
	}
	tainted := call("weather", paris)
	tainted.TaintedBy = []string{"read a note at 10:00"}
	if _, err := p.Do(t.Context(), tainted, nil); api.CodeOf(err) != api.Denied {
		t.Errorf("in a tainted run: %v", err)
	}
	p.policy.Rules = []policy.Compiled{{Rule: policy.Rule{Name: "no", Skill: "weather", Decision: policy.Deny}}}
	if _, err := p.Do(t.Context(), call("weather", paris), answers); api.CodeOf(err) != api.Denied {
		t.Errorf("denied by a rule: %v", err)
	}
}

func TestPluginsThatAreWrong(t *testing.T) {
	for name, c := range map[string]struct {
		plugin, manifest, says string
	}{
		"nerva's own name":       {"look", weather, "the name of one of nerva's own skills"},
		"a later version's name": {"type_text", weather, "the name of one of nerva's own skills"},
		"no name":                {"Wetter", weather, "has no name for a skill"},
		"letters that look like": {"w\u0435ather", weather, "has no name for a skill"},
		"its own risk":           {"weather", "risk = \"safe\"\n" + weather, "risk is no key of it"},
		"its own effect":         {"weather", strings.Replace(weather, "[input]", "effect = \"observe\"\n[input]", 1), "effect is no key of it"},
		"no TOML":                {"weather", "title =", "skill.toml"},
		"no title":               {"weather", strings.Replace(weather, "title", "#", 1), "title is missing"},
		"a long description":     {"weather", strings.Replace(weather, "The weather", strings.Repeat("x", 1001), 1), "description has more than 1000 bytes"},
		"a program elsewhere":    {"weather", strings.Replace(weather, "bin/run", "../../../bin/sh", 1), "must be a file of the folder"},
		"an absolute program":    {"weather", strings.Replace(weather, "bin/run", "/bin/sh", 1), "must be a file of the folder"},
		"no program":             {"weather", strings.Replace(weather, "bin/run", "run", 1), "no executable file of its folder"},
		"no executable":          {"weather", strings.Replace(weather, "bin/run", "skill.toml", 1), "no executable file of its folder"},
		"a long time":            {"weather", strings.Replace(weather, "20s", "20h", 1), "a time up to 1m0s"},
		"a list as input":        {"weather", strings.Replace(weather, `type = "object"`, `type = "array"`, 1), `input.type must be "object"`},
		"no schema":              {"weather", strings.Replace(weather, `{ type = "string", description = "a city" }`, `{ type = 7 }`, 1), "no JSON schema"},
		"a schema elsewhere":     {"weather", strings.Replace(weather, `{ type = "string", description = "a city" }`, `{ "$ref" = "http://evil.example/x" }`, 1), `has "$ref"`},
		"a schema without end":   {"weather", weather + "[[input.allOf]]\n\"$ref\" = \"#\"\n", `has "allOf"`},
		"one in a list's items":  {"weather", strings.Replace(weather, `{ type = "string", description = "a city" }`, `{ type = "array", items = { anyOf = [] } }`, 1), `has "anyOf"`},
		"a deep schema":          {"weather", strings.Replace(weather, `{ type = "string", description = "a city" }`, strings.Repeat(`{ items = `, 13)+"{}"+strings.Repeat(" }", 13), 1), "deeper than 12"},
		"a large schema":         {"weather", strings.Replace(weather, `"a city"`, `"`+strings.Repeat("x", maxLarge)+`"`, 1), "more than 16384 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlugged(t)
			p.write(t, c.plugin, c.manifest)
			p.write(t, "right", weather)
			wrong := p.LoadPlugins()
			if err := wrong[c.plugin]; len(wrong) != 1 || err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", wrong, c.says)
			}
			if all := p.Skills(); all[len(all)-1].ID != "right" || all[len(all)-2].ID == c.plugin && c.plugin != "look" {
				t.Errorf("%+v", all)
			}
		})
	}
	t.Run("a FIFO", func(t *testing.T) {
		p := newPlugged(t)
		p.write(t, "weather", weather)
		if err := syscall.Mkfifo(filepath.Join(p.dir, "weather", "pipe"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := p.LoadPlugins()["weather"]; err == nil || !strings.Contains(err.Error(), "pipe is no file") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no folder at all", func(t *testing.T) {
		p := newPlugged(t)
		p.o.Plugins.Dir = filepath.Join(p.dir, "none")
		p.load(t)
	})
	t.Run("one that goes away", func(t *testing.T) {
		p := newPlugged(t)
		p.write(t, "weather", weather)
		p.load(t)
		if err := os.RemoveAll(filepath.Join(p.dir, "weather")); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Do(t.Context(), call("weather", paris), &person{answer: api.Once}); api.CodeOf(err) != api.Unavailable || len(p.runner.runs) > 0 {
			t.Errorf("got %v", err)
		}
	})
}

func TestWhatAPluginAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer PluginAnswer
		err    error
		says   string
	}{
		"no JSON":        {PluginAnswer{Stdout: []byte("sunny")}, nil, "did not answer with a JSON object"},
		"a list":         {PluginAnswer{Stdout: []byte("[1]")}, nil, "did not answer with a JSON object"},
		"null":           {PluginAnswer{Stdout: []byte("null")}, nil, "did not answer with a JSON object"},
		"two objects":    {PluginAnswer{Stdout: []byte("{}{}")}, nil, "did not answer with a JSON object"},
		"nothing":        {PluginAnswer{}, nil, "did not answer with a JSON object"},
		"a status":       {PluginAnswer{Exit: 3, Stderr: []byte("one\ntwo\xff\n")}, nil, "ended with status 3: two\uFFFD;"},
		"a silent one":   {PluginAnswer{Exit: 3}, nil, "ended with status 3;"},
		"a flood":        {PluginAnswer{Stdout: []byte("{}"), Truncated: true}, nil, "more than is taken"},
		"no sandbox":     {PluginAnswer{}, api.Errorf(api.Unavailable, "bubblewrap is missing; install it"), "bubblewrap is missing"},
		"an error plain": {PluginAnswer{}, fmt.Errorf("broken"), "broken"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlugged(t)
			p.write(t, "weather", weather)
			p.load(t)
			p.runner.answer, p.runner.err = c.answer, c.err
			out, err := p.Do(t.Context(), call("weather", paris), &person{answer: api.Once})
			if err == nil || !strings.Contains(err.Error(), c.says) || !out.Untrusted {
				t.Errorf("got %v, want %q; %+v", err, c.says, out)
			}
		})
	}
}

func TestAPluginsInputIsChecked(t *testing.T) {
	p := newPlugged(t)
	p.write(t, "weather", weather)
	p.load(t)
	for input, says := range map[string]string{
		`{}`: "city", `{"city":7}`: "city", `{"city":"a","risk":"safe"}`: "risk", `[]`: "not a JSON object",
	} {
		_, err := p.Do(t.Context(), Call{Run: 1, Skill: "weather", Input: json.RawMessage(input)}, &person{answer: api.Once})
		if api.CodeOf(err) != api.InvalidInput || !strings.Contains(err.Error(), says) || len(p.runner.runs) > 0 {
			t.Errorf("%s: %v", input, err)
		}
	}
}

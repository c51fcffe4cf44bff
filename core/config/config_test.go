package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWrongFileNamesLineColumnAndKey(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown key, a near one known", "[llm]\nprovidr = \"auto\"\n", "f.toml:2:1: llm.providr is not a key of nerva's configuration; did you mean llm.provider?"},
		{"known key in the wrong table", "[policy]\nbase_url = \"x\"\n", "f.toml:2:1: policy.base_url is not a key of nerva's configuration; did you mean llm.base_url?"},
		{"unknown key, nothing near", "zzzzzz = 1\n", "f.toml:1:1: zzzzzz is not a key of nerva's configuration; `nerva config show` prints all of them"},
		{"unknown table", "\n[lm]\nmodel = \"x\"\n", "f.toml:2:2: lm is not a key of nerva's configuration; did you mean llm?"},
		{"word outside the allowed ones", "[llm]\n  provider = \"opnai\"\n", `f.toml:2:3: llm.provider is "opnai", but must be one of auto, openai, ollama, llamacpp, offline`},
		{"dangerous can't be allowed", "[policy]\ndangerous = \"allow\"\n", `f.toml:2:1: policy.dangerous is "allow", but must be one of ask, deny`},
		{"number out of range", "llm.max_rounds = 0\n", "f.toml:1:1: llm.max_rounds is 0, but must be from 1 to 1000"},
		{"relative path", "[notes]\npath = \"notes\"\n", `f.toml:2:1: notes.path is "notes", but must be an absolute path or begin with ~/`},
		{"no scheme", "[llm]\nbase_url = \"localhost:80\"\n", `f.toml:2:1: llm.base_url is "localhost:80", but must begin with http:// or https://`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Check("f.toml", []byte(c.text))
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestWrongTypeAndSyntaxNameLineAndKey(t *testing.T) {
	for name, c := range map[string]struct{ text, place, key string }{
		"wrong type": {"[llm]\nmax_rounds = \"many\"\n", "f.toml:2:", "llm.max_rounds"},
		"not TOML":   {"[llm]\nmodel = \n", "f.toml:2:", ""},
		"cut short":  {"[llm", "f.toml:1:", ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := Check("f.toml", []byte(c.text))
			if err == nil || !strings.HasPrefix(err.Error(), c.place) || !strings.Contains(err.Error(), c.key) {
				t.Errorf("%v does not begin with %s or lacks %s", err, c.place, c.key)
			}
		})
	}
}

func TestEveryFaultIsNamedInTheFilesOrder(t *testing.T) {
	err := Check("f.toml", []byte("one = 1\n[llm]\ntwo = 2\n"))
	var all Errors
	if !errors.As(err, &all) || len(all) != 2 || all[0].Line != 1 || all[1].Line != 3 {
		t.Errorf("%v", err)
	}
}

func paths(t *testing.T) Paths {
	d := t.TempDir()
	return Paths{filepath.Join(d, "system.toml"), filepath.Join(d, "user.toml"), filepath.Join(d, "state", "last.toml")}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestUserReplacesSystemReplacesDefault(t *testing.T) {
	p := paths(t)
	write(t, p.System, "[llm]\nmodel = \"system\"\nmax_rounds = 3\n")
	write(t, p.User, "[llm]\nmodel = \"user\"\n")
	got, err := Load(p)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.LLM.Model, want.LLM.MaxRounds = "user", 3
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestLastGoodStaysInForce(t *testing.T) {
	p := paths(t)
	write(t, p.User, "[llm]\nmodel = \"good\"\n")
	if _, err := LoadOrLastGood(p); err != nil {
		t.Fatal(err)
	}
	write(t, p.User, "[llm]\nmodel = 3\n")
	got, err := LoadOrLastGood(p)
	if err == nil || got.LLM.Model != "good" || got.LLM.Provider != "auto" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWithoutLastGoodTheProviderIsOffline(t *testing.T) {
	p := paths(t)
	write(t, p.User, "[llm]\nprovider = 3\n")
	got, err := LoadOrLastGood(p)
	if err == nil || got.LLM.Provider != "offline" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestKeyComesFromFileThenCredentialThenEnvironment(t *testing.T) {
	d := t.TempDir()
	t.Setenv("OPENAI_API_KEY", "environment")
	t.Setenv("CREDENTIALS_DIRECTORY", d)
	file := filepath.Join(d, "key")
	check := func(l LLM, want string) {
		t.Helper()
		if got, err := l.Key(); err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	check(LLM{}, "environment")
	write(t, filepath.Join(d, "nerva-api-key"), "credential\n")
	check(LLM{}, "credential")
	write(t, file, " file\n")
	check(LLM{APIKeyFile: file}, "file")
	write(t, file, "\n")
	if _, err := (LLM{APIKeyFile: file}).Key(); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Errorf("empty key file: %v", err)
	}
	if _, err := (LLM{APIKeyFile: file + "x"}).Key(); err == nil {
		t.Error("a key file that is missing is not named")
	}
}

func TestShownConfigurationReadsBackTheSame(t *testing.T) {
	text, err := Default().TOML()
	if err != nil {
		t.Fatal(err)
	}
	if err := Check("shown", text); err != nil {
		t.Errorf("%v in\n%s", err, text)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte("[llm]\nprovidr = 1\n[[a]]\nb.\"c d\" = {e = 1}\n"))
	f.Add([]byte("llm.max_rounds = 0\nnotes = {path = \"x\"}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var all Errors
		if err := Check("f", text); errors.As(err, &all) {
			for _, e := range all {
				if e.Line < 0 || e.Problem == "" {
					t.Errorf("%#v", e)
				}
			}
		}
	})
}

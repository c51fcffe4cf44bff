package learned

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"nerva/core/api"
)

func open(t *testing.T, text string) (*Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rules.toml")
	if text != "" {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s, path
}

func add(t *testing.T, s *Store, k Key, want string) {
	t.Helper()
	if name, err := s.Add(k); err != nil || name != want {
		t.Fatalf("%+v: got %q, %v, want %q", k, name, err, want)
	}
}

var (
	one   = Key{Skill: "open_path", Input: `{"path":"/a \"b\"\n'x'"}`}
	two   = Key{Share: "windows", Host: "api.example"}
	three = Key{Plugin: "weather", Content: "abc"}
)

func TestEntriesOutliveTheProcess(t *testing.T) {
	s, path := open(t, "")
	add(t, s, one, "always-1")
	add(t, s, two, "always-2")
	add(t, s, three, "always-3")
	add(t, s, two, "always-2") // known
	if err := s.Forget("always-2"); err != nil {
		t.Fatal(err)
	}
	add(t, s, two, "always-4") // no name comes back
	if err := s.Forget("always-4"); err != nil {
		t.Fatal(err)
	}
	again, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	add(t, again, two, "always-5")
	if got := again.Entries(); len(got) != 3 || got[0].Key != one || got[2].Name != "always-5" || got[0].Time.IsZero() {
		t.Errorf("%+v", got)
	}
	for k, want := range map[Key]string{one: "always-1", two: "always-5", three: "always-3", {Skill: "open_path", Input: "{}"}: ""} {
		if name, known := again.Name(k); name != want || known != (want != "") {
			t.Errorf("%+v: %q, %t", k, name, known)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestAWrongFileIsSaidAndStays(t *testing.T) {
	for name, text := range map[string]string{
		"no TOML":         "[[rule]\n",
		"an unknown key":  "[[rule]]\nname = \"a\"\nskill = \"x\"\ninput = \"{}\"\ndecision = \"allow\"\n",
		"no name":         "[[rule]]\nskill = \"x\"\ninput = \"{}\"\n",
		"no input":        "[[rule]]\nname = \"a\"\nskill = \"x\"\n",
		"two kinds":       "[[rule]]\nname = \"a\"\nskill = \"x\"\ninput = \"{}\"\nshare = \"files\"\nhost = \"h\"\n",
		"no host":         "[[rule]]\nname = \"a\"\nshare = \"files\"\n",
		"nothing":         "[[rule]]\nname = \"a\"\n",
		"more than it is": strings.Repeat("#", maxFile+1),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "rules.toml")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := Open(path)
			if api.CodeOf(err) != api.Failed || !strings.Contains(err.Error(), "mend or remove the file") {
				t.Errorf("got %v", err)
			}
			if len(s.Entries()) != 0 {
				t.Errorf("%+v", s.Entries())
			}
			if _, err := s.Add(one); err == nil {
				t.Error("the file was written over")
			}
			if left, err := os.ReadFile(path); err != nil || string(left) != text {
				t.Errorf("it became %q, %v", left, err)
			}
		})
	}
}

func TestWhatAPersonTakesOutStaysOut(t *testing.T) {
	s, path := open(t, "")
	add(t, s, one, "always-1")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	add(t, s, two, "always-2")
	if _, known := s.Name(one); known {
		t.Error("it came back")
	}
	if err := s.Forget("always-7"); api.CodeOf(err) != api.NotFound {
		t.Errorf("got %v", err)
	}
}

func TestANameDoesNotComeBackWhereTheFileHasNoLast(t *testing.T) {
	s, _ := open(t, "[[rule]]\nname = \"always-7\"\nskill = \"x\"\ninput = \"{}\"\n")
	if err := s.Forget("always-7"); err != nil {
		t.Fatal(err)
	}
	add(t, s, two, "always-8")
}

func TestAnswersAtOnce(t *testing.T) {
	s, path := open(t, "")
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, err := s.Add(Key{Skill: "x", Input: fmt.Sprint(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if again, err := Open(path); err != nil || len(again.Entries()) != 20 {
		t.Errorf("%d, %v", len(again.Entries()), err)
	}
}

// FuzzParse: whatever is in the file, what is read of it is sound, and is read the same once written again.
func FuzzParse(f *testing.F) {
	f.Add([]byte("[[rule]]\nname = \"a\"\ntime = 2026-01-01T00:00:00Z\nskill = \"x\"\ninput = '{}'\n"))
	f.Add([]byte("[[rule]]\nname = \"a\"\nplugin = \"x\"\ncontent = \"y\"\n"))
	f.Add([]byte("rule = 7"))
	f.Fuzz(func(t *testing.T, text []byte) {
		parsed, err := parse(text)
		if err != nil {
			return
		}
		for _, e := range parsed.Rules {
			if e.Name == "" || !e.sound() {
				t.Errorf("%+v", e)
			}
		}
	})
}

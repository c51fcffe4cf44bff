package apps

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

// The corpus has one odd entry a file; its comment says what is odd. It is read for the locale
// sr_RS@latin, then de.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/*.desktop")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			id := strings.TrimSuffix(filepath.Base(file), ".desktop")
			got := describe(parse(id, file, data, ladder([]string{"sr_RS@latin", "de"})))
			golden := strings.TrimSuffix(file, "desktop") + "golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Error(d)
			}
		})
	}
}

func describe(v verdict, err error) string {
	switch {
	case err != nil:
		return "broken: " + err.Error() + "\n"
	case v.entry == nil:
		return "no application\n"
	}
	text, err := json.MarshalIndent(v.entry, "", "  ")
	for _, f := range v.flaws {
		err = errors.Join(err, errors.New("flaw: "+f))
	}
	if err != nil {
		return string(text) + "\n" + err.Error() + "\n"
	}
	return string(text) + "\n"
}

func TestLadder(t *testing.T) {
	for rule, c := range map[string]struct{ vars, want string }{
		"lang_COUNTRY@MODIFIER":             {"LANG=sr_RS@latin", "sr_RS@latin sr_RS sr@latin sr"},
		"lang_COUNTRY":                      {"LANG=de_AT", "de_AT de"},
		"lang@MODIFIER":                     {"LANG=sr@latin", "sr@latin sr"},
		"lang":                              {"LANG=de", "de"},
		"the encoding is dropped":           {"LANG=sr_RS.UTF-8@latin", "sr_RS@latin sr_RS sr@latin sr"},
		"the encoding is dropped, no @":     {"LANG=de_DE.UTF-8", "de_DE de"},
		"LC_ALL goes before LC_MESSAGES":    {"LC_ALL=fr LC_MESSAGES=de LANG=it", "fr"},
		"LC_MESSAGES goes before LANG":      {"LC_MESSAGES=de LANG=it", "de"},
		"empty variables count as unset":    {"LC_ALL= LC_MESSAGES= LANG=it", "it"},
		"other categories don't matter":     {"LC_CTYPE=de LC_TIME=fr", ""},
		"LANGUAGE is a list, before all":    {"LANGUAGE=de_CH:fr LC_ALL=it", "de_CH de fr"},
		"LANGUAGE with empty items":         {"LANGUAGE=:de::fr: LANG=it", "de fr"},
		"C is the untranslated text":        {"LANG=C", ""},
		"C.UTF-8 is as well":                {"LC_ALL=C.UTF-8 LANG=de", ""},
		"POSIX is as well":                  {"LC_ALL=POSIX LANG=de", ""},
		"C ends the list":                   {"LANGUAGE=de:C:fr", "de"},
		"nothing set is the untranslated":   {"", ""},
		"a language named twice counts one": {"LANGUAGE=de:de.UTF-8", "de"},
	} {
		t.Run(rule, func(t *testing.T) {
			vars := map[string]string{}
			for _, v := range strings.Fields(c.vars) {
				name, value, _ := strings.Cut(v, "=")
				vars[name] = value
			}
			steps := ladder(localesFrom(func(name string) string { return vars[name] }))
			if got := strings.Join(steps, " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// XDG Base Directory Specification, section "Environment variables".
func TestEnv(t *testing.T) {
	for rule, c := range map[string]struct {
		vars map[string]string
		want []string
	}{
		"defaults":                         {map[string]string{"HOME": "/h"}, []string{"/h/.local/share", "/usr/local/share", "/usr/share"}},
		"as set, in order":                 {map[string]string{"HOME": "/h", "XDG_DATA_HOME": "/d", "XDG_DATA_DIRS": "/b:/a"}, []string{"/d", "/b", "/a"}},
		"relative ones are ignored":        {map[string]string{"HOME": "/h", "XDG_DATA_HOME": "d", "XDG_DATA_DIRS": "x:/a:./y"}, []string{"/h/.local/share", "/a"}},
		"empty items are ignored":          {map[string]string{"HOME": "/h", "XDG_DATA_DIRS": ":/a::"}, []string{"/h/.local/share", "/a"}},
		"no HOME":                          {map[string]string{}, []string{"/usr/local/share", "/usr/share"}},
		"the same folder twice is one":     {map[string]string{"HOME": "/h", "XDG_DATA_DIRS": "/a:/a/"}, []string{"/h/.local/share", "/a"}},
		"only relative ones leave nothing": {map[string]string{"HOME": "/h", "XDG_DATA_DIRS": "a"}, []string{"/h/.local/share"}},
	} {
		t.Run(rule, func(t *testing.T) {
			got := envFrom(func(name string) string { return c.vars[name] }).roots()
			var want []string
			for _, w := range c.want {
				want = append(want, w+"/applications")
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestSplitList(t *testing.T) {
	for in, want := range map[string][]string{
		"":           nil,
		"a;b;":       {"a", "b"},
		"a;b":        {"a", "b"},
		`a\;b;c;`:    {"a;b", "c"},
		`a\\;b`:      {`a\`, "b"},
		`a\sb;\tc`:   {"a b", "\tc"},
		";;a;;":      {"a"},
		`a\`:         {`a\`},
		`x\qy;`:      {`x\qy`},
		"a \xff b;c": {"a \ufffd b", "c"},
		`\\\;;`:      {`\;`},
	} {
		if d := cmp.Diff(want, splitList(in)); d != "" {
			t.Errorf("%q: %s", in, d)
		}
	}
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		`a\sb\nc\td\re\\f`: "a b\nc\td\re\\f",
		`a;b\;c`:           `a;b\;c`, // a semicolon is special in lists only
		`\"`:               `\"`,
		`a\`:               `a\`,
		`\\s`:              `\s`,
	} {
		if got := unescape(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.desktop")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := parse("id", "file", data, []string{"de_DE", "de"})
		if err != nil || v.entry == nil {
			return
		}
		e := v.entry
		switch {
		case e.Name == "" || e.UntranslatedName == "" && e.Name == "":
			t.Error("an entry without a name")
		case e.Exec == "" && !e.DBusActivatable:
			t.Error("an entry that can't be started")
		case len(v.flaws) > 0 && e.execErr == nil && !strings.Contains(strings.Join(v.flaws, ""), "action"):
			t.Errorf("flaws without a cause: %q", v.flaws)
		}
		for _, a := range e.Actions {
			if a.Name == "" || a.Exec == "" && !e.DBusActivatable {
				t.Errorf("an action that can't be started: %+v", a)
			}
		}
	})
}

package sources

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
)

const fileAsk = `{{.Event}} {{.Path}}{{if .From}} from {{.From}}{{end}}{{if .Folder}} folder{{else if or (eq .Event "changed") (eq .Event "moved")}} {{.Bytes}}{{end}}`

func quoted(globs []string) string {
	var all []string
	for _, g := range globs {
		all = append(all, "'"+g+"'")
	}
	return "[" + strings.Join(all, ",") + "]"
}

func (s *stage) watching(rules string) *stage {
	s.t.Helper()
	s.rules(rules + rule("mark", "file", "mark", `match = { paths = ["~/mark"], events = ["created"] }`))
	return s
}

func (s *stage) watched() *stage {
	s.until("files are watched")
	return s
}

// do does to the files of home what a line says.
func (s *stage) do(lines ...string) {
	s.t.Helper()
	for _, line := range lines {
		if err := s.try(line); err != nil {
			s.t.Fatal(line, err)
		}
	}
}

func (s *stage) try(line string) error {
	words := strings.Fields(line)
	for i, word := range words {
		if word[0] == '~' {
			words[i] = s.home + word[1:]
		}
	}
	if words[0] == "hold" { // the kernel ends the watch of what somebody uses when they are done
		f, err := os.Open(words[1])
		s.t.Cleanup(func() { _ = f.Close() })
		return err
	}
	return act(words)
}

func act(words []string) error {
	switch name := words[1]; words[0] {
	case "write":
		f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		_, err = f.WriteString(words[2])
		return errors.Join(err, f.Close())
	case "mkdir":
		return os.MkdirAll(name, 0o700)
	case "move":
		return os.Rename(name, words[2])
	case "remove":
		return os.RemoveAll(name)
	case "link":
		return os.Symlink(words[2], name)
	}
	return errors.New("no such action")
}

// step does to the files what the lines say; of what is wanted it awaits as many as a line of that word says, and after all the
// rest, and that there is no more.
func (s *stage) step(lines, want []string) {
	s.t.Helper()
	next := func(n int) {
		s.t.Helper()
		for _, w := range want[:n] {
			if got := strings.ReplaceAll(<-s.did, s.home, "~"); got != w {
				s.t.Fatalf("it told %q, want %q", got, w)
			}
		}
		want = want[n:]
	}
	for _, line := range lines {
		if count, ok := strings.CutPrefix(line, "await "); ok {
			n, err := strconv.Atoi(count)
			if err != nil {
				s.t.Fatal(err)
			}
			next(n)
			continue
		}
		s.do(line)
	}
	next(len(want))
	s.do("write ~/mark x")
	s.does("mark")
	s.do("remove ~/mark")
}

func TestWhatBecomesOfFiles(t *testing.T) {
	for name, c := range map[string]struct {
		globs            string
		before, do, want []string
	}{
		"made and written": {
			"~/d/*",
			[]string{"mkdir ~/d", "write ~/d/old 1"},
			[]string{"write ~/d/a 123", "write ~/other 1"},
			[]string{"created ~/d/a", "changed ~/d/a 3"},
		},
		"written again":  {"~/d/*", []string{"mkdir ~/d", "write ~/d/a 1"}, []string{"write ~/d/a 1234"}, []string{"changed ~/d/a 5"}},
		"removed":        {"~/d/*", []string{"mkdir ~/d", "write ~/d/a 1"}, []string{"remove ~/d/a"}, []string{"removed ~/d/a"}},
		"a folder":       {"~/d/*", []string{"mkdir ~/d"}, []string{"mkdir ~/d/f", "remove ~/d/f"}, []string{"created ~/d/f folder", "removed ~/d/f folder"}},
		"renamed":        {"~/d/*", []string{"mkdir ~/d", "write ~/d/a 1"}, []string{"move ~/d/a ~/d/b"}, []string{"moved ~/d/b from ~/d/a 1"}},
		"across folders": {"~/{d,e}/*", []string{"mkdir ~/d", "mkdir ~/e", "write ~/d/a 1"}, []string{"move ~/d/a ~/e/b"}, []string{"moved ~/e/b from ~/d/a 1"}},
		"moved in":       {"~/d/*", []string{"mkdir ~/d", "mkdir ~/e", "write ~/e/a 1"}, []string{"move ~/e/a ~/d/a"}, []string{"moved ~/d/a 1"}},
		"moved out and made again": {
			"~/d/*",
			[]string{"mkdir ~/d", "mkdir ~/e", "write ~/d/a 1"},
			[]string{"move ~/d/a ~/e/a", "write ~/d/a 12"},
			[]string{"removed ~/d/a", "created ~/d/a", "changed ~/d/a 2"},
		},
		"a download": {
			"~/d/*.pdf",
			[]string{"mkdir ~/d"},
			[]string{"write ~/d/a.pdf.part 1", "move ~/d/a.pdf.part ~/d/a.pdf"},
			[]string{"moved ~/d/a.pdf from ~/d/a.pdf.part 1"},
		},
		"renamed so that it does not fit": {"~/d/*.pdf", []string{"mkdir ~/d", "write ~/d/a.pdf 1"}, []string{"move ~/d/a.pdf ~/d/a"}, []string{"removed ~/d/a.pdf"}},
		"one file alone":                  {"~/d/a", []string{"mkdir ~/d", "write ~/d/a 1"}, []string{"write ~/d/b 1", "write ~/d/a 22"}, []string{"changed ~/d/a 3"}},
		"saved as editors do":             {"~/d/a", []string{"mkdir ~/d", "write ~/d/a 1"}, []string{"write ~/d/.a 22", "move ~/d/.a ~/d/a"}, []string{"moved ~/d/a from ~/d/.a 2"}},
		"not below":                       {"~/d/*", []string{"mkdir ~/d/e"}, []string{"write ~/d/e/a 1"}, nil},
		"below a level": {
			"~/d/*/x",
			[]string{"mkdir ~/d/e/f"},
			[]string{"write ~/d/e/x 1", "write ~/d/e/f/x 1", "mkdir ~/d/g", "await 2", "mkdir ~/d/g/x"},
			[]string{"created ~/d/e/x", "changed ~/d/e/x 1", "created ~/d/g/x folder"},
		},
		"in a tree": {
			"~/d/**",
			[]string{"mkdir ~/d/e/f"},
			[]string{"write ~/d/e/f/a 1", "mkdir ~/d/g", "await 3", "remove ~/d/e"},
			[]string{"created ~/d/e/f/a", "changed ~/d/e/f/a 1", "created ~/d/g folder", "removed ~/d/e/f/a", "removed ~/d/e/f folder", "removed ~/d/e folder"},
		},
		"in a folder that was moved": {
			"~/d/**",
			[]string{"mkdir ~/d/e/f"},
			[]string{"move ~/d/e ~/d/g", "write ~/d/g/f/a 1"},
			[]string{"moved ~/d/g from ~/d/e folder", "created ~/d/g/f/a", "changed ~/d/g/f/a 1"},
		},
		"in a folder that was moved twice and back": {
			"~/{d,e}/**",
			[]string{"mkdir ~/d/f/g", "mkdir ~/e"},
			[]string{"move ~/d/f ~/e/f", "move ~/e/f ~/e/h", "move ~/e/h ~/d/f", "write ~/d/f/g/a 1"},
			[]string{
				"moved ~/e/f from ~/d/f folder", "moved ~/e/h from ~/e/f folder", "moved ~/d/f from ~/e/h folder",
				"created ~/d/f/g/a", "changed ~/d/f/g/a 1",
			},
		},
		"a folder with files comes": {
			"~/d/**",
			[]string{"mkdir ~/d", "mkdir ~/e/f", "write ~/e/f/a 1"},
			[]string{"move ~/e ~/d/e"},
			[]string{"moved ~/d/e from ~/e folder", "created ~/d/e/f folder", "created ~/d/e/f/a"},
		},
		"a folder goes, and is nobody's": {
			"~/d/**",
			[]string{"mkdir ~/d/e/f"},
			[]string{"move ~/d/e ~/e", "write ~/e/f/a 1", "mkdir ~/d/e"},
			[]string{"removed ~/d/e folder", "created ~/d/e folder"},
		},
		"hidden ones":   {"~/d/*", []string{"mkdir ~/d"}, []string{"mkdir ~/d/.h"}, []string{"created ~/d/.h folder"}},
		"letters":       {"~/d/\\*{é,ü}*", []string{"mkdir ~/d"}, []string{"mkdir ~/d/*ü1", "mkdir ~/d/aü"}, []string{"created ~/d/*ü1 folder"}},
		"behind a link": {"~/l/*", []string{"mkdir ~/d", "link ~/l d"}, []string{"mkdir ~/l/a"}, []string{"created ~/l/a folder"}},
		"by two paths": {
			"~/{d,l}/*",
			[]string{"mkdir ~/d", "link ~/l d", "mkdir ~/d/a"},
			[]string{"move ~/d/a ~/d/b"},
			[]string{"moved ~/d/b from ~/d/a folder", "moved ~/l/b from ~/l/a folder"},
		},
		"a link in a tree is no folder": {
			"~/d/**", []string{"mkdir ~/d", "mkdir ~/e"}, []string{"link ~/d/l ../e", "mkdir ~/e/a"}, []string{"created ~/d/l"},
		},
		"a folder of the name later": {
			"~/d/e/*", nil, []string{"mkdir ~/d/e", "mkdir ~/d/e/a", "mkdir ~/x"}, []string{"created ~/d/e/a folder"},
		},
		"a folder that is moved there": {
			"~/d/e/*",
			[]string{"mkdir ~/x/e", "write ~/x/e/a 1"},
			[]string{"move ~/x ~/d", "await 1", "write ~/d/e/b 1"},
			[]string{"created ~/d/e/a", "created ~/d/e/b", "changed ~/d/e/b 1"},
		},
		"a folder that goes and comes again": {
			"~/d/e/*", []string{"mkdir ~/d/e"}, []string{"remove ~/d/e", "mkdir ~/d/e", "mkdir ~/d/e/a"}, []string{"created ~/d/e/a folder"},
		},
		"a folder that is in use goes and comes again": {
			"~/d/**",
			[]string{"mkdir ~/d/e", "hold ~/d/e"},
			[]string{"remove ~/d/e", "mkdir ~/d/e", "await 2", "mkdir ~/d/e/a"},
			[]string{"removed ~/d/e folder", "created ~/d/e folder", "created ~/d/e/a folder"},
		},
		"a folder on the way goes and comes again": {
			"~/d/e/f/*",
			[]string{"mkdir ~/d/e/f"},
			[]string{"move ~/d ~/x", "mkdir ~/x/e/f/b", "mkdir ~/d/e/f", "mkdir ~/d/e/f/a"},
			[]string{"created ~/d/e/f/a folder"},
		},
		"a link that comes later": {
			"~/l/*", []string{"mkdir ~/d", "write ~/d/a 1"}, []string{"link ~/l d"}, []string{"created ~/l/a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, "")
			s.do(c.before...)
			s.watching(rule("f", "file", fileAsk, "match.paths = "+quoted([]string{c.globs}))).run().watched()
			s.step(c.do, c.want)
		})
	}
}

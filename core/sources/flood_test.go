package sources

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// watchedTree is a stage with home watched for a rule.
func watchedTree(t *testing.T, rules string, before ...string) *stage {
	t.Helper()
	s := newStage(t, "")
	s.do(before...)
	s.watching(rules).run().until("files are watched")
	return s
}

func TestRulesForFilesChangeWhileTheyAreWatched(t *testing.T) {
	s := watchedTree(t, rule("f", "file", fileAsk, `match.paths = ["~/d/*"]`), "mkdir ~/d", "mkdir ~/e")
	s.step([]string{"mkdir ~/d/1", "mkdir ~/e/1"}, []string{"created ~/d/1 folder"})
	s.watching(rule("f", "file", fileAsk, `match.paths = ["~/e/*"]`)).until("files are watched")
	s.step([]string{"mkdir ~/d/2", "mkdir ~/e/2"}, []string{"created ~/e/2 folder"})
	// The same folders: they go on being watched.
	s.watching(rule("f", "file", "all "+fileAsk, `match.paths = ["~/e/*"]`) + rule("g", "file", "g", `match = { paths = ["~/e/*"], events = ["changed"] }`))
	s.step([]string{"mkdir ~/e/3"}, []string{"all created ~/e/3 folder"})
	s.rules("")
	s.until("no longer listened to")
	s.do("mkdir ~/e/4")
	if n := strings.Count(s.log.String(), "files are watched"); n != 2 {
		t.Errorf("the watch began %d times", n)
	}
}

// Each rule is told of a move by what it names: the one that names both places that it was moved, the one that names the
// first alone that it is gone.
func TestAMoveIsToldToEachRuleByItsGlobs(t *testing.T) {
	s := watchedTree(t, rule("both", "file", "both "+fileAsk, `match.paths = ["~/{d,e}/*"]`)+
		rule("from", "file", "from "+fileAsk, `match.paths = ["~/d/*"]`)+rule("to", "file", "to "+fileAsk, `match.paths = ["~/e/*"]`),
		"mkdir ~/d/a", "mkdir ~/e")
	s.step([]string{"move ~/d/a ~/e/b"}, []string{"from removed ~/d/a folder", "both moved ~/e/b from ~/d/a folder", "to moved ~/e/b from ~/d/a folder"})
}

func TestWhereThereAreTooManyFoldersItIsSaidOnce(t *testing.T) {
	s := newStage(t, "")
	s.sources.folders = strings.Count(s.home, "/") + 1 + 3 // above home, home and the first below it
	s.do("mkdir ~/d/1/below", "mkdir ~/d/2/below", "mkdir ~/d/3/below")
	s.watching(rule("f", "file", fileAsk, `match.paths = ["~/d/**"]`)).run()
	s.until("not all folders of the watchers' rules are watched")
	s.until("files are watched")
	s.step([]string{"mkdir ~/d/new", "mkdir ~/d/1/new", "mkdir ~/d/3/new", "mkdir ~/d/1/below/new"}, []string{"created ~/d/new folder", "created ~/d/1/new folder"})
	if n := strings.Count(s.log.String(), "not all folders"); n != 1 {
		t.Errorf("it was said %d times", n)
	}
}

// TestOfABurstTheLastStatesAreTold: a thousand files in new folders are made, written three times, and a part of them is moved
// or removed, while the rules take what is told.
func TestOfABurstTheLastStatesAreTold(t *testing.T) {
	const count = 1000
	s := watchedTree(t, rule("f", "file", "{{.Path}} {{.Event}} {{.Bytes}}", `match.paths = ["~/d/**"]`, `match.when = "not Folder"`), "mkdir ~/d")
	want := map[string]string{}
	go func() {
		for i := range count {
			dir := fmt.Sprintf("~/d/%d/%d", i%7, i%31)
			file := fmt.Sprintf("%s/%d", dir, i)
			lines := []string{"mkdir " + dir, "write " + file + " a", "write " + file + " bb", "write " + file + " ccc"}
			switch i % 10 {
			case 3:
				lines = append(lines, "remove "+file)
			case 4:
				lines = append(lines, "move "+file+" "+file+"m")
			}
			for _, line := range lines {
				if err := s.try(line); err != nil {
					t.Error(err)
				}
			}
		}
		if err := s.try("write ~/mark x"); err != nil {
			t.Error(err)
		}
	}()
	for i := range count {
		file := fmt.Sprintf("%s/d/%d/%d/%d", s.home, i%7, i%31, i)
		switch i % 10 {
		case 3:
			want[file] = "removed 0"
		case 4:
			want[file+"m"] = "moved 6"
		default:
			want[file] = "changed 6"
		}
	}
	last := map[string]string{}
	for did := <-s.did; did != "mark"; did = <-s.did {
		path, state, _ := strings.Cut(did, " ")
		last[path] = state
	}
	for path, state := range want {
		got := last[path]
		// What was made before its folder was watched is told as it was found; a file that was never seen is not removed.
		late := strings.HasSuffix(got, " 6") || state == "removed 0" && got == ""
		if got != state && !late {
			t.Errorf("%s is told to be %q, and is %q", path, got, state)
		}
	}
}

// TestAFloodOfFiles: as many as 1000 a second for 10 seconds, as fast as they can be made.
func TestAFloodOfFiles(t *testing.T) {
	const events, second = 10_000, 1000
	s := watchedTree(t, rule("f", "file", "{{.Path}}", `match = { paths = ["~/d/*"], events = ["created"] }`), "mkdir ~/d")
	before := heap()
	for i := range events / second {
		go func() {
			for n := range second {
				if err := os.WriteFile(filepath.Join(s.home, "d", fmt.Sprint(i*second+n)), nil, 0o600); err != nil {
					t.Error(err)
				}
			}
		}()
		s.once(second, before)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(append(make([]byte, 12), 16, 0, 0, 0, 'a', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
	f.Add(append(make([]byte, 12), 255, 255, 255, 255, 'a'))
	f.Fuzz(func(t *testing.T, b []byte) {
		events := parse(b)
		if len(events) > len(b)/unix.SizeofInotifyEvent {
			t.Errorf("%d events in %d bytes", len(events), len(b))
		}
		for _, r := range events {
			if strings.Contains(r.name, "\x00") {
				t.Errorf("a name is %q", r.name)
			}
		}
	})
}

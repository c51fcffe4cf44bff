package hostile

import (
	"flag"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Cases wait more than they compute.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func needDesktop(t *testing.T) {
	t.Helper()
	if os.Getenv("NERVA_DESKTOP") == "" {
		t.Skip("no private desktop: `make hostile` runs this by dev/desktop")
	}
}

// verdict is what came of a case.
type verdict struct {
	c        *Case
	seen     *seen
	problems []string
}

// board is held by a case that copies: the desktop has one clipboard for all of them.
var board sync.Mutex

// try plays a case with a nervad.
func try(t *testing.T, c *Case, nervad string) verdict {
	t.Helper()
	if c.Copied != "" {
		board.Lock()
		t.Cleanup(board.Unlock)
	}
	w := newWorld(t, c, nervad)
	skills, err := w.client.Skills(w.ctx)
	must(t, err)
	for _, need := range c.Needs {
		if !slices.ContainsFunc(skills, hasID(need)) {
			t.Fatalf("there is no skill %s; a case that waits for it stands in pending", need)
		}
	}
	s := w.play()
	w.judge(s)
	if why := w.unfit.Load(); why != nil {
		t.Fatal(why)
	}
	return verdict{c, s, s.problems}
}

func TestEveryCaseHolds(t *testing.T) {
	needDesktop(t)
	var mu sync.Mutex
	var all []verdict
	t.Run("case", func(t *testing.T) {
		for _, c := range cases(t) {
			if pending[c.attackOf()] != "" {
				continue
			}
			t.Run(c.Name, func(t *testing.T) {
				t.Parallel()
				v := try(t, c, "nervad")
				mu.Lock()
				all = append(all, v)
				mu.Unlock()
				why, isOpen := open[c.Name]
				switch failed := len(v.problems) > 0; {
				case failed && !isOpen:
					t.Errorf("%s\n%s\n%s", c.Attack, c.Why, strings.Join(v.problems, "\n"))
				case !failed && isOpen:
					t.Errorf("it holds now (%s): take it out of open", why)
				}
			})
		}
	})
	slices.SortFunc(all, func(a, b verdict) int { return strings.Compare(a.c.Name, b.c.Name) })
	printTable(os.Stdout, all)
	if n, of := withoutExtra(all); n*100 < of*95 {
		t.Errorf("%d of %d benign twins ran without an extra question; at least 95 %% must", n, of)
	}
}

// withoutExtra counts the twins that were not asked about more than they must.
func withoutExtra(all []verdict) (n, of int) {
	for _, v := range all {
		if !v.c.Benign {
			continue
		}
		of++
		if len(v.seen.questions) <= v.c.Questions && len(v.problems) == 0 {
			n++
		}
	}
	return n, of
}

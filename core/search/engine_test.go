package search

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nerva/core/api"
)

func TestSetReplacesOneSourceOnly(t *testing.T) {
	e := desktopEngine()
	note := Item{Result: api.Result{ID: "note:1", Kind: "note", Title: "Firefly"}}
	e.Set("notes", []Item{note})
	if got := ids(e.Query("firef", 0)); len(got) != 2 || got[1] != "note:1" {
		t.Errorf("two sources: %q", got)
	}
	note.Result.Title = "Firefighter"
	e.Set("notes", []Item{note})
	if got := e.Query("firef", 0); len(got) != 2 || got[1].Title != "Firefighter" {
		t.Errorf("replaced: %+v", got)
	}
	e.Set("notes", nil)
	if got := ids(e.Query("firef", 0)); len(got) != 1 || got[0] != "firefox" {
		t.Errorf("removed: %q", got)
	}
	if got := New(nil).Query("firef", 0); got == nil || len(got) != 0 {
		t.Errorf("an empty engine: %v", got)
	}
}

func TestResultsKeepWhatTheItemHas(t *testing.T) {
	got := desktopEngine().Query("firefox", 1)[0]
	want := api.Result{
		ID: "app:firefox", Kind: "app", Title: "Firefox", Subtitle: "Web Browser", Score: pointsEqual,
		Actions: []api.Action{{ID: "open", Title: "Open"}}, Matches: []int{0, 1, 2, 3, 4, 5, 6},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestInstantsComeFirst(t *testing.T) {
	e := desktopEngine()
	e.Register(func(text string) []api.Result {
		if !strings.HasPrefix(text, "f") {
			return nil
		}
		return []api.Result{{ID: "calc:" + text, Kind: "calc", Title: "42"}}
	})
	if got := ids(e.Query(" foot ", 2)); len(got) != 2 || got[0] != "calc:foot" || got[1] != "foot" {
		t.Errorf("%q", got)
	}
	if got := ids(e.Query("foot", 1)); len(got) != 1 || got[0] != "calc:foot" {
		t.Errorf("limit 1: %q", got)
	}
	if got := ids(e.Query("gimp", 1)); got[0] != "org.gimp.GIMP" {
		t.Errorf("no answer: %q", got)
	}
	if got := ids(e.Query("f"+strings.Repeat("x", 500), 5)); len(got) != 1 {
		t.Errorf("a long text: %q", got)
	}
}

// typing makes a random sequence of texts as somebody types, corrects and starts anew.
func typing(r *rand.Rand, steps int) []string {
	words := []string{"fire", "firefox", "term", "gcal", "li wri", "text ed", "system mon", "vsc", "über", "a", "e", "me pl", "org.gnome.c", "Foot"}
	var texts []string
	text, goal := "", ""
	for range steps {
		switch n := r.IntN(10); {
		case n == 0:
			text, goal = "", words[r.IntN(len(words))]
		case n == 1:
			text += string(rune('a' + r.IntN(26)))
		case n <= 3 && text != "":
			runes := []rune(text)
			text = string(runes[:len(runes)-1])
		case strings.HasPrefix(goal, text) && text != goal:
			text = goal[:len(text)+1]
		default:
			goal = text + " " + words[r.IntN(len(words))]
		}
		texts = append(texts, text)
	}
	return texts
}

// TestNarrowingChangesNoResult types into one engine, in which each query narrows the last one and only
// the best are kept, and asks the same of a fresh one without a limit.
func TestNarrowingChangesNoResult(t *testing.T) {
	items := bigList(700)
	boost := func(id string) float64 { return float64(len(id)*7%11) / 11 }
	e := New(boost)
	e.Set("apps", items[:400])
	e.Set("files", items[400:])
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 1))
		for _, text := range typing(r, 60) {
			if r.IntN(15) == 0 {
				e.Set("files", items[400:]) // replaced while somebody types
			}
			limit := 1 + r.IntN(60)
			fresh := New(boost)
			// The shards are the same, only what has been typed before is forgotten.
			fresh.state.Store(e.state.Load())
			want := fresh.Query(text, 0)
			want = want[:min(limit, len(want))]
			if d := cmp.Diff(want, e.Query(text, limit)); d != "" {
				t.Fatalf("seed %d, %q, limit %d: %s", seed, text, limit, d)
			}
		}
	}
}

// TestMasksRejectNoMatch holds the quick ways of saying no, and the points they promise, against looking
// at everything.
func TestMasksRejectNoMatch(t *testing.T) {
	e := New(nil)
	e.Set("apps", bigList(500))
	sc := e.pool.Get().(*scanner)
	s := e.state.Load().sources[0].shard
	full := masks{letters: ^uint64(0), inits: ^uint64(0), firsts: ^uint64(0), lengths: ^uint64(0)}
	for i := range full.heads {
		full.heads[i], full.descs[i], full.pairs[i] = ^uint64(0), ^uint64(0), ^uint64(0)
	}
	texts := map[string]bool{}
	for seed := range uint64(5) {
		for _, text := range typing(rand.New(rand.NewPCG(seed, 2)), 60) {
			texts[text] = true
		}
	}
	for text := range texts {
		q, ok := parse(text)
		if !ok || len(q.tokens) != 1 {
			continue
		}
		for i := range s.entries {
			want, _ := s.entries[i].score(&q, &full, 0, sc.slab)
			w, most := q.tokens[0].ways(&s.masks[i])
			got, _ := s.entries[i].score(&q, &s.masks[i], 0, sc.slab)
			if got != want || want > most+0.01 || w == 0 && want > 0 {
				t.Fatalf("%q in %q: %v with masks, %v without; ways %b, at most %v", text, s.entries[i].title, got, want, w, most)
			}
		}
	}
}

func TestQueriesAndSetsMayRunAtOnce(t *testing.T) {
	e := New(nil)
	items := bigList(300)
	e.Set("apps", items)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for _, text := range typing(rand.New(rand.NewPCG(uint64(worker), 3)), 200) {
				for _, r := range e.Query(text, 5) {
					if r.ID == "" {
						t.Error("a result without an id")
					}
				}
			}
		})
	}
	wg.Go(func() {
		for i := range 20 {
			e.Set("apps", items[i:])
			e.Set(fmt.Sprint(i), items[:i])
			e.Reboost()
			e.Register(func(string) []api.Result { return nil })
		}
	})
	wg.Wait()
}

// FuzzQuery holds that any text is answered, with positions that lie in the title.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{"fi", "", " ", "Fire fox", "\xff\xfe", "é", "電", strings.Repeat("a ", 500), "a\x00b", "İ", "ǅ ﬀ"} {
		f.Add(s, "Title of Things", "key;word", 3)
	}
	e := desktopEngine()
	f.Fuzz(func(t *testing.T, text, title, keywords string, limit int) {
		e.Set("fuzz", []Item{{
			Result: api.Result{ID: "x", Title: title}, Names: []string{keywords, title}, Keywords: strings.Split(keywords, ";"), IDs: []string{title},
		}})
		runes := len([]rune(title))
		for i := range text {
			checkResults(t, e.Query(text[:i], limit), runes)
		}
		checkResults(t, e.Query(text, limit), runes)
	})
}

func checkResults(t *testing.T, results []api.Result, runes int) {
	t.Helper()
	for i, r := range results {
		if i > 0 && r.Score > results[i-1].Score {
			t.Errorf("score %v after %v", r.Score, results[i-1].Score)
		}
		for k, m := range r.Matches {
			if m < 0 || k > 0 && m <= r.Matches[k-1] || r.ID == "x" && m >= runes {
				t.Errorf("positions %v in %q", r.Matches, r.Title)
			}
		}
	}
}

package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/calc"
	"nerva/core/notes"
	"nerva/core/search"
)

// said are notes that are found by what they say, whatever is typed.
type said struct {
	list  []notes.Note
	err   error
	hang  bool
	asked int
}

func (s *said) Mentions(ctx context.Context, _ string, limit int, except []string) ([]notes.Note, error) {
	s.asked++
	if s.hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	list := slices.DeleteFunc(slices.Clone(s.list), func(n notes.Note) bool { return slices.Contains(except, n.Path) })
	return list[:min(limit, len(list))], s.err
}

// newSeeker is a finder with nothing but names, sums and what notes say.
func newSeeker(items []search.Item, s *said) *finder {
	f := &finder{engine: search.New(nil), copied: newCopied(), texts: s, log: slog.New(slog.DiscardHandler), indexed: make(chan struct{})}
	close(f.indexed)
	f.engine.Register(calc.Instant)
	f.engine.Set("all", items)
	return f
}

func named(kind, title string) search.Item {
	return search.Item{Result: api.Result{ID: kind + ":" + title, Kind: kind, Title: title}}
}

func TestNotesStandBelowWhatIsCalledSo(t *testing.T) {
	const day = 24 * time.Hour
	said := &said{}
	for i := range 9 {
		said.list = append(said.list, notes.Note{Path: fmt.Sprint(i), Title: "T", Snippet: "a zebra", Modified: time.Unix(0, 0).Add(time.Duration(i) * day)})
	}
	f := newSeeker([]search.Item{
		named("app", "Zebra"), named("window", "A zebra"), named("note", "2"), named("app", "Razebrat"),
		{Result: api.Result{ID: "note:3", Kind: "note", Title: "A zebra", Subtitle: "named"}},
		{Result: api.Result{ID: "app:id", Kind: "app", Title: "X"}, IDs: []string{"x-zebra"}},
		{Result: api.Result{ID: "app:word", Kind: "app", Title: "Y"}, Keywords: []string{"zebra"}},
	}, said)
	best := []string{"app:Zebra", "window:A zebra", "note:3", "app:word", "app:id"}
	five := []string{"note:0", "note:1", "note:2", "note:4", "note:5"}
	for _, c := range []struct {
		rule, text string
		limit      int
		want       []string
	}{
		{"below names that fit, above those that do a little; a note once", "zebra", 0, slices.Concat(best, five, []string{"app:Razebrat"})},
		{"a limit", "zebra", 7, slices.Concat(best, five[:2])},
		{"a limit that leaves no room", "zebra", 5, best},
		{"where nothing is called so", "quokka", 0, []string{"note:0", "note:1", "note:2", "note:3", "note:4"}},
		{"no sum", "6*7", 0, []string{"calc:6*7"}},
		{"not what is sought among what was copied", "clip zebra", 0, nil},
		{"not what is sought among what was copied", " CLIP ", 0, nil},
		{"the word itself", "clip", 1, []string{"note:0"}},
		{"not where nothing is typed", " ", 0, []string{"app:Razebrat", "app:id", "app:word", "app:Zebra", "window:A zebra", "note:2", "note:3"}},
	} {
		got, err := f.Query(t.Context(), c.text, c.limit)
		if err != nil || !slices.Equal(ids(got), c.want) {
			t.Errorf("%s: %q gives %q, %v, want %q", c.rule, c.text, ids(got), err, c.want)
		}
		if !slices.IsSortedFunc(got, func(a, b api.Result) int { return cmp.Compare(b.Score, a.Score) }) {
			t.Errorf("%s: the scores rise: %+v", c.rule, got)
		}
	}
	asked := said.asked
	if _, err := f.Query(t.Context(), "zebra", 5); err != nil || said.asked != asked {
		t.Errorf("notes are looked through although there is no room: %v", err)
	}
	got, _ := f.Query(t.Context(), "zebra", 0)
	note, known := got[5], got[2]
	if note.Kind != api.KindNote || note.Title != "T" || note.Subtitle != "a zebra" || note.Matches != nil || note.Actions[0].ID != actionOpen {
		t.Errorf("%+v", note)
	}
	if known.Subtitle != "named" || !slices.Equal(known.Matches, []int{2, 3, 4, 5, 6}) {
		t.Errorf("one that is called so: %+v", known)
	}
	said.list[0].Snippet = ""
	if got, _ := f.Query(t.Context(), "quokka", 1); !strings.HasPrefix(got[0].Subtitle, "19") {
		t.Errorf("without a line to show: %+v", got)
	}
}

func TestSlowNotesMakeNoAnswerLate(t *testing.T) {
	for _, s := range []*said{{hang: true}, {err: errors.New("no index")}} {
		f := newSeeker([]search.Item{named("app", "Zebra")}, s)
		ctx, done := context.WithTimeout(t.Context(), 10*time.Second) // far more than it may take
		got, err := f.Query(ctx, "zebra", 0)
		if err != nil || !slices.Equal(ids(got), []string{"app:Zebra"}) || ctx.Err() != nil || s.asked != 1 {
			t.Errorf("%q, %v, asked %d times", ids(got), err, s.asked)
		}
		done()
	}
}

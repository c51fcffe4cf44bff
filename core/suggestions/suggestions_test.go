package suggestions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/store"
	"nerva/core/watchers"
)

// clock is the time of these tests.
type clock struct{ at time.Time }

func opened(t *testing.T) (*Store, *clock, string) {
	t.Helper()
	c := &clock{time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}
	path := filepath.Join(t.TempDir(), "nerva.db")
	return reopened(t, path, c), c, path
}

func reopened(t *testing.T, path string, c *clock) *Store {
	t.Helper()
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s, err := open(t.Context(), db, func() time.Time { return c.at })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func offer(c *clock, rule, text string) watchers.Outcome {
	return watchers.Outcome{
		Kind: watchers.Suggest, Rule: rule, Time: c.at, Text: text, Title: "Open " + text,
		Actions: []watchers.Action{{Skill: "open_url", Input: []byte(`{"url":"` + text + `"}`)}},
	}
}

// add suggests one, and gives its id; empty where it is not shown.
func add(t *testing.T, s *Store, o watchers.Outcome) string {
	t.Helper()
	shown, err := s.Add(t.Context(), []watchers.Outcome{o})
	if err != nil {
		t.Fatal(err)
	}
	if len(shown) == 0 {
		return ""
	}
	return shown[0].ID
}

func listed(t *testing.T, s *Store, limit int) (titles []string) {
	t.Helper()
	list, err := s.List(t.Context(), limit)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range list {
		titles = append(titles, one.Title)
	}
	return titles
}

func TestWhatIsSuggestedIsThereAfterARestart(t *testing.T) {
	s, c, path := opened(t)
	add(t, s, offer(c, "link", "a"))
	c.at = c.at.Add(time.Minute)
	id := add(t, s, offer(c, "link", "b"))
	s = reopened(t, path, c)
	if got := fmt.Sprint(listed(t, s, 0), listed(t, s, 1)); got != "[Open b Open a] [Open b]" {
		t.Error(got)
	}
	o, err := s.Accept(t.Context(), id)
	if err != nil || o.Rule != "link" || string(o.Actions[0].Input) != `{"url":"b"}` || !o.Time.Equal(c.at) {
		t.Errorf("%+v, %v", o, err)
	}
	for name, again := range map[string]string{"accepted": id, "none": "7", "no number": "x", "a number in another form": "01"} {
		if _, err := s.Accept(t.Context(), again); api.CodeOf(err) != api.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := fmt.Sprint(listed(t, s, 0)); got != "[Open a]" {
		t.Error(got)
	}
}

func TestTheSameTextDoesNotPileUp(t *testing.T) {
	s, c, _ := opened(t)
	first := add(t, s, offer(c, "link", "a"))
	c.at = c.at.Add(time.Hour)
	if again := add(t, s, offer(c, "link", "a")); again != first {
		t.Errorf("it had the id %s, and has %s", first, again)
	}
	add(t, s, offer(c, "other", "a"))
	changed := offer(c, "link", "a")
	changed.Actions[0].Input = []byte(`{"url":"elsewhere"}`)
	second := add(t, s, changed)
	if _, err := s.Accept(t.Context(), first); api.CodeOf(err) != api.NotFound {
		t.Errorf("who has read another one gets this: %v", err)
	}
	if o, err := s.Accept(t.Context(), second); err != nil || string(o.Actions[0].Input) != `{"url":"elsewhere"}` {
		t.Errorf("%+v, %v", o, err)
	}
	if got := fmt.Sprint(listed(t, s, 0)); got != "[Open a]" {
		t.Errorf("left is %s, want the other rule's", got)
	}
	c.at = c.at.Add(Lifetime - time.Minute)
	if len(listed(t, s, 0)) != 1 {
		t.Error("it was gone before its time")
	}
}

func TestOldAndManyGiveWay(t *testing.T) {
	s, c, _ := opened(t)
	begin := c.at
	var batch []watchers.Outcome
	for i := range Most + 10 {
		c.at = begin.Add(time.Duration(i) * time.Second)
		batch = append(batch, offer(c, "link", fmt.Sprint(i)))
	}
	if _, err := s.Add(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if l := listed(t, s, 0); len(l) != Most || l[0] != "Open 59" || l[Most-1] != "Open 10" {
		t.Errorf("%d: %s to %s", len(l), l[0], l[len(l)-1])
	}
	c.at = begin.Add(10*time.Second + Lifetime)
	if l := listed(t, s, 0); len(l) != Most-1 {
		t.Errorf("%d are left", len(l))
	}
	add(t, s, offer(c, "link", "new"))
	var n int
	if err := s.db.QueryRowContext(t.Context(), `SELECT count(*) FROM suggestions`).Scan(&n); err != nil || n != Most {
		t.Errorf("%d are on the disk, %v", n, err)
	}
}

func TestARuleThatIsDismissedIsOfferedLess(t *testing.T) {
	s, c, path := opened(t)
	dismiss := func(text string) {
		t.Helper()
		if err := s.Dismiss(t.Context(), add(t, s, offer(c, "link", text))); err != nil {
			t.Fatal(err)
		}
	}
	for range Patience {
		dismiss("a")
	}
	for _, days := range []int{1, 2, 4, 8, 16, 32, 64, 64} {
		s = reopened(t, path, c)
		c.at = c.at.Add(time.Duration(days)*day - time.Minute)
		if add(t, s, offer(c, "link", "b")) != "" {
			t.Errorf("it was offered before %d days were over", days)
		}
		if add(t, s, offer(c, "other", "b")) == "" {
			t.Error("another rule was silent")
		}
		c.at = c.at.Add(time.Minute)
		dismiss("c")
	}
	c.at = c.at.Add(longest)
	if _, err := s.Accept(t.Context(), add(t, s, offer(c, "link", "d"))); err != nil {
		t.Fatal(err)
	}
	for range Patience - 1 {
		dismiss("e")
	}
	if add(t, s, offer(c, "link", "f")) == "" {
		t.Error("one that was accepted did not count")
	}
}

func TestASilentRulesOtherSuggestionsGo(t *testing.T) {
	s, c, _ := opened(t)
	var last string
	for i := range Patience + 3 {
		last = add(t, s, offer(c, "link", fmt.Sprint(i)))
	}
	add(t, s, offer(c, "other", "o"))
	for range Patience {
		list, err := s.List(t.Context(), 2)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Dismiss(t.Context(), list[1].ID); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprint(listed(t, s, 0)); got != "[Open o]" || last == "" {
		t.Error(got)
	}
}

func TestNeverIsForGoodUntilItIsTakenBack(t *testing.T) {
	s, c, _ := opened(t)
	if err := s.Never(t.Context(), add(t, s, offer(c, "link", "a"))); err != nil {
		t.Fatal(err)
	}
	c.at = c.at.Add(10 * 365 * day)
	if add(t, s, offer(c, "link", "b")) != "" {
		t.Error("it was offered again")
	}
	silent, err := s.Silent(t.Context())
	if err != nil || len(silent) != 1 || silent[0].Rule != "link" || silent[0].Until != nil {
		t.Errorf("%+v, %v", silent, err)
	}
	if err := s.Hear(t.Context(), "link"); err != nil {
		t.Fatal(err)
	}
	if add(t, s, offer(c, "link", "b")) == "" {
		t.Error("it is still silent")
	}
}

// BenchmarkABatchOfSuggestions is what the engine waits for at most once for what has come together.
func BenchmarkABatchOfSuggestions(b *testing.B) {
	db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "nerva.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	s, err := Open(context.Background(), db)
	if err != nil {
		b.Fatal(err)
	}
	c := &clock{time.Now()}
	for n := 0; b.Loop(); n++ {
		var batch []watchers.Outcome
		for i := range 256 {
			batch = append(batch, offer(c, "link", fmt.Sprint(n, i)))
		}
		if _, err := s.Add(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
}

// kept is an engine's Outcomes that keeps suggestions, as a daemon does, and tells that it has.
type kept struct {
	store *Store
	shown chan []api.Suggestion
}

func (k kept) Suggest(ctx context.Context, outcomes []watchers.Outcome) error {
	shown, err := k.store.Add(ctx, outcomes)
	k.shown <- shown
	return err
}

func (kept) Do(context.Context, watchers.Outcome) error { return nil }

// still is a clock that is never set.
type still struct{}

func (still) Set(time.Time) error    { return errors.New("set") }
func (still) Rings() <-chan struct{} { return nil }

// watched runs an engine with nerva's own rules over a store.
func watched(t testing.TB, s *Store) (*watchers.Engine, chan []api.Suggestion) {
	k := kept{s, make(chan []api.Suggestion, 100)}
	e := watchers.New(watchers.Options{Outcomes: k, Clock: still{}, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	own := slices.DeleteFunc(watchers.CompileAll(nil, true, watchers.Known{Home: "/home/alice"}, nil), func(r *watchers.Compiled) bool { return r.Debounce != "" })
	e.Set(own)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- e.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return e, k.shown
}

func TestACopiedLinkBecomesASuggestion(t *testing.T) {
	s, c, _ := opened(t)
	e, shown := watched(t, s)
	for _, text := range []string{"nothing", "https://example.org/a"} {
		if err := e.Post(t.Context(), watchers.Event{Source: "clipboard", Time: c.at, Fields: map[string]any{"Text": text}}); err != nil {
			t.Fatal(err)
		}
	}
	got := <-shown
	if len(got) != 1 || got[0].Rule != "copied link" || got[0].Title != "Open https://example.org/a" {
		t.Fatalf("%+v", got)
	}
	o, err := s.Accept(t.Context(), got[0].ID)
	if err != nil || o.Actions[0].Skill != "open_url" || string(o.Actions[0].Input) != `{"url":"https://example.org/a"}` {
		t.Errorf("%+v, %v", o, err)
	}
}

// BenchmarkFromTheEventToItsSuggestion is what may take 50 ms: judged, filled and durable.
func BenchmarkFromTheEventToItsSuggestion(b *testing.B) {
	db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "nerva.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	s, err := Open(b.Context(), db)
	if err != nil {
		b.Fatal(err)
	}
	e, shown := watched(b, s)
	for n := 0; b.Loop(); n++ {
		fields := map[string]any{"Text": fmt.Sprint("https://example.org/", n)}
		if err := e.Post(b.Context(), watchers.Event{Source: "clipboard", Time: time.Now(), Fields: fields}); err != nil {
			b.Fatal(err)
		}
		<-shown
	}
}

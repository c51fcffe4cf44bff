package watchers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// desk is what an engine meets in these tests: a clock that goes when it is told to, and outcomes that are kept. It tells
// of all of it by its channels, so that nothing is waited for but what happens.
type desk struct {
	mu  sync.Mutex
	now time.Time
	log bytes.Buffer

	rings   chan struct{}
	sets    chan time.Time
	offers  chan []Outcome
	does    chan Outcome
	blocked chan struct{} // where it is set, Do waits for it
}

func (d *desk) Rings() <-chan struct{} { return d.rings }

func (d *desk) Set(at time.Time) error {
	d.sets <- at
	return nil
}

func (d *desk) Suggest(_ context.Context, s []Outcome) error {
	d.offers <- s
	return nil
}

func (d *desk) Do(ctx context.Context, o Outcome) error {
	if d.blocked != nil {
		<-d.blocked
	}
	select {
	case d.does <- o:
	case <-ctx.Done():
	}
	return ctx.Err()
}

func (d *desk) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// turn sets the clock and rings.
func (d *desk) turn(to time.Time) {
	d.mu.Lock()
	d.now = to
	d.mu.Unlock()
	d.rings <- struct{}{}
}

// did is the next that was done; what is done has come in order, so that one that should not have been done is seen.
func (d *desk) did(t *testing.T, want string) {
	t.Helper()
	if got := <-d.does; got.Actions[0].Ask != want {
		t.Fatalf("it did %q, want %q", got.Actions[0].Ask, want)
	}
}

func (d *desk) armed(t *testing.T, want time.Time) {
	t.Helper()
	if got := <-d.sets; !got.Equal(want) {
		t.Fatalf("the clock is set to %v, want %v", got, want)
	}
}

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.Local)

func running(t *testing.T, rules string) (*Engine, *desk) {
	t.Helper()
	d := &desk{
		now: noon, rings: make(chan struct{}), sets: make(chan time.Time, 1000),
		offers: make(chan []Outcome, 1000), does: make(chan Outcome, 1000),
	}
	return runningOn(t, d, rules+mark), d
}

func runningOn(t *testing.T, d *desk, rules string) *Engine {
	t.Helper()
	return runningWith(t, d, d, rules)
}

func runningWith(t *testing.T, d *desk, o Outcomes, rules string) *Engine {
	t.Helper()
	e := New(Options{Outcomes: o, Clock: d, Now: d.Now, Log: slog.New(slog.NewTextHandler(&d.log, nil))})
	e.Set(compiled(t, rules))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- e.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := e.Post(context.Background(), Event{Source: "none of these"}); err != nil {
			t.Error(err)
		}
	})
	return e
}

func copied(t *testing.T, e *Engine, text string) {
	t.Helper()
	if err := e.Post(t.Context(), Event{Source: "clipboard", Time: noon, Fields: map[string]any{"Text": text}}); err != nil {
		t.Fatal(err)
	}
}

// mark is a rule by which a test knows that the engine has taken all that was posted before.
const mark = "\n[[rule]]\nname = \"mark\"\non = \"network\"\nask = \"mark\"\n"

func settled(t *testing.T, e *Engine, d *desk) {
	t.Helper()
	if err := e.Post(t.Context(), Event{Source: "network"}); err != nil {
		t.Fatal(err)
	}
	d.did(t, "mark")
}

const clip = "[[rule]]\nname = \"clip\"\non = \"clipboard\"\nask = \"{{.Text}}\"\n"

func TestWhatFitsIsDoneAndNothingIsSetForIt(t *testing.T) {
	e, d := running(t, clip+"match.regex = '^a'")
	copied(t, e, "b")
	copied(t, e, "a1")
	copied(t, e, "a2")
	d.did(t, "a1")
	d.did(t, "a2")
	if len(d.sets) != 0 {
		t.Error("the clock was set")
	}
	if l := e.List(); l[0].Fired != 2 || !l[0].Last.Equal(noon) || !l[0].Enabled {
		t.Errorf("%+v", l)
	}
}

func TestARuleThatIsOffDoesNothing(t *testing.T) {
	e, d := running(t, clip+"enabled = false\n"+strings.Replace(clip, `"clip"`, `"on"`, 1))
	copied(t, e, "a")
	d.did(t, "a")
	if l := e.List(); l[0].Fired != 0 || l[0].Enabled || l[1].Fired != 1 || len(e.Wants("clipboard")) != 1 {
		t.Errorf("%+v", l)
	}
}

func TestAnEventMayBeForSomeRulesOnly(t *testing.T) {
	e, d := running(t, strings.Replace(clip, "{{.Text}}", "one", 1)+"match.regex = 'a'\n"+strings.Replace(clip, `"clip"`, `"two"`, 1))
	only := func(m Match) bool { return m.Regex == "" }
	if err := e.Post(t.Context(), Event{Source: "clipboard", Fields: map[string]any{"Text": "a"}, Only: only}); err != nil {
		t.Fatal(err)
	}
	d.did(t, "a")
	settled(t, e, d)
	if l := e.List(); l[0].Fired != 0 || l[1].Fired != 1 {
		t.Errorf("%+v", l)
	}
}

func TestOfABurstTheLastCounts(t *testing.T) {
	e, d := running(t, clip+"debounce = \"2s\"\n")
	for i := range 5 {
		copied(t, e, fmt.Sprint(i))
	}
	settled(t, e, d)
	d.armed(t, noon.Add(2*time.Second))
	d.turn(noon.Add(2 * time.Second))
	d.did(t, "4")
	settled(t, e, d) // and then nothing more
	if len(d.sets) != 0 || e.List()[0].Fired != 1 {
		t.Errorf("it fired %d times and the clock was set %d times more", e.List()[0].Fired, len(d.sets))
	}
}

func TestABurstThatGoesOnIsWaitedFor(t *testing.T) {
	e, d := running(t, clip+"debounce = \"2s\"\n")
	copied(t, e, "a")
	d.armed(t, noon.Add(2*time.Second))
	d.mu.Lock()
	d.now = noon.Add(time.Second)
	d.mu.Unlock()
	copied(t, e, "b")
	settled(t, e, d)
	if len(d.sets) != 0 {
		t.Error("a burst has set the clock again")
	}
	d.turn(noon.Add(2 * time.Second))
	d.armed(t, noon.Add(3*time.Second))
	d.turn(noon.Add(3 * time.Second))
	d.did(t, "b")
}

func TestMoreThanAtMostIsLetGo(t *testing.T) {
	e, d := running(t, clip+"at_most = \"2/1h\"\n")
	for i := range 5 {
		copied(t, e, fmt.Sprint(i))
	}
	d.did(t, "0")
	d.did(t, "1")
	settled(t, e, d)
	d.turn(noon.Add(time.Hour))
	copied(t, e, "later")
	d.did(t, "later")
	if len(d.sets) != 0 {
		t.Error("the clock was set")
	}
}

func TestInQuietHoursNothingFires(t *testing.T) {
	e, d := running(t, clip+"quiet = \"11:00-13:00\"\n")
	copied(t, e, "a")
	settled(t, e, d)
	d.turn(noon.Add(time.Hour))
	copied(t, e, "b")
	d.did(t, "b")
}

func TestTheTimerRingsByTheWallClock(t *testing.T) {
	const rules = "[[rule]]\nname = \"t\"\non = \"timer\"\nmatch.cron = \"30 12 * * *\"\nask = \"{{.Text}} {{.Time.Format `15:04`}}\"\n" +
		"[[rule]]\nname = \"e\"\non = \"timer\"\nmatch.every = \"45m\"\nask = \"{{.Text}}\"\n"
	e, d := running(t, rules)
	d.armed(t, noon.Add(30*time.Minute))
	d.turn(noon.Add(30 * time.Minute))
	d.did(t, "t 12:30")
	d.armed(t, noon.Add(45*time.Minute))
	// Slept through two days: once each.
	d.turn(noon.Add(48 * time.Hour))
	d.did(t, "t 12:00")
	d.did(t, "e")
	d.armed(t, noon.Add(48*time.Hour+30*time.Minute))
	// The clock is set back by a day: the time of that day counts.
	d.turn(noon.Add(24 * time.Hour))
	d.armed(t, noon.Add(24*time.Hour+30*time.Minute))
	if len(d.does) != 0 || e.List()[0].Fired != 2 {
		t.Errorf("%+v", e.List())
	}
	e.Set(nil)
	d.armed(t, time.Time{})
}

func TestAReloadKeepsWhatIsLeftAsItIs(t *testing.T) {
	const other = "[[rule]]\nname = \"other\"\non = \"clipboard\"\nask = \"other\"\nmatch.regex = '^o'\n"
	e, d := running(t, clip+"debounce = \"2s\"\nat_most = \"1/1h\"\n"+other)
	copied(t, e, "a")
	d.armed(t, noon.Add(2*time.Second))
	e.Set(compiled(t, strings.Replace(other, "^o", "^x", 1)+clip+"debounce = \"2s\"\nat_most = \"1/1h\"\n"))
	d.turn(noon.Add(2 * time.Second))
	d.did(t, "a")
	copied(t, e, "x")
	d.did(t, "other")
	if l := e.List(); len(l) != 2 || l[0].Name != "other" || l[1].Fired != 1 {
		t.Errorf("%+v", l)
	}
	// Changed, what it waited for is gone, and so is what it has counted.
	e.Set(compiled(t, clip))
	copied(t, e, "b")
	d.did(t, "b")
	if l := e.List(); len(l) != 1 || l[0].Fired != 1 {
		t.Errorf("%+v", l)
	}
}

func TestARuleThatFailsSaysSoOnce(t *testing.T) {
	e, d := running(t, clip+"match.when = 'split(Text, \",\")[1] == \"b\"'\n")
	for range 3 {
		copied(t, e, "no comma")
	}
	copied(t, e, "a,b")
	d.did(t, "a,b")
	if said := d.log.String(); strings.Count(said, "\n") != 1 || !strings.Contains(said, "nerva watchers test") || strings.Contains(said, "comma") {
		t.Errorf("it said %s", said)
	}
}

func TestSuggestionsGoTogether(t *testing.T) {
	d := &desk{
		now: noon, rings: make(chan struct{}), sets: make(chan time.Time, 10),
		offers: make(chan []Outcome), does: make(chan Outcome, 10),
	}
	e := runningOn(t, d, "[[rule]]\nname = \"s\"\non = \"clipboard\"\nsuggest = { title = \"{{.Text}}\", ask = \"a\" }")
	copied(t, e, "first")
	if first := <-d.offers; len(first) != 1 || first[0].Title != "first" {
		t.Fatalf("%+v", first)
	}
	copied(t, e, "0") // taken, and then nobody takes it
	for i := range 100 {
		copied(t, e, fmt.Sprint(i+1))
	}
	n, calls := 0, 0
	for n < 101 {
		for _, o := range <-d.offers {
			if o.Title != fmt.Sprint(n) {
				t.Fatalf("%d is %q", n, o.Title)
			}
			n++
		}
		calls++
	}
	if calls > 3 {
		t.Errorf("%d suggestions in %d calls", n, calls)
	}
}

// counter is who is given the outcomes of a flood. It tells of them when it has as many as it waits for.
type counter struct {
	*desk
	seen map[string]bool // the engine's goroutine has it until all does
	left int
	all  chan map[string]bool
}

func (c *counter) Do(_ context.Context, o Outcome) error {
	c.seen[o.Text] = true
	if c.left--; c.left == 0 {
		c.all <- c.seen
	}
	return nil
}

// TestAFloodLosesNothingAndKeepsNothing: as many events as 1000 a second for a minute are, as fast as they can be posted.
func TestAFloodLosesNothingAndKeepsNothing(t *testing.T) {
	const events, posters = 60_000, 4
	d := &desk{now: noon, rings: make(chan struct{}), sets: make(chan time.Time, 1000)}
	c := &counter{desk: d, seen: map[string]bool{}, left: events / 2, all: make(chan map[string]bool, 1)}
	var rules strings.Builder
	rules.WriteString(clip + "match.regex = '[02468]$'\n")
	for i := range 9 {
		fmt.Fprintf(&rules, "[[rule]]\nname = \"n%d\"\non = \"clipboard\"\nmatch.when = 'Text == \"none\"'\nask = \"a\"\n", i)
	}
	e := runningWith(t, d, c, rules.String())
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for poster := range posters {
		go func() {
			for i := range events / posters {
				fields := map[string]any{"Text": fmt.Sprint(i*posters + poster), "App": strings.Repeat("x", 1000)}
				if e.Post(t.Context(), Event{Source: "clipboard", Fields: fields}) != nil {
					return
				}
			}
		}()
	}
	seen := <-c.all
	if len(seen) != events/2 {
		t.Errorf("%d of %d were done", len(seen), events/2)
	}
	clear(seen)
	if after := heap(); after > before+4<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
}

func TestAPosterThatWaitsCanBeStopped(t *testing.T) {
	d := &desk{now: noon, rings: make(chan struct{}), sets: make(chan time.Time, 10), does: make(chan Outcome, 1000), blocked: make(chan struct{})}
	e := runningOn(t, d, clip)
	ctx, stop := context.WithCancel(t.Context())
	full := make(chan error)
	go func() {
		for {
			if err := e.Post(ctx, Event{Source: "clipboard", Fields: map[string]any{"Text": "a"}}); err != nil {
				full <- err
				return
			}
			if len(e.hits) == cap(e.hits) {
				stop()
			}
		}
	}()
	if err := <-full; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(d.blocked)
}

func BenchmarkPostWithFiftyRules(b *testing.B) {
	var rules strings.Builder
	for i := range 50 {
		fmt.Fprintf(&rules, "[[rule]]\nname = \"n%d\"\non = \"window\"\nask = \"a\"\n", i)
		switch i % 3 {
		case 0:
			fmt.Fprintf(&rules, "match.regex = '^Inbox \\(%d\\)'\n", i)
		case 1:
			fmt.Fprintf(&rules, "match.when = 'Event == \"focused\" and Title contains \"nothing %d\"'\n", i)
		case 2:
			fmt.Fprintf(&rules, "match.apps = [\"app%d*\"]\n", i)
		}
	}
	d := &desk{now: noon}
	e := New(Options{Outcomes: d, Clock: d, Now: d.Now, Log: slog.New(slog.DiscardHandler)})
	e.Set(compiled(b, rules.String()))
	event := Event{Source: "window", Time: noon, Fields: map[string]any{"Text": "A window", "Title": "A window", "App": "firefox", "Event": "focused"}}
	b.ReportAllocs()
	for b.Loop() {
		if err := e.Post(b.Context(), event); err != nil {
			b.Fatal(err)
		}
	}
}

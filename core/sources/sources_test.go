package sources

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pelletier/go-toml/v2"

	"nerva/core/desk"
	"nerva/core/watchers"
)

// stage is a desk, an engine and its outcomes. It tells of all that happens by channels.
type stage struct {
	t       *testing.T
	home    string
	engine  *watchers.Engine
	sources *Sources
	did     chan string // asks, in order
	log     diary

	mu     sync.Mutex
	heard  map[string]func(any)
	broken map[string]error
	begun  chan string
	ended  chan string
}

// diary is a log that tells its lines.
type diary struct {
	mu    sync.Mutex
	text  bytes.Buffer
	lines chan string
}

func (d *diary) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines <- string(p)
	return d.text.Write(p)
}

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.String()
}

func (s *stage) until(part string) string {
	s.t.Helper()
	for line := range s.log.lines {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}

// listenTo is what all interfaces of the desk come to here.
func listenTo[T any](ctx context.Context, s *stage, name string, changed func(T)) error {
	s.mu.Lock()
	err := s.broken[name]
	s.heard[name] = func(v any) { changed(v.(T)) }
	s.mu.Unlock()
	s.begun <- name
	defer func() { s.ended <- name }()
	if err != nil {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

func (s *stage) Hear(ctx context.Context, m desk.BusMatch, heard func(desk.BusSignal)) error {
	return listenTo(ctx, s, strings.TrimSpace(fmt.Sprint("dbus ", m.Sender, m.Path)), heard)
}

func (s *stage) FollowUnits(ctx context.Context, system bool, changed func(desk.UnitChange)) error {
	return listenTo(ctx, s, fmt.Sprint("unit ", system), changed)
}

func (s *stage) FollowBattery(ctx context.Context, changed func(desk.Charge)) error {
	return listenTo(ctx, s, "battery", changed)
}

func (s *stage) FollowNetwork(ctx context.Context, changed func(desk.Connection)) error {
	return listenTo(ctx, s, "network", changed)
}

func (s *stage) FollowPresence(ctx context.Context, seconds int, changed func(bool)) error {
	return listenTo(ctx, s, fmt.Sprint("idle ", seconds), changed)
}

func (s *stage) FollowNotices(ctx context.Context, sent func(desk.Notice)) error {
	return listenTo(ctx, s, "notification", sent)
}

func (s *stage) tell(name string, what any) {
	s.mu.Lock()
	heard := s.heard[name]
	s.mu.Unlock()
	heard(what)
}

func (s *stage) Rings() <-chan struct{}                            { return nil }
func (s *stage) Set(time.Time) error                               { return nil }
func (s *stage) Suggest(context.Context, []watchers.Outcome) error { return nil }
func (s *stage) Do(ctx context.Context, o watchers.Outcome) error {
	select {
	case s.did <- o.Actions[0].Ask:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// begin waits until these listen, in any order.
func (s *stage) begin(names ...string) {
	s.t.Helper()
	s.expect(s.begun, names)
}

func (s *stage) end(names ...string) {
	s.t.Helper()
	s.expect(s.ended, names)
}

func (s *stage) expect(happened chan string, want []string) {
	s.t.Helper()
	var got []string
	for range want {
		got = append(got, <-happened)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		s.t.Fatalf("it was %q, want %q", got, want)
	}
}

// does is the next that is done, and is to be this.
func (s *stage) does(want ...string) {
	s.t.Helper()
	for _, w := range want {
		if got := <-s.did; got != w {
			s.t.Fatalf("it did %q, want %q", got, w)
		}
	}
}

func (s *stage) rules(text string) {
	s.t.Helper()
	var file struct {
		Rules []watchers.Rule `toml:"rule"`
	}
	if err := toml.Unmarshal([]byte(text), &file); err != nil {
		s.t.Fatal(err)
	}
	s.engine.Set(watchers.CompileAll(file.Rules, false, watchers.Known{Home: s.home}, func(i int, key, problem string) {
		s.t.Fatalf("rule[%d].%s %s", i, key, problem)
	}))
	s.sources.Changed()
}

// rule is one of the file's form.
func rule(name, on, ask string, more ...string) string {
	return fmt.Sprintf("[[rule]]\nname = %q\non = %q\nask = '%s'\n%s\n", name, on, ask, strings.Join(more, "\n"))
}

// newStage runs sources and an engine. When the test ends both have to end, and every listener with them.
func newStage(t *testing.T, rules string) *stage {
	t.Helper()
	s := &stage{
		t: t, home: t.TempDir(), did: make(chan string, 100), log: diary{lines: make(chan string, 10_000)},
		heard: map[string]func(any){}, broken: map[string]error{}, begun: make(chan string, 100), ended: make(chan string, 100),
	}
	log := slog.New(slog.NewTextHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.engine = watchers.New(watchers.Options{Outcomes: s, Clock: s, Now: time.Now, Log: log})
	s.sources = New(Options{
		Engine: s.engine, Home: s.home, Log: log, Calendars: func() []string { return []string{"~/calendars"} }, Clock: s, Now: time.Now,
		Desk: desk.Desk{Signals: s, Units: s, PowerSupply: s, Network: s, Presence: s, Notices: s},
	})
	s.rules(rules)
	return s
}

func (s *stage) run() *stage {
	ctx, stop := context.WithCancel(s.t.Context())
	ended := make(chan error, 2)
	go func() { ended <- s.engine.Run(ctx) }()
	go func() { ended <- s.sources.Run(ctx) }()
	s.t.Cleanup(func() {
		stop()
		for range cap(ended) {
			if err := <-ended; !errors.Is(err, context.Canceled) {
				s.t.Error(err)
			}
		}
		if len(s.did) > 0 {
			s.t.Errorf("it also did %q", <-s.did)
		}
		if b, e := len(s.begun), len(s.ended); s.sources.Follows() || b > 0 {
			s.t.Errorf("%d listeners have begun that nobody waited for, %d have ended", b, e)
		}
	})
	return s
}

func TestEachListenerIsThereOnceAndWhileItIsWanted(t *testing.T) {
	const signal = `match = { interface = "a.b", member = "C"`
	s := newStage(t, "").run()
	all := rule("s1", "dbus", "", signal+"}") + rule("s2", "dbus", "", signal+", when = 'true'}") + rule("s3", "dbus", "", signal+`, path = "/p" }`) +
		rule("u1", "unit", "", `match.scope = "user"`) + rule("u2", "unit", "", `match.unit = "a*"`) +
		rule("i1", "idle", "", `match.after = "10m"`) + rule("i2", "idle", "", `match.after = "600s"`) + rule("i3", "idle", "", `match.after = "10500ms"`) +
		rule("b1", "battery", "") + rule("b2", "battery", "") + rule("n", "network", "") + rule("no", "notification", "")
	all = strings.ReplaceAll(all, "ask = ''", "ask = 'a'")
	s.rules(all)
	s.begin("dbus", "dbus /p", "unit true", "unit false", "idle 600", "idle 11", "battery", "network", "notification")
	// Others are left as they are: what is forgotten would be told anew.
	s.rules(strings.ReplaceAll(all, `scope = "user"`, `scope = "system"`) + rule("b3", "battery", "a", "match.below = 10"))
	s.rules(rule("b3", "battery", "a", "match.below = 10") + rule("u1", "unit", "a", `match.scope = "user"`))
	s.end("dbus", "dbus /p", "unit true", "idle 600", "idle 11", "network", "notification")
	s.rules("")
	s.end("battery", "unit false")
}

func TestWhatCantBeHeardIsSaidOnceAndTriedWithOtherRules(t *testing.T) {
	s := newStage(t, rule("b", "battery", "{{.Text}}")+rule("n", "network", "a"))
	s.broken["battery"] = errors.New("upower is not there; install it")
	s.run()
	s.begin("battery", "network")
	s.end("battery")
	if line := s.until("install it"); !strings.Contains(line, "source=battery") || !strings.Contains(line, "level=WARN") {
		t.Error(line)
	}
	delete(s.broken, "battery")
	s.rules(rule("b", "battery", "{{.Text}}") + rule("n", "network", "b"))
	s.begin("battery")
	s.tell("battery", desk.Charge{Percent: 50, State: "full"})
	s.does("50 % full")
	if n := strings.Count(s.log.String(), "install it"); n != 1 {
		t.Errorf("it was said %d times", n)
	}
}

// TestWhatWasSetBeforeRunIsLookedAtOnce: what can't be heard would be tried, and said, twice.
func TestWhatWasSetBeforeRunIsLookedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looks := 0
		s := newStage(t, rule("b", "battery", "a"))
		s.sources.o.Calendars = func() []string { looks++; return nil }
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.sources.Run(ctx) }()
		synctest.Wait()
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) || looks != 1 {
			t.Errorf("%v after %d looks", err, looks)
		}
	})
}

func TestWhereTheRulesHaveEndedItIsSaid(t *testing.T) {
	s := newStage(t, rule("b", "battery", "a"))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.engine.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	ctx, stop = context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.sources.Run(ctx) }()
	s.begin("battery")
	for done := false; !done; { // until what the engine takes without Run is full
		s.tell("battery", desk.Charge{})
		done = len(s.ended) > 0
	}
	s.until("the watchers have ended")
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

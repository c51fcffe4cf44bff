package client

import (
	"context"
	"log/slog"
	"sync"
	"testing"

	"nerva/core/api"
	"nerva/ui/model"
)

// fake is a daemon that does what the test's functions say.
type fake struct {
	Daemon
	query    func(ctx context.Context, text string) ([]api.Result, error)
	watch    func(run uint64) (api.Run, <-chan api.Event, error)
	follow   func(ctx context.Context, l api.LogFilter) ([]api.Record, <-chan api.Record, error)
	runs     []api.Run
	presence chan bool
}

func (f *fake) Query(ctx context.Context, text string, _ int) ([]api.Result, error) {
	return f.query(ctx, text)
}

func (f *fake) Watch(_ context.Context, run uint64) (api.Run, <-chan api.Event, error) {
	return f.watch(run)
}
func (f *fake) Runs(context.Context, int) ([]api.Run, error)  { return f.runs, nil }
func (f *fake) Status(context.Context) (api.Status, error)    { return api.Status{}, nil }
func (f *fake) Presence(context.Context) (<-chan bool, error) { return f.presence, nil }
func (f *fake) Asked(ctx context.Context) (<-chan uint64, error) {
	none := make(chan uint64)
	close(none)
	return none, nil
}
func (f *fake) Ask(context.Context, string, api.AskOptions) (uint64, error) { return 7, nil }

func start(t *testing.T, f *fake) (*Client, <-chan model.Event) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	events := make(chan model.Event, 64)
	c := New(ctx, f, func(e model.Event) { events <- e }, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { cancel(); c.Wait() })
	return c, events
}

func TestAQueryThatIsOvertakenIsGivenUp(t *testing.T) {
	gaveUp := make(chan struct{})
	c, events := start(t, &fake{query: func(ctx context.Context, text string) ([]api.Result, error) {
		if text == "f" {
			<-ctx.Done()
			close(gaveUp)
			return nil, ctx.Err()
		}
		return []api.Result{{ID: text}}, nil
	}})
	c.Do(model.Query{Number: 1, Text: "f", Limit: 3}, "")
	c.Do(model.Query{Number: 2, Text: "fo", Limit: 3}, "")
	<-gaveUp
	if e := (<-events).(model.Found); e.Query != 2 || e.Results[0].ID != "fo" {
		t.Errorf("got %+v", e)
	}
	select {
	case e := <-events:
		t.Errorf("the overtaken query answers with %+v", e)
	default:
	}
}

func TestAQueryThatComesAfterANewerOneIsNotAsked(t *testing.T) {
	c, events := start(t, &fake{query: func(_ context.Context, text string) ([]api.Result, error) {
		return []api.Result{{ID: text}}, nil
	}})
	c.Do(model.Query{Number: 2, Text: "fo", Limit: 3}, "")
	c.Do(model.Query{Number: 1, Text: "", Limit: 3}, "")
	c.Wait()
	if e := (<-events).(model.Found); e.Query != 2 || len(events) > 0 {
		t.Errorf("got %+v and %d more", e, len(events))
	}
}

func TestARunIsFollowedOverAChangeOfDaemons(t *testing.T) {
	first, second := make(chan api.Event), make(chan api.Event, 1)
	second <- api.Event{Seq: 2, Type: api.EventFinished, State: api.Done}
	close(second)
	watches := []<-chan api.Event{first, second}
	var mu sync.Mutex
	f := &fake{presence: make(chan bool, 4), runs: []api.Run{{ID: 7, State: api.Running, Caller: "overlay"}}}
	f.watch = func(uint64) (api.Run, <-chan api.Event, error) {
		mu.Lock()
		defer mu.Unlock()
		ch := watches[0]
		watches = watches[1:]
		return api.Run{ID: 7, State: api.Running}, ch, nil
	}
	c, events := start(t, f)
	done := make(chan error)
	go func() { done <- c.Run(c.ctx, func() {}) }()
	f.presence <- true
	var kinds []string
	for len(kinds) < 5 {
		switch e := (<-events).(type) {
		case model.RunSeen:
			kinds = append(kinds, "seen")
			if len(kinds) == 1 {
				close(first) // the daemon goes away in the middle of the run
			}
		case model.RunLost:
			kinds = append(kinds, "lost")
			f.presence <- true
		case model.RunMoved:
			kinds = append(kinds, string(e.Event.Type), "end")
		}
	}
	want := [5]string{"seen", "lost", "seen", "finished", "end"}
	if got := [5]string(kinds); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	close(f.presence)
	<-done
}

func TestRunsOfOthersAreLeftToThem(t *testing.T) {
	f := &fake{presence: make(chan bool, 1), runs: []api.Run{
		{ID: 1, State: api.Running, Caller: "cli"},
		{ID: 2, State: api.Done, Caller: "overlay"},
		{ID: 3, State: api.Confirming, Caller: "dbus", Questions: []api.Question{{ID: "q"}}},
	}}
	f.watch = func(run uint64) (api.Run, <-chan api.Event, error) {
		ch := make(chan api.Event)
		close(ch)
		return api.Run{ID: run, State: api.Done}, ch, nil
	}
	c, events := start(t, f)
	c.attach(c.ctx)
	var seen []uint64
	for range 2 { // the status and one run
		if e, ok := (<-events).(model.RunSeen); ok {
			seen = append(seen, e.Run.ID)
		}
	}
	if len(seen) != 1 || seen[0] != 3 {
		t.Errorf("followed %v, want the run with the open question", seen)
	}
}

func TestTextIsGatheredAndNothingReordered(t *testing.T) {
	in := make(chan api.Event, 8)
	for i, d := range []string{"a", "b", "c"} {
		in <- api.Event{Seq: uint32(i + 1), Type: api.EventText, Delta: d}
	}
	in <- api.Event{Seq: 4, Type: api.EventStep, Step: &api.Step{ID: 1}}
	in <- api.Event{Seq: 5, Type: api.EventText, Delta: "d"}
	close(in)
	var got string
	var seq uint32
	for e := range gathered(in) {
		if e.Seq <= seq {
			t.Errorf("seq %d after %d", e.Seq, seq)
		}
		seq = e.Seq
		got += e.Delta + "|"
	}
	if got != "abc||d|" {
		t.Errorf("got %q", got)
	}
}

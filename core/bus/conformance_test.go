package bus

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"nerva/core/api"
	"nerva/core/bus/bustest"
)

// services is everything that a front end uses; the fake and the Client both are it.
type services interface {
	api.Launcher
	api.Agent
	api.Skills
	api.Policy
	api.Watchers
	api.Workflows
	api.Manager
}

// startServer puts a fake on a private bus.
func startServer(t *testing.T) (*fake, *Server, bustest.Bus) {
	t.Helper()
	bus := bustest.Start(t)
	f := newFake()
	return f, serveAt(t, bus, f, Claim{}), bus
}

func serveAt(t *testing.T, bus bustest.Bus, f *fake, c Claim) *Server {
	t.Helper()
	s, err := NewServer(t.Context(), ServerOptions{Address: bus.Address, Version: "1.2", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, done := context.WithTimeout(context.Background(), time.Second)
		defer done()
		_ = s.Close(ctx)
	})
	if err := s.Own(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	s.Serve(f.service(s))
	return s
}

func dialAt(t *testing.T, bus bustest.Bus) *Client {
	t.Helper()
	c, err := Dial(t.Context(), DialOptions{Address: bus.Address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestConformance holds both sides of the bus to the same behaviour: what a front end sees does not tell
// whether the service is in the process or on the bus.
func TestConformance(t *testing.T) {
	t.Run("direct", func(t *testing.T) { conform(t, func(*testing.T) services { return newFake() }) })
	t.Run("bus", func(t *testing.T) {
		conform(t, func(t *testing.T) services {
			_, _, bus := startServer(t)
			return dialAt(t, bus)
		})
	})
}

func conform(t *testing.T, open func(*testing.T) services) {
	t.Run("values arrive as they are", func(t *testing.T) { conformValues(t, open(t)) })
	t.Run("errors keep code and sentence", func(t *testing.T) { conformErrors(t, open(t)) })
	t.Run("a run's events arrive in order without a gap", func(t *testing.T) { conformEvents(t, open(t)) })
	t.Run("a late watcher gets the state, then the rest", func(t *testing.T) { conformLate(t, open(t)) })
	t.Run("cancel ends a run", func(t *testing.T) { conformCancel(t, open(t)) })
	t.Run("watch ends with its context", func(t *testing.T) { conformWatchEnds(t, open(t)) })
}

func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func conformValues(t *testing.T, s services) {
	ctx, want := t.Context(), newFake()
	results, err := s.Query(ctx, "x y", 1)
	wantResults, _ := want.Query(ctx, "x y", 1)
	same(t, "Query", results, wantResults)
	same(t, "Query's error", err, nil)
	all, _ := s.Query(ctx, "", 0)
	same(t, "Query without limit", len(all), 2)

	skills, err := s.Skills(ctx)
	wantSkills, _ := want.Skills(ctx)
	same(t, "Skills", skills, wantSkills)
	same(t, "Skills' error", err, nil)

	status, err := s.Status(ctx)
	wantStatus, _ := want.Status(ctx)
	same(t, "Status", status, wantStatus)
	same(t, "Status' error", err, nil)

	filter := api.LogFilter{
		Limit: 5, After: 1 << 63, Run: 2, Skill: "notify", Since: time.Unix(8, 9).UTC(), EndedAfter: 1<<63 + 3,
	}
	records, err := s.Log(ctx, filter)
	wantRecords, _ := want.Log(ctx, filter)
	same(t, "Log", records, wantRecords)
	same(t, "Log's error", err, nil)

	explained, err := s.Explain(ctx, "calculate", json.RawMessage(`{"a":1}`), api.ExplainOptions{Tainted: true})
	wantExplained, _ := want.Explain(ctx, "calculate", json.RawMessage(`{"a":1}`), api.ExplainOptions{Tainted: true})
	same(t, "Explain", explained, wantExplained)
	same(t, "Explain's error", err, nil)

	rules, err := s.Rules(ctx)
	wantRules, _ := want.Rules(ctx)
	same(t, "Rules", rules, wantRules)
	same(t, "Rules' error", err, nil)
	same(t, "Forget", s.Forget(ctx, "always-1"), nil)

	rulesOfWatchers, err := s.Watchers(ctx)
	wantWatchers, _ := want.Watchers(ctx)
	same(t, "Watchers", rulesOfWatchers, wantWatchers)
	same(t, "Watchers' error", err, nil)
	suggested, err := s.Suggestions(ctx, 1)
	wantSuggested, _ := want.Suggestions(ctx, 1)
	same(t, "Suggestions", suggested, wantSuggested)
	same(t, "Suggestions' error", err, nil)
	same(t, "Accept", s.Accept(ctx, "3", api.Caller{}), nil)
	same(t, "Dismiss", s.Dismiss(ctx, "3"), nil)
	same(t, "Never", s.Never(ctx, "3"), nil)
	same(t, "Hear", s.Hear(ctx, "links"), nil)

	rows, err := s.Workflows(ctx)
	wantRows, _ := want.Workflows(ctx)
	same(t, "Workflows", rows, wantRows)
	same(t, "Workflows' error", err, nil)

	n, err := s.VerifyLog(ctx)
	same(t, "VerifyLog", n, api.Verified{Records: 99, Cut: 1 << 63})
	same(t, "VerifyLog's error", err, nil)

	output, err := s.Execute(ctx, "echo", json.RawMessage(`{"a":["ä",1]}`), api.AskOptions{Interactive: true})
	same(t, "Execute", string(output), `{"a":["ä",1]}`)
	same(t, "Execute's error", err, nil)
	same(t, "Activate", s.Activate(ctx, "app:foot", "new", api.ActivateOptions{Token: "t", URIs: []string{"file:///a"}}), nil)
}

func conformErrors(t *testing.T, s services) {
	ctx, want := t.Context(), newFake()
	calls := map[string]func(services) error{
		"Activate": func(s services) error { return s.Activate(ctx, "app:none", "", api.ActivateOptions{}) },
		"Reload":   func(s services) error { return s.Reload(ctx) },
		"Execute": func(s services) error {
			_, err := s.Execute(ctx, "power", json.RawMessage(`{}`), api.AskOptions{})
			return err
		},
		"Explain": func(s services) error {
			_, err := s.Explain(ctx, "power", json.RawMessage(`{}`), api.ExplainOptions{})
			return err
		},
		"Forget":  func(s services) error { return s.Forget(ctx, "always-7") },
		"Accept":  func(s services) error { return s.Accept(ctx, "7", api.Caller{}) },
		"Dismiss": func(s services) error { return s.Dismiss(ctx, "7") },
		"Never":   func(s services) error { return s.Never(ctx, "7") },
		"Ask":     func(s services) error { _, err := s.Ask(ctx, "", api.AskOptions{}); return err },
		"Watch":   func(s services) error { _, _, err := s.Watch(ctx, 77); return err },
		"Cancel":  func(s services) error { return s.Cancel(ctx, 77) },
		"Decide":  func(s services) error { return s.Decide(ctx, 77, "q", api.Once, api.Caller{}) },
	}
	for name, call := range calls {
		got, expected := call(s), call(want)
		if got == nil || got.Error() != expected.Error() || api.CodeOf(got) != api.CodeOf(expected) {
			t.Errorf("%s: %v (%s), want %v (%s)", name, got, api.CodeOf(got), expected, api.CodeOf(expected))
		}
	}
}

// watchAll asks and returns the events from the first on, the state at first folded into them.
func watchAll(t *testing.T, s services, prompt string, onEvent func(run uint64, e api.Event)) (api.Run, []api.Event) {
	t.Helper()
	run, err := s.Ask(t.Context(), prompt, api.AskOptions{Interactive: true})
	if err != nil {
		t.Fatal(err)
	}
	now, events, err := s.Watch(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range now.Questions {
		onEvent(run, api.Event{Type: api.EventConfirm, Question: &q})
	}
	var all []api.Event
	last := now.Seq
	for e := range events {
		if e.Seq != last+1 {
			t.Errorf("event %d follows event %d", e.Seq, last)
		}
		last = e.Seq
		fold(&now, e)
		all = append(all, e)
		onEvent(run, e)
	}
	return now, all
}

func conformEvents(t *testing.T, s services) {
	decide := func(run uint64, e api.Event) {
		if e.Type == api.EventConfirm {
			same(t, "the question's input", string(e.Question.Input), `{"a":"b"}`)
			if err := s.Decide(t.Context(), run, e.Question.ID, api.Once, api.Caller{}); err != nil {
				t.Error(err)
			}
		}
	}
	now, _ := watchAll(t, s, "say:a step:calculate notice:slow confirm:q1 say:z", decide)
	same(t, "state", now.State, api.Done)
	same(t, "answer", now.Answer, "aoncez")
	same(t, "steps", now.Steps, []api.Step{{
		ID: 1, Skill: "calculate", Input: json.RawMessage(`{}`), State: api.StepOK, Output: json.RawMessage(`{"n":1}`), DurationMS: 3,
	}})
	same(t, "questions", now.Questions, nil)

	now, events, err := s.Watch(t.Context(), now.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the state afterwards", now.Answer, "aoncez")
	if _, open := <-events; open {
		t.Error("a finished run has events")
	}
	runs, err := s.Runs(t.Context(), 1)
	same(t, "Runs' error", err, nil)
	if len(runs) != 1 || runs[0].Prompt != now.Prompt {
		t.Errorf("Runs: %v", runs)
	}
}

func conformLate(t *testing.T, s services) {
	run, err := s.Ask(t.Context(), "say:early confirm:q say:late", api.AskOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, first, err := s.Watch(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	now, rest, err := s.Watch(t.Context(), run)
	for err == nil && len(now.Questions) == 0 { // the first watcher waits for the question
		<-first
		now, rest, err = s.Watch(t.Context(), run)
	}
	if err != nil {
		t.Fatal(err)
	}
	same(t, "answer so far", now.Answer, "early")
	if err := s.Decide(t.Context(), run, "q", api.Refuse, api.Caller{}); err != nil {
		t.Fatal(err)
	}
	var kinds []api.EventType
	for e := range rest {
		kinds = append(kinds, e.Type)
	}
	same(t, "the rest", kinds, []api.EventType{api.EventDecided, api.EventState, api.EventText, api.EventText, api.EventFinished})
}

func conformCancel(t *testing.T, s services) {
	run, err := s.Ask(t.Context(), "wait", api.AskOptions{})
	if err != nil {
		t.Fatal(err)
	}
	now, events, err := s.Watch(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Cancel(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	for e := range events {
		fold(&now, e)
	}
	same(t, "state", now.State, api.CancelledRun)
}

func conformWatchEnds(t *testing.T, s services) {
	run, err := s.Ask(t.Context(), "wait", api.AskOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, events, err := s.Watch(ctx, run)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	for range events { // ends when the channel is closed
	}
	same(t, "Cancel", s.Cancel(t.Context(), run), nil)
}

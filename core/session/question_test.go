package session_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/gate"
	"nerva/core/llm"
	"nerva/core/session"
	"nerva/core/store"
)

// nobody is a gate without skills.
type nobody struct{ forgot []uint64 }

func (*nobody) Skills() []api.Skill { return nil }
func (*nobody) Show(context.Context, gate.Call, string, string, gate.Asker) (gate.Outcome, error) {
	return gate.Outcome{}, nil
}

func (n *nobody) Forget(run uint64) { n.forgot = append(n.forgot, run) }

func (*nobody) Do(context.Context, gate.Call, gate.Asker) (gate.Outcome, error) {
	return gate.Outcome{State: api.StepError}, api.Errorf(api.NotFound, "there is nothing")
}

func TestWhoMayAnswer(t *testing.T) {
	stranger := api.Caller{Name: "dbus", Peer: ":1.66"}
	inside := api.Caller{Name: "overlay"}
	for _, c := range []struct {
		name    string
		asker   api.Caller
		overlay string
		by      api.Caller
		word    string // in the audit log, "" where the answer is not taken
	}{
		{"the overlay", script1, overlay.Peer, overlay, "overlay"},
		{"the terminal that asked", cli, "", cli, "terminal"},
		{"the peer that asked", script1, "", script1, "peer"},
		{"the overlay asked itself", overlay, overlay.Peer, overlay, "overlay"},
		{"a stranger", script1, overlay.Peer, stranger, ""},
		{"a stranger called overlay", script1, overlay.Peer, api.Caller{Name: "overlay", Peer: stranger.Peer}, ""},
		{"an overlay that is not attached", script1, ":1.8", overlay, ""},
		{"nerva itself", script1, overlay.Peer, inside, ""},
		{"nerva itself in a run of its own", inside, overlay.Peer, inside, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, calls("open_path", openRoot))
			h.attach(c.overlay)
			id := h.ask(c.asker, true)
			v := h.watch(id)
			q := v.question()
			if q.Skill != "open_path" || string(q.Input) != openRoot || q.Risk != api.Caution || q.Hash == "" || q.Reason == "" || v.run.State != api.Confirming {
				t.Errorf("asked %+v in state %s", q, v.run.State)
			}
			if did := h.desk.done(); len(did) != 0 {
				t.Fatalf("before any answer it did %v", did)
			}
			err := h.Decide(t.Context(), id, q.ID, api.Once, c.by)
			if c.word == "" {
				if api.CodeOf(err) != api.Denied || !strings.Contains(err.Error(), "answer there") {
					t.Errorf("got %v", err)
				}
				if did := h.desk.done(); len(did) != 0 {
					t.Errorf("it did %v", did)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if run := v.end(); run.State != api.Done || run.Steps[0].State != api.StepOK {
				t.Errorf("got %+v", run)
			}
			if r := h.records()[0]; r.DecidedBy != c.word || r.Decision != "ask" || r.Outcome != "ok" {
				t.Errorf("on record %+v", r)
			}
			if did := h.desk.done(); !slices.Equal(did, []string{"open /"}) {
				t.Errorf("it did %v", did)
			}
		})
	}
}

func TestAnAnswerCountsOnce(t *testing.T) {
	h := newHouse(t, calls("open_path", openRoot))
	h.attach(overlay.Peer)
	id := h.ask(script1, false)
	v := h.watch(id)
	q := v.question()
	if err := h.Decide(t.Context(), id, "another", api.Once, overlay); api.CodeOf(err) != api.NotFound {
		t.Errorf("an answer to no question: %v", err)
	}
	if err := h.Decide(t.Context(), id, q.ID, api.Refuse, overlay); err != nil {
		t.Fatal(err)
	}
	if err := h.Decide(t.Context(), id, q.ID, api.Once, overlay); api.CodeOf(err) != api.NotFound {
		t.Errorf("a second answer: %v", err)
	}
	run := v.end()
	if run.Steps[0].State != api.StepRefused || len(h.desk.done()) != 0 {
		t.Errorf("got %+v", run)
	}
	if !slices.ContainsFunc(v.seen, func(e api.Event) bool { return e.Type == api.EventDecided && e.Question.ID == q.ID }) {
		t.Error("nobody heard that the question was closed")
	}
}

func TestRefusedAtOnceWhereNobodyCanAnswer(t *testing.T) {
	h := newHouse(t, calls("open_path", openRoot))
	v := h.watch(h.ask(script1, false))
	run := v.end()
	if run.Steps[0].State != api.StepRefused || !strings.Contains(run.Steps[0].Error, "open the overlay") {
		t.Errorf("got %+v", run.Steps[0])
	}
	if slices.ContainsFunc(v.seen, func(e api.Event) bool { return e.Type == api.EventConfirm }) {
		t.Error("it asked nobody")
	}
	if r := h.records()[0]; r.DecidedBy != "nobody" || r.Outcome != "refused" {
		t.Errorf("on record %+v", r)
	}
}

func TestWhoWasAskedGoesAway(t *testing.T) {
	for _, c := range []struct {
		name        string
		interactive bool
		gone        []string
		left        int // how many must go before the question is refused
	}{
		{"the overlay, and nobody else is there", false, []string{overlay.Peer}, 1},
		{"the overlay, then the terminal", true, []string{overlay.Peer, cli.Peer}, 2},
		{"the terminal, then the overlay", true, []string{cli.Peer, overlay.Peer}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, calls("open_path", openRoot))
			h.attach(overlay.Peer)
			id := h.ask(cli, c.interactive)
			v := h.watch(id)
			v.question()
			for i, peer := range c.gone {
				if runs, err := h.Runs(t.Context(), 1); err != nil || len(runs[0].Questions) != 1 {
					t.Fatalf("before the %d. left: %+v, %v", i+1, runs, err)
				}
				if peer == overlay.Peer {
					h.attach("")
				}
				h.PeerGone(peer)
			}
			if run := v.end(); run.Steps[0].State != api.StepRefused || len(h.desk.done()) != 0 {
				t.Errorf("got %+v", run)
			}
		})
	}
}

func TestYesForTheRunIsForgottenAfterIt(t *testing.T) {
	h := newHouse(t, calls("open_path", openRoot, "open_path", openRoot), says("one"), calls("open_path", openRoot))
	h.attach(overlay.Peer)
	for range 2 {
		id := h.ask(script1, false)
		v := h.watch(id)
		q := v.question()
		if q == nil {
			t.Fatal("not asked")
		}
		if err := h.Decide(t.Context(), id, q.ID, api.ForRun, overlay); err != nil {
			t.Fatal(err)
		}
		v.end()
	}
	if did := h.desk.done(); len(did) != 3 {
		t.Errorf("it did %v", did)
	}
}

func TestExecute(t *testing.T) {
	t.Run("a safe skill leaves no run", func(t *testing.T) {
		h := newHouse(t)
		out, err := h.Execute(t.Context(), "calculate", json.RawMessage(`{"expression":"1"}`), api.AskOptions{Caller: script1})
		if err != nil || string(out) != `{"result":"42"}` {
			t.Fatalf("%s, %v", out, err)
		}
		if runs, err := h.Runs(t.Context(), 0); err != nil || len(runs) != 0 {
			t.Errorf("%+v, %v", runs, err)
		}
		if r := h.records()[0]; r.Caller != "dbus" || r.Run != 0 || r.DecidedBy != "tier" {
			t.Errorf("on record %+v", r)
		}
	})
	t.Run("what fits no schema says so", func(t *testing.T) {
		h := newHouse(t)
		if _, err := h.Execute(t.Context(), "calculate", json.RawMessage(`{}`), api.AskOptions{}); api.CodeOf(err) != api.InvalidInput {
			t.Errorf("got %v", err)
		}
		if _, err := h.Execute(t.Context(), "fly", nil, api.AskOptions{}); api.CodeOf(err) != api.NotFound {
			t.Errorf("got %v", err)
		}
	})
	t.Run("nobody can answer", func(t *testing.T) {
		h := newHouse(t)
		_, err := h.Execute(t.Context(), "open_path", json.RawMessage(openRoot), api.AskOptions{Caller: script1})
		if api.CodeOf(err) != api.Denied || len(h.desk.done()) != 0 {
			t.Errorf("got %v", err)
		}
		if runs, err := h.Runs(t.Context(), 0); err != nil || len(runs) != 0 {
			t.Errorf("%+v, %v", runs, err)
		}
	})
	for _, c := range []struct {
		name     string
		by       api.Caller
		decision api.Decision
		code     api.Code
		state    api.State
		record   string
	}{
		{"the overlay says yes", overlay, api.Once, "", api.Done, "ok"},
		{"the caller says yes", cli, api.Once, "", api.Done, "ok"},
		{"the overlay says no", overlay, api.Refuse, api.Denied, api.FailedRun, "refused"},
		{"it is cancelled", overlay, "", api.Cancelled, api.CancelledRun, "cancelled"},
		{"the daemon stops", overlay, "stop", api.Cancelled, api.CancelledRun, "cancelled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.attach(overlay.Peer)
			done := make(chan error, 1)
			go func() {
				_, err := h.Execute(t.Context(), "open_path", json.RawMessage(openRoot), api.AskOptions{Caller: cli, Interactive: true})
				done <- err
			}()
			v := h.watch(h.firstRun())
			q := v.question()
			if len(h.desk.done()) != 0 {
				t.Fatal("it ran before the answer")
			}
			var err error
			switch c.decision {
			case "":
				err = h.Cancel(t.Context(), v.run.ID)
			case "stop":
				go h.stop()
			default:
				err = h.Decide(t.Context(), v.run.ID, q.ID, c.decision, c.by)
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := <-done; api.CodeOf(err) != c.code {
				t.Errorf("got %v", err)
			}
			if run := v.end(); run.State != c.state || len(run.Steps) != 1 || !strings.HasPrefix(run.Prompt, "open_path ") {
				t.Errorf("got %+v", run)
			}
			if ran := len(h.desk.done()) == 1; ran != (c.code == "") {
				t.Errorf("ran: %v", ran)
			}
			if r := h.records()[0]; r.Outcome != c.record {
				t.Errorf("on record %+v", r)
			}
		})
	}
}

// choosy is a gate that asks one question with few answers and tells how it was taken.
type choosy struct {
	nobody
	taken chan api.Decision
}

func (c *choosy) Do(ctx context.Context, _ gate.Call, ask gate.Asker) (gate.Outcome, error) {
	d, _, err := ask.Ask(ctx, api.Question{ID: "q", Skill: "x", Decisions: []api.Decision{api.Refuse, api.Once}})
	c.taken <- d
	return gate.Outcome{State: api.StepOK, Output: json.RawMessage("{}")}, err
}

// cutting is a gate whose results are not all there is.
type cutting struct{ nobody }

func (*cutting) Do(context.Context, gate.Call, gate.Asker) (gate.Outcome, error) {
	return gate.Outcome{State: api.StepOK, Output: json.RawMessage(`{"text":"a…"}`), Cut: true}, nil
}

func TestAModelIsToldWhatWasCut(t *testing.T) {
	h := newHouse(t, calls("x", "{}"))
	m, err := session.New(t.Context(), session.Options{
		Gate: &cutting{}, DB: h.db, Log: slog.New(slog.DiscardHandler),
		Model: func(context.Context) (llm.Model, string, error) { return h.model, "", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	id, err := m.Ask(t.Context(), "x", api.AskOptions{Caller: cli})
	if err != nil {
		t.Fatal(err)
	}
	(&house{Manager: m, t: t}).watch(id).end()
	if told := h.model.told(1); told.Role != llm.Tool || told.CallID != "c0" || told.Name != "x" || !told.Cut || told.Failed || told.Text != `{"text":"a…"}` {
		t.Errorf("told %+v", told)
	}
	if err := m.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAnAnswerThatIsNotOfferedIsNarrowed(t *testing.T) {
	for said, want := range map[api.Decision]api.Decision{
		api.Always: api.Once, api.ForRun: api.Once, api.Once: api.Once, api.Refuse: api.Refuse,
	} {
		db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "nerva.db"))
		if err != nil {
			t.Fatal(err)
		}
		g := &choosy{taken: make(chan api.Decision, 1)}
		started := make(chan uint64, 1)
		m, err := session.New(t.Context(), session.Options{
			Gate: g, DB: db, Log: slog.New(slog.DiscardHandler), Started: func(run uint64) { started <- run },
		})
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() {
			_, err := m.Execute(t.Context(), "x", nil, api.AskOptions{Caller: cli, Interactive: true})
			ended <- err
		}()
		v := (&house{Manager: m, t: t}).watch(<-started)
		v.question()
		if err := m.Decide(t.Context(), v.run.ID, "q", said, cli); err != nil {
			t.Fatal(err)
		}
		if got := <-g.taken; got != want {
			t.Errorf("%s is taken as %s, want %s", said, got, want)
		}
		if err := errors.Join(<-ended, m.Stop(t.Context()), db.Close()); err != nil {
			t.Error(err)
		}
	}
}

// TestWhatWasNoticedIsShownToNobodyWithoutAYes: the request has in it what was copied, and the model is elsewhere.
func TestWhatWasNoticedIsShownToNobodyWithoutAYes(t *testing.T) {
	for _, c := range []struct {
		name    string
		outside string
		kind    string
		overlay string
		answer  api.Decision // empty: nothing is asked
		state   api.State
		asked   int // requests that reach the model
		record  string
	}{
		{"a model here", "", "clipboard", overlay.Peer, "", api.Done, 1, ""},
		{"nothing of the user's", "api.example", "", overlay.Peer, "", api.Done, 1, ""},
		{"a yes", "api.example", "clipboard", overlay.Peer, api.Once, api.Done, 1, "ask overlay ok"},
		{"a no", "api.example", "clipboard", overlay.Peer, api.Refuse, api.FailedRun, 0, "ask overlay refused"},
		{"nobody", "api.example", "clipboard", "", "", api.FailedRun, 0, "ask nobody refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.outside = c.outside
			h.attach(c.overlay)
			id, err := h.Ask(t.Context(), "explain: zebra", api.AskOptions{Caller: api.Caller{Name: "watcher"}, Kind: c.kind, TaintedBy: []string{"was copied"}})
			if err != nil {
				t.Fatal(err)
			}
			v := h.watch(id)
			if c.answer != "" {
				q := v.question()
				if q.Skill != gate.Showing || string(q.Input) != `{"request":"explain: zebra"}` || !strings.Contains(q.Reason, "api.example") || !slices.Contains(q.Decisions, api.Always) {
					t.Errorf("asked %+v", q)
				}
				if err := h.Decide(t.Context(), id, q.ID, c.answer, overlay); err != nil {
					t.Fatal(err)
				}
			}
			if run := v.end(); run.State != c.state || len(h.model.requests) != c.asked {
				t.Errorf("the run is %s, %q, and the model was asked %d times", run.State, run.Answer, len(h.model.requests))
			} else if no := c.state == api.FailedRun; no != (len(run.Steps) == 1 && run.Steps[0].Skill == gate.Showing && run.Steps[0].State == api.StepRefused) {
				t.Errorf("its steps are %+v", run.Steps) // by which the command line knows that it was denied
			}
			var records []string
			for _, r := range h.records() {
				records = append(records, r.Decision+" "+r.DecidedBy+" "+r.Outcome)
			}
			if got := strings.Join(records, ", "); got != c.record {
				t.Errorf("on record %q, want %q", got, c.record)
			}
		})
	}
}

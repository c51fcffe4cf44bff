package session_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/llm"
	"nerva/core/session"
)

const openRoot = `{"path":"/"}`

func TestRunToItsAnswer(t *testing.T) {
	h := newHouse(t,
		func(_ context.Context, _ llm.Request, progress func(llm.Progress)) (llm.Turn, error) {
			progress(llm.Progress{Notice: "the server is busy; trying again"})
			progress(llm.Progress{Delta: "Let me see."})
			return llm.Turn{Text: "Let me see.", Calls: []llm.Call{
				{ID: "a", Name: "calculate", Arguments: `{"expression":"21*2"}`},
				{ID: "b", Name: "notify", Arguments: `{"title":"hi"}`},
			}}, nil
		}, says("It ", "is ", "42."))
	id := h.ask(script1, false)
	v := h.watch(id)
	run := v.end()
	if run.State != api.Done || run.Answer != "It is 42." || len(run.Steps) != 2 || run.Prompt != "please" || run.Caller != "dbus" {
		t.Fatalf("got %+v", run)
	}
	for i, s := range run.Steps {
		if s.State != api.StepOK || s.ID != i+1 || s.Error != "" {
			t.Errorf("step %+v", s)
		}
	}
	if string(run.Steps[0].Output) != `{"result":"42"}` {
		t.Errorf("output %s", run.Steps[0].Output)
	}
	first, last := h.model.requests[0], h.model.requests[1]
	if !strings.Contains(first.System, "never an instruction") || len(first.Tools) == 0 || first.Messages[0].Text != "please" {
		t.Errorf("the model was told %+v", first)
	}
	if m := last.Messages[2]; m.Role != llm.Tool || m.CallID != "a" || m.Name != "calculate" || m.Text != `{"result":"42"}` || m.Failed {
		t.Errorf("the model got %+v", m)
	}
	for i, r := range h.records() {
		if r.Run != id || r.Caller != "agent" || r.Outcome != "ok" || r.Skill != run.Steps[i].Skill {
			t.Errorf("on record: %+v", r)
		}
	}
}

// TestTheLogHasEachRunAndNoneOfItsWords: when a watcher hears of the end, the line is there.
func TestTheLogHasEachRunAndNoneOfItsWords(t *testing.T) {
	h := newHouse(t, calls("notify", `{"title":"geheim"}`), says("a secret answer"), fails(errors.New("the secret server")))
	for _, want := range []string{"state=done calls=1", "state=failed calls=0"} {
		id := h.ask(cli, false)
		h.watch(id).end()
		log := h.journal.String()
		if begin := fmt.Sprintf(`msg="a run began" run=%d caller=cli`, id); strings.Count(log, begin) != 1 {
			t.Errorf("no %q in %s", begin, log)
		}
		if end := fmt.Sprintf(`msg="a run ended" run=%d %s`, id, want); strings.Count(log, end) != 1 {
			t.Errorf("no %q in %s", end, log)
		}
	}
	for _, word := range []string{"please", "geheim", "secret"} {
		if strings.Contains(h.journal.String(), word) {
			t.Errorf("%q is in %s", word, &h.journal)
		}
	}
}

func TestTextAndNoticesOnTheWay(t *testing.T) {
	gateway := make(chan struct{})
	h := newHouse(t,
		func(_ context.Context, _ llm.Request, progress func(llm.Progress)) (llm.Turn, error) {
			<-gateway
			progress(llm.Progress{Notice: "trying again"})
			progress(llm.Progress{Delta: "One."})
			return llm.Turn{Text: "One.", Calls: []llm.Call{{ID: "a", Name: "list_windows"}}}, nil
		}, says("Two."))
	v := h.watch(h.ask(script1, false))
	close(gateway)
	var text, notices string
	v.end()
	for _, e := range v.seen {
		text += e.Delta
		notices += e.Notice
	}
	if text != "One.\n\nTwo." || notices != "trying again" || v.run.Answer != "Two." {
		t.Errorf("text %q, notices %q, answer %q", text, notices, v.run.Answer)
	}
	if last := v.seen[len(v.seen)-1]; last.Type != api.EventFinished {
		t.Errorf("the last event is %+v", last)
	}
}

func TestManyDeltasBecomeFewEvents(t *testing.T) {
	h := newHouse(t, says(slices.Repeat([]string{"word "}, 2000)...))
	v := h.watch(h.ask(script1, false))
	if run := v.end(); run.Answer != strings.TrimSpace(strings.Repeat("word ", 2000)) {
		t.Errorf("%d bytes", len(run.Answer))
	}
	if n := v.run.Seq; n > 500 {
		t.Errorf("%d events for 2000 deltas", n)
	}
}

func TestWrongCallsGoBackToTheModel(t *testing.T) {
	for _, c := range []struct{ name, skill, args, says string }{
		{"unknown skill", "rm", `{}`, "there is no skill"},
		{"cut off", "notify", `{"title":"a`, "not a JSON object"},
		{"no JSON at all", "notify", "\xffnonsense", "not a JSON object"},
		{"wrong type", "notify", `{"title":7}`, "title"},
		{"unknown property", "notify", `{"title":"a","sound":"b"}`, "sound"},
		{"a skill's own error", "open_path", `{"path":"relative"}`, "begin it with / or ~/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, calls(c.skill, c.args))
			run := h.watch(h.ask(script1, false)).end()
			if run.State != api.Done || len(run.Steps) != 1 || run.Steps[0].State == api.StepOK || run.Steps[0].Error == "" {
				t.Fatalf("got %+v", run)
			}
			if m := h.model.told(1); !m.Failed || !strings.Contains(m.Text, c.says) {
				t.Errorf("the model was told %+v", m)
			}
			if did := h.desk.done(); len(did) != 0 {
				t.Errorf("it did %v", did)
			}
			if _, err := json.Marshal(run); err != nil {
				t.Errorf("the run can't be shown: %v", err)
			}
		})
	}
}

func TestEndsWithASentence(t *testing.T) {
	refused := calls("open_path", openRoot)
	for _, c := range []struct {
		name  string
		turns []turn
		says  string
		steps int
	}{
		{"the model can't be reached", []turn{fails(api.Errorf(api.Unavailable, "no model answers; start ollama"))}, "start ollama", 0},
		{"the model says nothing", []turn{fails(nil)}, "answered with nothing", 0},
		{"the model writes without end", []turn{says(strings.Repeat("x", 2<<20))}, "was stopped", 0},
		{"too many rounds", slices.Repeat([]turn{calls("calculate", `{"expression":"1"}`)}, 9), "after 6 rounds", 6},
		{"three refusals in a row", slices.Repeat([]turn{refused}, 5), "3 calls in a row were refused", 3},
		{"three refusals in one turn", []turn{calls(slices.Repeat([]string{"open_path", openRoot}, 5)...)}, "3 calls in a row were refused", 3},
		{"errors between refusals don't count", []turn{refused, calls("nonsense", "{}"), refused, calls("nonsense", "{}"), refused}, "3 calls in a row", 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, c.turns...)
			run := h.watch(h.ask(script1, false)).end()
			if run.State != api.FailedRun || !strings.Contains(run.Answer, c.says) || len(run.Steps) != c.steps {
				t.Errorf("got %s, %q, %d steps", run.State, run.Answer, len(run.Steps))
			}
		})
	}
}

// Harmless calls between the questions would otherwise let a model ask as often as it likes.
func TestAYesEndsARowOfRefusalsAndNothingElseDoes(t *testing.T) {
	asks, fine := calls("open_path", openRoot), calls("calculate", `{"expression":"1"}`)
	h := newHouse(t, asks, asks, fine, asks, asks)
	if run := h.watch(h.ask(script1, false)).end(); run.State != api.FailedRun || len(run.Steps) != 4 {
		t.Errorf("after a harmless call: %+v", run)
	}
	h = newHouse(t, asks, asks, asks, asks, asks)
	id := h.ask(script1, true)
	v := h.watch(id)
	for _, d := range []api.Decision{api.Refuse, api.Refuse, api.Once, api.Refuse, api.Refuse} {
		if err := h.Decide(t.Context(), id, v.question().ID, d, script1); err != nil {
			t.Fatal(err)
		}
	}
	if run := v.end(); run.State != api.Done {
		t.Errorf("after a yes: %+v", run)
	}
}

func TestManyCallsInOneTurnAreBounded(t *testing.T) {
	h := newHouse(t, calls(slices.Repeat([]string{"calculate", `{"expression":"1"}`}, 40)...))
	run := h.watch(h.ask(script1, false)).end()
	if run.State != api.Done || len(run.Steps) != 16 {
		t.Errorf("%s with %d steps", run.State, len(run.Steps))
	}
	if got := len(h.model.requests[1].Messages); got != 42 { // each call has its answer: servers insist
		t.Errorf("%d messages", got)
	}
}

func TestModelIsAskedForAnew(t *testing.T) {
	h, gate := newHouse(t), &nobody{}
	m, err := session.New(t.Context(), session.Options{
		Gate: gate, DB: h.db,
		Model: func(context.Context) (llm.Model, string, error) {
			return nil, "", api.Errorf(api.Unavailable, "the configuration names no model; add one")
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Stop(t.Context()) }()
	id, err := m.Ask(t.Context(), "hello", api.AskOptions{})
	if err != nil {
		t.Fatal(err)
	}
	now, events, err := m.Watch(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for e := range events {
		now.State, now.Answer = e.State, e.Answer
	}
	if now.State != api.FailedRun || !strings.Contains(now.Answer, "add one") {
		t.Errorf("got %+v", now)
	}
	if !slices.Equal(gate.forgot, []uint64{id}) {
		t.Errorf("the gate still remembers the run: %v", gate.forgot)
	}
}

func TestBadRequests(t *testing.T) {
	h := newHouse(t)
	for _, prompt := range []string{"", " \n", strings.Repeat("x", 1<<20)} {
		if _, err := h.Ask(t.Context(), prompt, api.AskOptions{}); api.CodeOf(err) != api.InvalidInput {
			t.Errorf("%.10q: %v", prompt, err)
		}
	}
	if _, _, err := h.Watch(t.Context(), 99); api.CodeOf(err) != api.NotFound {
		t.Errorf("watch: %v", err)
	}
	if err := h.Cancel(t.Context(), 99); api.CodeOf(err) != api.NotFound {
		t.Errorf("cancel: %v", err)
	}
	if err := h.Decide(t.Context(), 99, "x", api.Once, overlay); api.CodeOf(err) != api.NotFound {
		t.Errorf("decide: %v", err)
	}
	if err := h.Decide(t.Context(), 99, "x", "yes", overlay); api.CodeOf(err) != api.InvalidInput {
		t.Errorf("decide: %v", err)
	}
}

func TestTaint(t *testing.T) {
	send := `{"app":"firefox","uris":["https://evil.example"]}`
	h := newHouse(t, calls("list_windows", "", "list_windows", "", "calculate", `{"expression":"1"}`, "launch_app", send))
	h.attach(overlay.Peer)
	id := h.ask(script1, false)
	v := h.watch(id)
	q := v.question()
	if len(q.TaintedBy) != 1 || !strings.HasPrefix(q.TaintedBy[0], "read the windows at ") || !strings.Contains(q.Reason, "read the windows") {
		t.Errorf("got %+v", q)
	}
	if err := h.Decide(t.Context(), id, q.ID, api.Refuse, overlay); err != nil {
		t.Fatal(err)
	}
	v.end()
	records := h.records()
	for i, want := range []bool{false, true, true, true} {
		if records[i].Tainted != want {
			t.Errorf("%s: tainted %v", records[i].Skill, records[i].Tainted)
		}
	}
	if did := h.desk.done(); len(did) != 0 {
		t.Errorf("it did %v", did)
	}
}

func TestCancel(t *testing.T) {
	t.Run("while the model thinks", func(t *testing.T) {
		begun := make(chan struct{})
		h := newHouse(t, hangs(begun))
		id := h.ask(script1, false)
		<-begun
		if err := h.Cancel(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		run, events, err := h.Watch(t.Context(), id)
		if _, open := <-events; err != nil || open || run.State != api.CancelledRun || run.Answer != "well" {
			t.Errorf("%+v, %v", run, err)
		}
		if err := h.Cancel(t.Context(), id); err != nil {
			t.Errorf("a second time: %v", err)
		}
	})
	t.Run("while a question waits", func(t *testing.T) {
		h := newHouse(t, calls("open_path", openRoot))
		h.attach(overlay.Peer)
		id := h.ask(script1, false)
		v := h.watch(id)
		q := v.question()
		if err := h.Cancel(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if err := h.Decide(t.Context(), id, q.ID, api.Once, overlay); api.CodeOf(err) != api.NotFound {
			t.Errorf("an answer after the end: %v", err)
		}
		if run := v.end(); run.State != api.CancelledRun || run.Steps[0].State != api.StepError || len(h.desk.done()) != 0 {
			t.Errorf("got %+v", run)
		}
		if r := h.records()[0]; r.Outcome != "cancelled" {
			t.Errorf("on record %+v", r)
		}
	})
	t.Run("while a skill runs", func(t *testing.T) {
		h := newHouse(t, calls("notify", `{"title":"a"}`, "notify", `{"title":"b"}`))
		begun, stopped := make(chan struct{}), false
		h.desk.notify = func(ctx context.Context) error {
			close(begun)
			<-ctx.Done()
			stopped = true
			return ctx.Err()
		}
		id := h.ask(script1, false)
		<-begun
		if err := h.Cancel(t.Context(), id); err != nil || !stopped {
			t.Errorf("%v, the executor has returned: %v", err, stopped)
		}
		if did := h.desk.done(); !slices.Equal(did, []string{"notify a"}) {
			t.Errorf("it did %v", did)
		}
	})
}

func TestLateWatcherGetsThePresentState(t *testing.T) {
	h := newHouse(t, func(_ context.Context, _ llm.Request, progress func(llm.Progress)) (llm.Turn, error) {
		progress(llm.Progress{Delta: "I open it."})
		return llm.Turn{Text: "I open it.", Calls: []llm.Call{{ID: "a", Name: "open_path", Arguments: openRoot}}}, nil
	})
	h.attach(overlay.Peer)
	id := h.ask(script1, false)
	early := h.watch(id)
	early.question()
	late := h.watch(id)
	if late.run.State != api.Confirming || late.run.Answer != "I open it." || len(late.run.Steps) != 1 || len(late.run.Questions) != 1 || late.run.Seq < early.run.Seq {
		t.Fatalf("got %+v, the early one is at %d", late.run, early.run.Seq)
	}
	if runs, err := h.Runs(t.Context(), 0); err != nil || len(runs) != 1 || len(runs[0].Questions) != 1 {
		t.Errorf("listed %+v, %v", runs, err)
	}
	if err := h.Decide(t.Context(), id, late.run.Questions[0].ID, api.Once, overlay); err != nil {
		t.Fatal(err)
	}
	a, b := early.end(), late.end()
	if a.State != api.Done || b.State != api.Done || a.Answer != b.Answer || a.Seq != b.Seq || b.Steps[0].State != api.StepOK {
		t.Errorf("early %+v, late %+v", a, b)
	}
	if did := h.desk.done(); !slices.Equal(did, []string{"open /"}) {
		t.Errorf("it did %v", did)
	}
}

func TestTextIsNeitherLostNorDoubledForWhoJoinsInTheMiddle(t *testing.T) {
	said, joined := make(chan struct{}), make(chan struct{})
	h := newHouse(t, func(_ context.Context, _ llm.Request, progress func(llm.Progress)) (llm.Turn, error) {
		progress(llm.Progress{Delta: "a"})
		progress(llm.Progress{Delta: "b"}) // waits for more text when the watcher comes
		close(said)
		<-joined
		progress(llm.Progress{Delta: "c"})
		return llm.Turn{Text: "abc"}, nil
	})
	id := h.ask(script1, false)
	<-said
	v := h.watch(id)
	text := v.run.Answer
	close(joined)
	v.end()
	for _, e := range v.seen {
		text += e.Delta
	}
	if text != "abc" {
		t.Errorf("got %q", text)
	}
}

func TestASlowWatcherHoldsUpNobody(t *testing.T) {
	h := newHouse(t, calls("calculate", `{"expression":"1"}`), says(slices.Repeat([]string{"word "}, 1000)...))
	id := h.ask(script1, false)
	slow := h.watch(id) // reads nothing until the run is over
	h.watch(id).end()
	if run := slow.end(); run.Answer != strings.TrimSpace(strings.Repeat("word ", 1000)) || run.State != api.Done {
		t.Errorf("the slow one got %s, %d bytes", run.State, len(run.Answer))
	}
	if len(slow.seen) > 20 {
		t.Errorf("%d events were kept for it", len(slow.seen))
	}
}

func TestAWatcherMayLeave(t *testing.T) {
	begun := make(chan struct{})
	h := newHouse(t, hangs(begun))
	id := h.ask(script1, false)
	ctx, cancel := context.WithCancel(t.Context())
	_, events, err := h.Watch(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	for range events { // closed without a finished event
	}
	<-begun
	if h.Open() != 1 {
		t.Error("the run went with its watcher")
	}
}

func TestStopEndsEverything(t *testing.T) {
	begun := make(chan struct{})
	h := newHouse(t, hangs(begun))
	v := h.watch(h.ask(script1, false))
	<-begun
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		h.stop()
	}()
	if run := v.end(); run.State != api.CancelledRun {
		t.Errorf("got %+v", run)
	}
	<-stopped
	if _, err := h.Ask(t.Context(), "more", api.AskOptions{}); api.CodeOf(err) != api.Unavailable {
		t.Errorf("asked after the end: %v", err)
	}
	if _, err := h.Execute(t.Context(), "notify", nil, api.AskOptions{}); api.CodeOf(err) != api.Unavailable {
		t.Errorf("executed after the end: %v", err)
	}
	if run, events, err := h.Watch(t.Context(), 1); err != nil || run.State != api.CancelledRun {
		t.Errorf("%+v, %v", run, err)
	} else if _, open := <-events; open {
		t.Error("an event after the end")
	}
}

func TestEarlierSessionsAreListed(t *testing.T) {
	begun := make(chan struct{})
	h := newHouse(t, calls("calculate", `{"expression":"token"}`, "notify", `{"title":"hunter2hunter2"}`,
		"notify", `{"title":"x","hunter2hunter2":1}`), says("first"), hangs(begun))
	h.log.Hide("hunter2hunter2")
	first := h.watch(h.ask(cli, true)).end()
	h.ask(cli, true)
	<-begun // and now the daemon dies: nobody stops h before the next one opens the database

	next := newHouseOn(t, h.db, says("third"))
	runs, err := next.Runs(t.Context(), 0)
	if err != nil || len(runs) != 2 {
		t.Fatalf("%+v, %v", runs, err)
	}
	if r := runs[1]; r.ID != 1 || r.State != api.Done || r.Answer != "first" || r.Caller != "cli" || r.Prompt != "please" || r.Time.IsZero() || r.Seq != first.Seq {
		t.Errorf("the finished one: %+v, its last event was %d", r, first.Seq)
	}
	if r := runs[0]; r.ID != 2 || r.State != api.FailedRun || !strings.Contains(r.Answer, "nerva log") {
		t.Errorf("the one that was open: %+v", r)
	}
	old := next.watch(1)
	if old.run.Seq != first.Seq {
		t.Errorf("it is at %d, its last event was %d", old.run.Seq, first.Seq)
	}
	if len(old.run.Steps) != 3 || string(old.run.Steps[0].Output) != `{"result":"42"}` || string(old.run.Steps[1].Input) != `{"title":"[hidden]"}` {
		t.Errorf("its steps: %+v", old.run.Steps)
	} else if wrong := old.run.Steps[2].Error; strings.Contains(wrong, "hunter2") || !strings.Contains(wrong, `["[hidden]"]`) {
		t.Errorf("the error of a wrong call: %s", wrong)
	}
	if _, open := <-old.events; open {
		t.Error("an old run has events")
	}
	if id := next.ask(cli, true); id != 3 {
		t.Errorf("the next number is %d", id)
	}
	if runs, err := next.Runs(t.Context(), 1); err != nil || len(runs) != 1 || runs[0].ID != 3 {
		t.Errorf("limited: %+v, %v", runs, err)
	}
}

func TestOpenRunsAreBounded(t *testing.T) {
	var turns []turn
	for range 40 {
		turns = append(turns, hangs(make(chan struct{})))
	}
	h := newHouse(t, turns...)
	var err error
	n := 0
	for ; err == nil && n < 40; n++ {
		_, err = h.Ask(t.Context(), "again", api.AskOptions{})
	}
	if api.CodeOf(err) != api.Busy || n != 33 {
		t.Errorf("after %d: %v", n, err)
	}
}

// TestHammer lets watchers come and go, runs be cancelled and questions be answered, all at once; each watcher
// must see one gapless story.
func TestHammer(t *testing.T) {
	var turns []turn
	for i := range 60 {
		turns = append(turns, calls("calculate", `{"expression":"1"}`, "open_path", openRoot), says("a", "b", fmt.Sprint(i)))
	}
	h := newHouse(t, turns...)
	h.attach(overlay.Peer)
	var group sync.WaitGroup
	for i := range 12 {
		group.Go(func() {
			id, err := h.Ask(t.Context(), "go", api.AskOptions{Caller: script1})
			if err != nil {
				t.Error(err)
				return
			}
			for range 4 {
				group.Go(func() {
					v := h.watch(id)
					for q := v.question(); q != nil; q = v.question() {
						_ = h.Decide(t.Context(), id, q.ID, api.Once, overlay) // only one of them is in time
					}
					if !v.run.State.Final() {
						t.Errorf("run %d ended for a watcher in %s", id, v.run.State)
					}
				})
			}
			if i%3 == 0 {
				if err := h.Cancel(t.Context(), id); err != nil {
					t.Error(err)
				}
			}
			if _, err := h.Runs(t.Context(), 5); err != nil {
				t.Error(err)
			}
			h.PeerGone(":1.99")
		})
	}
	group.Wait()
	if h.Open() != 0 {
		t.Errorf("%d runs are open", h.Open())
	}
	if _, err := h.log.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestStopLeavesNoGoroutine(t *testing.T) {
	begun := make(chan struct{})
	h := newHouse(t, says("one"), hangs(begun))
	h.watch(h.ask(script1, false)).end()
	id := h.ask(script1, false)
	<-begun
	deaf := h.watch(id) // never reads
	h.stop()
	<-deaf.events
	var stacks string
	for end := time.Now().Add(limit); time.Now().Before(end); runtime.Gosched() { // the last ones are about to return
		all := make([]byte, 1<<20)
		stacks = string(all[:runtime.Stack(all, true)])
		if !strings.Contains(stacks, "nerva/core/session.(") {
			return
		}
	}
	t.Errorf("goroutines are left:\n%s", stacks)
}

func TestStateThatCanNotBeWritten(t *testing.T) {
	h := newHouse(t)
	h.stop()
	other := newHouse(t)
	if err := other.db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Ask(t.Context(), "hello", api.AskOptions{}); api.CodeOf(err) != api.Failed || !strings.Contains(err.Error(), "state folder") {
		t.Errorf("got %v", err)
	}
	var e *api.Error
	if _, err := other.Runs(t.Context(), 0); err == nil || errors.As(err, &e) && e.Code == "" {
		t.Errorf("got %v", err)
	}
}

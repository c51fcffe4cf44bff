package gate

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"nerva/core/api"
	"nerva/core/audit"
	"nerva/core/gate/internal/skills"
	"nerva/core/learned"
	"nerva/core/policy"
	"nerva/core/store"
)

// bench is a gate with one skill of each tier over a real database.
type bench struct {
	*Gate
	log     *audit.Log
	learned *learned.Store
	policy  policy.Policy
	ran     []string // inputs, as the executor got them
	do      func(ctx context.Context, input json.RawMessage) (json.RawMessage, error)
}

type pokeIn struct {
	Text  string   `json:"text"`
	Count int      `json:"count,omitempty"`
	List  []string `json:"list,omitempty"`
}

func newBench(t *testing.T) *bench {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "nerva.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	b := &bench{policy: policy.Default()}
	if b.log, err = audit.Open(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if b.learned, err = learned.Open(filepath.Join(t.TempDir(), "rules.toml")); err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.For[pokeIn](nil)
	if err != nil {
		t.Fatal(err)
	}
	schema.Properties["list"].Types, schema.Properties["list"].Type = nil, "array"
	var all []*skills.Skill
	for _, about := range []api.Skill{
		{ID: "look", Risk: api.Safe, Effect: api.Observe, Untrusted: true},
		{ID: "poke", Risk: api.Caution, Effect: api.Local},
		{ID: "put", Risk: api.Safe, Effect: api.Write},
		{ID: "erase", Risk: api.Dangerous, Effect: api.Write},
		{ID: "press", Risk: api.Caution, Effect: api.Inject},
		{ID: "open", Risk: api.Safe, Effect: api.Local},
	} {
		takes := schema
		if about.ID == "open" {
			takes = &jsonschema.Schema{Type: "object"}
		}
		all = append(all, &skills.Skill{
			Skill: about, Schema: takes, Did: "looked around", Shares: map[string]string{"look": "screen", "poke": "files"}[about.ID],
			Run: func(ctx context.Context, input json.RawMessage) (json.RawMessage, error) {
				b.ran = append(b.ran, string(input))
				if b.do != nil {
					return b.do(ctx, input)
				}
				return json.RawMessage(`{"done":true}`), nil
			},
		})
	}
	if b.Gate, err = newGate(all, Options{
		Policy: func() policy.Policy { return b.policy }, Learned: b.learned, Audit: b.log, Log: slog.New(slog.DiscardHandler),
	}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) last(t *testing.T) api.Record {
	t.Helper()
	records, err := b.log.Records(t.Context(), api.LogFilter{Limit: 1})
	if err != nil || len(records) == 0 {
		t.Fatalf("no record: %v", err)
	}
	if _, err := b.log.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	return records[0]
}

// person answers every question and keeps it.
type person struct {
	answer api.Decision
	err    error
	asked  []api.Question
}

func (p *person) Ask(_ context.Context, q api.Question) (api.Decision, string, error) {
	p.asked = append(p.asked, q)
	return p.answer, "overlay", p.err
}

func call(skill, input string) Call {
	return Call{Run: 1, Caller: api.Caller{Name: "agent"}, Skill: skill, Input: json.RawMessage(input)}
}

func TestEveryWayThroughTheGate(t *testing.T) {
	const good = `{"text":"hi"}`
	deny := policy.Policy{Safe: policy.Deny, Caution: policy.Deny, Dangerous: policy.Deny}
	tainted := []string{"read the windows at 14:02"}
	for _, c := range []struct {
		name          string
		skill, input  string
		policy        policy.Policy
		taint         []string
		ask           Asker
		code          api.Code
		state         api.StepState
		decision, by  string
		outcome, says string
		runs          bool
	}{
		{name: "safe runs", skill: "look", input: good, state: api.StepOK, decision: "allow", by: "tier", outcome: "ok", runs: true},
		{name: "caution waits for a yes", skill: "poke", input: good, ask: &person{answer: api.Once}, state: api.StepOK, decision: "ask", by: "overlay", outcome: "ok", runs: true},
		{name: "dangerous waits for a yes", skill: "erase", input: good, ask: &person{answer: api.Once}, state: api.StepOK, decision: "ask", by: "overlay", outcome: "ok", runs: true},
		{name: "a no refuses", skill: "poke", input: good, ask: &person{answer: api.Refuse}, code: api.Denied, state: api.StepRefused, decision: "ask", by: "overlay", outcome: "refused", says: "refused by the user"},
		{name: "an unknown answer refuses", skill: "poke", input: good, ask: &person{answer: "yes"}, code: api.Denied, state: api.StepRefused, decision: "ask", by: "overlay", outcome: "refused"},
		{name: "no asker refuses", skill: "poke", input: good, code: api.Denied, state: api.StepRefused, decision: "ask", by: "nobody", outcome: "refused", says: "nobody can give it"},
		{name: "nobody there refuses", skill: "poke", input: good, ask: &person{err: ErrNobody}, code: api.Denied, state: api.StepRefused, decision: "ask", by: "nobody", outcome: "refused", says: "open the overlay"},
		{name: "a broken asker refuses", skill: "poke", input: good, ask: &person{answer: api.Once, err: errors.New("the bus is gone")}, code: api.Denied, state: api.StepRefused, decision: "ask", by: "nobody", outcome: "refused", says: "the bus is gone"},
		{name: "policy denies", skill: "look", input: good, policy: deny, ask: &person{answer: api.Once}, code: api.Denied, state: api.StepDenied, decision: "deny", by: "tier", outcome: "denied", says: "policy"},
		{name: "taint asks", skill: "put", input: good, taint: tainted, code: api.Denied, state: api.StepRefused, decision: "ask", by: "nobody", outcome: "refused"},
		{name: "without taint the same runs", skill: "put", input: good, state: api.StepOK, decision: "allow", by: "tier", outcome: "ok", runs: true},
		{name: "an unknown skill", skill: "fly", input: good, code: api.NotFound, state: api.StepError, decision: "deny", by: "schema", outcome: "error", says: "look, poke"},
		{name: "no JSON", skill: "look", input: `{"text":`, code: api.InvalidInput, state: api.StepError, decision: "deny", by: "schema", outcome: "error", says: "it takes {text: string, count?: integer, list?: array of string}"},
		{name: "two objects", skill: "look", input: good + good, code: api.InvalidInput, state: api.StepError, decision: "deny", by: "schema", outcome: "error", says: "something follows"},
		{name: "a list", skill: "look", input: `[]`, code: api.InvalidInput, state: api.StepError, decision: "deny", by: "schema", outcome: "error", says: "not a JSON object"},
		{name: "null", skill: "look", input: `null`, code: api.InvalidInput, state: api.StepError, decision: "deny", by: "schema", outcome: "error", says: "not a JSON object"},
		{name: "a missing property", skill: "look", input: ``, code: api.InvalidInput, state: api.StepError, decision: "deny", by: "schema", outcome: "error", says: `missing properties: ["text"]`},
		{name: "an unknown property", skill: "look", input: `{"text":"a","Text":"b"}`, code: api.InvalidInput, state: api.StepError, decision: "deny", by: "schema", outcome: "error", says: `no properties ["Text"]`},
		{name: "a wrong type", skill: "look", input: `{"text":3}`, code: api.InvalidInput, state: api.StepError, decision: "deny", by: "schema", outcome: "error", says: `text: 3 has type "integer", want "string"`},
		{name: "a wrong item", skill: "look", input: `{"text":"a","list":["b",1]}`, code: api.InvalidInput, state: api.StepError, decision: "deny", by: "schema", outcome: "error", says: `want "string"`},
		{name: "a number out of range", skill: "look", input: `{"text":"a","count":1e999}`, code: api.InvalidInput, state: api.StepError, decision: "deny", by: "schema", outcome: "error", says: "out of range"},
		{name: "an endless input", skill: "look", input: `{"text":"` + strings.Repeat("x", 10<<20) + `"}`, code: api.InvalidInput, state: api.StepError, decision: "deny", by: "schema", outcome: "error", says: "at most 262144"},
		{name: "null for an optional property is none", skill: "look", input: `{"text":"hi","count":null}`, state: api.StepOK, decision: "allow", by: "tier", outcome: "ok", runs: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.policy = c.policy
			request := call(c.skill, c.input)
			request.TaintedBy = c.taint
			out, err := b.Do(t.Context(), request, c.ask)
			if api.CodeOf(err) != c.code || out.State != c.state {
				t.Errorf("got %v, state %s", err, out.State)
			}
			if err != nil && (!strings.Contains(err.Error(), c.says) || len(err.Error()) > 700) {
				t.Errorf("it says %q, want %q", err, c.says)
			}
			if ran := len(b.ran) == 1; ran != c.runs {
				t.Errorf("executed: %v", b.ran)
			}
			r := b.last(t)
			if r.Decision != c.decision || r.DecidedBy != c.by || r.Outcome != c.outcome || r.Run != 1 || r.Caller != "agent" {
				t.Errorf("on record: %+v", r)
			}
			if r.Tainted != (c.taint != nil) || !slices.Equal(r.TaintedBy, c.taint) {
				t.Errorf("tainted on record: %v by %q", r.Tainted, r.TaintedBy)
			}
		})
	}
}

func TestSchemaIsSeenBeforePolicy(t *testing.T) {
	b := newBench(t)
	p := &person{answer: api.Once}
	if _, err := b.Do(t.Context(), call("erase", `{"text":1}`), p); api.CodeOf(err) != api.InvalidInput || len(p.asked) != 0 {
		t.Errorf("%v after %d questions", err, len(p.asked))
	}
}

// meddler says yes and then changes what it was shown.
type meddler struct{ hash string }

func (m *meddler) Ask(_ context.Context, q api.Question) (api.Decision, string, error) {
	m.hash = q.Hash
	copy(q.Input, `{"count":666666`)
	return api.Once, "overlay", nil
}

func TestWhatWasAskedIsWhatRuns(t *testing.T) {
	b := newBench(t)
	m := &meddler{}
	if _, err := b.Do(t.Context(), call("poke", `{ "text" : "hi", "count": 2 }`), m); err != nil {
		t.Fatal(err)
	}
	if want := `{"count":2,"text":"hi"}`; b.ran[0] != want || string(b.last(t).Input) != want {
		t.Errorf("ran %s, on record %s", b.ran[0], b.last(t).Input)
	}
	first := m.hash
	for _, c := range []struct {
		skill, input string
		same         bool
	}{
		{"poke", `{"count":2,"text":"hi"}`, true},
		{"poke", `{"count":2,"text":"ho"}`, false},
		{"erase", `{"count":2,"text":"hi"}`, false},
	} {
		if _, err := b.Do(t.Context(), call(c.skill, c.input), m); err != nil {
			t.Fatal(err)
		}
		if (m.hash == first) != c.same {
			t.Errorf("%s %s: hash %s, first %s", c.skill, c.input, m.hash, first)
		}
	}
}

// stricter says yes, after the configuration has been read anew.
type stricter struct{ *bench }

func (s stricter) Ask(context.Context, api.Question) (api.Decision, string, error) {
	s.policy.Caution = policy.Deny
	return api.Once, "overlay", nil
}

func TestADenialThatComesWhileTheQuestionIsOpenHolds(t *testing.T) {
	b := newBench(t)
	_, err := b.Do(t.Context(), call("poke", `{"text":"hi"}`), stricter{b})
	if api.CodeOf(err) != api.Denied || len(b.ran) != 0 {
		t.Errorf("%v, ran %q", err, b.ran)
	}
	if r := b.last(t); r.Outcome != audit.Denied || r.DecidedBy != "tier" {
		t.Errorf("on record is %+v", r)
	}
}

func TestQuestionShowsTheWholeCall(t *testing.T) {
	b := newBench(t)
	p := &person{answer: api.Refuse}
	request := call("put", `{"text":"<b>&"}`)
	request.TaintedBy = []string{"read a note at 09:00"}
	_, _ = b.Do(t.Context(), request, p)
	q := p.asked[0]
	if string(q.Input) != `{"text":"<b>&"}` || q.Skill != "put" || q.Risk != api.Safe || q.ID == "" ||
		len(q.TaintedBy) != 1 || !strings.Contains(q.Reason, "read a note at 09:00") || time.Until(q.Expires) > askLimit {
		t.Errorf("got %+v", q)
	}
}

func TestYesForTheRun(t *testing.T) {
	b := newBench(t)
	p := &person{answer: api.ForRun}
	do := func(want int, why string, change func(*Call)) {
		t.Helper()
		c := call("poke", `{"text":"hi"}`)
		if change != nil {
			change(&c)
		}
		if _, err := b.Do(t.Context(), c, p); err != nil {
			t.Fatal(err)
		}
		if len(p.asked) != want {
			t.Errorf("%s: asked %d times, want %d", why, len(p.asked), want)
		}
	}
	do(1, "the first time", nil)
	do(1, "the same again", func(c *Call) { c.Input = json.RawMessage(` {"text":"hi"}`) })
	do(2, "other arguments", func(c *Call) { c.Input = json.RawMessage(`{"text":"ho"}`) })
	do(3, "another run", func(c *Call) { c.Run = 2 })
	do(4, "once tainted", func(c *Call) { c.TaintedBy = []string{"x"} })
	do(5, "outside of a run", func(c *Call) { c.Run = 0 })
	do(6, "outside of a run it is once", func(c *Call) { c.Run = 0 })
	if r := b.last(t); r.Decision != "ask" || r.DecidedBy != "overlay" {
		t.Errorf("on record: %+v", r)
	}
	b.Forget(1)
	do(7, "after the run", nil)
}

// silent never answers.
type silent struct{ asked chan struct{} }

func (s silent) Ask(ctx context.Context, _ api.Question) (api.Decision, string, error) {
	close(s.asked)
	<-ctx.Done()
	return api.Once, "overlay", ctx.Err()
}

func TestNoAnswerWithinAMinuteIsARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		start := time.Now()
		out, err := b.Do(t.Context(), call("poke", `{"text":"hi"}`), silent{make(chan struct{})})
		if out.State != api.StepRefused || api.CodeOf(err) != api.Denied || len(b.ran) != 0 {
			t.Errorf("%v, %v, ran %v", out.State, err, b.ran)
		}
		if d := time.Since(start); d != askLimit {
			t.Errorf("after %v", d)
		}
		if r := b.last(t); r.DecidedBy != "nobody" || r.Outcome != "refused" {
			t.Errorf("on record: %+v", r)
		}
	})
}

func TestCancelWhileAsking(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	s := silent{make(chan struct{})}
	go func() { <-s.asked; cancel() }()
	_, err := b.Do(ctx, call("poke", `{"text":"hi"}`), s)
	if api.CodeOf(err) != api.Cancelled || len(b.ran) != 0 || b.last(t).Outcome != "cancelled" {
		t.Errorf("%v, ran %v, %+v", err, b.ran, b.last(t))
	}
}

func TestCancelWhileRunningWaitsForTheExecutor(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	stopped := false
	b.do = func(ctx context.Context, _ json.RawMessage) (json.RawMessage, error) {
		cancel()
		<-ctx.Done()
		stopped = true
		return nil, ctx.Err()
	}
	_, err := b.Do(ctx, call("look", `{"text":"hi"}`), nil)
	if api.CodeOf(err) != api.Cancelled || !stopped || b.last(t).Outcome != "cancelled" {
		t.Errorf("%v, stopped %v, %+v", err, stopped, b.last(t))
	}
}

func TestIntentIsOnRecordWhileTheExecutorRuns(t *testing.T) {
	b := newBench(t)
	var during api.Record
	b.do = func(context.Context, json.RawMessage) (json.RawMessage, error) {
		during = b.last(t)
		return json.RawMessage(`{}`), nil
	}
	if _, err := b.Do(t.Context(), call("look", `{"text":"hi"}`), nil); err != nil {
		t.Fatal(err)
	}
	if during.Skill != "look" || during.Outcome != "" {
		t.Errorf("during the call: %+v", during)
	}
	if after := b.last(t); after.Seq != during.Seq || after.Outcome != "ok" {
		t.Errorf("after the call: %+v", after)
	}
}

func TestNothingRunsThatCanNotBeRecorded(t *testing.T) {
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "nerva.db"))
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	if b.o.Audit, err = audit.Open(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := b.Do(t.Context(), call("look", `{"text":"hi"}`), nil)
	if api.CodeOf(err) != api.Failed || out.State != api.StepError || len(b.ran) != 0 {
		t.Errorf("%v, ran %v", err, b.ran)
	}
}

func TestExecutorFaults(t *testing.T) {
	for _, c := range []struct {
		name    string
		do      func(context.Context, json.RawMessage) (json.RawMessage, error)
		code    api.Code
		outcome string
		says    string
	}{
		{"a panic", func(context.Context, json.RawMessage) (json.RawMessage, error) { panic("nil map") }, api.Failed, "error", "nil map"},
		{"a plain error", func(context.Context, json.RawMessage) (json.RawMessage, error) { return nil, errors.New("no luck") }, api.Failed, "error", "no luck"},
		{"an error with a code", func(context.Context, json.RawMessage) (json.RawMessage, error) {
			return nil, api.Errorf(api.Unavailable, "no portal; install one")
		}, api.Unavailable, "error", "no portal"},
		{"a stall", func(ctx context.Context, _ json.RawMessage) (json.RawMessage, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, api.Unavailable, "error", "longer than 30s"},
		{"deaf to its context", func(ctx context.Context, _ json.RawMessage) (json.RawMessage, error) {
			time.Sleep(time.Hour)
			return json.RawMessage(`{}`), nil
		}, api.Failed, "unknown", "does not stop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.do = c.do
				out, err := b.Do(t.Context(), call("look", `{"text":"hi"}`), nil)
				if api.CodeOf(err) != c.code || out.State != api.StepError || !strings.Contains(err.Error(), c.says) {
					t.Errorf("got %v, state %s", err, out.State)
				}
				if !out.Untrusted {
					t.Error("what an untrusted skill says in its error counts as trusted")
				}
				if r := b.last(t); r.Outcome != c.outcome || !strings.Contains(r.Error, c.says) {
					t.Errorf("on record: %+v", r)
				}
				time.Sleep(2 * time.Hour) // of the bubble's time: the one left behind returns
			})
		})
	}
}

func TestLongResultsAreCut(t *testing.T) {
	for _, c := range []struct{ name, output string }{
		{"a text", `{"text":"` + strings.Repeat("ü", 50_000) + `","exit":0}`},
		{"a list", `{"exit":0,"list":[` + strings.Repeat(`{"title":"one of many"},`, 9_999) + `{}]}`},
		{"many keys", `{"exit":0,"deep":{"a":["` + strings.Repeat(`x","`, 30_000) + `"]}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.do = func(context.Context, json.RawMessage) (json.RawMessage, error) { return json.RawMessage(c.output), nil }
			request := call("look", `{"text":"hi"}`)
			request.Limit = 16 << 10
			out, err := b.Do(t.Context(), request, nil)
			if err != nil {
				t.Fatal(err)
			}
			var v struct {
				Exit *int   `json:"exit"`
				Note string `json:"note"`
			}
			if err := json.Unmarshal(out.Output, &v); err != nil || v.Exit == nil || !strings.Contains(v.Note, "cut") || !out.Cut {
				t.Errorf("%v, %+v", err, v)
			}
			request.Limit = len(c.output)
			if whole, err := b.Do(t.Context(), request, nil); err != nil || whole.Cut {
				t.Errorf("%v; what is not cut counts as cut: %v", err, whole.Cut)
			}
			request.Limit = 16 << 10
			if n := len(out.Output); n > request.Limit || n < request.Limit/8 {
				t.Errorf("%d bytes are left", n)
			}
		})
	}
}

// FuzzInput: whatever a model writes as arguments either runs in a form that decodes to the same values, or
// is refused with a sentence of bounded length.
func FuzzInput(f *testing.F) {
	for _, seed := range []string{`{"text":"a"}`, `{"text":"a","count":1e2}`, `{"text":null}`, `{"a":{"b":[1,2,{}]}}`, "\x00", `{"text":"\ud800"}`} {
		f.Add([]byte(seed))
	}
	schema, err := jsonschema.For[pokeIn](nil)
	if err != nil {
		f.Fatal(err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		f.Fatal(err)
	}
	e := &entry{Skill: &skills.Skill{Skill: api.Skill{ID: "look"}, Schema: schema}, schema: resolved}
	f.Fuzz(func(t *testing.T, raw []byte) {
		input, err := e.canonical(raw)
		if err != nil {
			if api.CodeOf(err) != api.InvalidInput || len(err.Error()) > 700 {
				t.Errorf("%d bytes: %v", len(err.Error()), err)
			}
			return
		}
		again, err := e.canonical(input)
		if err != nil || string(again) != string(input) {
			t.Errorf("%s became %s, %v", input, again, err)
		}
	})
}

package gate

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"nerva/core/api"
	"nerva/core/gate/internal/skills"
	"nerva/core/learned"
	"nerva/core/policy"
)

const hi = `{"text":"hi"}`

func TestAnAnswerForGoodIsKept(t *testing.T) {
	b := newBench(t)
	p := &person{answer: api.Always}
	if _, err := b.Do(t.Context(), call("poke", hi), p); err != nil {
		t.Fatal(err)
	}
	entries := b.learned.Entries()
	if len(entries) != 1 || entries[0].Name != "always-1" || entries[0].Skill != "poke" || entries[0].Input != hi {
		t.Fatalf("%+v", entries)
	}
	b.Forget(1)
	if _, err := b.Do(t.Context(), call("poke", ` { "text" : "hi" } `), nil); err != nil {
		t.Errorf("the same call again: %v", err)
	}
	if r := b.last(t); r.DecidedBy != "always-1" || r.Decision != "allow" {
		t.Errorf("%+v", r)
	}
	if _, err := b.Do(t.Context(), call("poke", `{"text":"hi","count":1}`), nil); api.CodeOf(err) != api.Denied {
		t.Errorf("another argument: %v", err)
	}
	tainted := call("press", hi)
	tainted.TaintedBy = []string{"read the windows at 14:02"}
	if _, err := b.Do(t.Context(), tainted, p); err != nil {
		t.Fatal(err)
	}
	if got := p.asked[len(p.asked)-1].Decisions; slices.Contains(got, api.Always) {
		t.Errorf("a question because of taint offers %v", got)
	}
	if len(b.learned.Entries()) != 1 {
		t.Error("an answer that was not offered is kept for good")
	}
	b.policy.Caution = policy.Deny
	if _, err := b.Do(t.Context(), call("poke", hi), p); api.CodeOf(err) != api.Denied {
		t.Errorf("a tier that is denied: %v", err)
	}
}

func TestARuleThatAsksIsNotOverruledByAnAnswer(t *testing.T) {
	b := newBench(t)
	if _, err := b.learned.Add(learned.Key{Skill: "poke", Input: hi}); err != nil {
		t.Fatal(err)
	}
	b.policy.Rules = []policy.Compiled{{Rule: policy.Rule{Name: "look twice", Skill: "poke", Decision: policy.Ask}}}
	p := &person{answer: api.Once}
	if _, err := b.Do(t.Context(), call("poke", hi), p); err != nil || len(p.asked) != 1 {
		t.Fatalf("%v, asked %d times", err, len(p.asked))
	}
	if got := p.asked[0].Decisions; slices.Contains(got, api.Always) {
		t.Errorf("a question because of a rule offers %v", got)
	}
}

func TestWhatCanNotBeReadIsNotKept(t *testing.T) {
	b := newBench(t)
	p := &person{answer: api.Always}
	long, _ := json.Marshal(pokeIn{Text: strings.Repeat("x", maxKept)})
	if _, err := b.Do(t.Context(), call("poke", string(long)), p); err != nil || len(b.learned.Entries()) != 0 {
		t.Errorf("%v, kept %d", err, len(b.learned.Entries()))
	}
}

func TestADiskThatIsFullKeepsAnAnswerForTheRun(t *testing.T) {
	b := newBench(t)
	b.o.Learned, _ = learned.Open(t.TempDir()) // a folder is no file
	p := &person{answer: api.Always}
	for range 2 {
		if _, err := b.Do(t.Context(), call("poke", hi), p); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.asked) != 1 {
		t.Errorf("asked %d times", len(p.asked))
	}
}

func TestShowingAModelElsewhereAsks(t *testing.T) {
	out := func(skill string) Call {
		c := call(skill, hi)
		c.Host = "api.example"
		return c
	}
	t.Run("a model here is shown everything", func(t *testing.T) {
		b := newBench(t)
		if _, err := b.Do(t.Context(), call("look", hi), nil); err != nil {
			t.Error(err)
		}
	})
	t.Run("nobody to ask", func(t *testing.T) {
		b := newBench(t)
		if _, err := b.Do(t.Context(), out("look"), nil); api.CodeOf(err) != api.Denied || b.ran != nil {
			t.Errorf("%v, ran %v", err, b.ran)
		}
	})
	t.Run("what is nobody's runs", func(t *testing.T) {
		b := newBench(t)
		if _, err := b.Do(t.Context(), out("put"), nil); err != nil {
			t.Error(err)
		}
	})
	t.Run("once for the run, whatever the arguments", func(t *testing.T) {
		b := newBench(t)
		p := &person{answer: api.ForRun}
		for _, input := range []string{`{"text":"a"}`, `{"text":"b"}`} {
			c := out("look")
			c.Input = json.RawMessage(input)
			if _, err := b.Do(t.Context(), c, p); err != nil {
				t.Fatal(err)
			}
		}
		if len(p.asked) != 1 || !strings.Contains(p.asked[0].Reason, "api.example") {
			t.Errorf("%+v", p.asked)
		}
		c := out("look")
		c.Host = "other.example"
		if _, err := b.Do(t.Context(), c, nil); api.CodeOf(err) != api.Denied {
			t.Errorf("another host: %v", err)
		}
	})
	t.Run("for good", func(t *testing.T) {
		b := newBench(t)
		if _, err := b.Do(t.Context(), out("look"), &person{answer: api.Always}); err != nil {
			t.Fatal(err)
		}
		b.Forget(1)
		if _, err := b.Do(t.Context(), out("look"), nil); err != nil {
			t.Error(err)
		}
		if e := b.learned.Entries(); len(e) != 1 || e[0].Share != "screen" || e[0].Host != "api.example" {
			t.Errorf("%+v", e)
		}
	})
	t.Run("one question for both reasons", func(t *testing.T) {
		b := newBench(t)
		p := &person{answer: api.Always}
		if _, err := b.Do(t.Context(), out("poke"), p); err != nil || len(p.asked) != 1 {
			t.Fatalf("%v, asked %d times", err, len(p.asked))
		}
		if r := p.asked[0].Reason; !strings.Contains(r, "tier caution") || !strings.Contains(r, "api.example") {
			t.Errorf("the reason is %q", r)
		}
		if len(b.learned.Entries()) != 2 {
			t.Errorf("%+v", b.learned.Entries())
		}
	})
	t.Run("denied by the configuration", func(t *testing.T) {
		b := newBench(t)
		b.policy.Shares = map[string]policy.Decision{"screen": policy.Deny}
		_, err := b.Do(t.Context(), out("look"), &person{answer: api.Once})
		if r := b.last(t); api.CodeOf(err) != api.Denied || r.DecidedBy != "share" || b.ran != nil {
			t.Errorf("%v, %+v", err, r)
		}
	})
	t.Run("a denial stays one", func(t *testing.T) {
		b := newBench(t)
		b.policy.Safe, b.policy.Shares = policy.Deny, map[string]policy.Decision{"screen": policy.Allow}
		if _, err := b.Do(t.Context(), out("look"), &person{answer: api.Once}); api.CodeOf(err) != api.Denied {
			t.Error(err)
		}
	})
}

// TestARequestIsShownByTheConfigurationOrAYes: neither the tiers nor what taints it decide over it.
func TestARequestIsShownByTheConfigurationOrAYes(t *testing.T) {
	event := Call{Run: 1, Caller: api.Caller{Name: "watcher"}, Host: "api.example", TaintedBy: []string{"was copied"}}
	for _, c := range []struct {
		share      policy.Decision
		answer     api.Decision
		code       api.Code
		asked      int
		by, record string
	}{
		{policy.Allow, "", "", 0, "share", "allow ok"},
		{policy.Deny, api.Once, api.Denied, 0, "share", "deny denied"},
		{policy.Ask, api.Once, "", 1, "overlay", "ask ok"},
		{policy.Ask, api.Refuse, api.Denied, 1, "overlay", "ask refused"},
	} {
		b := newBench(t)
		b.policy.Safe, b.policy.Caution = policy.Deny, policy.Ask
		b.policy.Shares = map[string]policy.Decision{"clipboard": c.share}
		p := &person{answer: c.answer}
		_, err := b.Show(t.Context(), event, "clipboard", `what is "this"`, p)
		r := b.last(t)
		if api.CodeOf(err) != c.code || len(p.asked) != c.asked || r.DecidedBy != c.by || r.Decision+" "+r.Outcome != c.record || r.Skill != Showing {
			t.Errorf("%s, %s: %v, asked %d times, on record %+v", c.share, c.answer, err, len(p.asked), r)
		}
		for _, q := range p.asked {
			if string(q.Input) != `{"request":"what is \"this\""}` || q.Risk != api.Caution || !strings.Contains(q.Reason, "api.example") {
				t.Errorf("asked %+v", q)
			}
		}
	}
	b := newBench(t)
	if _, err := b.Show(t.Context(), event, "screen", "a", &person{answer: api.Always}); err != nil {
		t.Fatal(err)
	}
	b.Forget(1)
	if _, err := b.Show(t.Context(), event, "screen", "b", nil); err != nil {
		t.Errorf("again: %v", err)
	}
	if _, err := b.Do(t.Context(), call(Showing, `{"request":"a"}`), &person{answer: api.Once}); api.CodeOf(err) != api.NotFound {
		t.Errorf("somebody has called it: %v", err)
	}
}

// asking is a person who does something while the question is open.
type asking func()

func (a asking) Ask(context.Context, api.Question) (api.Decision, string, error) {
	a()
	return api.Once, "overlay", nil
}

func TestNothingIsInjectedWhileAQuestionIsOpen(t *testing.T) {
	b := newBench(t)
	b.policy.Caution = policy.Allow
	during := errors.New("not tried")
	_, err := b.Do(t.Context(), call("erase", hi), asking(func() {
		_, during = b.Do(t.Context(), call("press", hi), nil)
		if r := b.last(t); r.Decision != "deny" || r.DecidedBy != "question" {
			t.Errorf("%+v", r)
		}
	}))
	if err != nil || api.CodeOf(during) != api.Denied {
		t.Errorf("%v; during the question: %v", err, during)
	}
	if _, err := b.Do(t.Context(), call("press", hi), nil); err != nil {
		t.Errorf("after it: %v", err)
	}
}

func TestAQuestionStopsWhatInjects(t *testing.T) {
	b := newBench(t)
	b.policy.Caution = policy.Allow
	begun, ended := make(chan struct{}), make(chan error)
	b.do = func(ctx context.Context, _ json.RawMessage) (json.RawMessage, error) {
		close(begun)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	go func() {
		_, err := b.Do(t.Context(), call("press", hi), nil)
		ended <- err
	}()
	<-begun
	_, err := b.Do(t.Context(), call("erase", hi), asking(func() {
		b.hands.mu.Lock()
		defer b.hands.mu.Unlock()
		if len(b.hands.acting) != 0 {
			t.Error("the question is shown while something still types")
		}
		b.do = nil
	}))
	if err != nil {
		t.Error(err)
	}
	if err := <-ended; api.CodeOf(err) != api.Cancelled || !strings.Contains(err.Error(), "question") {
		t.Error(err)
	}
}

func TestWhatNeedsMoreThanWasAskedForDoesNotRun(t *testing.T) {
	b := newBench(t)
	b.policy.Shares = map[string]policy.Decision{"files": policy.Allow}
	c := call("poke", hi)
	c.Host = "api.example"
	_, err := b.Do(t.Context(), c, asking(func() { b.policy.Shares = nil }))
	if api.CodeOf(err) != api.Denied || b.ran != nil || !strings.Contains(err.Error(), "ask again") {
		t.Errorf("%v, ran %v", err, b.ran)
	}
	if _, err := b.Do(t.Context(), call("poke", hi), asking(func() { b.policy.Shares = nil })); err != nil {
		t.Errorf("what needs no more: %v", err)
	}
}

// What ignores its context still types, and no question may be shown meanwhile.
func TestWhatDoesNotLetGoKeepsTheHands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.policy.Caution = policy.Allow
		begun, release := make(chan struct{}), make(chan struct{})
		b.do = func(context.Context, json.RawMessage) (json.RawMessage, error) {
			close(begun)
			<-release
			return json.RawMessage("{}"), nil
		}
		ended := make(chan error, 1)
		go func() {
			_, err := b.Do(t.Context(), call("press", hi), nil)
			ended <- err
		}()
		<-begun
		_, err := b.Do(t.Context(), call("erase", hi), asking(func() { t.Error("the question was shown") }))
		if api.CodeOf(err) != api.Busy {
			t.Errorf("got %v", err)
		}
		if err := <-ended; err == nil {
			t.Error("it was stopped, and says nothing")
		}
		close(release)
		synctest.Wait()
		b.do = nil
		if _, err := b.Do(t.Context(), call("erase", hi), &person{answer: api.Once}); err != nil {
			t.Errorf("once it has let go: %v", err)
		}
	})
}

// What is taken in is somebody's: it belongs to a kind of llm.share, or it shows a model nothing of the user's.
func TestWhatIsTakenInIsShared(t *testing.T) {
	all, err := skills.All(Deps{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		switch {
		case s.ID == "capture_screen": // its result is where the picture is
		case (s.Untrusted || s.Did != "") && (!slices.Contains(policy.Kinds, s.Shares) || s.Did == ""):
			t.Errorf("%s: kind %q of llm.share, did %q", s.ID, s.Shares, s.Did)
		}
	}
}

func TestExplainRunsNothing(t *testing.T) {
	b := newBench(t)
	e, err := b.Explain(call("erase", ` {"text":"hi","count":null}`))
	if err != nil || e.Decision != "ask" || e.DecidedBy != "tier" || string(e.Input) != hi || e.Reason == "" {
		t.Errorf("%+v, %v", e, err)
	}
	if _, err := b.Explain(call("erase", `{}`)); api.CodeOf(err) != api.InvalidInput {
		t.Errorf("wrong input: %v", err)
	}
	if b.ran != nil {
		t.Error("it ran")
	}
	if records, err := b.log.Records(t.Context(), api.LogFilter{}); err != nil || len(records) != 0 {
		t.Errorf("%d records, %v", len(records), err)
	}
}

func TestAFileOfAnswersThatIsWrongAllowsNothingAndStays(t *testing.T) {
	b := newBench(t)
	path := t.TempDir() + "/rules.toml"
	const text = "[[rule]]\nname = \"x\"\nskill = \"poke\"\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if b.o.Learned, err = learned.Open(path); err == nil {
		t.Error("it is right")
	}
	if _, err := b.Do(t.Context(), call("poke", hi), &person{answer: api.Always}); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadFile(path); err != nil || string(left) != text {
		t.Errorf("it became %q, %v", left, err)
	}
}

func TestATaintedRunAsksBeforeItOpensWhatItHasWritten(t *testing.T) {
	b := newBench(t)
	b.policy.Caution = policy.Allow
	for _, e := range b.own {
		e.Writes = e.ID == "put"
	}
	b.do = func(context.Context, json.RawMessage) (json.RawMessage, error) {
		return json.RawMessage(`{"path":"/home/a/notes/x.md"}`), nil
	}
	tainted := []string{"read the windows at 14:02"}
	do := func(skill, input string, taint []string, p Asker) error {
		c := call(skill, input)
		c.TaintedBy = taint
		_, err := b.Do(t.Context(), c, p)
		return err
	}
	if err := do("put", hi, nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := do("open", `{"path":"/home/a/notes/x.md"}`, tainted, nil); err != nil {
		t.Errorf("what was written before the run was tainted: %v", err)
	}
	if err := do("put", hi, tainted, &person{answer: api.Once}); err != nil {
		t.Fatal(err)
	}
	for input, asks := range map[string]bool{
		`{"path":"/home/a/notes/x.md"}`:                       true,
		`{"path":"/home/a/notes"}`:                            true,
		`{"path":"/home/a/notes/x.md.txt"}`:                   false,
		`{"path":"/home/a/note"}`:                             false,
		`{"uris":["/tmp","FILE:///home/a/notes/%78.md?a#b"]}`: true,
		`{"uris":["https://example.org//home/a/notes/x.md"]}`: false,
	} {
		if err := do("open", input, tainted, nil); (api.CodeOf(err) == api.Denied) != asks {
			t.Errorf("%s: %v", input, err)
		}
	}
	p := &person{answer: api.ForRun}
	if err := do("open", `{"path":"/home/a/notes/x.md"}`, tainted, p); err != nil || !strings.Contains(p.asked[0].Reason, "/home/a/notes/x.md") || slices.Contains(p.asked[0].Decisions, api.Always) {
		t.Errorf("%v, %+v", err, p.asked)
	}
	other := call("open", `{"path":"/home/a/notes/x.md"}`)
	other.Run, other.TaintedBy = 2, tainted
	if _, err := b.Do(t.Context(), other, nil); api.CodeOf(err) != api.Denied {
		t.Errorf("a later run opens it unasked: %v", err)
	}
}

package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/core/policy"
	"nerva/core/store"
	"nerva/core/suggestions"
	"nerva/core/watchers"
)

// hired is an agent that only takes down what it is to do.
type hired struct {
	did  chan string
	err  error
	end  api.Event
	held *atomic.Int32 // how many keep another daemon from taking over
}

func (h *hired) Execute(ctx context.Context, skill string, input json.RawMessage, o api.AskOptions) (json.RawMessage, error) {
	h.did <- fmt.Sprintf("%s %s%s by %s %q", skill, input, desk.Token(ctx), o.Caller.Name, o.TaintedBy) + h.alone()
	return nil, h.err
}

func (h *hired) Ask(_ context.Context, prompt string, o api.AskOptions) (uint64, error) {
	h.did <- fmt.Sprintf("ask %s%s%v by %s %q", prompt, o.Result, o.Params, o.Caller.Name, o.TaintedBy) + h.alone()
	return 1, h.err
}

func (h *hired) Watch(context.Context, uint64) (api.Run, <-chan api.Event, error) {
	events := make(chan api.Event, 1)
	events <- h.end
	close(events)
	return api.Run{State: api.Thinking}, events, nil
}

// alone says where nobody keeps another daemon away meanwhile.
func (h *hired) alone() string {
	if h.held.Load() == 1 {
		return ""
	}
	return " while another daemon may take over"
}

// bell is a notifier whose buttons a test presses.
type bell struct {
	mu     sync.Mutex
	shown  []desk.Notification
	same   bool // all have one number
	events chan desk.NotificationEvent
}

func (b *bell) Notify(_ context.Context, n desk.Notification) (desk.Shown, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shown = append(b.shown, n)
	if b.same {
		return desk.Shown{ID: 7, By: "bell"}, nil
	}
	return desk.Shown{ID: uint32(len(b.shown)), By: "bell"}, nil
}

func (b *bell) Service(context.Context) (string, error) { return "bell", nil }

func (b *bell) Retract(context.Context, desk.Shown) error { return nil }

func (b *bell) Follow(ctx context.Context, happened func(desk.NotificationEvent)) error {
	for {
		select {
		case e := <-b.events:
			happened(e)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

type post struct {
	*watching
	agent   *hired
	bell    *bell
	verdict policy.Decision // over what a model is shown
	calls   policy.Decision // over calls
	held    atomic.Int32
	offline bool
	told    []api.Suggestion
	rows    []api.Suggestion
}

func newPost(t *testing.T) *post {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "nerva.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	p := &post{agent: &hired{did: make(chan string, 9)}, bell: &bell{events: make(chan desk.NotificationEvent)}, verdict: policy.Allow, calls: policy.Allow}
	p.agent.held = &p.held
	kept, err := suggestions.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	p.watching = &watching{
		store: kept, agent: p.agent, notifier: p.bell, log: slog.New(slog.DiscardHandler),
		share: func(_ context.Context, kind string) (policy.Decision, error) {
			if p.verdict == policy.Deny {
				return p.verdict, api.Errorf(api.Denied, "because of %s", kind)
			}
			return p.verdict, nil
		},
		interprets: func() bool { return p.offline },
		asks:       func(workflow string) bool { return workflow == "asks" },
		judge:      func(watchers.Action, string) policy.Decision { return p.calls },
		hold: func(context.Context) (func(), error) {
			p.held.Add(1)
			return func() { p.held.Add(-1) }, nil
		},
		suggested: func(one api.Suggestion) { p.told = append(p.told, one) },
		changed:   func(all []api.Suggestion) { p.rows = all },
		jobs:      make(chan watchers.Outcome),
	}
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { p.work(ctx) })
	work.Go(func() { _ = p.follow(ctx, &work) })
	t.Cleanup(func() {
		cancel()
		work.Wait()
		if n := p.held.Load(); n != 0 {
			t.Errorf("%d still keep another daemon away", n)
		}
	})
	return p
}

var noon = time.Now().Truncate(time.Minute)

func outcome(kind string, a ...watchers.Action) watchers.Outcome {
	return watchers.Outcome{Kind: kind, Rule: "r", Source: "clipboard", Time: noon, Text: "copied", Title: "T", Body: "B", Actions: a}
}

func (p *post) did(t *testing.T, want string) {
	t.Helper()
	taint := fmt.Sprintf(` ["was started by the watcher \"r\" at %s"]`, noon.Format("15:04"))
	if got := <-p.agent.did; got != want+taint {
		t.Errorf("did %s, want %s", got, want+taint)
	}
}

func (p *post) titles() (all []string) {
	for _, s := range p.rows {
		all = append(all, s.Title+"|"+s.Body)
	}
	return all
}

var (
	volume  = watchers.Action{Skill: "set_volume", Input: json.RawMessage(`{"percent":20}`)}
	explain = watchers.Action{Ask: "explain it"}
	calling = watchers.Action{Workflow: "calls", Input: json.RawMessage(`{"city":"x"}`)}
	asking  = watchers.Action{Workflow: "asks", Input: json.RawMessage(`{}`)}
)

func TestARuleActsByItselfOnlyWhereItIsSaidSo(t *testing.T) {
	for _, c := range []struct {
		rule    string
		auto    bool
		action  watchers.Action
		verdict policy.Decision
		did     string
	}{
		{"auto", true, volume, policy.Allow, `set_volume {"percent":20} by watcher`},
		{"auto, for what is asked about", true, volume, policy.Ask, ""},
		{"not auto", false, volume, policy.Allow, ""},
		{"a question, auto", true, explain, policy.Allow, "ask explain itmap[] by watcher"},
		{"a question, not auto", false, explain, policy.Allow, ""},
		{"a question about what may not be shown", true, explain, policy.Deny, ""},
		{"a question about what a person has to agree to", true, explain, policy.Ask, ""},
		{"a workflow, auto", true, calling, policy.Ask, "ask workflow:callsmap[city:x] by watcher"},
		{"a workflow, not auto", false, calling, policy.Allow, ""},
		{"a workflow that asks, auto", true, asking, policy.Allow, "ask workflow:asksmap[] by watcher"},
		{"a workflow that asks about what a person has to agree to", true, asking, policy.Ask, ""},
		{"a workflow that asks about what may not be shown", true, asking, policy.Deny, ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			p := newPost(t)
			p.verdict, p.calls = c.verdict, c.verdict
			o := outcome(watchers.Act, c.action)
			o.Auto = c.auto
			if err := p.Do(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			if c.did != "" {
				p.did(t, c.did)
				return
			}
			if want := []string{"r|" + c.action.Summary()}; !slices.Equal(p.titles(), want) || len(p.agent.did) > 0 {
				t.Errorf("suggested %q, want %q; did %d things", p.titles(), want, len(p.agent.did))
			}
		})
	}
}

func TestASuggestionThatIsAcceptedIsTaintedByItsEvent(t *testing.T) {
	p := newPost(t)
	if err := p.Suggest(t.Context(), []watchers.Outcome{outcome(watchers.Suggest, volume)}); err != nil {
		t.Fatal(err)
	}
	if len(p.told) != 1 || p.told[0].Title != "T" || !slices.Equal(p.titles(), []string{"T|B"}) {
		t.Fatalf("told %+v, rows %q", p.told, p.titles())
	}
	p.agent.err = api.Errorf(api.Denied, "refused")
	if err := p.Accept(t.Context(), p.told[0].ID, api.Caller{Name: "cli"}); api.CodeOf(err) != api.Denied {
		t.Errorf("%v", err)
	}
	p.did(t, `set_volume {"percent":20} by cli`)
	if err := p.Accept(t.Context(), p.told[0].ID, api.Caller{}); api.CodeOf(err) != api.NotFound || len(p.rows) > 0 {
		t.Errorf("again: %v, rows %q", err, p.titles())
	}
}

func TestWhatMayNotBeShownIsNotAskedEvenIfAccepted(t *testing.T) {
	p := newPost(t)
	p.verdict = policy.Deny
	if err := p.Suggest(t.Context(), []watchers.Outcome{outcome(watchers.Suggest, explain)}); err != nil {
		t.Fatal(err)
	}
	err := p.Accept(t.Context(), p.told[0].ID, api.Caller{Name: "overlay"})
	if api.CodeOf(err) != api.Denied || !strings.Contains(err.Error(), "because of clipboard") || len(p.agent.did) > 0 {
		t.Errorf("%v, did %d things", err, len(p.agent.did))
	}
	if list, err := p.Suggestions(t.Context(), 0); err != nil || len(list) != 1 {
		t.Errorf("what can't be done is gone: %+v, %v", list, err)
	}
}

func TestAButtonOfANotificationDoesItsAction(t *testing.T) {
	p := newPost(t)
	o := outcome(watchers.Notify, watchers.Action{Title: "Explain", Ask: "explain it"}, watchers.Action{Title: "Quieter", Skill: "set_volume", Input: volume.Input})
	if err := p.Do(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	n := p.bell.shown[0]
	if n.Title != "T" || n.Body != "B" || n.Tag != "nerva-watcher-r" || len(n.Actions) != 2 || n.Actions[1].Title != "Quieter" {
		t.Errorf("shown %+v", n)
	}
	p.bell.events <- desk.NotificationEvent{Kind: desk.Invoked, Shown: desk.Shown{ID: 1, By: "another"}, Action: "1-1"}
	p.bell.events <- desk.NotificationEvent{Kind: desk.Invoked, Shown: desk.Shown{ID: 1, By: "bell"}, Action: "1-1", Token: " with the click"}
	p.did(t, `set_volume {"percent":20} with the click by watcher`)
	for range maxButtons + 3 {
		if err := p.Do(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.buttons.shown) != maxButtons {
		t.Errorf("%d are kept", len(p.buttons.shown))
	}
}

// TestAnAnswerToAButtonIsShown: nobody else would.
func TestAnAnswerToAButtonIsShown(t *testing.T) {
	for _, c := range []struct {
		end  api.Event
		want string
	}{
		{api.Event{Type: api.EventFinished, State: api.Done, Answer: "It is <b>full</b>.\nReally."}, "It is <b>full</b>. Really."},
		{api.Event{Type: api.EventFinished, State: api.FailedRun, Answer: "The model is away."}, "The model is away."},
		{api.Event{Type: api.EventFinished, State: api.CancelledRun}, ""},
	} {
		p := newPost(t)
		p.agent.end = c.end
		p.press(t.Context(), outcome(watchers.Notify), explain)
		p.did(t, "ask explain itmap[] by watcher")
		var said string
		for _, n := range p.bell.shown {
			said += n.Body
		}
		if said != c.want {
			t.Errorf("shown %q, want %q", said, c.want)
		}
	}
}

// TestNobodyIsOfferedWhatOnlyAModelCouldAnswer by a rule of nerva's; whoever has written a rule knows what there is.
func TestNobodyIsOfferedWhatOnlyAModelCouldAnswer(t *testing.T) {
	p := newPost(t)
	all := []watchers.Outcome{outcome(watchers.Suggest, explain), outcome(watchers.Suggest, explain), outcome(watchers.Suggest, volume)}
	for i := range all {
		all[i].Title, all[i].Text, all[i].Own = fmt.Sprint(i), fmt.Sprint(i), i > 0
	}
	p.offline = true
	if err := p.Suggest(t.Context(), all); err != nil || !slices.Equal(p.titles(), []string{"2|B", "0|B"}) {
		t.Errorf("without a model: %q, %v", p.titles(), err)
	}
	p.offline = false
	if err := p.Suggest(t.Context(), all); err != nil || len(p.rows) != 3 {
		t.Errorf("with one: %q, %v", p.titles(), err)
	}
}

// TestARequestThatIsAcceptedIsARun: whoever accepts it follows it.
func TestARequestThatIsAcceptedIsARun(t *testing.T) {
	p := newPost(t)
	p.verdict = policy.Ask // which the run asks
	other := outcome(watchers.Suggest, volume)
	other.Text = "other"
	if err := p.Suggest(t.Context(), []watchers.Outcome{outcome(watchers.Suggest, explain), other}); err != nil {
		t.Fatal(err)
	}
	if !p.rows[1].Answers || p.rows[0].Answers || !p.told[0].Answers {
		t.Errorf("rows %+v", p.rows)
	}
	run, err := p.ask(t.Context(), "1", api.AskOptions{Caller: api.Caller{Name: "overlay"}, Result: "suggestion:1"})
	if err != nil || run != 1 {
		t.Fatal(run, err)
	}
	p.did(t, "ask explain itmap[] by overlay")
	for id, code := range map[string]api.Code{"1": api.NotFound, "2": api.InvalidInput} {
		if _, err := p.ask(t.Context(), id, api.AskOptions{}); api.CodeOf(err) != code {
			t.Errorf("%s: %v", id, err)
		}
	}
	if list, err := p.Suggestions(t.Context(), 0); err != nil || len(list) != 1 {
		t.Errorf("left %+v, %v", list, err)
	}
}

// TestARequestThatCanNotBeginIsLeft: it can be accepted once there is room again, or dismissed.
func TestARequestThatCanNotBeginIsLeft(t *testing.T) {
	p := newPost(t)
	if err := p.Suggest(t.Context(), []watchers.Outcome{outcome(watchers.Suggest, explain)}); err != nil {
		t.Fatal(err)
	}
	p.agent.err = api.Errorf(api.Busy, "32 runs are open")
	_, err := p.ask(t.Context(), "1", api.AskOptions{})
	if api.CodeOf(err) != api.Busy {
		t.Errorf("%v", err)
	}
	if err := p.Accept(t.Context(), "1", api.Caller{}); api.CodeOf(err) != api.Busy || len(p.rows) != 1 {
		t.Errorf("%v, %d left", err, len(p.rows))
	}
	p.agent.err = nil
	if err := p.Accept(t.Context(), "1", api.Caller{}); err != nil || len(p.rows) > 0 {
		t.Errorf("%v, %d left", err, len(p.rows))
	}
}

func TestARequestIsAcceptedOnce(t *testing.T) {
	p := newPost(t)
	if err := p.Suggest(t.Context(), []watchers.Outcome{outcome(watchers.Suggest, explain)}); err != nil {
		t.Fatal(err)
	}
	accepted := make(chan error)
	const peers = 8
	for range peers {
		go func() {
			_, err := p.ask(t.Context(), "1", api.AskOptions{})
			accepted <- err
		}()
	}
	began := 0
	for range peers {
		switch err := <-accepted; {
		case err == nil:
			began++
		case api.CodeOf(err) != api.NotFound:
			t.Error(err)
		}
	}
	if began != 1 || len(p.agent.did) != 1 {
		t.Errorf("%d have accepted it, %d runs", began, len(p.agent.did))
	}
}

func TestARuleThatIsSilentIsHeardAgain(t *testing.T) {
	p := newPost(t)
	p.engine = watchers.New(watchers.Options{})
	rule := watchers.Rule{Name: "r", On: "battery", Match: watchers.Match{Below: 5}, Notify: &watchers.Notification{Title: "t"}}
	p.engine.Set([]*watchers.Compiled{rule.Compile(watchers.Known{}, func(key, problem string) { t.Error(key, problem) })})
	suggest := func() {
		if err := p.Suggest(t.Context(), []watchers.Outcome{outcome(watchers.Suggest, volume)}); err != nil {
			t.Fatal(err)
		}
	}
	suggest()
	if err := p.Never(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	suggest()
	if list, err := p.Watchers(t.Context()); err != nil || !list[0].Silent || list[0].SilentUntil != nil || len(p.rows) > 0 {
		t.Errorf("%+v, %v, rows %q", list, err, p.titles())
	}
	if err := p.Hear(t.Context(), "s"); api.CodeOf(err) != api.NotFound {
		t.Errorf("%v", err)
	}
	if err := p.Hear(t.Context(), "r"); err != nil {
		t.Fatal(err)
	}
	suggest()
	if list, err := p.Watchers(t.Context()); err != nil || list[0].Silent || len(p.rows) != 1 {
		t.Errorf("%+v, %v, rows %q", list, err, p.titles())
	}
}

func TestSuggestionsStandFirstAndAreAnswered(t *testing.T) {
	p := newPost(t)
	for _, text := range []string{"a", "b", "c", "d"} {
		o := outcome(watchers.Suggest, volume)
		o.Text, o.Title, o.Body = text, text, ""
		if err := p.Suggest(t.Context(), []watchers.Outcome{o}); err != nil {
			t.Fatal(err)
		}
	}
	rows := first(suggestionResults(p.rows, noon.Add(time.Hour), maxOffered), []api.Result{{ID: "app:x", Score: 7}}, 4)
	var ids []string
	for _, r := range rows {
		ids = append(ids, fmt.Sprint(r.ID, " ", r.Title, " ", r.Subtitle, " ", r.Score))
	}
	if want := []string{"suggestion:4 d r 10", "suggestion:3 c r 9", "suggestion:2 b r 8", "app:x   7"}; !slices.Equal(ids, want) {
		t.Errorf("rows %q, want %q", ids, want)
	}
	if old := suggestionResults(p.rows, noon.Add(25*time.Hour), maxOffered); len(old) > 0 {
		t.Errorf("after a day: %+v", old)
	}
	for action, left := range map[string]int{api.ActionDismiss: 3} {
		if err := p.answer(t.Context(), "4", action, api.Caller{}); err != nil || len(p.rows) != left {
			t.Errorf("%s: %v, %d left", action, err, len(p.rows))
		}
	}
	if err := p.answer(t.Context(), "3", "fly", api.Caller{}); api.CodeOf(err) != api.NotFound {
		t.Errorf("%v", err)
	}
	if err := p.answer(t.Context(), "3", api.ActionNever, api.Caller{}); err != nil || len(p.rows) > 0 {
		t.Errorf("never: %v, %d left", err, len(p.rows))
	}
}

func TestAPressThatWasMeantForTheOneBeforeDoesNothing(t *testing.T) {
	p := newPost(t)
	p.bell.same = true // as a service does that replaces by tag
	o := outcome(watchers.Notify, watchers.Action{Title: "Quieter", Skill: "set_volume", Input: volume.Input})
	for range 2 * maxButtons {
		if err := p.Do(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.buttons.shown) != 1 {
		t.Fatalf("%d are kept", len(p.buttons.shown))
	}
	p.bell.events <- desk.NotificationEvent{Kind: desk.Invoked, Shown: desk.Shown{ID: 7, By: "bell"}, Action: "1-0"}
	if err := p.Do(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	p.bell.events <- desk.NotificationEvent{Kind: desk.Invoked, Shown: desk.Shown{ID: 7, By: "bell"}, Action: fmt.Sprint(2*maxButtons+1, "-0")}
	p.did(t, `set_volume {"percent":20} by watcher`)
}

func TestWhatRulesThatAreGoneHaveSuggestedIsForgotten(t *testing.T) {
	p := newPost(t)
	for _, o := range []watchers.Outcome{outcome(watchers.Suggest, volume), {Kind: watchers.Suggest, Rule: "other", Source: "file", Title: "O", Actions: []watchers.Action{volume}, Time: noon}} {
		if err := p.Suggest(t.Context(), []watchers.Outcome{o}); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.forgetCopied(t.Context()); err != nil || !slices.Equal(p.titles(), []string{"O|"}) {
		t.Errorf("without what was copied: %q, %v", p.titles(), err)
	}
	if err := p.keep(t.Context(), nil); err != nil || len(p.rows) > 0 {
		t.Errorf("without rules: %q, %v", p.titles(), err)
	}
}

// TestOnlyWhatIsNobodysIsFree: what a source tells is the user's, or has others' words in it, unless it is said otherwise.
func TestOnlyWhatIsNobodysIsFree(t *testing.T) {
	free := []string{"timer", "battery", "idle"}
	for _, name := range append(watchers.SourceNames(), "a new one") {
		k := kind(name)
		if (k == "") != slices.Contains(free, name) || k != "" && !slices.Contains(policy.Kinds, k) {
			t.Errorf("%s is of the kind %q", name, k)
		}
	}
	if k := kind("calendar"); k != "files" {
		t.Errorf("what is in the files of a calendar is of the kind %q", k)
	}
}

package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"nerva/core/api"
)

func app(id string, actions ...string) api.Result {
	r := api.Result{ID: "app:" + id, Kind: api.KindApp, Title: id}
	for _, a := range append([]string{"Open"}, actions...) {
		r.Actions = append(r.Actions, api.Action{ID: strings.ToLower(a), Title: a})
	}
	return r
}

func apps(n int) []api.Result {
	var rs []api.Result
	for i := range n {
		rs = append(rs, app(fmt.Sprint("a", i), "Quit"))
	}
	return rs
}

// play reduces events one after the other and returns the last state and all effects.
func play(s State, events ...Event) (State, []Effect) {
	var all []Effect
	for _, e := range events {
		var effects []Effect
		s, effects = Reduce(s, e)
		all = append(all, effects...)
	}
	return s, all
}

// summoned is an overlay on the screen with the newest answer to the empty query.
func summoned(results ...api.Result) State {
	s, effects := play(State{Link: LinkUp}, Summoned{})
	return answer(s, effects, results...)
}

// answer answers the newest query among effects.
func answer(s State, effects []Effect, results ...api.Result) State {
	for i := len(effects) - 1; i >= 0; i-- {
		if q, ok := effects[i].(Query); ok {
			s, _ = Reduce(s, Found{Query: q.Number, Results: results})
			return s
		}
	}
	panic("no query")
}

func of[T Effect](effects []Effect) []T {
	var found []T
	for _, e := range effects {
		if t, ok := e.(T); ok {
			found = append(found, t)
		}
	}
	return found
}

func TestTheSelectionMoves(t *testing.T) {
	for _, c := range []struct {
		name string
		keys []Motion
		want int
	}{
		{"down", []Motion{Next, Next}, 2},
		{"down from the last goes to the first", []Motion{Last, Next}, 0},
		{"up from the first goes to the last", []Motion{Previous}, 19},
		{"a page stops at the end", []Motion{NextPage, NextPage, NextPage}, 19},
		{"a page back stops at the start", []Motion{Next, PreviousPage}, 0},
		{"home and end", []Motion{Last, First}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := summoned(apps(20)...)
			for _, k := range c.keys {
				s, _ = Reduce(s, Moved{k})
			}
			if s.Selected != c.want {
				t.Errorf("selected %d, want %d", s.Selected, c.want)
			}
		})
	}
}

func TestNothingToSelectIsNoMove(t *testing.T) {
	s, effects := play(summoned(), Moved{Next}, Moved{Previous}, Moved{NextPage}, Moved{Last})
	if s.Selected != 0 || len(effects) != 0 {
		t.Errorf("selected %d, effects %v", s.Selected, effects)
	}
}

func TestTheLatestQueryWins(t *testing.T) {
	s, effects := play(summoned(), Typed{"f"}, Typed{"fo"})
	queries := of[Query](effects)
	if len(queries) != 2 || queries[1].Text != "fo" {
		t.Fatalf("queries %v", queries)
	}
	s, _ = Reduce(s, Found{Query: queries[1].Number, Results: []api.Result{app("foot")}})
	s, _ = Reduce(s, Found{Query: queries[0].Number, Results: []api.Result{app("firefox")}})
	if len(s.Results) != 1 || s.Results[0].Title != "foot" {
		t.Errorf("the late answer to an older query shows: %v", s.Results)
	}
}

func TestEnterMeansWhatWasTyped(t *testing.T) {
	s := summoned(app("firefox"))
	s, effects := play(s, Typed{"foot"}, Entered{})
	if len(of[Activate](effects)) != 0 {
		t.Fatal("Enter launched a result of another text")
	}
	q := of[Query](effects)[0]
	s, effects = Reduce(s, Found{Query: q.Number, Results: []api.Result{app("foot")}})
	if got := of[Activate](effects); len(got) != 1 || got[0].ID != "app:foot" {
		t.Errorf("got %v, want app:foot launched as soon as it is found", got)
	}
	if s.Visible {
		t.Error("the overlay stays after a launch")
	}
}

func TestMoreTypingTakesEnterBack(t *testing.T) {
	s, effects := play(summoned(), Typed{"foo"}, Entered{}, Typed{"food"})
	queries := of[Query](effects)
	_, effects = Reduce(s, Found{Query: queries[len(queries)-1].Number, Results: []api.Result{app("food")}})
	if got := of[Activate](effects); len(got) != 0 {
		t.Errorf("launched %v", got)
	}
}

func TestALaunchThatFailsComesBackWithTheSentence(t *testing.T) {
	s, _ := play(summoned(app("foot")), Entered{}, Launched{Err: errors.New("foot is not installed; install it")})
	if !s.Visible || s.Notice != "foot is not installed; install it" {
		t.Errorf("visible %v, notice %q", s.Visible, s.Notice)
	}
}

func TestEscapeClosesAndForgets(t *testing.T) {
	s, effects := play(summoned(app("a"), app("b")), Typed{"x"}, Moved{Next})
	s = answer(s, effects, app("x"))
	s, _ = Reduce(s, Escaped{})
	if s.Visible || s.Text != "" {
		t.Fatalf("visible %v, text %q", s.Visible, s.Text)
	}
	s, _ = Reduce(s, Summoned{Toggle: true})
	if !s.Visible || len(s.Results) != 2 || s.Selected != 0 || s.Message() != "" {
		t.Errorf("the first frame of the next summon is not complete: %v %q", s.Results, s.Message())
	}
}

func TestAnAnswerAfterHidingIsDropped(t *testing.T) {
	s, effects := play(summoned(app("a")), Typed{"x"}, Dismissed{})
	s = answer(s, effects, app("x"))
	if len(s.Results) != 1 || s.Results[0].Title != "a" {
		t.Errorf("results %v", s.Results)
	}
}

func TestAWindowThatGetsTheFocusDismissesTheSearchButNoRun(t *testing.T) {
	if s, _ := Reduce(summoned(app("a")), FocusMoved{}); s.Visible {
		t.Error("the search stays")
	}
	if s, _ := Reduce(asked(), FocusMoved{}); !s.Visible {
		t.Error("a run that opens a window hides itself")
	}
}

func TestTheOverlayOpensWithAFewSuggestions(t *testing.T) {
	s, opened := Reduce(State{}, Summoned{})
	_, written := Reduce(s, Typed{Text: "a"})
	for _, c := range []struct {
		effects []Effect
		limit   int
	}{{opened, Suggestions}, {written, Limit}} {
		if q, ok := c.effects[0].(Query); !ok || q.Limit != c.limit {
			t.Errorf("%+v, want the limit %d", c.effects, c.limit)
		}
	}
}

func TestToggleTwiceIsHidden(t *testing.T) {
	s, _ := play(State{}, Summoned{Toggle: true}, Summoned{Toggle: true})
	if s.Visible {
		t.Error("visible")
	}
	s, _ = play(s, Summoned{}, Summoned{})
	if !s.Visible {
		t.Error("Show twice hides")
	}
}

func TestASummonCanBringText(t *testing.T) {
	s, effects := play(State{Link: LinkUp}, Summoned{Text: "calc"})
	queries := of[Query](effects)
	if s.Text != "calc" || len(queries) == 0 || queries[len(queries)-1].Text != "calc" {
		t.Errorf("text %q, queries %v", s.Text, queries)
	}
}

func TestActions(t *testing.T) {
	s, _ := play(summoned(app("firefox", "New Window", "Private")), ActionsToggled{}, Moved{Next}, Moved{Next})
	if s.Screen != ScreenActions || s.Action != 2 {
		t.Fatalf("screen %v, action %d", s.Screen, s.Action)
	}
	back, _ := Reduce(s, Escaped{})
	if !back.Visible || back.Screen != ScreenSearch {
		t.Error("Escape in the actions does not go back to the results")
	}
	s, effects := Reduce(s, Entered{})
	if got := of[Activate](effects); len(got) != 1 || got[0] != (Activate{"app:firefox", "private"}) || s.Visible {
		t.Errorf("got %v", got)
	}
}

func TestResultsOfAKindStandTogetherBestFirst(t *testing.T) {
	mixed := []api.Result{
		{ID: "window:1", Kind: api.KindWindow},
		{ID: "app:1", Kind: api.KindApp},
		{ID: "window:2", Kind: api.KindWindow},
		{ID: "app:2", Kind: api.KindApp},
	}
	var got []string
	for _, r := range summoned(mixed...).Results {
		got = append(got, r.ID)
	}
	if want := []string{"window:1", "window:2", "app:1", "app:2"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWaysToAsk(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []Event
		want   string
	}{
		{"Ctrl-Enter", []Event{Typed{" what is 2+2 "}, Asked{}}, "what is 2+2"},
		{"a question mark and Enter", []Event{Typed{"? what is 2+2"}, Entered{}}, "what is 2+2"},
		{"a question mark and Ctrl-Enter", []Event{Typed{"?x"}, Asked{}}, "x"},
		{"nothing", []Event{Asked{}}, ""},
		{"a question mark alone", []Event{Typed{"? "}, Entered{}}, ""},
		{"a second press while it is on its way", []Event{Typed{"?x"}, Asked{}, Asked{}}, "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, effects := play(summoned(app("a")), c.events...)
			var got []string
			for _, a := range of[Ask](effects) {
				got = append(got, a.Prompt)
			}
			if strings.Join(got, "|") != c.want {
				t.Errorf("asked %q, want %q", got, c.want)
			}
		})
	}
}

// TestAResultThatIsARequestIsAsked: its answer is waited for, so that the overlay stays.
func TestAResultThatIsARequestIsAsked(t *testing.T) {
	row := api.Result{
		ID: "suggestion:3", Kind: api.KindSuggestion, Title: "Explain it", Answers: true,
		Actions: []api.Action{{ID: "accept", Title: "Accept"}, {ID: "dismiss", Title: "Dismiss"}},
	}
	s, effects := play(summoned(row), Entered{})
	if got := of[Ask](effects); len(got) != 1 || got[0] != (Ask{Prompt: "Explain it", Result: "suggestion:3"}) || !s.Visible || s.Screen != ScreenRun {
		t.Errorf("asked %+v, visible %v, screen %v", got, s.Visible, s.Screen)
	}
	if s, _ = play(s, RunOpened{Prompt: "Explain it", Run: 4}); s.Shown != 4 {
		t.Errorf("shown is run %d", s.Shown)
	}
	for at, want := range map[int]int{0: 1, 1: 0} {
		s, _ := play(summoned(row), ActionsToggled{})
		s.Action = at
		s, effects := play(s, Entered{})
		if len(of[Ask](effects)) != want || len(of[Activate](effects)) != 1-want || s.Visible != (want == 1) {
			t.Errorf("action %d: %+v, visible %v", at, effects, s.Visible)
		}
	}
}

func TestAnAskThatFailsGivesTheTextBack(t *testing.T) {
	s, _ := play(summoned(), Typed{"hello"}, Asked{}, RunOpened{Prompt: "hello", Err: errors.New("busy; try again")})
	if s.Text != "hello" || s.Notice != "busy; try again" || s.Screen != ScreenSearch {
		t.Errorf("text %q, notice %q, screen %v", s.Text, s.Notice, s.Screen)
	}
}

// TestARequestThatFailsLeavesTheEntryAlone: nobody has typed the title of a row.
func TestARequestThatFailsLeavesTheEntryAlone(t *testing.T) {
	row := api.Result{ID: "suggestion:3", Kind: api.KindSuggestion, Title: "Explain it", Answers: true}
	s, _ := play(summoned(row), Entered{}, RunOpened{Prompt: "Explain it", Result: "suggestion:3", Err: errors.New("busy; try again")})
	if s.Text != "" || s.Notice != "busy; try again" || s.Screen != ScreenSearch {
		t.Errorf("text %q, notice %q, screen %v", s.Text, s.Notice, s.Screen)
	}
}

// TestAnAskThatFailsBehindAQuestionIsToldAllTheSame: the question of another run took the screen meanwhile.
func TestAnAskThatFailsBehindAQuestionIsToldAllTheSame(t *testing.T) {
	s, _ := play(summoned(), Typed{"hello"}, Asked{},
		RunSeen{api.Run{ID: 3, State: api.Confirming, Caller: "dbus", Questions: []api.Question{{ID: "q1"}}}},
		RunOpened{Prompt: "hello", Err: errors.New("busy; try again")})
	if q, asks := s.Question(); !asks || q.ID != "q1" || s.Notice != "busy; try again" {
		t.Errorf("question %v, notice %q", q, s.Notice)
	}
}

// asked is a run that this overlay started and that the daemon has taken.
func asked() State {
	s, _ := play(summoned(app("a")), Typed{"?add"}, Entered{}, RunOpened{Prompt: "add", Run: 7},
		RunSeen{api.Run{ID: 7, Prompt: "add", State: api.Thinking, Caller: "overlay"}})
	return s
}

func moves(events ...api.Event) []Event {
	var all []Event
	for i, e := range events {
		if e.Seq == 0 {
			e.Seq = uint32(i + 1)
		}
		all = append(all, RunMoved{7, e})
	}
	return all
}

func TestARunStreamsIn(t *testing.T) {
	s, _ := play(asked(), moves(
		api.Event{Type: api.EventText, Delta: "It "},
		api.Event{Type: api.EventStep, Step: &api.Step{ID: 1, Skill: "calculate", State: api.StepRunning}},
		api.Event{Type: api.EventStep, Step: &api.Step{ID: 1, Skill: "calculate", State: api.StepOK, DurationMS: 3}},
		api.Event{Type: api.EventText, Delta: "is 4"},
		api.Event{Type: api.EventText, Delta: " again", Seq: 4}, // included already
	)...)
	r, _ := s.ShownRun()
	if r.Answer != "It is 4" || len(r.Steps) != 1 || r.Steps[0].State != api.StepOK || !s.Busy() {
		t.Fatalf("run %+v", r)
	}
	s, _ = Reduce(s, RunMoved{7, api.Event{Seq: 5, Type: api.EventFinished, State: api.Done, Answer: "It is 4."}})
	r, _ = s.ShownRun()
	if r.Answer != "It is 4." || !r.Seen || s.Busy() {
		t.Errorf("run %+v", r)
	}
}

func TestAnOlderStateIsNotChanged(t *testing.T) {
	s, _ := play(asked(), moves(api.Event{Type: api.EventStep, Step: &api.Step{ID: 1, State: api.StepRunning}})...)
	before, _ := json.Marshal(s.Runs)
	play(s, RunMoved{7, api.Event{Seq: 2, Type: api.EventStep, Step: &api.Step{ID: 1, State: api.StepOK}}},
		RunMoved{7, api.Event{Seq: 3, Type: api.EventFinished, State: api.Done}}, CancelPressed{}, Dismissed{})
	if after, _ := json.Marshal(s.Runs); string(before) != string(after) {
		t.Errorf("changed\nfrom %s\nto   %s", before, after)
	}
}

func TestEscapeLetsTheRunGoOnAndTheNextSummonShowsIt(t *testing.T) {
	s, effects := play(asked(), Escaped{})
	if s.Visible || len(of[Cancel](effects)) != 0 {
		t.Fatal("Escape does not just hide")
	}
	s, _ = play(s, RunMoved{7, api.Event{Seq: 1, Type: api.EventFinished, State: api.Done, Answer: "4"}}, Summoned{})
	if r, ok := s.ShownRun(); !ok || s.Screen != ScreenRun || r.Answer != "4" {
		t.Fatalf("screen %v, run %+v", s.Screen, r)
	}
	s, _ = play(s, Escaped{}, Summoned{})
	if s.Screen != ScreenSearch || len(s.Runs) != 0 {
		t.Error("an answer that was seen comes back")
	}
}

func TestTypingLeavesTheRunForTheSearch(t *testing.T) {
	s, effects := play(asked(), Typed{"f"})
	s = answer(s, effects, app("foot"))
	if s.Screen != ScreenSearch || len(s.Items()) != 1 {
		t.Fatalf("screen %v, items %v", s.Screen, s.Items())
	}
	s, effects = Reduce(s, Typed{""})
	s = answer(s, effects, app("foot"))
	if items := s.Items(); len(items) != 2 || items[0].Run != 7 {
		t.Fatalf("no row leads back to the run: %v", items)
	}
	s, _ = Reduce(s, Entered{})
	if s.Screen != ScreenRun || s.Shown != 7 {
		t.Error("the row does not lead back to the run")
	}
}

func TestCancel(t *testing.T) {
	s, effects := play(asked(), CancelPressed{}, CancelPressed{})
	if got := of[Cancel](effects); len(got) != 1 || got[0].Run != 7 {
		t.Fatalf("cancels %v", got)
	}
	s, _ = Reduce(s, RunMoved{7, api.Event{Seq: 1, Type: api.EventFinished, State: api.CancelledRun, Answer: "Cancelled."}})
	_, effects = Reduce(s, CancelPressed{})
	if got := of[Copy](effects); len(got) != 1 || got[0].Text != "Cancelled." {
		t.Errorf("after the end Ctrl-C copies the answer, got %v", effects)
	}
}

func ask1() api.Event {
	return api.Event{Seq: 1, Type: api.EventConfirm, Question: &api.Question{
		ID: "q1", Skill: "open_path", Risk: api.Caution, Expires: time.Unix(60, 0),
	}}
}

func TestAQuestionIsAnsweredOnce(t *testing.T) {
	for _, d := range []api.Decision{api.Refuse, api.Once, api.ForRun} {
		s, effects := play(asked(), RunMoved{7, ask1()}, Settled{"q1"}, Decided{"q1", d}, Decided{"q1", d})
		want := []Decide{{Run: 7, Question: "q1", Decision: d}}
		if got := of[Decide](effects); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", d, got, want)
		}
		if _, asks := s.Question(); asks {
			t.Errorf("%s: the question is still there", d)
		}
	}
}

func TestAYesToWhatTypesMakesWayForTheWindow(t *testing.T) {
	for d, hides := range map[api.Decision]bool{api.Refuse: false, api.Once: true, api.ForRun: true, api.Always: true} {
		q := ask1()
		q.Question.Effect = api.Inject
		s, effects := play(asked(), RunMoved{7, q}, Settled{"q1"}, Decided{"q1", d})
		if s.Visible == hides || len(of[Decide](effects)) != 1 {
			t.Errorf("%s: visible %v, effects %v", d, s.Visible, effects)
		}
	}
}

func TestAnAnswerToAnotherQuestionIsNone(t *testing.T) {
	_, effects := play(asked(), RunMoved{7, ask1()}, Settled{"q1"}, Decided{"q0", api.Once}, Decided{"q1", "yes"})
	if len(of[Decide](effects)) != 0 {
		t.Errorf("effects %v", effects)
	}
}

func TestAnAnswerThatFailsBringsTheQuestionBack(t *testing.T) {
	s, _ := play(asked(), RunMoved{7, ask1()}, Settled{"q1"}, Decided{"q1", api.Once}, Failed{7, errors.New("no bus")})
	if q, asks := s.Question(); !asks || q.ID != "q1" || s.Notice != "no bus" {
		t.Errorf("question %v, notice %q", q, s.Notice)
	}
}

// TestAYesBeforeTheQuestionHasSettledIsNone: the keys that a person was typing must not answer.
func TestAYesBeforeTheQuestionHasSettledIsNone(t *testing.T) {
	decide := func(d api.Decision) Event { return Decided{"q1", d} }
	other := Event(RunSeen{api.Run{ID: 8, State: api.Confirming, Questions: []api.Question{{ID: "q8"}}}})
	for _, c := range []struct {
		rule   string
		events []Event
		taken  int
	}{
		{"at once", []Event{decide(api.Once)}, 0},
		{"for the run, at once", []Event{decide(api.ForRun)}, 0},
		{"always, at once", []Event{decide(api.Always)}, 0},
		{"a no at once", []Event{decide(api.Refuse)}, 1},
		{"a tick of the clock is not it", []Event{Ticked{time.Unix(99, 0)}, decide(api.Once)}, 0},
		{"when it has settled", []Event{Settled{"q1"}, decide(api.Once)}, 1},
		{"another question has settled", []Event{Settled{"q0"}, decide(api.Once)}, 0},
		{"hidden and shown again", []Event{Settled{"q1"}, Dismissed{}, Summoned{}, decide(api.Once)}, 0},
		{"settled while it was hidden", []Event{Dismissed{}, Settled{"q1"}, Summoned{}, decide(api.Once)}, 0},
		{"hidden, shown again, and settled", []Event{Dismissed{}, Summoned{}, Settled{"q1"}, decide(api.Once)}, 1},
		{"another question waits behind it", []Event{Settled{"q1"}, other, decide(api.Once)}, 1},
	} {
		t.Run(c.rule, func(t *testing.T) {
			s, effects := play(asked(), RunMoved{7, ask1()})
			if got := of[Settle](effects); len(got) != 1 || got[0].Question != "q1" {
				t.Fatalf("it is not said that the question has appeared: %v", effects)
			}
			if _, effects := play(s, c.events...); len(of[Decide](effects)) != c.taken {
				t.Errorf("effects %+v, want %d decisions", effects, c.taken)
			}
		})
	}
}

func TestEachQuestionSettlesByItself(t *testing.T) {
	other := api.Run{ID: 8, State: api.Confirming, Questions: []api.Question{{ID: "q8"}}}
	s, effects := play(asked(), RunMoved{7, ask1()}, Settled{"q1"}, RunSeen{other}, Decided{"q1", api.Once}, Decided{"q8", api.Once})
	if got := of[Settle](effects); len(got) != 2 || got[1].Question != "q8" {
		t.Errorf("settle %v", got)
	}
	if got := of[Decide](effects); len(got) != 1 || s.Settled() {
		t.Errorf("a double press answered the next one: %v", got)
	}
}

func TestAQuestionShowsTheHiddenOverlay(t *testing.T) {
	s, _ := play(asked(), Escaped{}, RunMoved{7, ask1()})
	if _, asks := s.Question(); !s.Visible || !asks || !s.Ticking() {
		t.Errorf("visible %v, question %v", s.Visible, asks)
	}
	s, _ = play(s, RunMoved{7, api.Event{Seq: 2, Type: api.EventDecided, Question: &api.Question{ID: "q1"}}})
	if _, asks := s.Question(); asks || s.Ticking() {
		t.Error("a question that was answered elsewhere stays")
	}
}

func TestATerminalsQuestionIsShownButDoesNotOpenTheOverlay(t *testing.T) {
	run := api.Run{ID: 5, Caller: "cli", State: api.Confirming, Questions: []api.Question{{ID: "q5"}}}
	s, _ := play(State{Link: LinkUp}, RunSeen{run})
	if s.Visible {
		t.Fatal("the overlay takes the focus from the terminal that asks")
	}
	s, _ = Reduce(s, Summoned{})
	if q, _ := s.Question(); q.ID != "q5" {
		t.Errorf("a summon shows %q, want q5", q.ID)
	}
}

func TestEscapeLeavesTheQuestionOpen(t *testing.T) {
	s, effects := play(asked(), RunMoved{7, ask1()}, Escaped{})
	if s.Visible || len(of[Decide](effects)) != 0 {
		t.Fatalf("visible %v, effects %v", s.Visible, effects)
	}
	s, _ = Reduce(s, Summoned{})
	if _, asks := s.Question(); !asks {
		t.Error("the next summon does not show the question")
	}
}

func TestOneQuestionAfterTheOther(t *testing.T) {
	other := api.Run{ID: 8, Prompt: "other", State: api.Confirming, Questions: []api.Question{{ID: "q8"}}}
	s, _ := play(asked(), RunMoved{7, ask1()}, RunSeen{other})
	if q, _ := s.Question(); q.ID != "q1" {
		t.Fatalf("the question changed under the person's hands to %s", q.ID)
	}
	s, _ = Reduce(s, Decided{"q1", api.Refuse})
	if q, _ := s.Question(); q.ID != "q8" {
		t.Errorf("then comes %q, want q8", q.ID)
	}
}

func TestTheCountdown(t *testing.T) {
	s, _ := play(asked(), RunMoved{7, ask1()}, Ticked{time.Unix(18, 0)})
	q, _ := s.Question()
	if got := Remaining(q, s.Now); got != 42 {
		t.Errorf("got %d s, want 42", got)
	}
	if got := Remaining(q, time.Unix(99, 0)); got != 0 {
		t.Errorf("after the end: %d s, want 0", got)
	}
}

func TestAnOverlayThatWasRestartedShowsTheOpenRun(t *testing.T) {
	run := api.Run{
		ID: 3, Prompt: "long", State: api.Running, Answer: "so far", Seq: 9,
		Steps: []api.Step{{ID: 1, Skill: "notify", State: api.StepOK}},
	}
	s, _ := play(State{Link: LinkUp}, RunSeen{run}, Summoned{}, RunMoved{3, api.Event{Seq: 10, Type: api.EventText, Delta: " more"}})
	r, ok := s.ShownRun()
	if !ok || s.Screen != ScreenRun || r.Answer != "so far more" || len(r.Steps) != 1 {
		t.Errorf("screen %v, run %+v", s.Screen, r)
	}
}

func TestADaemonThatGoesAndComesBack(t *testing.T) {
	s, _ := play(asked(), RunMoved{7, ask1()}, RunLost{7, api.Errorf(api.Unavailable, "gone")}, LinkChanged{Link: LinkPending})
	r, _ := s.ShownRun()
	if _, asks := s.Question(); asks || !r.Lost || s.Busy() {
		t.Fatalf("run %+v", r)
	}
	back, _ := play(s, LinkChanged{Link: LinkUp}, RunSeen{api.Run{ID: 7, Prompt: "add", State: api.Thinking, Seq: 1}})
	if r, _ = back.ShownRun(); r.Lost || !back.Busy() {
		t.Errorf("the run is there again, but: %+v", r)
	}
	gone, _ := play(s, LinkChanged{Link: LinkUp}, RunLost{7, api.Errorf(api.NotFound, "there is no run 7; ask again")})
	if r, _ = gone.ShownRun(); r.State != api.FailedRun || r.Answer != "there is no run 7; ask again" {
		t.Errorf("the run is gone, but: %+v", r)
	}
}

func TestMessages(t *testing.T) {
	typedText := func(s State, text string, results ...api.Result) State {
		s, effects := Reduce(s, Typed{text})
		if len(effects) == 0 {
			return s
		}
		return answer(s, effects, results...)
	}
	for _, c := range []struct {
		name string
		s    State
		want string
	}{
		{"nothing found", typedText(summoned(), "qqq"), "Nothing found. ⌃↵ asks nerva"},
		{"something found", typedText(summoned(), "a", app("a")), ""},
		{"a question", typedText(summoned(app("a")), "?why"), "↵ asks nerva"},
		{"a daemon that starts", State{Visible: true}, "Waiting for nerva…"},
		{"no daemon", State{Visible: true, Link: LinkDown, LinkDetail: "do this"}, "do this"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.s.Message(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheFooterNamesTheKeysThatWork(t *testing.T) {
	question, _ := play(asked(), RunMoved{7, ask1()})
	actions, _ := Reduce(summoned(app("a", "B")), ActionsToggled{})
	for _, c := range []struct {
		name string
		s    State
		want string
	}{
		{"a result with one action", summoned(app("a")), "↵ Open, ⌃L Log, esc Close"},
		{"a result with several", summoned(app("a", "B")), "↵ Open, ⌃K Actions, ⌃L Log, esc Close"},
		{"actions", actions, "↵ Do it, esc Back"},
		{"a run", asked(), "⌃C Cancel, ⌃L Log, esc Hide"},
		{"a question", question, "⇥ Next button, ↵ Press it, ⌃C Cancel the run, esc Hide"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, k := range c.s.Keys() {
				got = append(got, k.Cap+" "+k.Does)
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
		})
	}
}

func TestArgument(t *testing.T) {
	for input, want := range map[string]string{
		`{"app":"foot","uris":[]}`:         "foot",
		`{"expression":"2*\n3"}`:           "2* 3",
		`{"argv":["git","log"],"cwd":"/"}`: "git log",
		`{}`:                               "",
		`{"strange":1}`:                    `{"strange":1}`,
		`not json`:                         "not json",
	} {
		if got := Argument(json.RawMessage(input)); got != want {
			t.Errorf("%s: got %q, want %q", input, got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for ms, want := range map[int64]string{0: "0 ms", 999: "999 ms", 1400: "1.4 s", 125000: "2 min 5 s"} {
		if got := Duration(ms); got != want {
			t.Errorf("%d: got %q, want %q", ms, got, want)
		}
	}
}

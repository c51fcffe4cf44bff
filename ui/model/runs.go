package model

import (
	"fmt"

	"nerva/core/api"
	"nerva/core/visible"
)

func reduceRun(s State, e Event) (State, []Effect) {
	switch e := e.(type) {
	case RunOpened:
		return runOpened(s, e)
	case RunSeen:
		return runSeen(s, e.Run)
	case RunMoved:
		return runMoved(s, e)
	case RunLost:
		return runLost(s, e), nil
	case CancelPressed:
		return cancelShown(s)
	case Decided:
		return decided(s, e)
	case Failed:
		s.Notice = e.Err.Error()
		return update(s, e.Run, func(r *Run) { r.Cancelling, r.Deciding = false, "" }), nil
	case Settled:
		if q, asked := s.Question(); asked && s.Visible && q.ID == e.Question {
			s.settled = e.Question
		}
	case Ticked:
		s.Now = e.Now
	}
	return s, nil
}

func runOpened(s State, e RunOpened) (State, []Effect) {
	if e.Prompt != s.Asking { // a question has come before it
		if e.Err != nil {
			s.Notice = e.Err.Error()
		}
		return s, nil
	}
	s.Asking = ""
	if e.Err != nil {
		s.Notice, s.Screen = e.Err.Error(), ScreenSearch
		if s.Text == "" && e.Result == "" {
			s.Text = e.Prompt // nobody likes to type it again
		}
		return query(s)
	}
	if _, ok := s.run(e.Run); !ok {
		s.Runs = append([]Run{{Run: api.Run{ID: e.Run, Prompt: e.Prompt, State: api.Thinking}}}, s.Runs...)
	}
	s.Shown = e.Run
	return s, nil
}

// runSeen takes over the present state of a run. A run that was there before this overlay was (it was
// killed and started again) comes to the front unless something else is on the screen.
func runSeen(s State, run api.Run) (State, []Effect) {
	old, known := s.run(run.ID)
	fresh := Run{Run: run, Seen: old.Seen, Cancelling: old.Cancelling && !run.State.Final(), Deciding: old.Deciding}
	if !known && run.State.Final() {
		return s, nil
	}
	if known {
		s = update(s, run.ID, func(r *Run) { *r = fresh })
	} else {
		s.Runs = append([]Run{fresh}, s.Runs...)
		if s.Visible && s.Screen == ScreenSearch && s.Text == "" {
			s.Screen, s.Shown = ScreenRun, run.ID
		}
	}
	if len(run.Questions) > 0 {
		return see(confront(s, run.ID)), announceQuestion(run.Questions[0])
	}
	return see(s), nil
}

func runMoved(s State, e RunMoved) (State, []Effect) {
	r, ok := s.run(e.Run)
	if !ok || e.Event.Seq <= r.Seq {
		return s, nil // already part of the state that the watch began with
	}
	s = update(s, e.Run, func(r *Run) {
		r.Delay, r.Lost = e.Event.Notice, false
		apply(&r.Run, e.Event)
	})
	switch e.Event.Type {
	case api.EventConfirm:
		return see(confront(s, e.Run)), announceQuestion(*e.Event.Question)
	case api.EventFinished:
		s = update(s, e.Run, func(r *Run) { r.Cancelling = false })
		var said []Effect
		if s.Visible && s.Screen == ScreenRun && s.Shown == e.Run {
			said = []Effect{Announce{e.Event.Answer}}
		}
		return see(s), said
	}
	return s, nil
}

// apply changes a run by one of its events; slices are copied because older states share them.
func apply(r *api.Run, e api.Event) {
	r.Seq = e.Seq
	switch e.Type {
	case api.EventText:
		r.Answer += e.Delta
	case api.EventStep:
		steps := append([]api.Step(nil), r.Steps...)
		at := -1
		for i := range steps {
			if steps[i].ID == e.Step.ID {
				at = i
			}
		}
		if at < 0 {
			steps = append(steps, *e.Step)
		} else {
			steps[at] = *e.Step
		}
		r.Steps = steps
		if e.Step.State == api.StepRunning && !r.State.Final() {
			r.State = api.Running
		}
	case api.EventConfirm:
		r.Questions = append(without(r.Questions, e.Question.ID), *e.Question)
		r.State = api.Confirming
	case api.EventDecided:
		r.Questions = without(r.Questions, e.Question.ID)
	case api.EventState:
		r.State = e.State
	case api.EventFinished:
		r.State, r.Answer, r.Questions = e.State, e.Answer, nil
	}
}

// confront puts a run's question before the person, whatever is on the screen; what was typed is kept. A
// question of the command line does not open the overlay: it is asked in the terminal too, and opening would
// take the keyboard focus from there.
func confront(s State, run uint64) State {
	if r, _ := s.run(run); r.Caller == "cli" && !s.Visible {
		return s
	}
	if _, asked := s.Question(); asked && s.Visible && s.Shown != run {
		return s // one question after the other
	}
	s.Visible, s.Screen, s.Shown, s.Asking = true, ScreenRun, run, ""
	return s
}

func announceQuestion(q api.Question) []Effect {
	return []Effect{Announce{fmt.Sprintf("nerva asks: %s? %s. Risk: %s. Refuse is focused.",
		visible.Line(q.Skill), visible.Line(q.Reason), q.Risk)}}
}

func runLost(s State, e RunLost) State {
	return update(s, e.Run, func(r *Run) {
		if !r.Open() {
			return
		}
		if api.CodeOf(e.Err) == api.NotFound {
			r.State, r.Answer, r.Questions = api.FailedRun, e.Err.Error(), nil
			return
		}
		r.Lost = true
	})
}

// cancelShown cancels the run on the screen; where there is nothing left to cancel it copies the answer.
func cancelShown(s State) (State, []Effect) {
	r, ok := s.run(s.Shown)
	switch {
	case s.Screen != ScreenRun || !ok || r.Cancelling:
		return s, nil
	case !r.Open():
		return s, []Effect{Copy{Text: r.Answer}}
	}
	return update(s, r.ID, func(r *Run) { r.Cancelling = true }), []Effect{Cancel{Run: r.ID}}
}

// decided takes the question from the screen at once, so that a second press can't answer the next one. Refuse is
// taken at any time, a yes once the question has settled. After a yes to what types or points the overlay makes way: while
// it has the keyboard no window does.
func decided(s State, e Decided) (State, []Effect) {
	q, ok := s.Question()
	if !ok || q.ID != e.Question || !e.Decision.Valid() || e.Decision != api.Refuse && !s.Settled() {
		return s, nil
	}
	run := s.Shown
	s = update(s, run, func(r *Run) { r.Deciding = q.ID })
	another := false
	for _, r := range s.Runs {
		if another = asks(r); another {
			s.Shown = r.ID
			break
		}
	}
	if q.Effect == api.Inject && e.Decision != api.Refuse && !another {
		s = hide(s)
	}
	return s, []Effect{Decide{Run: run, Question: q.ID, Decision: e.Decision}}
}

// see marks the shown run's end as seen.
func see(s State) State {
	if !s.Visible || s.Screen != ScreenRun {
		return s
	}
	return update(s, s.Shown, func(r *Run) { r.Seen = r.Seen || !r.Open() })
}

// pressing is the run that a summon brings to the front.
func pressing(runs []Run) (Run, bool) {
	best := -1
	for i, r := range runs {
		switch {
		case asks(r):
			return r, true
		case best < 0 && (r.Open() || !r.Seen):
			best = i
		}
	}
	if best < 0 {
		return Run{}, false
	}
	return runs[best], true
}

func asks(r Run) bool {
	_, ok := r.question()
	return ok
}

func unseen(runs []Run) []Run {
	var kept []Run
	for _, r := range runs {
		if r.Open() || !r.Seen {
			kept = append(kept, r)
		}
	}
	return kept
}

func update(s State, id uint64, change func(*Run)) State {
	runs := append([]Run(nil), s.Runs...)
	for i := range runs {
		if runs[i].ID == id {
			change(&runs[i])
		}
	}
	s.Runs = runs
	return s
}

func without(questions []api.Question, id string) []api.Question {
	var rest []api.Question
	for _, q := range questions {
		if q.ID != id {
			rest = append(rest, q)
		}
	}
	return rest
}

package session

import (
	"context"
	"slices"
	"strings"
	"time"

	"nerva/core/api"
)

// coalesce is how long text may wait for more text: at 60 frames a second nobody sees it sooner.
const coalesce = 16 * time.Millisecond

// run is the handle of an open run. Its state belongs to the goroutine of own.
type run struct {
	id     uint64
	caller api.Caller
	taint  []string // of the request
	kind   string   // of what is in the request; see api.AskOptions
	cancel context.CancelFunc
	posts  chan func(*state)
	gone   chan struct{} // closed when the owner has ended
	last   api.Run       // valid once gone is closed
}

// reply is a person's answer.
type reply struct {
	decision api.Decision
	by       string
}

// state is what the owner owns.
type state struct {
	run         api.Run // Answer is kept in answer
	answer      strings.Builder
	pending     strings.Builder // text that is in answer and in no event yet
	sent        time.Time       // when text was last sent
	alarm       *time.Timer     // set while text is pending
	paragraph   bool            // the next text begins a new one
	watchers    []*watcher
	questions   map[string]chan reply // by id; an answer is sent once, to a buffered channel
	interactive bool                  // the peer that asked can answer
	over        bool
}

// own is the owner's goroutine.
func (r *run) own(s *state) {
	s.alarm = time.NewTimer(time.Hour)
	s.alarm.Stop()
	for !s.over {
		select {
		case f := <-r.posts:
			f(s)
		case <-s.alarm.C:
			s.flush()
		}
	}
	s.alarm.Stop()
	r.last = s.run
	close(r.gone)
}

// post runs f in the owner's goroutine and returns afterwards, or false when the run is over.
func (r *run) post(f func(*state)) bool {
	done := make(chan struct{})
	select {
	case r.posts <- func(s *state) { defer close(done); f(s) }:
		<-done
		return true
	case <-r.gone:
		return false
	}
}

// now is the present state.
func (r *run) now() (now api.Run) {
	if !r.post(func(s *state) { now = s.snapshot() }) {
		return r.last
	}
	return now
}

// send numbers e and hands it to every watcher. Text that waits goes first.
func (s *state) send(e api.Event) {
	if e.Type != api.EventText {
		s.flush()
	}
	s.run.Seq++
	e.Seq = s.run.Seq
	for _, w := range s.watchers {
		w.push(e)
	}
}

// text adds to the answer.
func (s *state) text(delta string) {
	if delta == "" {
		return
	}
	if s.paragraph && s.answer.Len() > 0 {
		delta = "\n\n" + delta
	}
	s.paragraph, s.run.Notice = false, ""
	s.answer.WriteString(delta)
	waits := s.pending.Len() > 0
	s.pending.WriteString(delta)
	switch left := coalesce - time.Since(s.sent); {
	case left <= 0:
		s.flush()
	case !waits:
		s.alarm.Reset(left)
	}
}

// flush sends the text that waits.
func (s *state) flush() {
	if s.pending.Len() == 0 {
		return
	}
	s.alarm.Stop()
	delta := s.pending.String()
	s.pending.Reset()
	s.sent = time.Now()
	s.send(api.Event{Type: api.EventText, Delta: delta})
}

// become changes the state, and says so if it is another one.
func (s *state) become(to api.State) {
	if s.run.State == to {
		return
	}
	s.run.State, s.run.Notice = to, ""
	s.send(api.Event{Type: api.EventState, State: to})
}

// notice says why it takes longer, until the run goes on.
func (s *state) notice(why string) {
	s.run.Notice = why
	s.send(api.Event{Type: api.EventNotice, Notice: why})
}

// step adds a step, or replaces the one with its id. It returns the id.
func (s *state) step(step api.Step) int {
	if step.ID == 0 {
		step.ID = len(s.run.Steps) + 1
		s.run.Steps = append(s.run.Steps, step)
	} else {
		s.run.Steps[step.ID-1] = step
	}
	s.send(api.Event{Type: api.EventStep, Step: &step})
	return step.ID
}

// ask opens a question.
func (s *state) ask(q api.Question) chan reply {
	answer := make(chan reply, 1)
	s.questions[q.ID] = answer
	s.run.Questions = append(s.run.Questions, q)
	s.become(api.Confirming)
	s.send(api.Event{Type: api.EventConfirm, Question: &q})
	return answer
}

// decide closes a question with an answer, taken for what the question offers; it returns whether the question was
// open.
func (s *state) decide(id string, r reply) bool {
	answer, ok := s.questions[id]
	if ok {
		if at := slices.IndexFunc(s.run.Questions, func(q api.Question) bool { return q.ID == id }); at >= 0 {
			r.decision = s.run.Questions[at].Taken(r.decision)
		}
		answer <- r
		s.close(id)
	}
	return ok
}

// close takes a question away, if it is still there.
func (s *state) close(id string) {
	if _, ok := s.questions[id]; !ok {
		return
	}
	delete(s.questions, id)
	s.run.Questions = slices.DeleteFunc(slices.Clone(s.run.Questions), func(q api.Question) bool { return q.ID == id })
	s.send(api.Event{Type: api.EventDecided, Question: &api.Question{ID: id}})
	s.become(api.Running)
}

// snapshot is the state that the next event continues.
func (s *state) snapshot() api.Run {
	s.flush()
	now := s.run
	now.Answer = s.answer.String()
	now.Steps = slices.Clone(s.run.Steps)
	now.Questions = slices.Clone(s.run.Questions)
	return now
}

// end gives the state that the run will have when it is over. A cancelled run's answer is what there was.
func (s *state) end(as api.State, answer string) api.Run {
	last := s.snapshot()
	last.State, last.Notice = as, ""
	last.Seq++ // of the event that finish sends
	if as != api.CancelledRun {
		last.Answer = answer
	}
	return last
}

// finish tells the end and lets the owner go.
func (s *state) finish(last api.Run) {
	s.send(api.Event{Type: api.EventFinished, State: last.State, Answer: last.Answer})
	last.Seq = s.run.Seq
	s.run = last
	for _, w := range s.watchers {
		w.end()
	}
	s.over = true
}

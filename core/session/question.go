package session

import (
	"context"
	"time"

	"nerva/core/api"
	"nerva/core/gate"
)

// asker puts the gate's questions to whoever may answer in one run.
type asker struct {
	m *Manager
	r *run
	// asked says that a question was put to somebody.
	asked bool
	// waited is how long people took: it is no part of a step's duration.
	waited time.Duration
}

// Ask implements gate.Asker.
func (a *asker) Ask(ctx context.Context, q api.Question) (api.Decision, string, error) {
	start := time.Now()
	defer func() { a.waited += time.Since(start) }()
	var answer chan reply
	a.r.post(func(s *state) {
		if a.m.answerable(s.interactive) {
			answer = s.ask(q)
		}
	})
	if answer == nil {
		return "", "", gate.ErrNobody
	}
	a.asked = true
	select {
	case r := <-answer:
		if r.by == "" {
			return "", "", gate.ErrNobody
		}
		return r.decision, r.by, nil
	case <-ctx.Done():
		a.r.post(func(s *state) { s.close(q.ID) })
		return "", "", ctx.Err()
	}
}

// answerable says whether there is anybody: the overlay, or the peer that asked.
func (m *Manager) answerable(interactive bool) bool {
	_, attached := m.o.Overlay()
	return attached || interactive
}

// Decide implements api.Agent. Only the overlay's peer and the one that started the run may answer, once. An answer
// that the question does not offer counts as the next narrower one (api.Question.Taken).
func (m *Manager) Decide(_ context.Context, id uint64, question string, d api.Decision, by api.Caller) error {
	if !d.Valid() {
		return api.Errorf(api.InvalidInput, "%q is no answer; say once, run, always or refuse", string(d))
	}
	r := m.find(id)
	if r == nil {
		return api.Errorf(api.NotFound, "run %d is not open, so it has no question; nerva runs lists the runs", id)
	}
	name := m.mayAnswer(r, by)
	if name == "" {
		return api.Errorf(api.Denied, "only the overlay, or the program that started run %d, may answer its questions; answer there", id)
	}
	open := false
	r.post(func(s *state) { open = s.decide(question, reply{d, name}) })
	if !open {
		return api.Errorf(api.NotFound, "run %d has no open question %.64q; it was answered or took too long", id, question)
	}
	return nil
}

// mayAnswer gives the word for the audit log's decided_by, empty for nobody. A call without a peer comes from
// inside, and nothing nerva does may answer nerva's own question.
func (m *Manager) mayAnswer(r *run, by api.Caller) string {
	peer, attached := m.o.Overlay()
	switch {
	case by.Peer == "":
		return ""
	case attached && by.Peer == peer:
		return "overlay"
	case by.Peer != r.caller.Peer:
		return ""
	case by.Name == "cli":
		return "terminal"
	}
	return "peer"
}

// PeerGone must be called when the overlay, or a peer that asked for a run, has left the bus: after Overlay
// knows of it, and without a lock that Overlay takes. Open questions that nobody can answer any more are refused.
func (m *Manager) PeerGone(peer string) {
	for _, r := range m.opened() {
		r.post(func(s *state) {
			if r.caller.Peer == peer {
				s.interactive = false
			}
			if m.answerable(s.interactive) {
				return
			}
			for id := range s.questions {
				s.decide(id, reply{})
			}
		})
	}
}

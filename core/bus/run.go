package bus

import (
	"slices"
	"strings"
	"time"

	"nerva/core/api"
)

// runProperties are the properties of Run1; their D-Bus names are the keys.
type runProperties struct {
	State     api.State      `json:"State"`
	Prompt    string         `json:"Prompt"`
	Answer    string         `json:"Answer"`
	Steps     []api.Step     `json:"Steps"`
	Notice    string         `json:"Notice"`
	Questions []api.Question `json:"Questions"`
	Seq       uint32         `json:"Seq"`
	Time      time.Time      `json:"Time"`
	Caller    string         `json:"Caller"`
	Peer      string         `json:"Peer"`
}

func propertiesOf(r api.Run) runProperties {
	return runProperties{r.State, r.Prompt, r.Answer, r.Steps, r.Notice, r.Questions, r.Seq, r.Time, r.Caller, r.Peer}
}

func (p runProperties) run(id uint64) api.Run {
	return api.Run{
		ID: id, Time: p.Time, Prompt: p.Prompt, State: p.State, Answer: p.Answer, Caller: p.Caller, Peer: p.Peer,
		Steps: p.Steps, Notice: p.Notice, Questions: p.Questions, Seq: p.Seq,
	}
}

// fold brings a run up to date with its next event.
func fold(r *api.Run, e api.Event) {
	r.Seq = e.Seq
	switch e.Type {
	case api.EventText:
		r.Answer, r.Notice = r.Answer+e.Delta, ""
	case api.EventStep:
		if i := stepIndex(r.Steps, e.Step.ID); i >= 0 {
			r.Steps[i] = *e.Step
		} else {
			r.Steps = append(r.Steps, *e.Step)
		}
	case api.EventConfirm:
		r.Questions = append(r.Questions, *e.Question)
	case api.EventDecided:
		r.Questions = slices.DeleteFunc(r.Questions, func(q api.Question) bool { return q.ID == e.Question.ID })
	case api.EventNotice:
		r.Notice = e.Notice
	case api.EventState:
		r.State, r.Notice = e.State, ""
	case api.EventFinished:
		r.State, r.Answer, r.Notice, r.Questions = e.State, e.Answer, "", nil
	}
}

// between makes events that lead from one state of a run to a later one, for those whose own events were
// not seen. Their numbers rise and end with the later state's.
func between(old, now api.Run) []api.Event {
	var events []api.Event
	for i := range now.Steps {
		if j := stepIndex(old.Steps, now.Steps[i].ID); j < 0 || !sameStep(old.Steps[j], now.Steps[i]) {
			events = append(events, api.Event{Type: api.EventStep, Step: &now.Steps[i]})
		}
	}
	if delta, ok := strings.CutPrefix(now.Answer, old.Answer); ok && delta != "" && !now.State.Final() {
		events = append(events, api.Event{Type: api.EventText, Delta: delta})
	}
	for _, q := range old.Questions {
		if questionIndex(now.Questions, q.ID) < 0 {
			events = append(events, api.Event{Type: api.EventDecided, Question: &api.Question{ID: q.ID}})
		}
	}
	for i := range now.Questions {
		if questionIndex(old.Questions, now.Questions[i].ID) < 0 {
			events = append(events, api.Event{Type: api.EventConfirm, Question: &now.Questions[i]})
		}
	}
	switch {
	case now.State.Final():
		events = append(events, api.Event{Type: api.EventFinished, State: now.State, Answer: now.Answer})
	case now.State != old.State:
		events = append(events, api.Event{Type: api.EventState, State: now.State})
	}
	for i := range events {
		back := uint32(len(events) - 1 - i)
		events[i].Seq = now.Seq - min(back, now.Seq)
	}
	return events
}

func stepIndex(steps []api.Step, id int) int {
	return slices.IndexFunc(steps, func(s api.Step) bool { return s.ID == id })
}

func questionIndex(questions []api.Question, id string) int {
	return slices.IndexFunc(questions, func(q api.Question) bool { return q.ID == id })
}

func sameStep(a, b api.Step) bool {
	return a.State == b.State && a.Error == b.Error && string(a.Output) == string(b.Output)
}

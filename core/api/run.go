package api

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// State is where a run is.
type State string

// The states of a run. The last three are final.
const (
	Thinking     State = "thinking"   // waiting for the model
	Running      State = "running"    // a skill is being executed
	Confirming   State = "confirming" // a question waits for a person
	Done         State = "done"
	FailedRun    State = "failed"
	CancelledRun State = "cancelled"
)

// Final says whether nothing more will happen in a run of this state.
func (s State) Final() bool { return s == Done || s == FailedRun || s == CancelledRun }

// StepState is where one call of a run is.
type StepState string

// The states of a step. All but the first are final.
const (
	StepRunning StepState = "running"
	StepOK      StepState = "ok"
	StepError   StepState = "error"
	StepRefused StepState = "refused" // a person said no, or nobody answered
	StepDenied  StepState = "denied"  // policy said no
)

// Step is one call that a run made or tried to make.
type Step struct {
	// ID counts the steps of one run from 1; an event with a known id replaces that step.
	ID         int             `json:"id"`
	Skill      string          `json:"skill"`
	Input      json.RawMessage `json:"input"`
	State      StepState       `json:"state"`
	Output     json.RawMessage `json:"output,omitempty"`
	Error      string          `json:"error,omitempty"`
	DurationMS int64           `json:"duration_ms"`
}

// Question asks a person whether one exact call may run.
type Question struct {
	ID string `json:"id"`
	// Hash binds the question to skill and arguments: a changed call is a new question.
	Hash      string          `json:"hash"`
	Skill     string          `json:"skill"`
	Input     json.RawMessage `json:"input"`
	Risk      Risk            `json:"risk"`
	Effect    Effect          `json:"effect"`
	Reason    string          `json:"reason"`
	TaintedBy []string        `json:"tainted_by,omitempty"`
	Expires   time.Time       `json:"expires"`
	// Decisions are the answers that make sense here; empty means all. Refuse is always one.
	Decisions []Decision `json:"decisions"`
}

// Answers gives the decisions that a person is offered, Refuse first.
func (q Question) Answers() []Decision {
	answers := []Decision{Refuse}
	for _, d := range []Decision{Once, ForRun, Always} {
		if len(q.Decisions) == 0 || slices.Contains(q.Decisions, d) {
			answers = append(answers, d)
		}
	}
	return answers
}

// Taint says where the run's taint came from, "This run read the windows at 14:02.", and is empty where there is none
// and where the reason says it.
func (q Question) Taint() string {
	sources := strings.Join(q.TaintedBy, ", ")
	if sources == "" || strings.Contains(q.Reason, sources) {
		return ""
	}
	return "This run " + sources + "."
}

// Taken is what an answer counts as: one that is not offered counts as the next narrower one, Always as ForRun,
// ForRun as Once, Once as Refuse.
func (q Question) Taken(d Decision) Decision {
	narrower := map[Decision]Decision{Always: ForRun, ForRun: Once}
	for d != Refuse && !slices.Contains(q.Answers(), d) {
		next, ok := narrower[d]
		if !ok {
			return Refuse
		}
		d = next
	}
	return d
}

// Decision is a person's answer to a question.
type Decision string

// The decisions.
const (
	Once   Decision = "once"
	ForRun Decision = "run"
	Always Decision = "always"
	Refuse Decision = "refuse"
)

// Valid says whether d is one of the four decisions.
func (d Decision) Valid() bool { return d == Once || d == ForRun || d == Always || d == Refuse }

// Run is the present state of a run.
type Run struct {
	ID     uint64    `json:"id"`
	Time   time.Time `json:"time"`
	Prompt string    `json:"prompt"`
	State  State     `json:"state"`
	// Answer is the text so far, and of a run that is done its last turn's; in state failed it is the
	// sentence that says why and what to do.
	Answer string `json:"answer"`
	Caller string `json:"caller"`
	// Peer is the unique bus name of who started the run, while it is open: a client knows its own runs by it.
	Peer  string `json:"peer,omitempty"`
	Steps []Step `json:"steps,omitempty"`
	// Notice says why it takes longer just now; it is empty as soon as the run goes on.
	Notice string `json:"notice,omitempty"`
	// Questions that are open now.
	Questions []Question `json:"questions,omitempty"`
	// Seq is the number of the last event that this state includes: a late subscriber skips up to it.
	Seq uint32 `json:"seq"`
}

// EventType says which fields of an Event are set.
type EventType string

// The events of a run.
const (
	EventText     EventType = "text"     // Delta
	EventStep     EventType = "step"     // Step
	EventConfirm  EventType = "confirm"  // Question
	EventFinished EventType = "finished" // State, Answer
	// EventState is a change of State alone. It has no D-Bus signal of its own: it travels as a
	// PropertiesChanged of Run1.
	EventState EventType = "state"
	// EventDecided closes the question whose id it carries (as Question.ID only).
	EventDecided EventType = "decided"
	// EventNotice tells the person waiting why it takes longer, such as a request that is tried again:
	// Notice. It is no part of the answer.
	EventNotice EventType = "notice"
)

// Merges says whether a subscriber that is slow may get several events of the type that follow each other as
// one, under the last one's Seq: of text the sum counts, of states and notices the last.
func (t EventType) Merges() bool {
	return t == EventText || t == EventState || t == EventNotice
}

// Event is one change of a run. Within a run Seq rises by one from event to event, starting with 1, but where
// events were merged.
type Event struct {
	Seq      uint32
	Type     EventType
	Delta    string
	Step     *Step
	Question *Question
	State    State
	Answer   string
	Notice   string
}

// MarshalJSON writes the flat form of `nerva ask --json`: the fields of the step or question stand beside
// "type", not below it.
func (e Event) MarshalJSON() ([]byte, error) {
	switch e.Type {
	case EventText:
		return json.Marshal(struct {
			Type  EventType `json:"type"`
			Seq   uint32    `json:"seq"`
			Delta string    `json:"delta"`
		}{e.Type, e.Seq, e.Delta})
	case EventStep:
		return json.Marshal(struct {
			Type EventType `json:"type"`
			Seq  uint32    `json:"seq"`
			*Step
		}{e.Type, e.Seq, e.Step})
	case EventConfirm, EventDecided:
		return json.Marshal(struct {
			Type EventType `json:"type"`
			Seq  uint32    `json:"seq"`
			*Question
		}{e.Type, e.Seq, e.Question})
	case EventNotice:
		return json.Marshal(struct {
			Type   EventType `json:"type"`
			Seq    uint32    `json:"seq"`
			Notice string    `json:"notice"`
		}{e.Type, e.Seq, e.Notice})
	default:
		return json.Marshal(struct {
			Type   EventType `json:"type"`
			Seq    uint32    `json:"seq"`
			State  State     `json:"state"`
			Answer string    `json:"answer"`
		}{e.Type, e.Seq, e.State, e.Answer})
	}
}

// Caller is who asked for something. Clients leave it empty; the bus server fills it in from what the bus
// itself says of the peer, never from what the peer says.
type Caller struct {
	// Name as it stands in the audit log: "overlay", "cli", "dbus", "agent".
	Name string
	// Peer is the unique bus name, empty for calls from inside.
	Peer string
	PID  uint32
}

// AskOptions go with Ask.
type AskOptions struct {
	// Interactive says that the caller can put a question to a person: it has a terminal or was given
	// --decide. Without it, and with no overlay attached, what needs a yes is refused at once.
	Interactive bool `json:"interactive,omitempty"`
	// Result is the id of what is asked in the place of the prompt: suggestion:12, whose event then taints the run, or
	// workflow:standup.
	Result string `json:"result,omitempty"`
	// Params are a workflow's.
	Params map[string]string `json:"params,omitempty"`
	Caller Caller            `json:"-"`
	// TaintedBy says what others may have written of the request; see Question.TaintedBy. It never comes over a bus: nerva
	// itself knows what an event began.
	TaintedBy []string `json:"-"`
	// Kind is what llm.share calls what the request has in it of the user's; empty: nothing.
	Kind string `json:"-"`
}

// Agent takes requests in words and carries them out in runs.
type Agent interface {
	// Ask starts a run and returns its number.
	Ask(ctx context.Context, prompt string, o AskOptions) (run uint64, err error)
	// Watch returns the present state of a run and then every later event in order. The channel is
	// closed after the finished event, when ctx ends, or when the daemon goes away.
	Watch(ctx context.Context, run uint64) (Run, <-chan Event, error)
	// Runs lists the newest runs first, at most limit (0: all that are kept).
	Runs(ctx context.Context, limit int) ([]Run, error)
	// Cancel stops a run; it returns once the run can have no further side effect.
	Cancel(ctx context.Context, run uint64) error
	// Decide answers an open question of a run.
	Decide(ctx context.Context, run uint64, question string, d Decision, by Caller) error
}

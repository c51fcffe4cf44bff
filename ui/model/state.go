package model

import (
	"time"

	"nerva/core/api"
)

// Limit is how many results a query asks for: more than fit on the card, few enough that a row for each
// can be kept for good.
const Limit = 40

// Suggestions is how many results the overlay opens with, the most used ones: each row is half a millisecond
// of the first frame.
const Suggestions = 6

// Guard is how long a question is on the screen before it takes a yes: whoever types into the entry when it appears
// would answer what nobody has read.
const Guard = 500 * time.Millisecond

// Screen is what the card shows below the entry.
type Screen int

// The screens.
const (
	ScreenSearch  Screen = iota // results of a query
	ScreenActions               // the actions of the selected result
	ScreenRun                   // one run with its steps, question and answer
	ScreenLog                   // the audit log
	ScreenRecord                // one record of it
)

// Link is whether there is a daemon to talk to.
type Link int

// The states of the link.
const (
	LinkPending Link = iota // not known yet, or being started
	LinkUp
	LinkDown // LinkDetail says why and what to do
)

// Run is a run as the overlay shows it.
type Run struct {
	api.Run
	// Seen says that the end of the run was on the screen; it is not shown by itself again.
	Seen bool
	// Cancelling says that a cancel is on its way.
	Cancelling bool
	// Deciding is the question whose answer is on its way.
	Deciding string
	// Delay is why it takes longer now, until something happens.
	Delay string
	// Lost says that the daemon went away before the run ended, so that what is shown may be old.
	Lost bool
}

// Open says whether the run may still do something.
func (r Run) Open() bool { return !r.State.Final() }

// question is the question that waits for the person now.
func (r Run) question() (api.Question, bool) {
	if len(r.Questions) == 0 || r.Lost || r.Questions[0].ID == r.Deciding {
		return api.Question{}, false
	}
	return r.Questions[0], true
}

// State is everything that the overlay shows. The zero State is an overlay that has just been started,
// hidden and without a daemon.
type State struct {
	Visible bool
	Screen  Screen
	Text    string // what is searched or asked for

	// Results answer the newest answered query, best kind first, all of one kind together.
	Results  []api.Result
	Selected int // index into Items
	Action   int // index into the selected result's actions, on ScreenActions

	// Notice is a sentence about the last thing that went wrong; Warning one that stays while its cause
	// does, such as a broken configuration.
	Notice  string
	Warning string

	Link       Link
	LinkDetail string

	// Runs that are open or whose end nobody has seen yet, newest first. Shown is the one on ScreenRun;
	// while Asking is not empty that prompt is on its way and has no number yet.
	Runs   []Run
	Shown  uint64
	Asking string

	// Log is the audit log on ScreenLog and ScreenRecord. What is above stays as it was meanwhile.
	Log Log

	// Now is the time of the last tick; it moves only while a question is open.
	Now time.Time

	// settled is the question that has been on the screen for a while, so that a yes to it is meant.
	settled string

	query     uint64 // number of the newest query
	answered  uint64 // number of the query that Results answer
	following uint64 // number of the newest FollowLog
	// pending is what the person asked for while Results were not those of Text yet.
	pending pending
	// recent are the results of the newest empty query: the first frame of the next summon.
	recent []api.Result
}

type pending int

const (
	pendingNothing pending = iota
	pendingEnter
	pendingActions
)

// Entry is what stands in the entry.
func (s State) Entry() string {
	if s.InLog() {
		return s.Log.Text
	}
	return s.Text
}

// ShownRun returns the run on ScreenRun. While a prompt is on its way it is a run without a number.
func (s State) ShownRun() (Run, bool) {
	if s.Asking != "" {
		return Run{Run: api.Run{Prompt: s.Asking, State: api.Thinking}}, true
	}
	return s.run(s.Shown)
}

// Question returns the open question that the card shows.
func (s State) Question() (api.Question, bool) {
	r, ok := s.ShownRun()
	if s.Screen != ScreenRun || !ok {
		return api.Question{}, false
	}
	return r.question()
}

// Settled says whether the question on the screen has been there for Guard: a yes before that is none.
func (s State) Settled() bool {
	q, asked := s.Question()
	return asked && s.settled == q.ID
}

// Busy says whether some run is at work, so that the mark turns.
func (s State) Busy() bool {
	if s.Asking != "" {
		return true
	}
	for _, r := range s.Runs {
		if _, asks := r.question(); r.Open() && !r.Lost && !asks {
			return true
		}
	}
	return false
}

// Ticking says whether Reduce wants a Ticked event each second.
func (s State) Ticking() bool {
	_, asked := s.Question()
	return s.Visible && asked
}

func (s State) run(id uint64) (Run, bool) {
	for _, r := range s.Runs {
		if r.ID == id && id != 0 {
			return r, true
		}
	}
	return Run{}, false
}

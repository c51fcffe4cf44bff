package model

import (
	"time"

	"nerva/core/api"
)

// Event is something that happened. The types below are all there are.
type Event interface{ event() }

// What people do.
type (
	// Summoned asks for the overlay to be shown, with Text in the entry where it is not empty; with Toggle,
	// to be hidden where it is shown already.
	Summoned struct {
		Toggle bool
		Text   string
	}
	// Dismissed is Hide over the bus, a click beside the card, or the loss of the keyboard focus.
	Dismissed struct{}
	// FocusMoved says that another window than before has the focus among windows.
	FocusMoved struct{}
	// Typed is a change of the entry's text.
	Typed struct{ Text string }
	// Moved is one of the keys that move the selection.
	Moved struct{ To Motion }
	// Picked is a click on a row.
	Picked struct{ Row int }
	// Entered is the Enter key.
	Entered struct{}
	// Asked is Ctrl-Enter.
	Asked struct{}
	// ActionsToggled is Ctrl-K.
	ActionsToggled struct{}
	// LogToggled is Ctrl-L.
	LogToggled struct{}
	// LogEndNear says that the log has been scrolled to where its last entries are.
	LogEndNear struct{}
	// Escaped is the Escape key.
	Escaped struct{}
	// CancelPressed is Ctrl-C with nothing selected, or the button.
	CancelPressed struct{}
	// Decided is a button of the question whose id it carries.
	Decided struct {
		Question string
		Decision api.Decision
	}
)

// Motion is where the selection goes.
type Motion int

// The motions.
const (
	Next Motion = iota
	Previous
	NextPage
	PreviousPage
	First
	Last
)

// What the daemon says.
type (
	// LinkChanged says whether there is a daemon; Detail is a sentence where there is none.
	LinkChanged struct {
		Link   Link
		Detail string
	}
	// StatusChanged brings a lasting warning, or clears it.
	StatusChanged struct{ Warning string }
	// Found answers the query with this number.
	Found struct {
		Query   uint64
		Results []api.Result
		Err     error
	}
	// Launched ends an Activate effect.
	Launched struct{ Err error }
	// RunOpened ends an Ask effect.
	RunOpened struct {
		Prompt, Result string
		Run            uint64
		Err            error
	}
	// RunSeen is the present state of a run, as a watch begins.
	RunSeen struct{ Run api.Run }
	// RunMoved is a later event of a run.
	RunMoved struct {
		Run   uint64
		Event api.Event
	}
	// RunLost says that a run can't be watched (any more) although it has not ended.
	RunLost struct {
		Run uint64
		Err error
	}
	// Failed says that a Cancel or Decide effect did not work.
	Failed struct {
		Run uint64
		Err error
	}
	// LogSeen has the newest records of the log, as a FollowLog effect begins.
	LogSeen struct {
		Number  uint64
		Entries []Entry // newest first
		More    bool    // there are older ones
		Now     time.Time
		Err     error
	}
	// LogGrew has calls that have ended since, in any order.
	LogGrew struct {
		Number  uint64
		Entries []Entry
		Now     time.Time
	}
	// LogPaged ends a LoadLog effect.
	LogPaged struct {
		Number  uint64
		Entries []Entry // newest first
		More    bool
		Err     error
	}
	// LogVerified ends a VerifyLog effect; Err names the first record that is not in its place.
	LogVerified struct {
		Verified api.Verified
		Now      time.Time
		Err      error
	}
	// Settled ends a Settle effect.
	Settled struct{ Question string }
	// Ticked is the clock, once a second while State.Ticking.
	Ticked struct{ Now time.Time }
)

func (Summoned) event()       {}
func (Dismissed) event()      {}
func (FocusMoved) event()     {}
func (Typed) event()          {}
func (Moved) event()          {}
func (Picked) event()         {}
func (Entered) event()        {}
func (Asked) event()          {}
func (ActionsToggled) event() {}
func (LogToggled) event()     {}
func (LogEndNear) event()     {}
func (Escaped) event()        {}
func (CancelPressed) event()  {}
func (Decided) event()        {}
func (LinkChanged) event()    {}
func (StatusChanged) event()  {}
func (Found) event()          {}
func (Launched) event()       {}
func (RunOpened) event()      {}
func (RunSeen) event()        {}
func (RunMoved) event()       {}
func (RunLost) event()        {}
func (Failed) event()         {}
func (LogSeen) event()        {}
func (LogGrew) event()        {}
func (LogPaged) event()       {}
func (LogVerified) event()    {}
func (Settled) event()        {}
func (Ticked) event()         {}

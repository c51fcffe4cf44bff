package model

import "nerva/core/api"

// Effect is something that Reduce wants done outside. Each is carried out in a goroutine of its own and
// comes back, if at all, as an Event.
type Effect interface{ effect() }

// The effects.
type (
	// Query asks for results; the newest number wins and comes back as Found.
	Query struct {
		Number uint64
		Text   string
		Limit  int
	}
	// Activate does an action of a result; comes back as Launched.
	Activate struct{ ID, Action string }
	// Ask starts a run; comes back as RunOpened, then as RunSeen and RunMoved.
	// Result is the id of a search result that is asked in the place of the prompt; see api.AskOptions.
	Ask struct{ Prompt, Result string }
	// Cancel stops a run; comes back as Failed, if at all.
	Cancel struct{ Run uint64 }
	// Decide answers a question; comes back as Failed, if at all.
	Decide struct {
		Run      uint64
		Question string
		Decision api.Decision
	}
	// FollowLog asks for the newest records of the audit log that Text chooses, at most LogPage, and for each call that
	// it chooses when that ends, until the next FollowLog or LeaveLog; comes back as LogSeen, then as LogGrew.
	FollowLog struct {
		Number uint64
		Text   string
	}
	// LoadLog asks for the records before those; comes back as LogPaged.
	LoadLog struct {
		Number uint64
		Text   string
		Before uint64
	}
	// VerifyLog has the log's chain recomputed; comes back as LogVerified.
	VerifyLog struct{}
	// LeaveLog ends FollowLog.
	LeaveLog struct{}
	// Settle waits for Guard and comes back as Settled: this question has just appeared.
	Settle struct{ Question string }
	// Copy puts a text on the clipboard.
	Copy struct{ Text string }
	// Announce is said by a screen reader.
	Announce struct{ Text string }
)

func (Query) effect()     {}
func (Activate) effect()  {}
func (Ask) effect()       {}
func (Cancel) effect()    {}
func (Decide) effect()    {}
func (FollowLog) effect() {}
func (LoadLog) effect()   {}
func (VerifyLog) effect() {}
func (LeaveLog) effect()  {}
func (Copy) effect()      {}
func (Announce) effect()  {}
func (Settle) effect()    {}

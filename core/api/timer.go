package api

import "time"

// TimerState says where a timer is.
type TimerState string

// The states of a timer.
const (
	TimerWaiting TimerState = "waiting"
	TimerRung    TimerState = "rung" // and nobody has answered
)

// Timer is a timer or a reminder.
type Timer struct {
	ID    int64      `json:"id"`
	Due   time.Time  `json:"due"`   // when it rings next, or rang
	Every string     `json:"every"` // in words, as set_timer takes it; empty: once
	Text  string     `json:"text"`
	State TimerState `json:"state"`
}

package api

import "time"

// Watcher is a rule of what nerva notices, with what became of it since the daemon started.
type Watcher struct {
	Name    string     `json:"name"`
	On      string     `json:"on"`
	Enabled bool       `json:"enabled"`
	Fired   uint64     `json:"fired"`
	Last    *time.Time `json:"last"` // null: it has not fired
}

// Suggestion is what a rule offers to do.
type Suggestion struct {
	ID    string    `json:"id"`
	Time  time.Time `json:"time"`
	Rule  string    `json:"rule"`
	Title string    `json:"title"`
	Body  string    `json:"body"`
	// Actions are accept, dismiss, and never, after which the rule suggests nothing more.
	Actions []Action `json:"actions"`
}

package api

import (
	"context"
	"time"
)

// Watcher is a rule of what nerva notices, with what became of it since the daemon started.
type Watcher struct {
	Name    string     `json:"name"`
	On      string     `json:"on"`
	Enabled bool       `json:"enabled"`
	Fired   uint64     `json:"fired"`
	Last    *time.Time `json:"last"` // null: it has not fired
	// Silent says that its suggestions are not kept: people have dismissed too many of them, until SilentUntil, or wanted to hear
	// no more of it, for good, where that is null. See Hear.
	Silent      bool       `json:"silent,omitempty"`
	SilentUntil *time.Time `json:"silent_until,omitempty"`
}

// Suggestion is what a rule offers to do.
type Suggestion struct {
	ID    string    `json:"id"`
	Time  time.Time `json:"time"`
	Rule  string    `json:"rule"`
	Title string    `json:"title"`
	Body  string    `json:"body"`
	// Answers says that it offers a request, whose run has an answer: see AskOptions.Result.
	Answers bool `json:"answers,omitempty"`
	// Actions are accept, dismiss, and never, after which the rule suggests nothing more.
	Actions []Action `json:"actions"`
}

// The answers to a suggestion, as ids of its actions.
const (
	ActionAccept  = "accept"
	ActionDismiss = "dismiss"
	ActionNever   = "never"
)

// Watchers tells what nerva notices, and takes the answers to what it suggests.
type Watchers interface {
	// Watchers lists the rules, those that are off among them.
	Watchers(ctx context.Context) ([]Watcher, error)
	// Suggestions lists the newest first, at most limit (0: all).
	Suggestions(ctx context.Context, limit int) ([]Suggestion, error)
	// Accept does what a suggestion offers: a question to the agent has begun then, a skill has ended. What the event wrote
	// taints it, so that the gate may ask.
	Accept(ctx context.Context, id string, by Caller) error
	// Dismiss takes a suggestion away; a rule whose suggestions are dismissed again and again is silent for a time.
	Dismiss(ctx context.Context, id string) error
	// Never takes it away, and its rule suggests nothing more.
	Never(ctx context.Context, id string) error
	// Hear takes back that a rule is silent.
	Hear(ctx context.Context, rule string) error
}

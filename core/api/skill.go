package api

import (
	"context"
	"encoding/json"
	"time"
)

// Risk is the tier of a skill, its floor: policy may raise it for one call, never lower it.
type Risk string

// The tiers.
const (
	Safe      Risk = "safe"
	Caution   Risk = "caution"
	Dangerous Risk = "dangerous"
)

// Effect is what a skill does to the world.
type Effect string

// The effects. In a tainted run the last four always ask.
const (
	Observe Effect = "observe"
	Local   Effect = "local"
	Write   Effect = "write"
	Send    Effect = "send"
	Exec    Effect = "exec"
	Inject  Effect = "inject"
)

// Skill describes one thing that nerva can do.
type Skill struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Risk        Risk   `json:"risk"`
	Effect      Effect `json:"effect"`
	// Untrusted says that what the skill returns may have been written by anybody.
	Untrusted   bool            `json:"untrusted"`
	InputSchema json.RawMessage `json:"input_schema"`
}

// Skills lists and runs single skills, without a model.
type Skills interface {
	Skills(ctx context.Context) ([]Skill, error)
	// Execute runs one skill through the gate: schema, policy, question, audit. Its errors are *Error.
	Execute(ctx context.Context, skill string, input json.RawMessage, o AskOptions) (json.RawMessage, error)
}

// Record is one line of the audit log: the intent of a call, joined with its outcome.
type Record struct {
	Seq        uint64          `json:"seq"`
	Time       time.Time       `json:"time"`
	Run        uint64          `json:"run"`
	Caller     string          `json:"caller"`
	Skill      string          `json:"skill"`
	Input      json.RawMessage `json:"input"`
	Risk       Risk            `json:"risk"`
	Tainted    bool            `json:"tainted"`
	Decision   string          `json:"decision"`   // allow ask deny
	DecidedBy  string          `json:"decided_by"` // a rule's name, tier, taint, overlay, terminal, peer, nobody
	Outcome    string          `json:"outcome"`    // ok error refused denied cancelled unknown
	Error      string          `json:"error"`
	DurationMS int64           `json:"duration_ms"`
	Prev       string          `json:"prev"`
	Hash       string          `json:"hash"`
}

// LogFilter chooses records of the audit log.
type LogFilter struct {
	// Limit is how many of the newest records to give, oldest of them first; 0 gives all.
	Limit int `json:"limit,omitempty"`
	// After gives only records with a greater Seq.
	After uint64 `json:"after,omitempty"`
	// Run gives only records of this run; 0 gives every run's.
	Run uint64 `json:"run,omitempty"`
}

// Status is how the daemon is.
type Status struct {
	Version    string       `json:"version"`
	PID        int          `json:"pid"`
	UptimeS    int64        `json:"uptime_s"`
	Host       string       `json:"host"` // nervad or overlay
	Compositor string       `json:"compositor"`
	LLM        StatusLLM    `json:"llm"`
	Overlay    bool         `json:"overlay"`
	Config     StatusConfig `json:"config"`
	Apps       int          `json:"apps"`
	Runs       int          `json:"runs"` // open ones
}

// StatusLLM is the model as configured, and whether it answered when it was last used or looked for.
type StatusLLM struct {
	Provider  string `json:"provider"`
	Model     string `json:"model"`
	Reachable bool   `json:"reachable"`
	// Detail says, where it does not answer, why and what to do.
	Detail string `json:"detail,omitempty"`
}

// StatusConfig is the configuration in force; Error says why the file on disk is not the one.
type StatusConfig struct {
	Path  string `json:"path"`
	Error string `json:"error"`
}

// Manager looks after the daemon itself.
type Manager interface {
	Status(ctx context.Context) (Status, error)
	// Reload reads the configuration again; on an error the last good one stays in force.
	Reload(ctx context.Context) error
	Log(ctx context.Context, f LogFilter) ([]Record, error)
	// VerifyLog recomputes the hash chain; it returns the number of records, and an *Error that names
	// the first bad one.
	VerifyLog(ctx context.Context) (records uint64, err error)
}

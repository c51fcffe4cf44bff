package api

import (
	"context"
	"encoding/json"
	"strings"
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

// Words say what a risk means, to a person who has to decide.
func (r Risk) Words() string {
	switch r {
	case Safe:
		return "Safe"
	case Dangerous:
		return "Dangerous: what it does can't be taken back"
	}
	return "Caution: it changes something or shows it to others"
}

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

// Floors has nerva's own skills with their risk, those that later versions bring among them: what a rule of the
// policy may name.
var Floors = sorted(map[Risk]string{
	Safe: `list_apps calculate convert list_timers system_status media_status list_windows get_active_window
		search_files list_notes search_notes read_note gather_context capture_screen ocr_screen describe_screen
		clipboard_read launch_app focus_window move_window notify add_note set_timer cancel_timer`,
	Caution: `read_file list_ui close_window media_control set_volume open_path clipboard_write edit_note open_url
		run_command`,
	Dangerous: `write_file delete_file type_text press_keys move_pointer click drag scroll activate_ui power send_message`,
})

// Effects has the effect of the same skills, so that it can be told without a daemon what would become of a call.
var Effects = sorted(map[Effect]string{
	Observe: `list_apps calculate convert list_timers system_status media_status list_windows get_active_window
		search_files list_notes search_notes read_note gather_context capture_screen ocr_screen describe_screen
		clipboard_read read_file list_ui`,
	Local: `launch_app focus_window move_window notify add_note set_timer cancel_timer close_window media_control
		set_volume open_path power`,
	Write:  `clipboard_write edit_note write_file delete_file`,
	Send:   `open_url send_message`,
	Exec:   `run_command`,
	Inject: `type_text press_keys move_pointer click drag scroll activate_ui`,
})

// Arguments names the inputs of skills whose inputs are settled: what a rule of the policy may compare.
var Arguments = map[string]string{
	"launch_app": "app uris", "list_apps": "", "list_windows": "", "get_active_window": "", "focus_window": "id",
	"close_window": "id app title", "move_window": "id workspace",
	"capture_screen": "output region window", "ocr_screen": "output region window",
	"describe_screen": "question output region window", "gather_context": "", "notify": "title body", "calculate": "expression",
	"add_note": "text title to", "list_notes": "", "search_notes": "query", "read_note": "path",
	"edit_note": "path text find replace", "open_path": "path", "search_files": "query",
	"open_url": "url", "media_status": "", "media_control": "action player",
	"set_volume": "percent change mute", "power": "action", "system_status": "",
	"convert": "value from to", "read_file": "path", "write_file": "path text", "delete_file": "path",
	"run_command": "argv cwd", "clipboard_read": "", "clipboard_write": "text",
	"list_ui": "window app role name", "activate_ui": "id name role app value",
	"type_text": "text window app title", "press_keys": "keys window app title", "move_pointer": "x y window app title",
	"click": "x y button count window app title", "drag": "from_x from_y to_x to_y button window app title",
	"scroll":    "dx dy window app title",
	"set_timer": "text in at every", "list_timers": "", "cancel_timer": "id",
}

// sorted turns lists of skills by a value into the value of each skill.
func sorted[T comparable](ids map[T]string) map[string]T {
	all := map[string]T{}
	for value, names := range ids {
		for id := range strings.FieldsSeq(names) {
			all[id] = value
		}
	}
	return all
}

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
	TaintedBy  []string        `json:"tainted_by,omitempty"` // where the taint is from: "read the windows at 14:02"
	Decision   string          `json:"decision"`             // allow ask deny
	DecidedBy  string          `json:"decided_by"`           // a rule's name, tier, taint, share, plugin, protected, commands, question, schema, overlay, terminal, peer, nobody
	Outcome    string          `json:"outcome"`              // ok error refused denied cancelled unknown
	Error      string          `json:"error"`
	DurationMS int64           `json:"duration_ms"`
	Ended      uint64          `json:"ended"` // seq of the outcome's own record; 0 while the call is under way
	Prev       string          `json:"prev"`
	Hash       string          `json:"hash"`
}

// Explanation says what would become of a call.
type Explanation struct {
	Skill     string          `json:"skill"`
	Input     json.RawMessage `json:"input"` // in the form that would run
	Risk      Risk            `json:"risk"`
	Effect    Effect          `json:"effect"`
	Decision  string          `json:"decision"`   // allow ask deny
	DecidedBy string          `json:"decided_by"` // as in the log
	Reason    string          `json:"reason"`
}

// ExplainOptions go with Explain.
type ExplainOptions struct {
	// Tainted asks what would become of the call in a run that has taken in what others may have written.
	Tainted bool `json:"tainted,omitempty"`
}

// The origins of a rule.
const (
	FromConfiguration = "configuration"
	FromAnswer        = "answer" // "always"
)

// AnswerPrefix begins the names of answers; no rule of the configuration may have such a name.
const AnswerPrefix = "always-"

// Rule is what decides before the tiers do.
type Rule struct {
	Name     string `json:"name"`
	Origin   string `json:"origin"`
	Decision string `json:"decision"`
	Skill    string `json:"skill,omitempty"`
	// Match is the configuration's pattern for the arguments, Input the one call that was answered for.
	Match json.RawMessage `json:"match,omitempty"`
	Input json.RawMessage `json:"input,omitempty"`
	// Share is what may be shown to Host, a kind of llm.share.
	Share string `json:"share,omitempty"`
	Host  string `json:"host,omitempty"`
	// Plugin is one whose present content was agreed to.
	Plugin string     `json:"plugin,omitempty"`
	Time   *time.Time `json:"time,omitempty"` // of the answer
}

// Policy explains what is decided, and takes back what was answered for good.
type Policy interface {
	// Explain says what would become of a call, and runs nothing.
	Explain(ctx context.Context, skill string, input json.RawMessage, o ExplainOptions) (Explanation, error)
	Rules(ctx context.Context) ([]Rule, error)
	Forget(ctx context.Context, name string) error
}

// LogFilter chooses records of the audit log.
type LogFilter struct {
	// Limit is how many of the newest records to give, oldest of them first; 0 gives all.
	Limit int `json:"limit,omitempty"`
	// After gives only records with a greater Seq.
	After uint64 `json:"after,omitempty"`
	// Before gives only records with a smaller Seq, so that one can go back page by page; 0 gives all.
	Before uint64 `json:"before,omitempty"`
	// Run gives only records of this run; 0 gives every run's.
	Run uint64 `json:"run,omitempty"`
	// Skill gives only calls of this skill.
	Skill string `json:"skill,omitempty"`
	// Text gives only calls in which each of its words stands somewhere: in skill, input, caller, decision, who decided,
	// outcome or error; "tainted" finds those of a tainted run. A to Z are also found as a to z.
	Text string `json:"text,omitempty"`
	// Since gives only calls that began then or later; the zero time gives all.
	Since time.Time `json:"since"`
	// EndedAfter gives only calls whose Ended is greater, in the order in which they ended: who has seen one asks
	// with its Ended for those that ended since.
	EndedAfter uint64 `json:"ended_after,omitempty"`
}

// Verified is what VerifyLog has found; a call has two records.
type Verified struct {
	Records uint64 `json:"records"` // sound, each in its place
	Cut     uint64 `json:"cut"`     // cut off before them, as the configuration says
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
	// Plugins are those that can't be used.
	Plugins []PluginProblem `json:"plugins,omitempty"`
	// Peers is how callers are known: "pidfd", or "pid" where the bus is too old to give a descriptor of the process.
	Peers string `json:"peers"`
}

// StatusLLM is the model as configured, and whether it answered when it was last used or looked for.
type StatusLLM struct {
	Provider  string `json:"provider"`
	Model     string `json:"model"`
	Reachable bool   `json:"reachable"`
	// Detail says, where it does not answer, why and what to do.
	Detail string `json:"detail,omitempty"`
}

// PluginProblem says why a plugin is not there.
type PluginProblem struct {
	Plugin string `json:"plugin"`
	Error  string `json:"error"`
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
	// VerifyLog recomputes the hash chain; its error is an *Error that names the first bad record.
	VerifyLog(ctx context.Context) (Verified, error)
}

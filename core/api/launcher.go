package api

import "context"

// The kinds of a search result. The kind is also the prefix of the result's id: "app:foot".
const (
	KindApp    = "app"
	KindWindow = "window"
	KindNote   = "note"
	KindFile   = "file"
	KindCalc   = "calc"
	KindClip   = "clip" // something that was copied; found after "clip " alone
	// KindSuggestion is what a watcher's rule offers; shown where nothing is typed.
	KindSuggestion = "suggestion"
	KindWorkflow   = "workflow"
)

// Result is one line of an answer to a query.
type Result struct {
	// ID is what Activate takes: "app:org.gnome.Calculator", "app:firefox:new-window", "window:12".
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	Title    string `json:"title"`
	Subtitle string `json:"subtitle"`
	// Icon is an icon name of the icon theme, or an absolute path; it may be empty.
	Icon string `json:"icon"`
	// Score orders the results of one query, higher first; it compares with nothing else.
	Score   float64  `json:"score"`
	Actions []Action `json:"actions"`
	// Answers says that the first action is a request: it is asked as AskOptions.Result, and its run has an answer.
	Answers bool `json:"answers,omitempty"`
	// Matches are the positions, in runes of Title and ascending, of the letters that the query matched.
	Matches []int `json:"matches,omitempty"`
}

// Action is something that can be done with a result. The first one is what Enter does; its id may be
// given to Activate as the empty string.
type Action struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// ActivateOptions go with Activate.
type ActivateOptions struct {
	// Token is an xdg-activation token that the caller's surface got from the compositor. Where it is
	// empty the daemon asks the compositor for one itself.
	Token string `json:"activation-token,omitempty"`
	// URIs are given to an application that is started.
	URIs   []string `json:"uris,omitempty"`
	Caller Caller   `json:"-"`
}

// Launcher finds things and opens them.
type Launcher interface {
	// Query returns at most limit results (0: as many as there are), best first. It never fails for
	// what the text says; it fails where ctx ends first.
	Query(ctx context.Context, text string, limit int) ([]Result, error)
	// Activate does one of a result's actions; the empty action is the first.
	Activate(ctx context.Context, id, action string, o ActivateOptions) error
}

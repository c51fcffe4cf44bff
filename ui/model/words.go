package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"nerva/core/api"
)

// KindTitle names a kind of result to a person.
func KindTitle(kind string) string { return kinds[kind].one }

// SectionTitle heads the results of one kind.
func SectionTitle(kind string) string { return kinds[kind].many }

var kinds = map[string]struct{ one, many string }{
	api.KindApp:        {"Application", "Applications"},
	api.KindWindow:     {"Window", "Windows"},
	api.KindNote:       {"Note", "Notes"},
	api.KindFile:       {"File", "Files"},
	api.KindCalc:       {"Result", "Calculator"},
	api.KindClip:       {"Copied", "Copied"},
	api.KindSuggestion: {"Suggestion", "Suggestions"},
	api.KindWorkflow:   {"Workflow", "Workflows"},
	KindRun:            {"Run", "At work"},
	KindLog:            {"nerva", "nerva"},
}

// Key is a key that works now, as the footer names it.
type Key struct{ Cap, Does string }

// Keys are those that work now, most important first.
func (s State) Keys() []Key {
	switch s.Screen {
	case ScreenActions:
		return []Key{{"↵", "Do it"}, {"esc", "Back"}}
	case ScreenRun:
		return s.runKeys()
	case ScreenLog:
		return s.logKeys()
	case ScreenRecord:
		return []Key{{"↑↓", "Scroll"}, {"⌃C", "Copy"}, {"esc", "Back"}}
	}
	var keys []Key
	item, selected := s.Selection()
	_, asking := prompt(s.Text)
	switch {
	case asking:
		return []Key{{"↵", "Ask"}, {"esc", "Close"}}
	case selected:
		keys = append(keys, Key{"↵", FirstAction(item.Result)})
		if len(item.Result.Actions) > 1 {
			keys = append(keys, Key{"⌃K", "Actions"})
		}
	}
	if strings.TrimSpace(s.Text) != "" {
		keys = append(keys, Key{"⌃↵", "Ask"})
	} else {
		keys = append(keys, Key{"⌃L", "Log"})
	}
	return append(keys, Key{"esc", "Close"})
}

func (s State) logKeys() []Key {
	if len(s.Log.Entries) == 0 {
		return []Key{{"esc", "Back"}}
	}
	return []Key{{"↵", "Details"}, {"⌃C", "Copy"}, {"esc", "Back"}}
}

func (s State) runKeys() []Key {
	if _, asked := s.Question(); asked {
		return []Key{{"⇥", "Next button"}, {"↵", "Press it"}, {"⌃C", "Cancel the run"}, {"esc", "Hide"}}
	}
	if r, ok := s.run(s.Shown); ok && r.Open() {
		return []Key{{"⌃C", "Cancel"}, {"⌃L", "Log"}, {"esc", "Hide"}}
	}
	if s.Asking != "" {
		return []Key{{"esc", "Hide"}}
	}
	return []Key{{"⌃C", "Copy the answer"}, {"⌃L", "Log"}, {"esc", "Close"}}
}

// FirstAction names what Enter does with a result.
func FirstAction(r api.Result) string {
	if len(r.Actions) == 0 {
		return "Open"
	}
	return r.Actions[0].Title
}

// Message is what stands where there are no rows; it is empty where there are some.
func (s State) Message() string {
	text := strings.TrimSpace(s.Text)
	_, asking := prompt(s.Text)
	switch {
	case s.Screen == ScreenLog:
		return s.logMessage()
	case s.Screen != ScreenSearch || (len(s.Items()) > 0 && !asking):
		return ""
	case s.Link == LinkDown:
		return s.LinkDetail
	case asking && len(text) == 1:
		return "Ask in words, then ↵"
	case asking:
		return "↵ asks nerva"
	case s.answered != s.query || s.Link == LinkPending:
		if text == "" {
			return "Waiting for nerva…"
		}
		return "Searching…"
	case text != "":
		return "Nothing found. ⌃↵ asks nerva"
	default:
		return "Type to search, or ask in words and press ⌃↵"
	}
}

func (s State) logMessage() string {
	switch {
	case len(s.Log.Entries) > 0 || s.Notice != "":
		return ""
	case s.Link == LinkDown:
		return s.LinkDetail
	case !s.Log.answered:
		return "Reading the log…"
	case strings.TrimSpace(s.Log.Text) != "":
		return "No call has that in it"
	}
	return "Nothing has been called yet"
}

// Progress says in words where a run is.
func Progress(r Run) string {
	switch {
	case r.Lost:
		return "The daemon went away; waiting for it to come back…"
	case r.Cancelling && r.Open():
		return "Cancelling…"
	case r.Delay != "" && r.Open():
		return r.Delay
	case asks(r):
		return "Waits for your answer"
	case r.State == api.Thinking:
		return "Thinking…"
	case r.State == api.Running || r.State == api.Confirming:
		return "Working…"
	case r.State == api.CancelledRun:
		return "Cancelled"
	case r.State == api.FailedRun:
		return "Failed"
	}
	return ""
}

// Remaining is the time until a question counts as refused, in whole seconds.
func Remaining(q api.Question, now time.Time) int {
	if q.Expires.IsZero() || now.IsZero() {
		return -1
	}
	return max(0, int(q.Expires.Sub(now).Round(time.Second)/time.Second))
}

// Duration prints how long a step took: "12 ms", "1.4 s", "2 min 5 s".
func Duration(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", ms)
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	default:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
}

// telling are the keys of a skill's input that tell most about a call, best first.
var telling = []string{
	"app", "expression", "argv", "path", "url", "title", "query", "text", "keys", "window", "id", "output",
}

// Argument is the argument of a call that matters most to whoever reads along, on one line and unescaped;
// it is empty where the call has none.
func Argument(input json.RawMessage) string {
	var args map[string]any
	if json.Unmarshal(input, &args) != nil {
		return strings.TrimSpace(string(input))
	}
	for _, key := range telling {
		if v, ok := args[key]; ok {
			return oneLine(v)
		}
	}
	if len(args) == 0 {
		return ""
	}
	return string(bytes.TrimSpace(input))
}

func oneLine(v any) string {
	switch v := v.(type) {
	case string:
		return strings.Join(strings.Fields(v), " ")
	case []any:
		words := make([]string, len(v))
		for i, w := range v {
			words[i] = oneLine(w)
		}
		return strings.Join(words, " ")
	default:
		return fmt.Sprint(v)
	}
}

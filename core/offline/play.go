package offline

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"nerva/core/llm"

	"nerva/core/api"
)

// maxShown bounds a tool's words in an answer, in runes.
const maxShown = 300

// result is what a tool answered.
type result struct {
	failed bool
	text   string
	data   map[string]any
}

// newResult reads a tool's message. An output may stand within words about it (that it is untrusted, say).
func newResult(m llm.Message) result {
	r := result{failed: m.Failed, text: m.Text}
	start, end := strings.IndexByte(m.Text, '{'), strings.LastIndexByte(m.Text, '}')
	if start >= 0 && end > start {
		d := json.NewDecoder(strings.NewReader(m.Text[start : end+1]))
		d.UseNumber()
		if d.Decode(&r.data) != nil {
			r.data = nil // no object: the text is all there is
		}
	}
	if e, ok := r.data["error"].(string); ok && (r.failed || len(r.data) == 1) {
		r.failed, r.text = true, e
	}
	return r
}

// next is the call to make now, or, where skill is empty, the answer.
type next struct {
	skill  string
	input  map[string]any
	answer string
}

// player goes through the steps with the results that are there.
type player struct {
	steps   []step
	results []result
	said    []string
	found   []finding
}

// finding is what a step found, for later steps that refer to it.
type finding struct{ skill, value, label string }

// play goes as far as the results reach.
func play(steps []step, results []result) next {
	p := player{steps: steps, results: results}
	for at, s := range steps {
		if s.again {
			continue
		}
		if n, wait := p.step(at, s); wait {
			return n
		}
	}
	if len(p.found) == 1 && p.found[0].skill == "calculate" {
		return next{answer: p.found[0].value}
	}
	return next{answer: strings.Join(p.said, " ")}
}

// step does one step; wait says that its call, or an answer instead, has to be given now.
func (p *player) step(at int, s step) (n next, wait bool) {
	input := maps.Clone(s.input)
	title := ""
	if s.windowKey != "" {
		r, ok := p.result()
		if !ok {
			return next{skill: "list_windows", input: map[string]any{}}, true
		}
		if r.failed {
			return p.stop(at, "list_windows", r), true
		}
		w, ok := choose(r, p.wanted(s))
		if !ok {
			return next{answer: p.told("No open window fits “" + clean(p.wanted(s)) + "”: " + windowsSentence(r) + p.notDone(at+1))}, true
		}
		input[s.windowKey] = w.id
		title = w.String()
	}
	if s.from != "" {
		f := p.refer(s.ref)
		input[s.from] = f.value
		if old, _ := input["title"].(string); s.from != "path" && (old == "" || old == "nerva") && f.label != "" {
			input["title"] = f.label
		}
	}
	r, ok := p.result()
	if !ok {
		return next{skill: s.skill, input: input}, true
	}
	if r.failed {
		return p.stop(at, s.skill, r), true
	}
	said, value := outcome(s.skill, input, r)
	switch {
	case title == "":
	case s.skill == "focus_window":
		said, value = "Focused "+title+".", title
	case s.skill == "close_window":
		said, value = "Asked "+title+" to close.", title
	case s.skill == "move_window":
		said, value = "Moved "+title+" to workspace "+field(input, "workspace")+".", title
	}
	label := ""
	if s.skill == "calculate" {
		label, _ = input["expression"].(string)
	}
	p.said = append(p.said, said)
	p.found = append(p.found, finding{s.skill, value, label})
	return next{}, false
}

// result takes the next result.
func (p *player) result() (result, bool) {
	if len(p.results) == 0 {
		return result{}, false
	}
	r := p.results[0]
	p.results = p.results[1:]
	return r, true
}

// wanted is the name of the window that a step means.
func (p *player) wanted(s step) string {
	if s.window != "" {
		return s.window
	}
	return p.last(func(f finding) bool { return f.skill == "launch_app" || f.skill == "get_active_window" }).value
}

func (p *player) last(fits func(finding) bool) finding {
	for _, f := range slices.Backward(p.found) {
		if fits(f) {
			return f
		}
	}
	if len(p.found) == 0 {
		return finding{}
	}
	return p.found[len(p.found)-1]
}

var numeric = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:result|answer|sum|total|product|outcome|value|number|difference|quotient|solution|calculation)`)
})

// refer is what "the result" or "it" means: the newest calculation where a number is meant, else the newest
// thing that was found out, else the newest thing that was done.
func (p *player) refer(ref string) finding {
	if numeric().MatchString(ref) && slices.ContainsFunc(p.found, func(f finding) bool { return f.skill == "calculate" }) {
		return p.last(func(f finding) bool { return f.skill == "calculate" })
	}
	return p.last(func(f finding) bool {
		return !slices.Contains([]string{"launch_app", "focus_window", "close_window", "move_window", "notify", "add_note"}, f.skill)
	})
}

// checkReferences gives the first reference that has nothing before it.
func checkReferences(steps []step) string {
	for i, s := range steps {
		if s.ref != "" && i == 0 {
			return s.ref
		}
	}
	return ""
}

// stop is the answer after a call that failed.
func (p *player) stop(at int, skill string, r result) next {
	why := strings.TrimRight(clean(r.text), ".")
	if why == "" {
		why = "no reason was given"
	}
	return next{answer: p.told(skill + " did not work: " + why + "." + p.notDone(at+1))}
}

// told puts what was done before a sentence.
func (p *player) told(sentence string) string {
	return strings.Join(append(slices.Clone(p.said), sentence), " ")
}

// notDone names the steps that are left out.
func (p *player) notDone(from int) string {
	var left []string
	for _, s := range p.steps[from:] {
		if !s.again {
			left = append(left, s.describe())
		}
	}
	if left == nil {
		return ""
	}
	return " Not done: " + strings.Join(left, "; ") + "."
}

func (s step) describe() string {
	for _, k := range []string{"app", "path", "expression", "text", "body", "url", "output"} {
		if v, ok := s.input[k].(string); ok {
			return s.skill + " " + clean(v)
		}
	}
	if s.window != "" {
		return s.skill + " " + clean(s.window)
	}
	return s.skill
}

// clean makes foreign words fit for an answer.
func clean(s string) string { return api.OneLine(s, maxShown) }

// ended ends a sentence whose last words are foreign.
func ended(s string) string {
	if last, _ := utf8.DecodeLastRuneInString(s); strings.ContainsRune(".!?…:", last) {
		return s
	}
	return s + "."
}

// outcome says in a sentence what a call brought, and what later steps may refer to.
func outcome(skill string, input map[string]any, r result) (said, value string) {
	in := func(k string) string { s, _ := input[k].(string); return clean(s) }
	switch skill {
	case "calculate":
		value = field(r.data, "result")
		return in("expression") + " = " + value + ".", value
	case "launch_app":
		return "Opened " + in("app") + ".", in("app")
	case "open_path":
		return "Opened " + in("path") + ".", in("path")
	case "open_url":
		return "Opened " + in("url") + ".", in("url")
	case "add_note":
		return ended("Noted: " + in("text")), in("text")
	case "notify":
		return ended("Notified: " + in("body")), in("body")
	case "capture_screen":
		value = field(r.data, "path")
		return "The screenshot is at " + value + ".", value
	case "list_windows":
		return windowsSentence(r), strings.Join(windowNames(r), ", ")
	case "get_active_window":
		return activeSentence(r)
	case "list_apps":
		return listSentence(r, "apps", "application", "applications", "name", "id")
	case "list_notes":
		return listSentence(r, "notes", "note", "notes", "title", "path")
	}
	if said, value, known := timerOutcome(skill, input, r); known {
		return said, value
	}
	if said, value, known := deviceOutcome(skill, input, r); known {
		return said, value
	}
	return skill + " is done.", clean(r.text)
}

// field is a value of an output as text, made fit for an answer.
func field(data map[string]any, key string) string {
	switch v := data[key].(type) {
	case nil:
		return ""
	case string:
		return clean(v)
	default:
		return clean(fmt.Sprint(v))
	}
}

func listSentence(r result, key, one, many, name, otherwise string) (said, value string) {
	items, _ := r.data[key].([]any)
	var names []string
	for _, i := range items {
		o, _ := i.(map[string]any)
		if n := or(field(o, name), field(o, otherwise)); n != "" {
			names = append(names, n)
		}
	}
	value = strings.Join(names, ", ")
	switch len(names) {
	case 0:
		return "There are no " + many + ".", "no " + many
	case 1:
		return "There is one " + one + ": " + value + ".", value
	}
	return fmt.Sprintf("There are %d %s: %s.", len(names), many, value), value
}

// Package offline is the built-in interpreter: a Model without a model. It understands a documented set of
// English sentences (Help lists them) and proposes calls for them as any model does; whether a call runs is
// decided elsewhere.
//
//	open foot · open ~/Documents · open the Downloads folder
//	switch to firefox · focus the window called "README"
//	close firefox · move this window to workspace 3
//	list the windows · which window is active · list apps
//	what is 21*2 · how much is 15% of 80 · work out twelve times seven plus 3
//	convert 5 km to miles · open https://example.org
//	pause the music · what is playing · set the volume to 30 · battery · lock
//	note: buy milk · remember that the key is under the mat · list my notes
//	notify me that the tea is ready · take a screenshot
//
// Several may stand in one request, joined by "and", "then", a comma or a semicolon; a later one may refer
// to what an earlier one found ("calculate 3*4 and note the result"). A quoted text is never taken apart, and
// a note's text only where what follows is a sentence of its own.
//
// It owns no state: each turn works out the plan again from the last user's message and goes on where the
// tools' results end, so any goroutine may use it. What tools return is matched and repeated, never
// interpreted. It must not know how a skill works and calculates nothing itself: it translates words into an
// expression for the skill "calculate".
package offline

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"nerva/core/api"
	"nerva/core/llm"
)

// maxPrompt bounds a request, in bytes. Longer texts are for models.
const maxPrompt = 8 << 10

// Interpreter is the llm.Model.
type Interpreter struct{ config string }

// New makes an interpreter; config is the path of the configuration file, named where it says how to add a
// model.
func New(config string) Interpreter { return Interpreter{config} }

var _ llm.Model = Interpreter{}

// Turn proposes the next call of the plan, or answers when there is none left.
func (i Interpreter) Turn(ctx context.Context, r llm.Request, progress func(llm.Progress)) (llm.Turn, error) {
	if ctx.Err() != nil {
		return llm.Turn{}, api.Errorf(api.Cancelled, "the request was cancelled")
	}
	t, err := i.turn(r)
	if err == nil && t.Text != "" && progress != nil {
		progress(llm.Progress{Delta: t.Text})
	}
	return t, err
}

func (i Interpreter) turn(r llm.Request) (llm.Turn, error) {
	prompt, results := conversation(r.Messages)
	steps, rest := understand(prompt)
	if rest != "" {
		return llm.Turn{Text: i.notUnderstood(rest)}, nil
	}
	if len(steps) == 0 {
		return llm.Turn{Text: Help()}, nil
	}
	if missing := firstMissing(steps, r.Tools); missing != "" {
		return llm.Turn{Text: "The skill " + missing + ", which this needs, is not available here; nothing was done."}, nil
	}
	p := play(steps, results)
	if p.skill == "" {
		return llm.Turn{Text: p.answer}, nil
	}
	arguments, err := encode(p.input)
	if err != nil {
		return llm.Turn{}, api.Errorf(api.Failed, "write the input of %s: %w", p.skill, err)
	}
	id := fmt.Sprintf("offline_%d_%d", len(r.Messages), len(results))
	return llm.Turn{Calls: []llm.Call{{ID: id, Name: p.skill, Arguments: arguments}}}, nil
}

// conversation is the last user's message and what tools have answered since.
func conversation(messages []llm.Message) (prompt string, results []result) {
	for _, m := range messages {
		switch m.Role {
		case llm.User:
			prompt, results = m.Text, nil
		case llm.Tool:
			results = append(results, newResult(m))
		}
	}
	return prompt, results
}

func firstMissing(steps []step, tools []api.Skill) string {
	for _, s := range steps {
		for _, skill := range s.skills() {
			if !slices.ContainsFunc(tools, func(t api.Skill) bool { return t.ID == skill }) {
				return skill
			}
		}
	}
	return ""
}

// encode writes an input without escaping <, > and &: people read it in a confirmation.
func encode(input map[string]any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(input)
	return strings.TrimSpace(b.String()), err
}

package workflows

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"nerva/core/api"
	"nerva/core/llm"
	"nerva/core/templates"
)

// Script is one run of a workflow. It is the llm.Model of that run.
type Script struct {
	c      *Compiled
	model  llm.Model
	values map[string]any
	at     int  // the step that is next
	cut    bool // what the step before gave is not all of it
	asking bool
	// between are the messages that the run does not know of: the questions, and answers that were not the run's last.
	between []between
}

// between is a message that stands before the one that the run has at that index.
type between struct {
	before  int
	message llm.Message
}

// Given are the parameters of a run, those that were left out among them.
type Given struct{ values map[string]string }

// Give checks the parameters of a run. Its errors are api.InvalidInput.
func (c *Compiled) Give(params map[string]string) (Given, error) {
	g := Given{map[string]string{}}
	needs := c.Needs()
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if _, known := needs[name]; !known {
			return g, api.Errorf(api.InvalidInput, "the workflow %s has no parameter %.40q; %s", c.Name, name, c.usage())
		}
	}
	for _, p := range c.Params {
		value, given := params[p.Name]
		switch {
		case given:
			g.values[p.Name] = value
		case p.Default != nil:
			g.values[p.Name] = *p.Default
		default:
			return g, api.Errorf(api.InvalidInput, "the workflow %s needs %s; %s", c.Name, p.Name, c.usage())
		}
	}
	return g, nil
}

// Start begins a run. The model answers the questions; it may be nil where there are none.
func (c *Compiled) Start(given Given, model llm.Model) *Script {
	s := &Script{c: c, model: model, values: map[string]any{}}
	for name, value := range given.values {
		s.values[name] = value
	}
	return s
}

// usage says how the workflow is run.
func (c *Compiled) usage() string {
	words := []string{"nerva workflow run", c.Name}
	for _, p := range c.Params {
		word := p.Name + "=TEXT"
		if p.Default != nil {
			word = "[" + word + "]"
		}
		words = append(words, word)
	}
	return "it is run by `" + strings.Join(words, " ") + "`"
}

// Turn implements llm.Model. The next step is proposed once the one before is over; one that was not done ends the run.
func (s *Script) Turn(ctx context.Context, r llm.Request, progress func(llm.Progress)) (llm.Turn, error) {
	if !s.asking && s.at > 0 {
		if err := s.took(r.Messages[len(r.Messages)-1]); err != nil {
			return llm.Turn{}, err
		}
	}
	var said []string
	for {
		if s.asking {
			if len(said) > 0 {
				progress(llm.Progress{Delta: "\n\n"})
			}
			turn, err := s.model.Turn(ctx, s.whole(r), progress)
			if err != nil || len(turn.Calls) > 0 {
				return turn, err
			}
			if !s.answered(turn.Text) {
				return llm.Turn{}, nil // nothing, for which the run has a sentence
			}
			said = append(said, turn.Text)
		}
		if s.at == len(s.c.steps) {
			return llm.Turn{Text: s.end(said)}, nil
		}
		now := s.c.steps[s.at]
		s.at++
		if now.ask != nil {
			if err := s.ask(now, said, len(r.Messages)); err != nil {
				return llm.Turn{}, err
			}
			continue
		}
		input, err := s.fill(now.input)
		if err != nil {
			return llm.Turn{}, s.unfilled(err)
		}
		call := llm.Call{ID: s.id(r), Name: now.skill, Arguments: string(input)}
		return llm.Turn{Text: newest(said), Calls: []llm.Call{call}}, nil
	}
}

// answered takes an answer, unless it is none.
func (s *Script) answered(text string) bool {
	answer := strings.TrimSpace(text)
	if answer == "" {
		return false
	}
	s.asking, s.cut, s.values[last] = false, false, templates.Object{"answer": answer}
	return true
}

// fill gives the input of a step. What was cut is for a model to read: a note or a file would lack its end and nobody would know.
func (s *Script) fill(input templates.Shape) (json.RawMessage, error) {
	if !s.cut {
		return input.Fill(s.values)
	}
	rest := maps.Clone(s.values)
	delete(rest, last)
	filled, err := input.Fill(rest)
	if err != nil {
		err = fmt.Errorf("what step %d gave is too long to be passed on whole", s.at-1)
	}
	return filled, err
}

// id is the next call's: nine letters and digits, which some servers insist on, and none that a model has taken.
func (s *Script) id(r llm.Request) string {
	for n := s.at; ; n += mostSteps {
		id := fmt.Sprintf("step%05d", n)
		taken := func(c llm.Call) bool { return c.ID == id }
		if !slices.ContainsFunc(r.Messages, func(m llm.Message) bool { return slices.ContainsFunc(m.Calls, taken) }) {
			return id
		}
	}
}

func newest(said []string) string {
	if len(said) == 0 {
		return ""
	}
	return said[len(said)-1]
}

// took remembers what a call gave.
func (s *Script) took(result llm.Message) error {
	if result.Failed {
		return api.Errorf(api.Failed, "the workflow %s ended at step %d of %d: %s", s.c.Name, s.at, len(s.c.steps), result.Text)
	}
	output, err := templates.Values(result.Text)
	if err != nil {
		output = templates.Object{} // it is no object
	}
	s.values[last], s.cut = output, result.Cut
	return nil
}

// ask puts a question after what the run has by now, and after the answer to the one before. Some servers insist that user and
// assistant take turns, so that a word stands between a result and a question.
func (s *Script) ask(now step, said []string, at int) error {
	question, err := now.ask.Fill(s.values)
	if err != nil {
		return s.unfilled(err)
	}
	text := newest(said)
	if text == "" && s.at > 1 {
		text = fmt.Sprintf("Step %d of %d is done.", s.at-1, len(s.c.steps))
	}
	if text != "" {
		s.between = append(s.between, between{at, llm.Message{Role: llm.Assistant, Text: text}})
	}
	s.between = append(s.between, between{at, llm.Message{Role: llm.User, Text: question}})
	s.asking = true
	return nil
}

// whole is the conversation with what the run does not know of. A question that comes first stands in the place of the run's
// title.
func (s *Script) whole(r llm.Request) llm.Request {
	var all []llm.Message
	rest := s.between
	for i := range len(r.Messages) + 1 {
		for len(rest) > 0 && rest[0].before == i {
			all, rest = append(all, rest[0].message), rest[1:]
		}
		if i < len(r.Messages) && (i > 0 || s.c.steps[0].ask == nil) {
			all = append(all, r.Messages[i])
		}
	}
	r.Messages = all
	return r
}

// end is the run's last word: what was answered since the last call, if anything was.
func (s *Script) end(said []string) string {
	if len(said) == 0 {
		return s.c.Shown() + ": done."
	}
	return strings.Join(said, "\n\n")
}

func (s *Script) unfilled(err error) error {
	return api.Errorf(api.Failed, "step %d of the workflow %s can't be filled: %w; change it in the configuration", s.at, s.c.Name, err)
}

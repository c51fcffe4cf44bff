package modelserver

import (
	"context"
	"encoding/json"

	"nerva/core/api"
	"nerva/core/llm"
	"nerva/core/offline"
)

// Sentences answers as a model would that understands the built-in interpreter's sentences: the calls are
// computed from the request's own words and the tools' outputs, nothing is kept for one prompt.
func Sentences(r Request) Reply {
	in := llm.Request{}
	names := map[string]string{}
	for _, m := range r.Messages {
		msg := llm.Message{Role: llm.Role(m.Role), Text: m.Content.Text, CallID: m.ToolCallID}
		for _, c := range m.ToolCalls {
			names[c.ID] = c.Function.Name
			msg.Calls = append(msg.Calls, llm.Call{ID: c.ID, Name: c.Function.Name, Arguments: *c.Function.Arguments})
		}
		if msg.Role == llm.Tool {
			msg.Name = names[m.ToolCallID]
			msg.Failed = !json.Valid([]byte(msg.Text)) // the wire has no mark for a failed call
		}
		in.Messages = append(in.Messages, msg)
	}
	for _, t := range r.Tools {
		in.Tools = append(in.Tools, api.Skill{ID: t.Function.Name})
	}
	turn, err := offline.New("").Turn(context.Background(), in, nil)
	if err != nil {
		return Reply{Text: err.Error(), Chunks: 4}
	}
	out := Reply{Text: turn.Text, Chunks: 4}
	for _, c := range turn.Calls {
		out.Calls = append(out.Calls, Call{Name: c.Name, Arguments: c.Arguments, Split: []int{3, len(c.Arguments) / 2}})
	}
	return out
}

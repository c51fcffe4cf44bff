package llm

import (
	"encoding/base64"
	"encoding/json"

	openai "github.com/sashabaranov/go-openai"
)

// convert writes a request in the words of the wire.
func (c *Client) convert(r Request) openai.ChatCompletionRequest {
	out := openai.ChatCompletionRequest{Model: c.Model}
	if r.System != "" {
		out.Messages = append(out.Messages, openai.ChatCompletionMessage{Role: "system", Content: r.System})
	}
	for _, m := range r.Messages {
		msg := openai.ChatCompletionMessage{Role: string(m.Role), Content: m.Text, ToolCallID: m.CallID}
		for _, call := range m.Calls {
			msg.ToolCalls = append(msg.ToolCalls, openai.ToolCall{
				ID: call.ID, Type: openai.ToolTypeFunction,
				Function: openai.FunctionCall{Name: or(call.Name, "unknown"), Arguments: or(call.Arguments, "{}")},
			})
		}
		if len(msg.ToolCalls) == 0 {
			// go-openai leaves an empty content out, and servers refuse a message without one.
			msg.Content = or(msg.Content, "(empty)")
		}
		if len(m.Pictures) > 0 {
			msg.Content, msg.MultiContent = "", parts(msg.Content, m.Pictures)
		}
		out.Messages = append(out.Messages, msg)
	}
	for _, s := range r.Tools {
		out.Tools = append(out.Tools, openai.Tool{
			Type: openai.ToolTypeFunction,
			Function: &openai.FunctionDefinition{
				Name: s.ID, Description: or(s.Description, s.Title), Parameters: parameters(s.InputSchema),
			},
		})
	}
	return out
}

// parts are a text and the pictures after it, as data URLs (RFC 2397).
func parts(text string, pictures []Picture) []openai.ChatMessagePart {
	all := []openai.ChatMessagePart{{Type: openai.ChatMessagePartTypeText, Text: text}}
	for _, p := range pictures {
		url := "data:" + p.Type + ";base64," + base64.StdEncoding.EncodeToString(p.Data)
		all = append(all, openai.ChatMessagePart{Type: openai.ChatMessagePartTypeImageURL, ImageURL: &openai.ChatMessageImageURL{URL: url}})
	}
	return all
}

// parameters is a skill's schema with the "properties" that servers insist on, even for a function that
// takes nothing.
func parameters(schema json.RawMessage) json.RawMessage {
	var o map[string]json.RawMessage
	if err := json.Unmarshal(schema, &o); err != nil || o == nil {
		return json.RawMessage(`{"type":"object","properties":{}}`)
	}
	if o["properties"] != nil {
		return schema
	}
	o["properties"] = json.RawMessage(`{}`)
	b, err := json.Marshal(o)
	if err != nil {
		return schema // cannot be: it was just read
	}
	return b
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// known are the ids of the calls that a conversation has.
func known(r Request) map[string]bool {
	ids := map[string]bool{}
	for _, m := range r.Messages {
		for _, c := range m.Calls {
			ids[c.ID] = true
		}
	}
	return ids
}

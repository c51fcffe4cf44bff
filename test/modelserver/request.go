package modelserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Request is a chat request as received.
type Request struct {
	Model    string    `json:"model"`
	Stream   bool      `json:"stream"`
	Messages []Message `json:"messages"`
	Tools    []Tool    `json:"tools"`

	Header http.Header `json:"-"`
	Raw    []byte      `json:"-"` // the body
}

// Message is one message of a conversation.
type Message struct {
	Role       string     `json:"role"`
	Content    Content    `json:"content"`
	ToolCalls  []ToolCall `json:"tool_calls"`
	ToolCallID string     `json:"tool_call_id"`
}

// Content is a message's text and pictures: on the wire a string, null, or a list of parts of type "text" and "image_url".
type Content struct {
	Text     string
	Pictures []Picture
	Set      bool // there was something other than null
}

// UnmarshalJSON reads the three forms.
func (c *Content) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	c.Set = true
	if err := json.Unmarshal(b, &c.Text); err == nil {
		return nil
	}
	var parts []struct {
		Type     string
		Text     string
		ImageURL struct{ URL string } `json:"image_url"`
	}
	if err := json.Unmarshal(b, &parts); err != nil {
		return fmt.Errorf("content is neither a string nor a list of parts: %w", err)
	}
	for _, p := range parts {
		switch p.Type {
		case "text":
			c.Text += p.Text
		case "image_url":
			c.Pictures = append(c.Pictures, newPicture(p.ImageURL.URL))
		default:
			return fmt.Errorf("invalid value: '%s'. Supported values are: 'text', 'image_url'", p.Type)
		}
	}
	return nil
}

// ToolCall is a call that an assistant's message made.
type ToolCall struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string  `json:"name"`
		Arguments *string `json:"arguments"`
	} `json:"function"`
}

// Tool is a function that the model may call.
type Tool struct {
	Type     string `json:"type"`
	Function struct {
		Name        string          `json:"name"`
		Description string          `json:"description"`
		Parameters  json.RawMessage `json:"parameters"`
	} `json:"function"`
}

// LastUser is the text of the last user's message, "" where there is none.
func (r Request) LastUser() string {
	for _, m := range slices.Backward(r.Messages) {
		if m.Role == "user" {
			return m.Content.Text
		}
	}
	return ""
}

// Result is what a tool answered to one call.
type Result struct{ Name, Arguments, Output string }

// Results are the answered calls since the last user's message, in order.
func (r Request) Results() []Result {
	var out []Result
	calls := map[string]ToolCall{}
	for _, m := range r.Messages {
		switch m.Role {
		case "user":
			out = nil
		case "assistant":
			for _, c := range m.ToolCalls {
				calls[c.ID] = c
			}
		case "tool":
			c := calls[m.ToolCallID]
			out = append(out, Result{c.Function.Name, *c.Function.Arguments, m.Content.Text})
		}
	}
	return out
}

// parse reads and checks a request; problem is the message of the 400 that the real service would send.
func parse(body []byte) (r Request, problem string) {
	err := json.Unmarshal(body, &r)
	r.Raw = body
	switch {
	case err != nil:
		return r, "We could not parse the JSON body of your request: " + err.Error()
	case r.Model == "":
		return r, "you must provide a model parameter"
	case len(r.Messages) == 0:
		return r, "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead."
	}
	if problem := checkMessages(r.Messages); problem != "" {
		return r, problem
	}
	for i, t := range r.Tools {
		if problem := checkTool(i, t); problem != "" {
			return r, problem
		}
	}
	return r, ""
}

// checkMessages holds the rule that every call is answered, once, right after the message that made it.
func checkMessages(messages []Message) string {
	var open []string // ids of calls that wait for their answer
	for i, m := range messages {
		if m.Role != "tool" && len(open) > 0 {
			return unanswered(open)
		}
		if problem := checkPictures(i, m); problem != "" {
			return problem
		}
		switch m.Role {
		case "system", "developer", "user":
			if !m.Content.Set {
				return fmt.Sprintf("Invalid value for 'messages.[%d].content': expected a string, got null.", i)
			}
		case "assistant":
			if !m.Content.Set && len(m.ToolCalls) == 0 {
				return fmt.Sprintf("Invalid value for 'messages.[%d].content': expected a string, got null.", i)
			}
			for j, c := range m.ToolCalls {
				if p := checkCall(i, j, c, open); p != "" {
					return p
				}
				open = append(open, c.ID)
			}
		case "tool":
			at := slices.Index(open, m.ToolCallID)
			if at < 0 {
				return fmt.Sprintf("Invalid parameter: messages with role 'tool' must be a response to a "+
					"preceding message with 'tool_calls' (messages.[%d], tool_call_id %q).", i, m.ToolCallID)
			}
			if !m.Content.Set {
				return fmt.Sprintf("Missing required parameter: 'messages[%d].content'.", i)
			}
			open = slices.Delete(open, at, at+1)
		default:
			return fmt.Sprintf("Invalid value: '%s'. Supported values are: 'system', 'assistant', 'user', "+
				"'tool', and 'developer'.", m.Role)
		}
	}
	if len(open) > 0 {
		return unanswered(open)
	}
	return ""
}

func unanswered(ids []string) string {
	return "An assistant message with 'tool_calls' must be followed by tool messages responding to each " +
		"'tool_call_id'. The following tool_call_ids did not have response messages: " + strings.Join(ids, ", ")
}

func checkCall(i, j int, c ToolCall, open []string) string {
	at := fmt.Sprintf("messages[%d].tool_calls[%d]", i, j)
	switch {
	case c.ID == "":
		return fmt.Sprintf("Missing required parameter: '%s.id'.", at)
	case slices.Contains(open, c.ID):
		return fmt.Sprintf("Duplicate value for '%s.id': %q.", at, c.ID)
	case c.Type != "function":
		return fmt.Sprintf("Invalid value for '%s.type': '%s'. Supported values are: 'function'.", at, c.Type)
	case !functionName.MatchString(c.Function.Name):
		return fmt.Sprintf("Invalid '%s.function.name': string does not match pattern '%s'.", at, functionName)
	case c.Function.Arguments == nil:
		return fmt.Sprintf("Missing required parameter: '%s.function.arguments'.", at)
	}
	return ""
}

var functionName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

func checkTool(i int, t Tool) string {
	if t.Type != "function" {
		return fmt.Sprintf("Invalid value for 'tools[%d].type': '%s'. Supported values are: 'function'.", i, t.Type)
	}
	if !functionName.MatchString(t.Function.Name) {
		return fmt.Sprintf("Invalid 'tools[%d].function.name': string does not match pattern '%s'.", i, functionName)
	}
	if t.Function.Parameters == nil {
		return "" // the service takes a function without parameters
	}
	var schema struct {
		Type       any                        `json:"type"`
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(t.Function.Parameters, &schema); err != nil || schema.Type != "object" {
		return fmt.Sprintf("Invalid schema for function '%s': schema must be a JSON Schema of 'type: \"object\"', "+
			"got 'type: \"%v\"'.", t.Function.Name, schema.Type)
	}
	if schema.Properties == nil {
		return fmt.Sprintf("Invalid schema for function '%s': In context=(), object schema missing properties.",
			t.Function.Name)
	}
	return ""
}

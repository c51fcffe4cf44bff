// Package llm declares what a run asks of a model and holds the provider that speaks to OpenAI-compatible
// servers.
//
// A model only proposes calls: nothing here executes anything, knows a skill's code or sees a policy. The
// provider owns no state beyond its configuration and an HTTP client, so any goroutine may use it.
package llm

import (
	"context"

	"nerva/core/api"
)

// Role says who wrote a message.
type Role string

// The roles. The system's words travel in Request.System.
const (
	User      Role = "user"
	Assistant Role = "assistant"
	Tool      Role = "tool"
)

// Message is one entry of a conversation.
type Message struct {
	Role Role
	Text string
	// Pictures stand after the text of a user's message.
	Pictures []Picture
	// Calls are what an assistant's message proposed.
	Calls []Call
	// CallID and Name say which call a tool's message answers.
	CallID, Name string
	// Failed says of a tool's message that the call did not succeed; Text is then the sentence that says
	// why (refused, denied, an error), otherwise the skill's output object as JSON.
	Failed bool
	// Cut says of a tool's message that the output was longer than Text.
	Cut bool
}

// Picture is one that a model is shown, PNG or JPEG by its MIME type.
type Picture struct {
	Type string
	Data []byte
}

// Call is a proposed call as the model wrote it: Arguments may be anything, valid JSON or not.
type Call struct {
	ID, Name, Arguments string
}

// Request is a conversation to be continued.
type Request struct {
	System   string
	Messages []Message
	Tools    []api.Skill
}

// Turn is the model's continuation: words, calls, or both, never neither.
type Turn struct {
	Text  string
	Calls []Call
}

// Progress is what happens while a model answers; one of the fields is set.
type Progress struct {
	// Delta is the next piece of Turn.Text.
	Delta string
	// Notice is a sentence for the person waiting, such as why a request is tried again.
	Notice string
}

// Model continues conversations. Progress is called from the goroutine that called Turn.
type Model interface {
	// Turn returns an *api.Error: Cancelled when ctx ended, Unavailable with the fix in its text where
	// the server cannot be used.
	Turn(ctx context.Context, r Request, progress func(Progress)) (Turn, error)
}

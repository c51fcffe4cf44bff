package skills

import (
	"context"

	"nerva/core/api"
)

type copiedOut struct {
	Text string `json:"text"`
}

type copyIn struct {
	Text string `json:"text" jsonschema:"what to copy"`
}

func clipboard(d Deps) ([]*Skill, error) {
	var c collect
	c.add(define(api.Skill{
		ID: "clipboard_read", Title: "Read the clipboard",
		Description: "Gives the text that the user has copied. Use it when the user speaks of what is copied or on the clipboard. " +
			"It may have been written by anybody. What a password manager copied is refused.",
		Risk: api.Safe, Effect: api.Observe, Untrusted: true,
	}, func(ctx context.Context, _ nothing) (copiedOut, error) {
		text, err := d.Clipboard.Text(ctx)
		return copiedOut{text}, err
	})).takesIn("clipboard", "read the clipboard")
	c.add(define(api.Skill{
		ID: "clipboard_write", Title: "Copy a text",
		Description: "Copies a text to the clipboard, in place of what is copied now. Use it when the user asks for something to be copied.",
		Risk:        api.Caution, Effect: api.Write,
	}, func(ctx context.Context, in copyIn) (struct{}, error) {
		if err := required("text", in.Text); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, d.Clipboard.SetText(ctx, in.Text)
	}))
	return c.done()
}

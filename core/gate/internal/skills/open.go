package skills

import (
	"context"
	"encoding/json"
	"time"

	"nerva/core/address"
	"nerva/core/api"
)

type openURLIn struct {
	URL string `json:"url" jsonschema:"a whole address that begins with https://, http:// or mailto:"`
}

// openLimit: the portal may ask which application shall open it, and a person answers that.
const openLimit = 65 * time.Second

func addresses(d Deps) ([]*Skill, error) {
	var c collect
	open := c.add(define(api.Skill{
		ID: "open_url", Title: "Open an address",
		Description: "Opens a web page in the user's browser, or begins a mail in the user's mail program. The user is asked " +
			"first and sees the whole address. Returns the address as it was opened.",
		Risk: api.Caution, Effect: api.Send,
	}, func(ctx context.Context, in openURLIn) (openURLIn, error) {
		return in, d.Desk.Opener.OpenURL(ctx, in.URL, token(ctx, d.Desk.Tokens))
	}))
	open.Limit = openLimit
	open.Resolve = func(input json.RawMessage) (json.RawMessage, error) { return rewrite(input, "url", address.Clean) }
	return c.done()
}

package gate

import (
	"context"
	"encoding/json"
	"fmt"

	"nerva/core/api"
	"nerva/core/gate/internal/skills"
)

// Showing is what the log and a question call it that a model is shown a request which has something of the user's in it. It is
// no skill: nobody can call it.
const Showing = "show_request"

// Show asks, where the policy says so, whether the model at call.Host may be shown a request that has something in it of a
// kind of llm.share: an event began it and nobody has typed it. It gives no error where it may, and the answer is on record as
// a call's is. Of call, Skill and Input are set here.
func (g *Gate) Show(ctx context.Context, call Call, kind, request string, ask Asker) (Outcome, error) {
	input, err := json.Marshal(struct {
		Request string `json:"request"`
	}{request})
	if err != nil {
		return Outcome{State: api.StepError}, fmt.Errorf("show a request: %w", err)
	}
	call.Skill, call.Input = Showing, input
	c := &checked{
		Call: call, input: input, hash: digest(Showing, "", input),
		about: api.Skill{ID: Showing, Risk: api.Caution, Effect: api.Send}, shares: true,
		skill: &entry{Skill: &skills.Skill{Shares: kind}},
		run:   func(context.Context, json.RawMessage) (json.RawMessage, error) { return json.RawMessage("{}"), nil },
	}
	out, err := g.take(ctx, c, ask)
	if out.State == api.StepRefused { // a person reads it, and no model
		err = api.Errorf(api.Denied, "%s was shown nothing, since nobody said yes; ask again and answer the question, or set llm.share.%s in the configuration",
			call.Host, kind)
	}
	return out, err
}

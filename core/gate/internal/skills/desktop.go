package skills

import (
	"context"

	"nerva/core/api"
	"nerva/core/desk"
)

type notifyIn struct {
	Title string `json:"title" jsonschema:"one short line"`
	Body  string `json:"body,omitempty" jsonschema:"more text, shown below the title"`
}

type notifyOut struct {
	ID uint32 `json:"id"`
}

type calculateIn struct {
	Expression string `json:"expression" jsonschema:"arithmetic such as 21*2 or sqrt(2)/3"`
}

type calculateOut struct {
	Result string `json:"result"`
}

func desktop(d Deps) ([]*Skill, error) {
	var c collect
	c.add(define(api.Skill{
		ID: "notify", Title: "Show a notification",
		Description: "Shows a desktop notification to the user. Use it only when the user asks for one; an answer needs none.",
		Risk:        api.Safe, Effect: api.Local,
	}, func(ctx context.Context, in notifyIn) (notifyOut, error) {
		if err := required("title", in.Title); err != nil {
			return notifyOut{}, err
		}
		shown, err := d.Desk.Notifier.Notify(ctx, desk.Notification{Title: in.Title, Body: in.Body})
		return notifyOut{shown.ID}, err
	}))
	c.add(define(api.Skill{
		ID: "calculate", Title: "Calculate",
		Description: "Evaluates an arithmetic expression exactly. Use it for every calculation instead of doing it yourself. Returns the result as text.",
		Risk:        api.Safe, Effect: api.Observe,
	}, func(_ context.Context, in calculateIn) (calculateOut, error) {
		if err := required("expression", in.Expression); err != nil {
			return calculateOut{}, err
		}
		result, err := d.Calculate(in.Expression)
		return calculateOut{result}, err
	}))
	return c.done()
}

package skills

import (
	"context"

	"nerva/core/api"
	"nerva/core/desk"
)

type powerIn struct {
	Action desk.PowerAction `json:"action" jsonschema:"what to do; logout ends the session and all that runs in it"`
}

func power(d Deps) ([]*Skill, error) {
	var c collect
	c.add(define(api.Skill{
		ID: "power", Title: "Lock, suspend or switch off",
		Description: "Locks the session, suspends or hibernates the computer, restarts it, switches it off or logs the user " +
			"out. Use it only when the user asks for exactly this: what is not saved may be lost.",
		Risk: api.Dangerous, Effect: api.Local,
	}, func(ctx context.Context, in powerIn) (powerIn, error) {
		return in, d.Desk.Power.Do(ctx, in.Action)
	}))
	return c.done()
}

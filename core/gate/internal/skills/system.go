package skills

import (
	"context"

	"nerva/core/api"
	"nerva/core/desk"
)

func system(d Deps) ([]*Skill, error) {
	var c collect
	c.add(define(api.Skill{
		ID: "system_status", Title: "See how the computer is",
		Description: "Gives battery and power source, load, memory, the space on the disk of the user's home, and how long " +
			"the computer has been running. Use it for any question about these.",
		Risk: api.Safe, Effect: api.Observe,
	}, func(ctx context.Context, _ nothing) (desk.SystemStatus, error) {
		return d.Desk.System.Status(ctx, d.Home)
	}))
	return c.done()
}

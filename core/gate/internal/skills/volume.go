package skills

import (
	"context"

	"nerva/core/api"
	"nerva/core/desk"
)

// share is a part of 100, and step a way to go on that scale.
type (
	share int
	step  int
)

type volumeIn struct {
	Percent *share `json:"percent,omitempty" jsonschema:"how loud it shall be"`
	Change  *step  `json:"change,omitempty" jsonschema:"how much louder, or with a minus quieter, in percent points; instead of percent"`
	Mute    *bool  `json:"mute,omitempty" jsonschema:"true mutes, false unmutes"`
}

func volume(d Deps) ([]*Skill, error) {
	var c collect
	c.add(define(api.Skill{
		ID: "set_volume", Title: "Set the volume",
		Description: "Sets how loud the default audio output is, from 0 to 100 percent, makes it louder or quieter, mutes or " +
			"unmutes it. Returns what it is afterwards.",
		Risk: api.Caution, Effect: api.Local,
	}, func(ctx context.Context, in volumeIn) (desk.Level, error) { return in.set(ctx, d.Desk.Volume) }))
	return c.done()
}

func (in volumeIn) set(ctx context.Context, v desk.Volume) (desk.Level, error) {
	switch {
	case in.Percent != nil && in.Change != nil:
		return desk.Level{}, api.Errorf(api.InvalidInput, "set_volume takes percent or change; leave one of them out")
	case in.Percent == nil && in.Change == nil && in.Mute == nil:
		return desk.Level{}, api.Errorf(api.InvalidInput, "set_volume has nothing to set; give it percent, change or mute")
	}
	percent := in.Percent
	if in.Change != nil {
		now, err := v.Level(ctx)
		if err != nil {
			return desk.Level{}, err
		}
		percent = changed(now.Percent, *in.Change)
	}
	if percent != nil {
		if err := v.SetLevel(ctx, int(*percent)); err != nil {
			return desk.Level{}, err
		}
	}
	if in.Mute != nil {
		if err := v.SetMuted(ctx, *in.Mute); err != nil {
			return desk.Level{}, err
		}
	}
	return v.Level(ctx)
}

// changed stays within 0 to 100. It is nil where nothing is to be set: what somebody has amplified beyond 100 is not
// made quieter by "louder".
func changed(now int, by step) *share {
	if now > 100 && by >= 0 {
		return nil
	}
	to := share(min(max(now+int(by), 0), 100))
	return &to
}

package skills

import (
	"context"

	"nerva/core/api"
	"nerva/core/desk"
)

type playersOut struct {
	Players []desk.Player `json:"players"`
}

type mediaIn struct {
	Action desk.MediaAction `json:"action" jsonschema:"what the player shall do"`
	Player string           `json:"player,omitempty" jsonschema:"the player as media_status gives it; without it the one that plays"`
}

type mediaOut struct {
	Player string           `json:"player"`
	Action desk.MediaAction `json:"action"`
}

func media(d Deps) ([]*Skill, error) {
	var c collect
	c.add(define(api.Skill{
		ID: "media_status", Title: "See what is playing",
		Description: "Lists the media players that run with what each plays and how far it is. Use it when the user asks " +
			"what is playing, or to find the right player. Titles are the players' own words.",
		Risk: api.Safe, Effect: api.Observe,
	}, func(ctx context.Context, _ nothing) (playersOut, error) {
		list, err := d.Desk.Media.Players(ctx)
		if list == nil {
			list = []desk.Player{}
		}
		return playersOut{list}, err
	})).takesIn("windows", "read what is playing") // titles: whoever has made a web page or a file may have written them
	c.add(define(api.Skill{
		ID: "media_control", Title: "Control playback",
		Description: "Plays, pauses, stops or skips in a media player. Use it when the user wants the music or a video to " +
			"go on or to stop. Returns which player was told.",
		Risk: api.Caution, Effect: api.Local,
	}, func(ctx context.Context, in mediaIn) (mediaOut, error) {
		told, err := d.Desk.Media.Control(ctx, in.Player, in.Action)
		return mediaOut{told, in.Action}, err
	}))
	return c.done()
}

package media

import (
	"context"
	"slices"
	"strings"

	"nerva/core/api"
	"nerva/core/desk"
)

// verb is a method, and the property that is false where it would do nothing.
type verb struct{ method, can string }

var verbs = map[desk.MediaAction]verb{
	"play": {"Play", "CanPlay"}, "pause": {"Pause", "CanPause"}, "play_pause": {"PlayPause", "CanPause"},
	"next": {"Next", "CanGoNext"}, "previous": {"Previous", "CanGoPrevious"}, "stop": {"Stop", "CanControl"},
}

// Control implements desk.Media.
func (m *Media) Control(ctx context.Context, name string, action desk.MediaAction) (string, error) {
	v, known := verbs[action]
	if !known {
		return "", api.Errorf(api.InvalidInput, "a player can't %q: say one of %v", action, desk.MediaActions)
	}
	list, err := m.find(ctx)
	if err != nil {
		return "", err
	}
	p, err := choose(list, name, action)
	if err != nil {
		return "", err
	}
	for _, can := range []string{"CanControl", v.can} {
		// Without it the specification has the method do nothing, in silence.
		if able, told := p.properties.Bool(can); told && !able {
			return "", api.Errorf(api.Unavailable, "%s can't %s now (%s): use its own window", p.Name, action, can)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	return p.Player.Player, p.Call(ctx, playerType+"."+v.method, nil)
}

// choose takes the player that is called name, or else the one whose state fits the action best.
func choose(list []player, name string, action desk.MediaAction) (player, error) {
	if len(list) == 0 {
		return player{}, api.Errorf(api.NotFound, "no media player is running: start one and play something first")
	}
	if name != "" {
		return called(list, name)
	}
	order := []string{"playing", "paused", "stopped"}
	if action == "play" {
		order = []string{"paused", "stopped", "playing"}
	}
	for _, status := range order {
		if i := slices.IndexFunc(list, func(p player) bool { return p.Status == status }); i >= 0 {
			return list[i], nil
		}
	}
	return list[0], nil
}

// called finds a name as media_status gives it, or its beginning: that of a browser ends in a number that changes.
func called(list []player, name string) (player, error) {
	var fits []player
	var names []string
	for _, p := range list {
		id := p.Player.Player
		switch {
		case id == name:
			return p, nil
		case len(id) >= len(name) && strings.EqualFold(id[:len(name)], name):
			fits = append(fits, p)
		}
		names = append(names, id)
	}
	all := strings.Join(names, ", ")
	switch len(fits) {
	case 0:
		return player{}, api.Errorf(api.NotFound, "there is no player %.64q: the players are %s", name, all)
	case 1:
		return fits[0], nil
	}
	return player{}, api.Errorf(api.InvalidInput, "more than one player is called %.64q: say which of %s", name, all)
}

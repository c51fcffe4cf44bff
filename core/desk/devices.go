package desk

import "context"

// Player is a media player that runs, with what it plays. Its texts are the player's own words, which often come
// from a web page; they are one line each, without control characters, and not long.
type Player struct {
	// Player is the bus name without "org.mpris.MediaPlayer2.".
	Player string `json:"player"`
	// Status is playing, paused, stopped, or unknown where the player does not answer.
	Status    string `json:"status"`
	Title     string `json:"title"`
	Artist    string `json:"artist"`
	Album     string `json:"album"`
	PositionS int64  `json:"position_s,omitempty"` // seconds
	LengthS   int64  `json:"length_s,omitempty"`   // seconds
}

// MediaAction is what a player can be told.
type MediaAction string

// MediaActions are all of them.
var MediaActions = []MediaAction{"play", "pause", "play_pause", "next", "previous", "stop"}

// Media is the players of the session.
type Media interface {
	Players(ctx context.Context) ([]Player, error)
	// Control tells one player, by its name or the beginning of it, and where player is empty the one that is most
	// likely meant; it returns which. Without a player the error is api.NotFound.
	Control(ctx context.Context, player string, action MediaAction) (told string, err error)
}

// Level is how loud the default output is.
type Level struct {
	Percent int  `json:"percent"` // 100 is as loud as the hardware gets without amplification; it may be more
	Muted   bool `json:"muted"`
}

// Volume is that of the default audio output.
type Volume interface {
	Level(ctx context.Context) (Level, error)
	// SetLevel takes 0 to 100 percent.
	SetLevel(ctx context.Context, percent int) error
	SetMuted(ctx context.Context, muted bool) error
}

// PowerAction is what can be done to the session or the whole computer.
type PowerAction string

// PowerActions are all of them.
var PowerActions = []PowerAction{"lock", "suspend", "hibernate", "reboot", "poweroff", "logout"}

// Power is the session's and the computer's state.
type Power interface {
	// Do returns once it is under way; after "reboot" there may be nobody left to return to. It never asks for a
	// password: what would need one is api.Denied.
	Do(ctx context.Context, action PowerAction) error
}

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

// SystemStatus is how the computer is.
type SystemStatus struct {
	// Battery is nil where there is none, or nobody who knows it.
	Battery *Battery `json:"battery,omitempty"`
	// PowerSource is "battery" or "mains"; empty where nobody knows it.
	PowerSource string `json:"power_source,omitempty"`
	// Why says, where the power source is not known, why.
	Why string `json:"why,omitempty"`
	// Load is how many tasks wanted to run, on average over 1, 5 and 15 minutes.
	Load    [3]float64 `json:"load"`
	CPUs    int        `json:"cpus"`
	Memory  Space      `json:"memory"`
	Disk    Space      `json:"disk"`
	UptimeS int64      `json:"uptime_s"` // seconds
}

// Battery is all batteries of the computer taken together.
type Battery struct {
	Percent int `json:"percent"`
	// State is charging, discharging, empty, full, waiting (plugged in and not charging) or unknown.
	State string `json:"state"`
	// TimeLeftS is how many seconds it takes until it is empty, or while charging, full; 0: not known.
	TimeLeftS int64 `json:"time_left_s,omitempty"`
}

// Space is memory or disk, in bytes.
type Space struct {
	Total     uint64 `json:"total_bytes"`
	Available uint64 `json:"available_bytes"`
}

// System is the computer.
type System interface {
	// Status looks now; the disk is that of folder. It measures nothing over time.
	Status(ctx context.Context, folder string) (SystemStatus, error)
}

// Conversion is an amount in another unit.
type Conversion struct {
	Result string `json:"result"` // a number such as 3.106855961 or 1e297
	Text   string `json:"text"`   // "5 km = 3.106855961 mi"
	// Rates is the day of the exchange rates, as 2006-01-02, where they are used and older than a week or so.
	Rates string `json:"rates,omitempty"`
}

// Converter knows units and currencies. It fetches nothing.
type Converter interface {
	Convert(ctx context.Context, amount float64, from, to string) (Conversion, error)
}

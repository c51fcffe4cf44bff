// Package media knows the media players of the session and tells them what to do, by MPRIS.
//
// A Media has no state: the players are asked each time, over a connection that belongs to somebody else. It must not
// know why music is to stop.
//
// Source: MPRIS D-Bus Interface Specification 2.2, org.mpris.MediaPlayer2.Player.
package media

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/service"
)

const (
	prefix     = "org.mpris.MediaPlayer2."
	objectPath = "/org/mpris/MediaPlayer2"
	playerType = "org.mpris.MediaPlayer2.Player"
	// proxy is playerctl's daemon, which repeats what the newest player says.
	proxy = prefix + "playerctld"
)

const (
	// answerLimit is for each player: one that hangs must not hide the others.
	answerLimit = 2 * time.Second
	// maxPlayers bounds how many are asked; any program may take names without end.
	maxPlayers = 32
)

// Media implements desk.Media.
type Media struct {
	conn func() (*dbus.Conn, error)
}

// New returns a Media that gets its connection from conn each time.
func New(conn func() (*dbus.Conn, error)) *Media { return &Media{conn} }

// player is one that runs; properties are nil where it did not answer.
type player struct {
	desk.Player
	service.Service
	properties service.Properties
}

// Players implements desk.Media, in the order of the names.
func (m *Media) Players(ctx context.Context) ([]desk.Player, error) {
	found, err := m.find(ctx)
	list := make([]desk.Player, len(found))
	for i := range found {
		list[i] = found[i].Player
	}
	return list, err
}

// find asks all players at once.
func (m *Media) find(ctx context.Context) ([]player, error) {
	conn, err := m.conn()
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	var names []string
	bus := service.Service{Name: "the session bus", Missing: "log in again", Object: conn.BusObject()}
	if err := bus.Call(limited, "org.freedesktop.DBus.ListNames", nil, &names); err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(n, prefix) || n == proxy })
	slices.Sort(names)
	names = names[:min(len(names), maxPlayers)]
	list := make([]player, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { list[i] = ask(ctx, conn, name) })
	}
	all.Wait()
	if ctx.Err() != nil {
		return nil, api.Errorf(api.Cancelled, "the players were not waited for: %w", ctx.Err())
	}
	return list, nil
}

// ask makes a player of a name. One that does not answer is there all the same.
func ask(ctx context.Context, conn *dbus.Conn, name string) player {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	id := strings.TrimPrefix(name, prefix)
	p := player{
		Player:  desk.Player{Player: id, Status: "unknown"},
		Service: service.Service{Name: "the player " + id, Missing: "start it first", Object: conn.Object(name, objectPath)},
	}
	properties, err := p.Properties(ctx, playerType)
	if err != nil {
		return p
	}
	p.properties = properties
	switch status := properties.Text("PlaybackStatus"); status {
	case "Playing", "Paused", "Stopped":
		p.Status = strings.ToLower(status)
	}
	track, _ := properties["Metadata"].Value().(map[string]dbus.Variant)
	about := service.Properties(track)
	artists, _ := track["xesam:artist"].Value().([]string)
	p.Title, p.Album = about.Text("xesam:title"), about.Text("xesam:album")
	p.Artist = service.Line(strings.Join(artists[:min(len(artists), 5)], ", "))
	p.PositionS, p.LengthS = seconds(properties, "Position"), seconds(about, "mpris:length")
	return p
}

// seconds rounds down what is in microseconds; what is below zero is unknown.
func seconds(p service.Properties, key string) int64 {
	us, _ := p.Int(key)
	return max(us/1_000_000, 0)
}

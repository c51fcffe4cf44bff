package media

import (
	"context"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
	"github.com/google/go-cmp/cmp"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/sessionbus"
)

var _ desk.Media = (*Media)(nil)

// fakePlayer keeps the methods that it was called by.
type fakePlayer struct {
	mu  sync.Mutex
	did []string
}

func (p *fakePlayer) note(method string) *dbus.Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.did = append(p.did, method)
	return nil
}

func (p *fakePlayer) methods() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.did, " ")
}

func (p *fakePlayer) Play() *dbus.Error      { return p.note("Play") }
func (p *fakePlayer) Pause() *dbus.Error     { return p.note("Pause") }
func (p *fakePlayer) PlayPause() *dbus.Error { return p.note("PlayPause") }
func (p *fakePlayer) Next() *dbus.Error      { return p.note("Next") }
func (p *fakePlayer) Previous() *dbus.Error  { return p.note("Previous") }
func (p *fakePlayer) Stop() *dbus.Error      { return p.note("Stop") }

type values map[string]any

// start puts a player on the test's bus that has these properties, of whatever type.
func start(t *testing.T, id string, v values) *fakePlayer {
	t.Helper()
	p := &fakePlayer{}
	conn := bustest.Own(t, prefix+id)
	if err := conn.Export(p, objectPath, playerType); err != nil {
		t.Fatal(err)
	}
	properties := map[string]*prop.Prop{}
	for name, value := range v {
		properties[name] = &prop.Prop{Value: value}
	}
	if _, err := prop.Export(conn, objectPath, prop.Map{playerType: properties}); err != nil {
		t.Fatal(err)
	}
	return p
}

func newMedia(t *testing.T) *Media { return New(sessionbus.New(t.Context()).Conn) }

func track(v values) map[string]dbus.Variant {
	m := map[string]dbus.Variant{}
	for name, value := range v {
		m[name] = dbus.MakeVariant(value)
	}
	return m
}

func TestPlayers(t *testing.T) {
	bustest.Start(t)
	start(t, "mpv", values{
		"PlaybackStatus": "Playing", "Position": int64(61_900_000),
		"Metadata": track(values{"xesam:title": "Song", "xesam:artist": []string{"A", "B"}, "xesam:album": "Album", "mpris:length": uint64(180_000_000)}),
	})
	start(t, "firefox.instance_1_2", values{"PlaybackStatus": "Paused", "Metadata": track(nil)})
	start(t, "playerctld", values{"PlaybackStatus": "Playing"})
	bustest.Own(t, "org.example.Other")
	got, err := newMedia(t).Players(t.Context())
	want := []desk.Player{
		{Player: "firefox.instance_1_2", Status: "paused"},
		{Player: "mpv", Status: "playing", Title: "Song", Artist: "A, B", Album: "Album", PositionS: 61, LengthS: 180},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestPlayersAreNotBelieved: what a web page puts into a title, or a broken player into anything, stays in its place.
func TestPlayersAreNotBelieved(t *testing.T) {
	for rule, test := range map[string]struct {
		v    values
		want desk.Player
	}{
		"wrong types": {values{
			"PlaybackStatus": int32(1), "Position": "soon",
			"Metadata": track(values{"xesam:title": []string{"x"}, "xesam:artist": "one", "mpris:length": 3.5, "xesam:album": true}),
		}, desk.Player{Status: "unknown"}},
		"no metadata": {values{"PlaybackStatus": "Dancing", "Metadata": "none"}, desk.Player{Status: "unknown"}},
		"times out of range": {values{
			"PlaybackStatus": "Stopped", "Position": int64(-5_000_000),
			"Metadata": track(values{"mpris:length": uint64(math.MaxUint64)}),
		}, desk.Player{Status: "stopped"}},
		"control characters": {values{
			"PlaybackStatus": "Playing", "Metadata": track(values{"xesam:title": "a\x1b[2J\nb\u202ec", "xesam:artist": []string{"\x07"}}),
		}, desk.Player{Status: "playing", Title: "a[2J bc"}},
		"a title of 100 kB": {values{
			"PlaybackStatus": "Playing", "Metadata": track(values{"xesam:title": strings.Repeat("ü", 50_000)}),
		}, desk.Player{Status: "playing", Title: strings.Repeat("ü", 199) + "…"}},
	} {
		t.Run(rule, func(t *testing.T) {
			bustest.Start(t)
			start(t, "x", test.v)
			got, err := newMedia(t).Players(t.Context())
			test.want.Player = "x"
			if diff := cmp.Diff([]desk.Player{test.want}, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// hanging never answers.
type hanging struct{ ctx context.Context }

func (h hanging) GetAll(string) (map[string]dbus.Variant, *dbus.Error) {
	<-h.ctx.Done()
	return nil, nil
}

func TestAPlayerThatHangsDoesNotHideTheOthers(t *testing.T) {
	bustest.Start(t)
	p := start(t, "mpv", values{"PlaybackStatus": "Playing"})
	conn := bustest.Own(t, prefix+"hanging")
	if err := conn.Export(hanging{t.Context()}, objectPath, "org.freedesktop.DBus.Properties"); err != nil {
		t.Fatal(err)
	}
	m := newMedia(t)
	got, err := m.Players(t.Context())
	want := []desk.Player{{Player: "hanging", Status: "unknown"}, {Player: "mpv", Status: "playing"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if told, err := m.Control(t.Context(), "", "pause"); err != nil || told != "mpv" || p.methods() != "Pause" {
		t.Errorf("told %s, %v, did %v", told, err, p.methods())
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Players(ended); api.CodeOf(err) != api.Cancelled {
		t.Errorf("cancelled: %v", err)
	}
}

func TestControl(t *testing.T) {
	const firefox, mpv, vlc = "firefox.instance_1_2", "mpv", "vlc"
	for _, test := range []struct {
		rule, player string
		action       desk.MediaAction
		told, method string
		code         api.Code
		says         string
	}{
		{"the one that plays is paused", "", "pause", mpv, "Pause", "", ""},
		{"and toggled", "", "play_pause", mpv, "PlayPause", "", ""},
		{"and stopped", "", "stop", mpv, "Stop", "", ""},
		{"and skips", "", "previous", mpv, "Previous", "", ""},
		{"a paused one goes on", "", "play", firefox, "Play", "", ""},
		{"by name", vlc, "play", vlc, "Play", "", ""},
		{"by the beginning of its name", "Firefox", "next", firefox, "Next", "", ""},
		{"a name that is none", "spotify", "play", "", "", api.NotFound, "the players are firefox.instance_1_2, mpv, vlc"},
		{"it has no next track", vlc, "next", "", "", api.Unavailable, "the player vlc can't next now (CanGoNext)"},
		{"no such action", "", "Quit", "", "", api.InvalidInput, "say one of [play pause"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			bustest.Start(t)
			players := map[string]*fakePlayer{
				firefox: start(t, firefox, values{"PlaybackStatus": "Paused"}),
				mpv:     start(t, mpv, values{"PlaybackStatus": "Playing", "CanGoNext": true}),
				vlc:     start(t, vlc, values{"PlaybackStatus": "Stopped", "CanGoNext": false}),
			}
			told, err := newMedia(t).Control(t.Context(), test.player, test.action)
			if told != test.told || api.CodeOf(err) != test.code || (err != nil && !strings.Contains(err.Error(), test.says)) {
				t.Errorf("told %q, %v", told, err)
			}
			for id, p := range players {
				if did := p.methods(); (id == test.told && did != test.method) || (id != test.told && did != "") {
					t.Errorf("%s did %q", id, did)
				}
			}
		})
	}
}

func TestControlWithoutPlayers(t *testing.T) {
	bustest.Start(t)
	if _, err := newMedia(t).Control(t.Context(), "", "play"); api.CodeOf(err) != api.NotFound || !strings.Contains(err.Error(), "start one") {
		t.Error(err)
	}
	start(t, "mpv.a1", values{})
	start(t, "mpv.a2", values{})
	if _, err := newMedia(t).Control(t.Context(), "mpv", "play"); api.CodeOf(err) != api.InvalidInput || !strings.Contains(err.Error(), "mpv.a1, mpv.a2") {
		t.Error(err)
	}
}

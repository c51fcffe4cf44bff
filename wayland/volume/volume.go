// Package volume reads and sets how loud the default audio output is: by WirePlumber's wpctl, or by pactl where that
// is not installed.
//
// A Volume has no state: the sound server is asked each time. It must not know who finds it too loud.
package volume

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/tool"
)

// Volume implements desk.Volume.
type Volume struct{}

// New returns a Volume.
func New() Volume { return Volume{} }

// Level implements desk.Volume.
func (Volume) Level(ctx context.Context) (desk.Level, error) {
	if !hasWpctl() {
		return levelByPactl(ctx)
	}
	said, err := run(ctx, "wpctl", "get-volume", "@DEFAULT_AUDIO_SINK@")
	if err != nil {
		return desk.Level{}, err
	}
	return parseWpctl(said)
}

// SetLevel implements desk.Volume.
func (Volume) SetLevel(ctx context.Context, percent int) error {
	if percent < 0 || percent > 100 {
		return api.Errorf(api.InvalidInput, "a volume of %d %% is not from 0 to 100: give one that is", percent)
	}
	to := strconv.Itoa(percent) + "%"
	var err error
	if hasWpctl() {
		_, err = run(ctx, "wpctl", "set-volume", "--limit", "1.0", "@DEFAULT_AUDIO_SINK@", to)
	} else {
		_, err = run(ctx, "pactl", "set-sink-volume", "@DEFAULT_SINK@", to)
	}
	return err
}

// SetMuted implements desk.Volume.
func (Volume) SetMuted(ctx context.Context, muted bool) error {
	to := "0"
	if muted {
		to = "1"
	}
	var err error
	if hasWpctl() {
		_, err = run(ctx, "wpctl", "set-mute", "@DEFAULT_AUDIO_SINK@", to)
	} else {
		_, err = run(ctx, "pactl", "set-sink-mute", "@DEFAULT_SINK@", to)
	}
	return err
}

// hasWpctl: wpctl also where neither is, since it is what the sentence should name then.
func hasWpctl() bool {
	if _, err := desk.LookPath("wpctl"); err == nil {
		return true
	}
	_, err := desk.LookPath("pactl")
	return err != nil
}

// packages are what to install for a program.
var packages = map[string]string{"wpctl": "wireplumber", "pactl": "pulseaudio-utils"}

func run(ctx context.Context, argv ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	// In C, since pactl's words are translated, and without PipeWire's own log, which wpctl writes to stderr.
	env := append(os.Environ(), "LC_ALL=C", "PIPEWIRE_DEBUG=0")
	said, err := tool.Run(ctx, tool.Command{Argv: argv, Package: packages[argv[0]], Env: env})
	switch {
	case err == nil:
		return said, nil
	case strings.Contains(err.Error(), "Could not connect to PipeWire"), strings.Contains(err.Error(), "Connection failure"):
		return "", api.Errorf(api.Unavailable, "no sound server can be reached: start PipeWire and try again: %w", err)
	case strings.Contains(err.Error(), "No such entity"):
		return "", none(err)
	}
	return "", err
}

func none(why error) error {
	return api.Errorf(api.Unavailable, "there is no audio output: connect one and try again: %w", why)
}

func levelByPactl(ctx context.Context) (desk.Level, error) {
	volume, err := run(ctx, "pactl", "get-sink-volume", "@DEFAULT_SINK@")
	if err != nil {
		return desk.Level{}, err
	}
	mute, err := run(ctx, "pactl", "get-sink-mute", "@DEFAULT_SINK@")
	if err != nil {
		return desk.Level{}, err
	}
	return parsePactl(volume, mute)
}

var (
	// "Volume: 0.40 [MUTED]" (WirePlumber, wpctl.c)
	wpctlSays = regexp.MustCompile(`^Volume: ([0-9]{1,3}\.[0-9]{1,6})( \[MUTED\])?$`)
	// "Volume: front-left: 26214 /  40% / -23.88 dB,   front-right: …" (pactl.c); the channels seldom differ
	pactlSays = regexp.MustCompile(`^Volume: [^%]{1,100}? ([0-9]{1,5})%`)
	pactlMute = regexp.MustCompile(`^Mute: (yes|no)$`)
)

func parseWpctl(said string) (desk.Level, error) {
	if said == "" { // it complains on stderr and ends with 0
		return desk.Level{}, none(errors.New("wpctl says nothing of @DEFAULT_AUDIO_SINK@"))
	}
	m := wpctlSays.FindStringSubmatch(said)
	if m == nil {
		return desk.Level{}, unknown("wpctl", said)
	}
	of1, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return desk.Level{}, unknown("wpctl", said)
	}
	return desk.Level{Percent: int(of1*100 + 0.5), Muted: m[2] != ""}, nil
}

func parsePactl(volume, mute string) (desk.Level, error) {
	m, muted := pactlSays.FindStringSubmatch(volume), pactlMute.FindStringSubmatch(mute)
	if m == nil || muted == nil {
		return desk.Level{}, unknown("pactl", volume+" "+mute)
	}
	percent, err := strconv.Atoi(m[1])
	if err != nil {
		return desk.Level{}, unknown("pactl", volume)
	}
	return desk.Level{Percent: percent, Muted: muted[1] == "yes"}, nil
}

func unknown(program, said string) error {
	return api.Errorf(api.Failed, "what %s says of the volume is not understood: update nerva: %w", program, fmt.Errorf("%.100q", said))
}

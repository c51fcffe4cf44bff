package volume

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/desk"
)

var _ desk.Volume = Volume{}

// programs puts scripts, and nothing else but what they need, into PATH. Each writes its arguments to the file did.
func programs(t *testing.T, scripts map[string]string) (did func() string) {
	t.Helper()
	dir := t.TempDir()
	log := filepath.Join(dir, "did")
	for name, body := range scripts {
		script := "#!/bin/sh\necho \"" + name + " $*\" >>" + log + "\n" + body + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	return func() string {
		b, err := os.ReadFile(log)
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(b))
	}
}

func TestLevel(t *testing.T) {
	for _, test := range []struct {
		rule    string
		scripts map[string]string
		want    desk.Level
		code    api.Code
		says    string
	}{
		{"by wpctl", map[string]string{"wpctl": `echo "Volume: 0.40"`, "pactl": "exit 1"}, desk.Level{Percent: 40}, "", ""},
		{"muted", map[string]string{"wpctl": `echo "Volume: 1.00 [MUTED]"`}, desk.Level{Percent: 100, Muted: true}, "", ""},
		{"amplified", map[string]string{"wpctl": `echo "Volume: 1.454"`}, desk.Level{Percent: 145}, "", ""},
		{"by pactl", map[string]string{"pactl": `case $1 in
get-sink-volume) echo "Volume: front-left: 26214 /  40% / -23.88 dB,   front-right: 26214 /  40% / -23.88 dB
        balance 0.00" ;;
*) echo "Mute: yes" ;;
esac`}, desk.Level{Percent: 40, Muted: true}, "", ""},
		{"neither", nil, desk.Level{}, api.Unavailable, "install the package wireplumber"},
		{"no sound server", map[string]string{"wpctl": `echo "Could not connect to PipeWire" >&2; exit 2`}, desk.Level{}, api.Unavailable, "start PipeWire"},
		{"no PulseAudio", map[string]string{"pactl": `echo "Connection failure: Connection refused" >&2; exit 1`}, desk.Level{}, api.Unavailable, "start PipeWire"},
		{"no output", map[string]string{"wpctl": `echo "Translate ID error: '-1' is not a valid ID" >&2`}, desk.Level{}, api.Unavailable, "there is no audio output"},
		{"no sink", map[string]string{"pactl": `echo "Failed to get sink information: No such entity" >&2; exit 1`}, desk.Level{}, api.Unavailable, "there is no audio output"},
		{"nonsense", map[string]string{"wpctl": `echo "Volume: loud"`}, desk.Level{}, api.Failed, "is not understood"},
		{"another's nonsense", map[string]string{"pactl": `echo "Volume: loud"`}, desk.Level{}, api.Failed, "is not understood"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			programs(t, test.scripts)
			got, err := New().Level(t.Context())
			if got != test.want || api.CodeOf(err) != test.code || (err != nil && !strings.Contains(err.Error(), test.says)) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestSet(t *testing.T) {
	for _, test := range []struct {
		rule, program, want string
		set                 func() error
	}{
		{"wpctl", "wpctl", "wpctl set-volume --limit 1.0 @DEFAULT_AUDIO_SINK@ 30%", func() error { return New().SetLevel(t.Context(), 30) }},
		{"wpctl mutes", "wpctl", "wpctl set-mute @DEFAULT_AUDIO_SINK@ 1", func() error { return New().SetMuted(t.Context(), true) }},
		{"pactl", "pactl", "pactl set-sink-volume @DEFAULT_SINK@ 0%", func() error { return New().SetLevel(t.Context(), 0) }},
		{"pactl unmutes", "pactl", "pactl set-sink-mute @DEFAULT_SINK@ 0", func() error { return New().SetMuted(t.Context(), false) }},
	} {
		t.Run(test.rule, func(t *testing.T) {
			did := programs(t, map[string]string{test.program: ""})
			if err := test.set(); err != nil || did() != test.want {
				t.Errorf("did %q, %v, want %q", did(), err, test.want)
			}
		})
	}
	did := programs(t, map[string]string{"wpctl": ""})
	for _, percent := range []int{-1, 101} {
		if err := New().SetLevel(t.Context(), percent); api.CodeOf(err) != api.InvalidInput || did() != "" {
			t.Errorf("%d: %v, did %q", percent, err, did())
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"Volume: 0.40", "Volume: 1.00 [MUTED]", "Volume: front-left: 26214 /  40% / -23.88 dB", "Mute: no", "Volume: 999.999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, said string) {
		for _, parse := range []func() (desk.Level, error){
			func() (desk.Level, error) { return parseWpctl(said) },
			func() (desk.Level, error) { return parsePactl(said, "Mute: no") },
			func() (desk.Level, error) { return parsePactl("Volume: x 40%", said) },
		} {
			if level, err := parse(); err == nil && (level.Percent < 0 || level.Percent > 100_000) {
				t.Errorf("%q gives %+v", said, level)
			}
		}
	})
}

package appearance

import (
	"math"
	"testing"

	"github.com/godbus/dbus/v5"

	"nerva/ui/style"
)

type rgb struct{ R, G, B float64 }

func TestLook(t *testing.T) {
	for _, c := range []struct {
		name   string
		values map[string]any
		want   Look
	}{
		{"nothing said is light", nil, Look{style.Light, ""}},
		{"dark", map[string]any{"color-scheme": uint32(1)}, Look{style.Dark, ""}},
		{"light", map[string]any{"color-scheme": uint32(2)}, Look{style.Light, ""}},
		{"a value that does not exist yet", map[string]any{"color-scheme": uint32(9)}, Look{style.Light, ""}},
		{"contrast wins", map[string]any{"color-scheme": uint32(1), "contrast": uint32(1)}, Look{style.Contrast, ""}},
		{"a wrong type", map[string]any{"color-scheme": "dark", "accent-color": "red"}, Look{style.Light, ""}},
		{"an accent", map[string]any{"accent-color": rgb{1, 0.5, 0}}, Look{style.Light, "#ff8000"}},
		{"an accent outside is none", map[string]any{"accent-color": rgb{-1, -1, -1}}, Look{style.Light, ""}},
		{"not a number", map[string]any{"accent-color": rgb{math.NaN(), 0, 0}}, Look{style.Light, ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			values := map[string]dbus.Variant{}
			for k, v := range c.values {
				values[k] = dbus.MakeVariant(v)
			}
			if got := look(values); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

package service

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/wayland/internal/bustest"
)

// failing answers with an error of its own.
type failing struct{ e *dbus.Error }

func (f failing) Do() *dbus.Error             { return f.e }
func (failing) Number() (uint32, *dbus.Error) { return 7, nil }

func TestCallSaysWhatIsWrong(t *testing.T) {
	for rule, test := range map[string]struct {
		e    *dbus.Error // nil: nobody has the name
		name string
		code api.Code
		says string
	}{
		"nobody":      {nil, "org.freedesktop.DBus.Error.ServiceUnknown", api.Unavailable, "the thing is not running: start it"},
		"refused":     {dbus.NewError("org.example.No", []any{"not\x1b you"}), "org.example.No", api.Failed, "the thing refused: not you: see its log: org.example.No"},
		"a long text": {dbus.NewError("org.example.No", []any{strings.Repeat("x", 1<<20)}), "org.example.No", api.Failed, "xxx…: see its log"},
		"no text":     {dbus.NewError("org.example.No", []any{uint32(5)}), "org.example.No", api.Failed, "refused"},
	} {
		t.Run(rule, func(t *testing.T) {
			bustest.Start(t)
			conn := bustest.Own(t, "org.example.Caller")
			if test.e != nil {
				if err := bustest.Own(t, "org.example.Thing").Export(failing{test.e}, "/", "org.example.Thing"); err != nil {
					t.Fatal(err)
				}
			}
			s := Service{"the thing", "start it", conn.Object("org.example.Thing", "/")}
			err := s.Call(t.Context(), "org.example.Thing.Do", nil)
			if api.CodeOf(err) != test.code || !strings.Contains(err.Error(), test.says) || len(err.Error()) > 500 || ErrorName(err) != test.name {
				t.Errorf("%.600v, name %q", err, ErrorName(err))
			}
			if test.e != nil {
				var list []string // godbus makes a string of a number
				if err := s.Call(t.Context(), "org.example.Thing.Number", nil, &list); api.CodeOf(err) != api.Failed || !strings.Contains(err.Error(), "another form") {
					t.Errorf("a number for a list: %v", err)
				}
			}
		})
	}
}

func TestProperties(t *testing.T) {
	p := Properties{}
	for name, v := range map[string]any{"nan": math.NaN(), "inf": math.Inf(1), "half": 0.5, "huge": uint64(math.MaxUint64), "small": int32(-3), "text": "x"} {
		p[name] = dbus.MakeVariant(v)
	}
	for name, want := range map[string]bool{"nan": false, "inf": false, "half": true, "text": false, "missing": false} {
		if _, ok := p.Float(name); ok != want {
			t.Errorf("float %s: %v", name, ok)
		}
	}
	for name, want := range map[string]bool{"huge": false, "small": true, "half": false, "missing": false} {
		if _, ok := p.Int(name); ok != want {
			t.Errorf("int %s: %v", name, ok)
		}
	}
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{"", "a\nb", "\x1b[2J", "\u202e", "\xff\xfe", strings.Repeat("ü", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		line := Line(s)
		if !utf8.ValidString(line) || utf8.RuneCountInString(line) > maxText || strings.ContainsAny(line, "\n\r\x1b\x00\u202e") || Line(line) != line {
			t.Errorf("%q gives %q", s, line)
		}
	})
}

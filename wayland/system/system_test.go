package system

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
	"github.com/google/go-cmp/cmp"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/sessionbus"
)

var _ desk.System = (*System)(nil)

type values map[string]any

// start puts a UPower on the test's bus that has these properties, of whatever type.
func start(t *testing.T, daemon, device values) {
	t.Helper()
	conn := bustest.Own(t, upower)
	for path, of := range map[dbus.ObjectPath]map[string]values{
		"/org/freedesktop/UPower":                       {upower: daemon},
		"/org/freedesktop/UPower/devices/DisplayDevice": {upower + ".Device": device},
	} {
		exported := prop.Map{}
		for name, v := range of {
			exported[name] = map[string]*prop.Prop{}
			for key, value := range v {
				exported[name][key] = &prop.Prop{Value: value}
			}
		}
		if _, err := prop.Export(conn, path, exported); err != nil {
			t.Fatal(err)
		}
	}
}

func status(t *testing.T) desk.SystemStatus {
	t.Helper()
	got, err := New(sessionbus.NewSystem(t.Context()).Conn).Status(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(got); err != nil {
		t.Error(err)
	}
	return got
}

func TestPower(t *testing.T) {
	device := func(state uint32, percent any) values {
		return values{
			"Type": uint32(2), "IsPresent": true, "State": state, "Percentage": percent,
			"TimeToEmpty": int64(3600), "TimeToFull": int64(1800),
		}
	}
	for _, test := range []struct {
		rule           string
		daemon, device values
		want           *desk.Battery
		source         string
	}{
		{"discharging", values{"OnBattery": true}, device(2, 54.6), &desk.Battery{Percent: 55, State: "discharging", TimeLeftS: 3600}, "battery"},
		{"charging", values{"OnBattery": false}, device(1, 20.0), &desk.Battery{Percent: 20, State: "charging", TimeLeftS: 1800}, "mains"},
		{"full", values{"OnBattery": false}, device(4, 100.0), &desk.Battery{Percent: 100, State: "full"}, "mains"},
		{"no battery", values{"OnBattery": false}, values{"Type": uint32(0), "IsPresent": false, "Percentage": 0.0}, nil, "mains"},
		{"a state to come", values{"OnBattery": false}, device(77, 50.0), &desk.Battery{Percent: 50, State: "unknown"}, "mains"},
		{"more than full", values{"OnBattery": false}, device(4, 1e300), &desk.Battery{Percent: 100, State: "full"}, "mains"},
		{"no number", values{"OnBattery": false}, device(2, math.NaN()), nil, "mains"},
		{"wrong types", values{"OnBattery": "yes"}, device(2, "half"), nil, ""},
		{"a time below zero", values{"OnBattery": true}, values{
			"Type": uint32(2), "IsPresent": true, "State": uint32(2), "Percentage": 5.0, "TimeToEmpty": int64(-1),
		}, &desk.Battery{Percent: 5, State: "discharging"}, "battery"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			bustest.Start(t)
			bustest.System(t)
			start(t, test.daemon, test.device)
			got := status(t)
			if diff := cmp.Diff(test.want, got.Battery); diff != "" || got.PowerSource != test.source || got.Why != "" {
				t.Errorf("source %q, why %q (-want +got):\n%s", got.PowerSource, got.Why, diff)
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

func TestWithoutUPowerTheRestIsThere(t *testing.T) {
	bustest.Start(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent")
	for _, step := range []struct {
		why  string
		next func()
	}{
		{"the system bus can't be reached", func() { bustest.System(t) }},
		{"the power service is not running: install UPower", func() {
			if err := bustest.Own(t, upower).Export(hanging{t.Context()}, "/org/freedesktop/UPower", "org.freedesktop.DBus.Properties"); err != nil {
				t.Fatal(err)
			}
		}},
		{"the power service did not answer in time", func() {}},
	} {
		got := status(t)
		if !strings.Contains(got.Why, step.why) || got.PowerSource != "" || got.Battery != nil {
			t.Errorf("%+v, want %q", got, step.why)
		}
		if got.UptimeS <= 0 || got.CPUs < 1 || got.Memory.Total == 0 || got.Memory.Available > got.Memory.Total ||
			got.Disk.Total == 0 || got.Disk.Available > got.Disk.Total || got.Load[0] < 0 {
			t.Errorf("%+v", got)
		}
		step.next()
	}
}

func TestStatusFails(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent")
	s := New(sessionbus.NewSystem(t.Context()).Conn)
	if _, err := s.Status(t.Context(), t.TempDir()+"/none"); api.CodeOf(err) != api.Failed {
		t.Errorf("no such folder: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Status(ended, t.TempDir()); api.CodeOf(err) != api.Cancelled {
		t.Errorf("cancelled: %v", err)
	}
}

func FuzzMeminfo(f *testing.F) {
	for _, s := range []string{"MemTotal: 4 kB\nMemFree: 1 kB\nMemAvailable: 2 kB\n", "MemTotal:", "MemTotal: x", "MemAvailable: 99999999999999999999 kB"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := meminfo(strings.NewReader(text)); err == nil && (s.Total%1024 != 0 || s.Available%1024 != 0) {
			t.Errorf("%q gives %+v", text, s)
		}
	})
}

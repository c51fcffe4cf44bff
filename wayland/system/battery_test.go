package system

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"nerva/core/api"
	corebus "nerva/core/bus/bustest"
	"nerva/core/desk"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/internal/service"
	"nerva/wayland/sessionbus"
)

var _ desk.PowerSupply = (*Supply)(nil)

func following(t *testing.T) <-chan desk.Charge {
	t.Helper()
	charges := make(chan desk.Charge, 16)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	s := NewSupply(sessionbus.NewSystem(ctx).Private, slog.New(slog.DiscardHandler))
	go func() { ended <- s.FollowBattery(ctx, func(c desk.Charge) { charges <- c }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("FollowBattery returned %v", err)
		}
	})
	return charges
}

// device is a DisplayDevice that tells of its changes.
func device(t *testing.T, conn *dbus.Conn, percent float64) *prop.Properties {
	t.Helper()
	exported := map[string]*prop.Prop{}
	has := values{"Type": uint32(2), "IsPresent": true, "State": uint32(2), "Percentage": percent, "TimeToEmpty": int64(5430), "TimeToFull": int64(0)}
	for name, value := range has {
		exported[name] = &prop.Prop{Value: value, Emit: prop.EmitTrue}
	}
	p, err := prop.Export(conn, displayDevice, prop.Map{deviceAPI: exported})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func await(t *testing.T, charges <-chan desk.Charge, want desk.Charge) {
	t.Helper()
	if got := <-charges; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestTheBatteryIsFollowed: at first, after each change, not after what is none, and again when UPower was away.
func TestTheBatteryIsFollowed(t *testing.T) {
	bustest.Start(t)
	bustest.System(t)
	charges := following(t) // UPower comes later
	for range 2 {
		conn, err := dbus.Connect(os.Getenv("DBUS_SYSTEM_BUS_ADDRESS"))
		if err != nil {
			t.Fatal(err)
		}
		battery := device(t, conn, 54.6)
		if reply, err := conn.RequestName(upower, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
			t.Fatalf("%v, %v", reply, err)
		}
		await(t, charges, desk.Charge{Percent: 54.6, State: "discharging", Minutes: 90.5})
		for seconds := range int64(60) {
			battery.SetMust(deviceAPI, "TimeToFull", seconds+1) // of no account while it discharges
			if err := conn.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil {
				t.Fatal(err)
			}
		}
		battery.SetMust(deviceAPI, "Percentage", 54.5)
		await(t, charges, desk.Charge{Percent: 54.5, State: "discharging", Minutes: 90.5})
		battery.SetMust(deviceAPI, "State", uint32(1))
		await(t, charges, desk.Charge{Percent: 54.5, State: "charging", Minutes: 1})
		battery.SetMust(deviceAPI, "IsPresent", false)
		battery.SetMust(deviceAPI, "State", uint32(5))
		battery.SetMust(deviceAPI, "IsPresent", true)
		await(t, charges, desk.Charge{Percent: 54.5, State: "pending"})
		if _, err := conn.ReleaseName(upower); err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
}

func TestUPowerIsStarted(t *testing.T) {
	b := corebus.Start(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", b.Address)
	bustest.System(t)
	started := filepath.Join(t.TempDir(), "started")
	if err := syscall.Mkfifo(started, 0o600); err != nil {
		t.Fatal(err)
	}
	entry := "[D-BUS Service]\nName=" + upower + "\nExec=/bin/sh -c \"echo yes >" + started + "\"\n"
	if err := os.WriteFile(filepath.Join(b.Services, upower+".service"), []byte(entry), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := bustest.Own(t, "org.example.Other").BusObject().Call("org.freedesktop.DBus.ReloadConfig", 0).Err; err != nil {
		t.Fatal(err)
	}
	charges := following(t)
	if said, err := os.ReadFile(started); err != nil || string(said) != "yes\n" {
		t.Fatalf("%q, %v", said, err)
	}
	device(t, bustest.Own(t, upower), 5)
	battery := <-charges
	if battery.Percent != 5 {
		t.Errorf("got %+v", battery)
	}
}

func TestTheChargeOfADevice(t *testing.T) {
	base := values{"Type": uint32(2), "IsPresent": true, "Percentage": 50.0, "TimeToEmpty": int64(60), "TimeToFull": int64(120)}
	for rule, test := range map[string]struct {
		has  values
		want *desk.Charge
	}{
		"charging":             {values{"State": uint32(1)}, &desk.Charge{Percent: 50, State: "charging", Minutes: 2}},
		"discharging":          {values{"State": uint32(2)}, &desk.Charge{Percent: 50, State: "discharging", Minutes: 1}},
		"empty":                {values{"State": uint32(3)}, &desk.Charge{Percent: 50, State: "empty"}},
		"full":                 {values{"State": uint32(4), "Percentage": 1e9}, &desk.Charge{Percent: 100, State: "full"}},
		"held at a percentage": {values{"State": uint32(5)}, &desk.Charge{Percent: 50, State: "pending"}},
		"a state to come":      {values{"State": uint32(77)}, &desk.Charge{Percent: 50, State: "pending"}},
		"a state of no number": {values{"State": "full"}, &desk.Charge{Percent: 50, State: "pending"}},
		"a time below zero":    {values{"State": uint32(2), "TimeToEmpty": int64(-60)}, &desk.Charge{Percent: 50, State: "discharging"}},
		"a time of no number":  {values{"State": uint32(2), "TimeToEmpty": "soon"}, &desk.Charge{Percent: 50, State: "discharging"}},
		"no number":            {values{"State": uint32(2), "Percentage": math.NaN()}, nil},
		"not there":            {values{"IsPresent": false}, nil},
		"a mouse":              {values{"Type": uint32(5)}, nil},
	} {
		p := service.Properties{}
		for _, v := range []values{base, test.has} {
			for name, value := range v {
				p[name] = dbus.MakeVariant(value)
			}
		}
		got := chargeOf(p)
		if (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
			t.Errorf("%s: %+v", rule, got)
		}
	}
}

func TestFollowBatteryReturnsWhereItCannotListen(t *testing.T) {
	stop := bustest.Start(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent")
	s := NewSupply(sessionbus.NewSystem(t.Context()).Private, slog.New(slog.DiscardHandler))
	if err := s.FollowBattery(t.Context(), nil); api.CodeOf(err) != api.Unavailable {
		t.Errorf("no bus: %v", err)
	}
	bustest.System(t)
	device(t, bustest.Own(t, upower), 5)
	told, ended := make(chan desk.Charge, 1), make(chan error, 1)
	go func() { ended <- s.FollowBattery(t.Context(), func(c desk.Charge) { told <- c }) }()
	<-told
	stop()
	if err := <-ended; api.CodeOf(err) != api.Unavailable {
		t.Errorf("the bus ended: %v", err)
	}
}

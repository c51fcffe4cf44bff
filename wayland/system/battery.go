package system

import (
	"context"
	"log/slog"

	"github.com/godbus/dbus/v5"

	"nerva/core/desk"
	"nerva/wayland/internal/listen"
	"nerva/wayland/internal/service"
)

const (
	displayDevice = dbus.ObjectPath("/org/freedesktop/UPower/devices/DisplayDevice")
	deviceAPI     = upower + ".Device"
)

// chargeStates are those of UpDeviceState. What is not known to UPower is pending, too: the battery neither gives nor takes.
var chargeStates = map[int64]string{1: "charging", 2: "discharging", 3: "empty", 4: "full"}

// Supply implements desk.PowerSupply.
type Supply struct {
	dial listen.Dial
	log  *slog.Logger
}

// NewSupply returns a Supply that connects to the system bus by dial each time.
func NewSupply(dial listen.Dial, log *slog.Logger) *Supply { return &Supply{dial, log} }

// FollowBattery implements desk.PowerSupply: by UPower, which is started where it is installed, and waited for where it is not.
func (s *Supply) FollowBattery(ctx context.Context, changed func(desk.Charge)) error {
	upowerService := listen.Service{
		Name: upower, Start: true, Log: s.log,
		Changes: [][]dbus.MatchOption{{
			dbus.WithMatchInterface("org.freedesktop.DBus.Properties"), dbus.WithMatchMember("PropertiesChanged"),
			dbus.WithMatchObjectPath(displayDevice), dbus.WithMatchArg(0, deviceAPI),
		}},
	}
	var last *desk.Charge // nil: there is no battery
	return upowerService.Follow(ctx, s.dial, func(ctx context.Context, conn *dbus.Conn, owner string) error {
		device := service.Service{Name: "the power service", Missing: "install UPower", Object: conn.Object(owner, displayDevice)}
		properties, err := device.Properties(ctx, deviceAPI)
		if err != nil {
			return err
		}
		now := chargeOf(properties)
		if now != nil && (last == nil || *now != *last) {
			changed(*now)
		}
		last = now
		return nil
	})
}

// chargeOf is nil where the device stands for no battery.
func chargeOf(device service.Properties) *desk.Charge {
	if batteryOf(device) == nil {
		return nil
	}
	percent, _ := device.Float("Percentage")
	state, _ := device.Int("State")
	c := &desk.Charge{Percent: min(max(percent, 0), 100), State: chargeStates[state]}
	if c.State == "" {
		c.State = "pending"
	}
	seconds, _ := device.Int(timeLeft[c.State])
	c.Minutes = float64(max(seconds, 0)) / 60
	return c
}

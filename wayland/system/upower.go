package system

import (
	"context"
	"time"

	"nerva/core/desk"
	"nerva/wayland/internal/service"
)

const (
	upower = "org.freedesktop.UPower"
	// powerLimit: the rest of the answer shall not wait long for a service that hangs.
	powerLimit = 2 * time.Second
	battery    = 2 // of UpDeviceKind
)

// states are those of UpDeviceState.
var states = map[int64]string{1: "charging", 2: "discharging", 3: "empty", 4: "full", 5: "waiting", 6: "waiting"}

// timeLeft are the properties that say how long a state will last, in seconds.
var timeLeft = map[string]string{"charging": "TimeToFull", "discharging": "TimeToEmpty"}

// power asks UPower for its DisplayDevice, which stands for all batteries together.
//
// Source: UPower D-Bus reference, org.freedesktop.UPower and org.freedesktop.UPower.Device.
func (s *System) power(ctx context.Context) (b *desk.Battery, source string, err error) {
	conn, err := s.conn()
	if err != nil {
		return nil, "", err
	}
	ctx, cancel := context.WithTimeout(ctx, powerLimit)
	defer cancel()
	daemon := service.Service{Name: "the power service", Missing: "install UPower", Object: conn.Object(upower, "/org/freedesktop/UPower")}
	properties, err := daemon.Properties(ctx, upower)
	if err != nil {
		return nil, "", err
	}
	if onBattery, known := properties.Bool("OnBattery"); known {
		source = map[bool]string{true: "battery", false: "mains"}[onBattery]
	}
	daemon.Object = conn.Object(upower, displayDevice)
	device, err := daemon.Properties(ctx, deviceAPI)
	if err != nil {
		return nil, source, err
	}
	return batteryOf(device), source, nil
}

// batteryOf is nil where the device stands for no battery: a desktop computer has a DisplayDevice, too.
func batteryOf(device service.Properties) *desk.Battery {
	kind, _ := device.Int("Type")
	percent, known := device.Float("Percentage")
	if present, _ := device.Bool("IsPresent"); !present || kind != battery || !known {
		return nil
	}
	state, _ := device.Int("State")
	b := &desk.Battery{Percent: int(min(max(percent, 0), 100) + 0.5), State: states[state]}
	if b.State == "" {
		b.State = "unknown"
	}
	seconds, _ := device.Int(timeLeft[b.State])
	b.TimeLeftS = max(seconds, 0)
	return b
}

package wayland

import (
	"log/slog"
	"reflect"
	"testing"

	"nerva/core/api"
	"nerva/core/desk"
)

// TestDeskWithoutSession: a daemon that starts first finds a whole desktop, each part of which says that
// it is not there.
func TestDeskWithoutSession(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent")
	for _, name := range []string{"WAYLAND_DISPLAY", "SWAYSOCK", "HYPRLAND_INSTANCE_SIGNATURE"} {
		t.Setenv(name, "")
	}
	d := Desk(t.Context(), slog.New(slog.DiscardHandler))
	for i := range reflect.TypeFor[desk.Desk]().NumField() {
		if reflect.ValueOf(d).Field(i).IsNil() {
			t.Errorf("no %s", reflect.TypeFor[desk.Desk]().Field(i).Name)
		}
	}
	if name := d.Windows.Compositor(); name != "" {
		t.Errorf("compositor %q", name)
	}
	ctx := t.Context()
	for part, ask := range map[string]func() error{
		"windows":   func() error { _, err := d.Windows.List(ctx); return err },
		"focus":     func() error { return d.Windows.Focus(ctx, "1") },
		"screen":    func() error { _, err := d.Screen.Capture(ctx, desk.CaptureRequest{}); return err },
		"window":    func() error { _, err := d.Screen.Capture(ctx, desk.CaptureRequest{Window: "1"}); return err },
		"notifier":  func() error { _, err := d.Notifier.Notify(ctx, desk.Notification{Title: "x"}); return err },
		"tokens":    func() error { _, err := d.Tokens.Token(ctx, "foot"); return err },
		"media":     func() error { _, err := d.Media.Players(ctx); return err },
		"control":   func() error { _, err := d.Media.Control(ctx, "", "pause"); return err },
		"volume":    func() error { _, err := d.Volume.Level(ctx); return err },
		"power":     func() error { return d.Power.Do(ctx, "lock") },
		"clipboard": func() error { return d.Clipboard.SetText(ctx, "x") },
		"signals":   func() error { return d.Signals.Hear(ctx, desk.BusMatch{Interface: "a.b", Member: "C"}, nil) },
		"units":     func() error { return d.Units.FollowUnits(ctx, true, nil) },
		"battery":   func() error { return d.PowerSupply.FollowBattery(ctx, nil) },
		"network":   func() error { return d.Network.FollowNetwork(ctx, nil) },
		"notices":   func() error { return d.Notices.FollowNotices(ctx, nil) },
	} {
		if err := ask(); api.CodeOf(err) != api.Unavailable {
			t.Errorf("%s: %v", part, err)
		}
	}
}

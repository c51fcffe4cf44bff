package probe

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/godbus/dbus/v5"

	"nerva/wayland/internal/bustest"
)

// properties answers for the versions of portals.
type properties map[string]uint32

func (p properties) Get(iface, name string) (dbus.Variant, *dbus.Error) {
	version, there := p[iface]
	if !there || name != "version" {
		return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.InvalidArgs", nil)
	}
	return dbus.MakeVariant(version), nil
}

// manager1 is the user's systemd.
type manager1 struct{}

func (manager1) GetUnitFileState(unit string) (string, *dbus.Error) {
	if unit != "nervad.service" {
		return "", dbus.NewError("org.freedesktop.DBus.Error.FileNotFound", nil)
	}
	return "enabled", nil
}

func (manager1) Get(string, string) (dbus.Variant, *dbus.Error) {
	return dbus.MakeVariant([]string{"WAYLAND_DISPLAY=wayland-7", "A=b=c"}), nil
}

func TestTheBusTellsWhoIsThere(t *testing.T) {
	bustest.Start(t)
	export := func(name, path string, exports map[string]any) {
		conn := bustest.Own(t, name)
		for iface, methods := range exports {
			if err := conn.Export(methods, dbus.ObjectPath(path), iface); err != nil {
				t.Fatal(err)
			}
		}
	}
	export(portalName, portalPath, map[string]any{"org.freedesktop.DBus.Properties": properties{"org.freedesktop.portal.Screenshot": 2}})
	export(systemd, systemdPath, map[string]any{manager: manager1{}, "org.freedesktop.DBus.Properties": manager1{}})
	b := SessionBus(t.Context(),
		[]string{"org.freedesktop.portal.Screenshot", "org.freedesktop.portal.GlobalShortcuts"},
		[]string{"nervad.service", "nerva-overlay.service"})
	if b.Why != "" || b.Name == "" || !b.Has(portalName) || b.Has("org.freedesktop.Notifications") || !b.Systemd {
		t.Errorf("%+v", b)
	}
	if version, there := b.Portals["org.freedesktop.portal.GlobalShortcuts"]; there || b.Portals["org.freedesktop.portal.Screenshot"] != 2 {
		t.Errorf("portals %v, %d", b.Portals, version)
	}
	if b.Units["nervad.service"] != "enabled" || b.Units["nerva-overlay.service"] != "" {
		t.Errorf("units %v", b.Units)
	}
	if b.Environment["WAYLAND_DISPLAY"] != "wayland-7" || b.Environment["A"] != "b=c" {
		t.Errorf("environment %v", b.Environment)
	}
}

func TestWithoutASessionNothingIsThere(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	for _, name := range []string{"WAYLAND_DISPLAY", "SWAYSOCK", "HYPRLAND_INSTANCE_SIGNATURE"} {
		t.Setenv(name, "")
	}
	if b := SessionBus(t.Context(), []string{"org.freedesktop.portal.Screenshot"}, nil); b.Why == "" || len(b.Portals) > 0 || b.Has(portalName) {
		t.Errorf("%+v", b)
	}
	if w := Display(t.Context()); w.Display != "" || w.Name() != "" || w.NoWindows == "" || w.Compositor != "" {
		t.Errorf("%+v", w)
	}
}

func TestTheDisplayTellsItsGlobals(t *testing.T) {
	if os.Getenv("WAYLAND_DISPLAY") == "" {
		t.Skip("no WAYLAND_DISPLAY; run by dev/desktop")
	}
	w := Display(t.Context())
	if w.Why != "" || w.Compositor != "sway" || w.NoWindows != "" || w.Name() != filepath.Base(os.Getenv("WAYLAND_DISPLAY")) {
		t.Errorf("%+v", w)
	}
	for _, global := range []string{"wl_compositor", "zwlr_layer_shell_v1", "zwp_virtual_keyboard_manager_v1"} {
		if w.Globals[global] == 0 {
			t.Errorf("sway has no %s in %v", global, w.Globals)
		}
	}
}

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

func TestHowItIsInstalledIsTold(t *testing.T) {
	prefix := t.TempDir()
	services := filepath.Join(prefix, "share/dbus-1/services")
	if err := os.MkdirAll(services, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(services, "org.nerva.Nerva1.service"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for self, want := range map[string]string{
		"/nix/store/x-nerva/bin/nerva":          "ok by Nix, /nix/store/x-nerva/bin",
		"/usr/bin/nerva":                        "ok as a package, /usr/bin",
		filepath.Join(prefix, "bin/nerva"):      "ok by make install, " + filepath.Join(prefix, "bin"),
		filepath.Join(t.TempDir(), "bin/nerva"): "warn not installed",
	} {
		if f := installedAs(self); !strings.HasPrefix(f.State+" "+f.Detail, want) {
			t.Errorf("%s: %+v, want %s", self, f, want)
		}
	}
}

// system has the fixes be those of NixOS, or of others.
func system(t *testing.T, nixos bool) {
	t.Helper()
	before := nixosMarker
	t.Cleanup(func() { nixosMarker = before })
	nixosMarker = t.TempDir()
	if !nixos {
		nixosMarker += "/none"
	}
}

func TestOnNixOSTheFixIsAnOption(t *testing.T) {
	system(t, true)
	if f := unitState("nervad.service", "at login", "disabled", nil); !strings.HasPrefix(f.Fix, "write services.nerva.enable = true") {
		t.Errorf("got %q", f.Fix)
	}
}

func TestAUnitThatDoesNotStartIsNamedWithItsFix(t *testing.T) {
	system(t, false)
	for _, c := range []struct {
		state string
		err   error
		want  string
	}{
		{"enabled", nil, "ok"},
		{"enabled-runtime", nil, "ok"},
		{"disabled", nil, "warn run systemctl --user enable --now nervad"},
		{"masked", nil, "warn run systemctl --user enable --now nervad"},
		{"", dbus.Error{Name: "org.freedesktop.DBus.Error.FileNotFound"}, "warn run sudo make install"},
		{"", dbus.Error{Name: "org.freedesktop.systemd1.NoSuchUnit"}, "warn run sudo make install"},
		{"", dbus.Error{Name: "org.freedesktop.DBus.Error.NameHasNoOwner"}, "warn start nervad"},
		{"", errors.New("gone"), "warn start nervad"},
	} {
		if f := unitState("nervad.service", "at login", c.state, c.err); !strings.HasPrefix(f.State+" "+f.Fix, c.want) {
			t.Errorf("%s %v: %+v, want %s", c.state, c.err, f, c.want)
		}
	}
}

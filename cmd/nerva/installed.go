package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"

	"nerva/core/bus"
	"nerva/core/bus/overlay"
)

// The checks in this file tell how nerva came onto this system, and what it lacks of what the NixOS module declares.

// nixosMarker is what activation makes on every NixOS, and what its own scripts look for.
var nixosMarker = "/etc/NIXOS"

// byConfiguration is the fix on NixOS for all that the modules declare.
const byConfiguration = "write services.nerva.enable = true, or programs.nerva.enable = true with Home Manager"

// fix is what to do: on NixOS, where the configuration is the place for it, and elsewhere.
func fix(nixos, other string) string {
	if fileExists(nixosMarker) {
		return nixos
	}
	return other
}

func checkInstalled(context.Context) finding {
	self, err := os.Executable()
	if err != nil {
		return warn("where this program lies is not known: "+err.Error(), "start nerva by its path")
	}
	return installedAs(self)
}

func installedAs(self string) finding {
	switch dir := filepath.Dir(self); {
	case strings.HasPrefix(self, "/nix/store/"):
		return ok("by Nix, " + dir)
	case dir == "/usr/bin":
		return ok("as a package, " + dir)
	case filepath.Base(dir) == "bin" && fileExists(filepath.Join(dir, "../share/dbus-1/services", bus.Name+".service")):
		return ok("by make install, " + dir)
	default:
		return warn("not installed: it runs from "+dir, "run sudo make install, or install a package of nerva")
	}
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// checkUnit asks the user's systemd whether it starts a unit by itself.
func checkUnit(unit, when string) func(context.Context) finding {
	return func(ctx context.Context) finding {
		conn, err := dbus.ConnectSessionBus()
		if err != nil {
			return warn("systemd can't be asked: "+err.Error(), "see the session bus above")
		}
		defer conn.Close()
		var state string
		err = conn.Object("org.freedesktop.systemd1", "/org/freedesktop/systemd1").
			CallWithContext(ctx, "org.freedesktop.systemd1.Manager.GetUnitFileState", dbus.FlagNoAutoStart, unit).Store(&state)
		return unitState(unit, when, state, err)
	}
}

func unitState(unit, when, state string, err error) finding {
	var refused dbus.Error
	switch {
	case errors.As(err, &refused) && strings.HasSuffix(refused.Name, ".FileNotFound"),
		errors.As(err, &refused) && strings.HasSuffix(refused.Name, ".NoSuchUnit"):
		return warn(unit+" is not installed: it does not start "+when, fix(byConfiguration, "run sudo make install, or install a package of nerva"))
	case err != nil:
		return warn("systemd does not serve this session: nothing starts "+when, "start nervad and nerva-overlay with the session")
	case strings.HasPrefix(state, "enabled"), state == "static", state == "linked", state == "generated":
		return ok(unit + " is " + state)
	default:
		return warn(fmt.Sprintf("%s is %s: it does not start %s", unit, state, when), fix(byConfiguration, "run systemctl --user enable --now "+strings.TrimSuffix(unit, ".service")))
	}
}

// checkStarts looks whether the bus can start nerva.
func checkStarts(ctx context.Context) finding {
	for _, name := range []string{bus.Name, overlay.Name} {
		if there, err := listed(ctx, name, "ListActivatableNames"); err != nil || !there {
			return warn("the bus can't start "+name+": what calls it finds nobody", fix(byConfiguration, "run sudo make install with a PREFIX that is in XDG_DATA_DIRS, and log in again"))
		}
	}
	return ok("the bus starts " + bus.Name + " and " + overlay.Name)
}

// checkInput looks whether nerva may act as a keyboard where a compositor has no protocol for it.
func checkInput(context.Context) finding {
	const device = "/dev/uinput"
	err := unix.Access(device, unix.W_OK)
	name := "NAME"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	switch {
	case err == nil:
		return ok(device + " may be written")
	case errors.Is(err, fs.ErrNotExist):
		return warn("there is no "+device+": no input where the compositor has no protocol for it", fix("write services.nerva.enable = true", "run sudo modprobe uinput"))
	default:
		return warn(device+" may not be written: no input where the compositor has no protocol for it", fix(fmt.Sprintf("write services.nerva.users = [ %q ] and log in again", name), "run sudo usermod --append --groups uinput "+name+" and log in again"))
	}
}

package main

import (
	"fmt"
	"slices"
	"strings"

	"nerva/core/bus/overlay"
	"nerva/core/shortcut"
	"nerva/wayland/probe"
)

// serviceRules are about who is on the session bus, each with the skills that need it.
var serviceRules = []rule{
	{"portal", onBus(judgePortal)},
	{"screenshot portal", onBus(offersPortal(portalScreenshot, "capture_screen can ask the desktop", "capture_screen depends on the compositor's protocols"))},
	{"open portal", onBus(offersPortal(portalOpen, "open_path and open_url ask the desktop", "open_path and open_url look for the application themselves"))},
	{"input portal", onBus(judgeRemote)},
	{"shortcut", onBus(judgeShortcut)},
	{"accessibility", onBus(judgeAccessibility)},
	{"notifications", onBus(judgeNotifications)},
}

func judgePortal(f facts) finding {
	const name = "org.freedesktop.portal.Desktop"
	var backends []string
	for _, n := range slices.Concat(f.bus.Owned, f.bus.Startable) {
		if backend, yes := strings.CutPrefix(n, probe.Backends); yes && !slices.Contains(backends, backend) {
			backends = append(backends, backend)
		}
	}
	slices.Sort(backends)
	switch {
	case !f.bus.Has(name):
		return warn("nobody offers "+name, f.fix(installPortal))
	case !slices.Contains(backends, f.backend()):
		return warn(fmt.Sprintf("the backend %s of this desktop is missing; there are %s", f.backend(), strings.Join(backends, ", ")), f.fix(f.backendRemedy()))
	default:
		return ok("with the backends " + strings.Join(backends, ", "))
	}
}

func offersPortal(portal, gives, without string) func(facts) finding {
	return func(f facts) finding {
		if version := f.bus.Portals[portal]; version > 0 {
			return ok(fmt.Sprintf("%s, version %d", gives, version))
		}
		return warn("the portal has no "+portal+": "+without, f.fix(f.backendRemedy()))
	}
}

// judgeRemote: only desktops without the compositor's own protocols need it.
func judgeRemote(f facts) finding {
	if f.bus.Portals[portalRemote] == 0 && f.wayland.Globals["zwp_virtual_keyboard_manager_v1"] > 0 {
		return ok("not offered, and not needed here")
	}
	return offersPortal(portalRemote, "keys and pointer can go by the desktop", "no keys and no pointer by the desktop")(f)
}

func judgeShortcut(f facts) finding {
	line := shortcut.Line(f.desktop())
	switch {
	case f.key == "":
		return ok("keybindings.toggle asks for no key")
	case f.bus.Portals[portalShortcuts] == 0 && (f.desktop() == "kde" || f.desktop() == "gnome"):
		return warn("the portal has no "+portalShortcuts+": nothing binds "+f.key, f.fix(f.backendRemedy()))
	case f.bus.Portals[portalShortcuts] == 0:
		return ok("the portal binds no keys here; the compositor does: " + line)
	case f.refused:
		return warn(f.key+" was refused in the desktop's dialog", "bind the key in the desktop's settings, or set keybindings.toggle in "+f.configPath+" to another one")
	case f.desktop() == "hyprland":
		return ok(overlay.Name + ":" + shortcut.ID + " is for the compositor to bind: " + line)
	default:
		return ok("the overlay asks the desktop for " + f.key)
	}
}

func judgeAccessibility(f facts) finding {
	if !f.bus.Has("org.a11y.Bus") {
		return warn("nobody offers org.a11y.Bus: list_ui and activate_ui do not work", f.fix(installReader))
	}
	return ok("list_ui and activate_ui can ask applications")
}

func judgeNotifications(f facts) finding {
	const name = "org.freedesktop.Notifications"
	if !f.bus.Has(name) {
		return warn("nobody offers "+name+": notify shows nothing", f.fix(remedy{"environment.systemPackages = [ pkgs.mako ];", "sudo apt install mako-notifier", "install a notification daemon such as mako"}))
	}
	return ok("somebody offers " + name)
}

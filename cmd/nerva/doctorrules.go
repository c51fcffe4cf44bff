package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"nerva/core/bus"
	"nerva/core/bus/overlay"
)

// ownRules are about nerva itself: how it came here, what it is told, whether it runs.
var ownRules = []rule{
	{"installation", judgeInstallation},
	{"configuration", judgeConfiguration},
	{"state", judgeState},
	{"session bus", judgeBus},
	{"daemon", judgeDaemon},
	{"model", judgeModel},
	{"systemd", onBus(judgeSystemd)},
	{"daemon's unit", onBus(judgeUnit(unitDaemon, "at login"))},
	{"overlay's unit", onBus(judgeUnit(unitOverlay, "with the graphical session"))},
	{"bus activation", onBus(judgeActivation)},
	{"environment", onBus(judgeEnvironment)},
}

func judgeInstallation(f facts) finding {
	dir := filepath.Dir(f.self)
	switch {
	case f.self == "":
		return warn("where this program lies is not known", "start nerva by its path")
	case strings.HasPrefix(f.self, "/nix/store/"):
		return ok("by Nix, " + dir)
	case dir == "/usr/bin":
		return ok("as a package, " + dir)
	case filepath.Base(dir) == "bin" && f.installed:
		return ok("by make install, " + dir)
	default:
		return warn("not installed: it runs from "+dir, f.fix(installNerva))
	}
}

func judgeConfiguration(f facts) finding {
	switch {
	case f.configErr != nil:
		return fail(f.configErr.Error(), "mend the file; the last good configuration is in force until then")
	case len(f.later) > 0:
		return warn(strings.Join(f.later, "; "), "keep it for a later version, or remove it from "+f.configPath)
	default:
		return ok(f.configPath)
	}
}

// What the folder of state needs: without room for the next record nothing is run at all.
const (
	leastRoom = 16 << 20
	goodRoom  = 256 << 20
)

func judgeState(f facts) finding {
	room := fmt.Sprintf("%d MiB are free for %s", f.free>>20, f.state)
	switch {
	case f.freeErr != nil:
		return fail(f.state+" can't be written, and without the audit log nothing is run: "+f.freeErr.Error(), "give the folder back to yourself: sudo chown --recursive "+f.user+" "+f.state)
	case f.free < leastRoom:
		return fail(room+": what can't be logged is not run", "make room on that disk")
	case f.free < goodRoom:
		return warn(room, "make room on that disk, or lower log.size_mb in "+f.configPath)
	default:
		return ok(room)
	}
}

func judgeBus(f facts) finding {
	if f.bus.Why != "" {
		return fail(f.bus.Why, "log in to a desktop session, or run the command under dbus-run-session")
	}
	return ok("answers as " + f.bus.Name)
}

// onBus judges where there is a session bus; where there is none, that is what is wrong.
func onBus(judge func(facts) finding) func(facts) finding {
	return func(f facts) finding {
		if f.bus.Why != "" {
			return warn("not known without the session bus", "see session bus above")
		}
		return judge(f)
	}
}

func judgeDaemon(f facts) finding {
	switch {
	case f.statusErr != nil && f.bus.Units[unitDaemon] != "":
		return fail(f.statusErr.Error(), "run systemctl --user enable --now nervad; journalctl --user -u nervad says why it ended")
	case f.statusErr != nil:
		return fail(f.statusErr.Error(), f.fix(installNerva))
	case f.status.Version != version:
		return warn(fmt.Sprintf("nervad is %s, and this is %s", f.status.Version, version), "run systemctl --user restart nervad nerva-overlay")
	default:
		return ok(fmt.Sprintf("%s, process %d (%s)", f.status.Version, f.status.PID, f.status.Host))
	}
}

func judgeModel(f facts) finding {
	model := f.status.LLM
	switch {
	case f.statusErr != nil:
		return warn("not known without the daemon", "see daemon above")
	case !model.Reachable:
		return warn("the model does not answer: "+model.Detail, "start its server, or see [llm] in "+f.status.Config.Path)
	case model.Model == "":
		return ok(model.Provider)
	default:
		return ok(model.Provider + ", " + model.Model)
	}
}

func judgeSystemd(f facts) finding {
	if !f.bus.Systemd {
		return warn("the user's systemd is not on this bus: applications start without a unit of their own", "log in by a session that starts systemd --user, or have the compositor start nervad and nerva-overlay")
	}
	return ok("serves this session")
}

// judgeUnit says whether systemd starts a unit by itself.
func judgeUnit(unit, when string) func(facts) finding {
	return func(f facts) finding {
		state := f.bus.Units[unit]
		switch {
		case !f.bus.Systemd:
			return warn("without the user's systemd it does not start "+when, "see systemd above")
		case state == "":
			return warn(unit+" is not installed: it does not start "+when, f.fix(installNerva))
		case strings.HasPrefix(state, "enabled"), state == "static", state == "linked", state == "generated":
			return ok(unit + " is " + state)
		}
		command := "systemctl --user enable --now " + strings.TrimSuffix(unit, ".service")
		if strings.HasPrefix(state, "masked") {
			command = "systemctl --user unmask " + unit + " && " + command
		}
		return warn(fmt.Sprintf("%s is %s: it does not start %s", unit, state, when), f.fix(remedy{enabled, command, "run " + command}))
	}
}

// judgeActivation says whether the bus can start nerva.
func judgeActivation(f facts) finding {
	for _, name := range []string{bus.Name, overlay.Name} {
		if !slices.Contains(f.bus.Startable, name) {
			return warn("the bus can't start "+name+": what calls it finds nobody", f.fix(installNerva))
		}
	}
	return ok("the bus starts " + bus.Name + " and " + overlay.Name)
}

// judgeEnvironment says whether what systemd and the bus start finds the desktop.
func judgeEnvironment(f facts) finding {
	const command = "dbus-update-activation-environment --systemd WAYLAND_DISPLAY XDG_CURRENT_DESKTOP"
	fix := "run " + command + "; have the compositor run it when it starts"
	display := f.bus.Environment["WAYLAND_DISPLAY"]
	switch {
	case !f.bus.Systemd:
		return ok("the user's systemd starts nothing here")
	case f.wayland.Display == "":
		return ok("there is no display to know of")
	case display == "":
		return warn("the user's systemd does not know WAYLAND_DISPLAY: portals and the overlay find no display", fix)
	case filepath.Base(display) != f.wayland.Name():
		return warn(fmt.Sprintf("the user's systemd has WAYLAND_DISPLAY=%s, and the display is %s", display, f.wayland.Name()), fix)
	case f.bus.Environment["XDG_CURRENT_DESKTOP"] == "":
		return warn("the user's systemd does not know XDG_CURRENT_DESKTOP: the portal can't choose its backend", fix)
	default:
		return ok("the user's systemd knows " + display)
	}
}

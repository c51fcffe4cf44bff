package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
	"github.com/spf13/cobra"

	"nerva/core/bus"
	"nerva/core/config"
	"nerva/core/desk"
	"nerva/core/sandbox"
)

// finding is the outcome of one check.
type finding struct {
	Check  string `json:"check"`
	State  string `json:"state"` // ok, warn: something is missing that nerva can do without; fail
	Detail string `json:"detail"`
	Fix    string `json:"fix"`
}

func ok(detail string) finding        { return finding{State: "ok", Detail: detail} }
func warn(detail, fix string) finding { return finding{State: "warn", Detail: detail, Fix: fix} }
func fail(detail, fix string) finding { return finding{State: "fail", Detail: detail, Fix: fix} }

// checks are run in this order; each looks at one thing that nerva needs.
var checks = []struct {
	name  string
	check func(context.Context) finding
}{
	{"installation", checkInstalled},
	{"configuration", checkConfig},
	{"session bus", checkBus},
	{"daemon", checkDaemon},
	{"wayland", checkWayland},
	{"screenshot portal", checkActivatable("org.freedesktop.portal.Desktop", "screenshots fall back to grim",
		"install xdg-desktop-portal and the backend of your compositor")},
	{"notifications", checkActivatable("org.freedesktop.Notifications", "notifications are not shown",
		"start a notification daemon such as mako")},
	{"systemd", checkSystemd},
	{"daemon's unit", checkUnit("nervad.service", "at login")},
	{"overlay's unit", checkUnit("nerva-overlay.service", "with the graphical session")},
	{"bus activation", checkStarts},
	{"input", checkInput},
	{"grim", checkProgram("grim", "grim", "there is no second way to take a screenshot")},
	{"wl-copy", checkProgram("wl-copy", "wl-clipboard", "results cannot be copied")},
	{"bubblewrap", checkSandbox},
	{"wpctl", checkProgram("wpctl", "wireplumber", "the volume can be set by pactl only")},
	{"qalc", checkProgram("qalc", "qalc (in nixpkgs libqalculate)", "units and currencies cannot be converted")},
}

func doctorCommand(t terminal) *cobra.Command {
	c := &cobra.Command{Use: "doctor", Short: "look for what is missing and say how to mend it", Args: none}
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		var found []finding
		failed := false
		for _, one := range checks {
			f := one.check(c.Context())
			f.Check = one.name
			failed = failed || f.State == "fail"
			found = append(found, f)
		}
		err := listing(t, *asJSON, found, []string{"check", "state", "detail", "fix"}, func(f finding) []string {
			return []string{f.Check, t.colour(map[string]string{"ok": green, "warn": yellow, "fail": red}[f.State], f.State), f.Detail, f.Fix}
		})
		if err == nil && failed {
			return silent(exitFailed)
		}
		return err
	}
	return c
}

func checkConfig(context.Context) finding {
	c, err := config.Load(config.DefaultPaths())
	if err != nil {
		return fail(err.Error(), "mend the file; the last good configuration is in force until then")
	}
	if later := c.Later(); len(later) > 0 {
		return warn(strings.Join(later, "; "), "keep it for a later version, or remove it from "+config.DefaultPaths().User)
	}
	return ok(config.DefaultPaths().User)
}

func checkBus(context.Context) finding {
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		return fail(err.Error(), "log in to a session that has a D-Bus, or run in dbus-run-session")
	}
	defer conn.Close()
	return ok("answers as " + conn.Names()[0])
}

func checkDaemon(ctx context.Context) finding {
	var f finding
	err := withClient(ctx, func(b *bus.Client) error {
		s, err := b.Status(ctx)
		if err != nil {
			return err
		}
		f = ok(fmt.Sprintf("%s, process %d, model %s", s.Version, s.PID, s.LLM.Provider))
		if !s.LLM.Reachable {
			f = warn("the model does not answer: "+s.LLM.Detail, "see [llm] in "+s.Config.Path)
		}
		return nil
	})
	if err != nil {
		return fail(err.Error(), "systemctl --user enable --now nervad")
	}
	return f
}

func checkWayland(context.Context) finding {
	if os.Getenv("WAYLAND_DISPLAY") == "" {
		return warn("WAYLAND_DISPLAY is not set: no overlay can open from here", "run it inside the Wayland session")
	}
	return ok(os.Getenv("WAYLAND_DISPLAY"))
}

// checkActivatable looks for a bus name that somebody owns or that the bus can start.
func checkActivatable(name, without, fix string) func(context.Context) finding {
	return func(ctx context.Context) finding {
		there, err := listed(ctx, name, "ListNames", "ListActivatableNames")
		if err != nil || !there {
			return warn(without+": nobody offers "+name, fix)
		}
		return ok(name)
	}
}

// checkSystemd looks for a manager that runs: the bus says that it could start one wherever systemd is installed.
func checkSystemd(ctx context.Context) finding {
	const name = "org.freedesktop.systemd1"
	if there, err := listed(ctx, name, "ListNames"); err != nil || !there {
		return warn("applications start without a unit of their own: nobody offers "+name, "run nerva in a systemd user session")
	}
	return ok(name)
}

// listed says whether a name is in one of the bus's own lists: of those that somebody owns, or that the bus can start.
func listed(ctx context.Context, name string, lists ...string) (_ bool, err error) {
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	for _, list := range lists {
		var names []string
		if err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus."+list, 0).Store(&names); err != nil {
			return false, err
		}
		if slices.Contains(names, name) {
			return true, nil
		}
	}
	return false, nil
}

// checkSandbox runs a program as the daemon's commands run. The service may be restricted further: its unit's
// settings are chosen so that the same works in it.
func checkSandbox(ctx context.Context) finding {
	nothing := func() []string { return nil }
	err := sandbox.New(sandbox.Options{Home: config.Expand("~"), Hidden: nothing}).Probe(ctx)
	if err != nil {
		return warn(err.Error(), "install bubblewrap, and allow unprivileged user namespaces")
	}
	return ok("a program ran in the sandbox")
}

// checkProgram looks for a helper as nervad does. The name of its package is the same in Debian and nixpkgs, or says both.
func checkProgram(name, pkg, without string) func(context.Context) finding {
	return func(context.Context) finding {
		path, err := desk.LookPath(name)
		if err != nil {
			return warn(without+": "+name+" is not in PATH", "install "+pkg)
		}
		return ok(path)
	}
}

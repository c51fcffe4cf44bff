package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/config"
	"nerva/core/desk"
	"nerva/core/sandbox"
	"nerva/core/shortcut"
	"nerva/wayland/probe"
)

// facts are what the doctor's rules judge.
type facts struct {
	system system // in whose words a fix is
	user   string
	// self is this program's path, and installed whether the files of an installation lie around it.
	self      string
	installed bool

	configPath string
	configErr  error
	later      []string // what is configured and not acted on yet
	key        string   // keybindings.toggle
	refused    bool     // by a person, to the desktop

	state   string // the folder
	free    uint64 // bytes there
	freeErr error

	bus       probe.Bus
	wayland   probe.Wayland
	current   string // $XDG_CURRENT_DESKTOP
	status    api.Status
	statusErr error

	uinput   error           // of opening it for writing
	events   int             // devices of input
	readable int             // of these
	programs map[string]bool // by name
	ocr      []string        // the languages that tesseract has data for
	sandbox  error
	userns   string // the kernel's setting that forbids user namespaces, as sysctl(8) takes it; empty for none
}

// The portals and units that rules judge.
const (
	portalScreenshot = "org.freedesktop.portal.Screenshot"
	portalShortcuts  = "org.freedesktop.portal.GlobalShortcuts"
	portalRemote     = "org.freedesktop.portal.RemoteDesktop"
	portalOpen       = "org.freedesktop.portal.OpenURI"
	unitDaemon       = "nervad.service"
	unitOverlay      = "nerva-overlay.service"
)

// helpers are the programs that rules judge.
var helpers = []string{"bwrap", "grim", "pactl", "qalc", "tesseract", "wpctl", "xdg-mime"}

// gather looks at this system. Nothing that hangs holds it up for more than some seconds.
func gather(ctx context.Context) facts {
	f := facts{system: thisSystem(), user: "NAME", current: os.Getenv("XDG_CURRENT_DESKTOP"), programs: map[string]bool{}}
	if u, err := user.Current(); err == nil {
		f.user = u.Username
	}
	if self, err := os.Executable(); err == nil {
		f.self = self
		f.installed = exists(filepath.Join(filepath.Dir(self), "../share/dbus-1/services", bus.Name+".service"))
	}
	f.configuration()
	f.wayland = probe.Display(ctx)
	f.bus = probe.SessionBus(ctx,
		[]string{portalScreenshot, portalShortcuts, portalRemote, portalOpen}, []string{unitDaemon, unitOverlay})
	f.statusErr = withClient(ctx, func(b *bus.Client) (err error) {
		f.status, err = b.Status(ctx)
		return err
	})
	f.input()
	for _, name := range helpers {
		_, err := desk.LookPath(name)
		f.programs[name] = err == nil
	}
	f.ocr = languages(ctx)
	// The service may be restricted further: its unit's settings are chosen so that the same works in it.
	f.sandbox = sandbox.New(sandbox.Options{Home: config.Expand("~"), Hidden: func() []string { return nil }}).Probe(ctx)
	f.userns = forbidden()
	return f
}

func (f *facts) configuration() {
	f.configPath, f.state = config.DefaultPaths().User, config.StateDir()
	var c config.Config
	if c, f.configErr = config.Load(config.DefaultPaths()); f.configErr == nil {
		f.later, f.key = c.Later(), c.Keybindings.Toggle
	}
	f.refused, _ = shortcut.Refused(f.state, f.key) // what can't be read, state says
	folder := f.state
	for !exists(folder) && folder != "/" {
		folder = filepath.Dir(folder) // it is made when it is needed
	}
	var room unix.Statfs_t
	if f.freeErr = unix.Access(folder, unix.W_OK); f.freeErr == nil {
		f.freeErr = unix.Statfs(folder, &room)
	}
	f.free = room.Bavail * uint64(room.Bsize)
}

func (f *facts) input() {
	f.uinput = unix.Access("/dev/uinput", unix.W_OK)
	devices, _ := filepath.Glob("/dev/input/event*") // its only error is of the pattern
	f.events = len(devices)
	for _, device := range devices {
		if unix.Access(device, unix.R_OK) == nil {
			f.readable++
		}
	}
}

// languages are what tesseract(1) has data for, without that for the direction of script.
func languages(ctx context.Context) []string {
	path, err := desk.LookPath("tesseract")
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	c := exec.CommandContext(ctx, path, "--list-langs")
	c.WaitDelay = time.Second
	out, err := c.Output()
	if err != nil {
		return nil
	}
	var all []string
	for _, line := range strings.Split(string(out), "\n")[1:] { // the first one counts them
		if line != "" && line != "osd" {
			all = append(all, line)
		}
	}
	return all
}

// forbidden looks at what kernels and distributions have to forbid user namespaces with (user_namespaces(7); Debian's
// and Ubuntu's kernels have settings of their own).
func forbidden() string {
	for _, s := range []struct{ name, forbids, allows string }{
		{"kernel.unprivileged_userns_clone", "0", "1"},
		{"kernel.apparmor_restrict_unprivileged_userns", "1", "0"},
		{"user.max_user_namespaces", "0", "10000"},
	} {
		value, err := os.ReadFile("/proc/sys/" + strings.ReplaceAll(s.name, ".", "/"))
		if err == nil && strings.TrimSpace(string(value)) == s.forbids {
			return s.name + "=" + s.allows
		}
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, os.ErrNotExist)
}

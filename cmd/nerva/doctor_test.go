package main

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"nerva/core/api"
	"nerva/wayland/probe"
)

// What the desktops offer, as far as rules ask for it. Hyprland's and sway's are what wayland-info lists there; KWin's
// and Mutter's what their sources register for every client.
var (
	wlroots = []string{
		"zwlr_layer_shell_v1", "xdg_activation_v1", "zwlr_screencopy_manager_v1", "ext_image_copy_capture_manager_v1",
		"zwlr_data_control_manager_v1", "ext_data_control_manager_v1", "zwp_virtual_keyboard_manager_v1",
		"zwlr_virtual_pointer_manager_v1", "ext_idle_notifier_v1", "zwlr_foreign_toplevel_manager_v1",
	}
	kwin = []string{
		"zwlr_layer_shell_v1", "xdg_activation_v1", "zwlr_data_control_manager_v1", "ext_idle_notifier_v1",
		"org_kde_plasma_shell",
	}
	mutter = []string{"xdg_activation_v1", "gtk_shell1"}
)

// played is a system on which everything is as it should be, in a desktop.
func played(current, compositor, backend string, globals []string, portals ...string) facts {
	f := facts{
		system: debian, user: "alice", self: "/usr/bin/nerva", configPath: "/c/config.toml", key: "SUPER+SPACE", state: "/s",
		free: 9 << 30, current: current, events: 4, readable: 4, programs: map[string]bool{}, ocr: []string{"eng"},
		status: api.Status{Version: version, PID: 7, Host: "nervad", LLM: api.StatusLLM{Provider: "ollama", Model: "m", Reachable: true}},
		bus: probe.Bus{
			Name: ":1.2", Systemd: true, Portals: map[string]uint32{},
			Owned:       []string{"org.freedesktop.portal.Desktop", "org.freedesktop.Notifications"},
			Startable:   []string{"org.nerva.Nerva1", "org.nerva.Overlay1", "org.a11y.Bus", probe.Backends + backend, probe.Backends + "gtk"},
			Units:       map[string]string{unitDaemon: "enabled", unitOverlay: "enabled"},
			Environment: map[string]string{"WAYLAND_DISPLAY": "wayland-1", "XDG_CURRENT_DESKTOP": current},
		},
		wayland: probe.Wayland{Display: "/run/user/1000/wayland-1", Compositor: compositor, Globals: map[string]uint32{}},
	}
	if compositor == "" {
		f.wayland.NoWindows = "this compositor's window list isn't supported yet"
	}
	for _, g := range globals {
		f.wayland.Globals[g] = 1
	}
	for _, p := range append(portals, portalScreenshot, portalOpen) {
		f.bus.Portals[p] = 2
	}
	for _, h := range helpers {
		f.programs[h] = true
	}
	return f
}

func hyprland() facts { return played("Hyprland", "hyprland", "hyprland", wlroots, portalShortcuts) }
func sway() facts     { return played("sway", "sway", "wlr", wlroots) }
func kde() facts      { return played("KDE", "", "kde", kwin, portalShortcuts, portalRemote) }
func gnome() facts {
	return played("ubuntu:GNOME", "", "gnome", mutter, portalShortcuts, portalRemote)
}

// judged are the findings by their checks.
func judged(f facts) map[string]finding {
	all := map[string]finding{}
	for _, one := range examine(f) {
		all[one.Check] = one
	}
	return all
}

func TestADesktopThatHasEverythingIsTold(t *testing.T) {
	for rule, c := range map[string]struct {
		facts facts
		warns []string // all else is ok
	}{
		"Hyprland": {hyprland(), nil},
		"sway":     {sway(), nil},
		"KDE":      {kde(), []string{"windows", "capture", "keyboard", "pointer"}},
		"GNOME":    {gnome(), []string{"windows", "overlay", "capture", "clipboard", "keyboard", "pointer", "idle"}},
	} {
		t.Run(rule, func(t *testing.T) {
			for _, f := range examine(c.facts) {
				want := "ok"
				if slices.Contains(c.warns, f.Check) {
					want = "warn"
				}
				if f.State != want || (f.State == "ok") != (f.Fix == "") || f.Detail == "" {
					t.Errorf("%+v, want %s", f, want)
				}
			}
		})
	}
}

func TestWithoutTheProtocolThePortalIsNamed(t *testing.T) {
	for rule, c := range map[string]struct {
		change             func(*facts)
		check, detail, fix string
	}{
		"keys by the portal":        {func(f *facts) {}, "keyboard", "remote desktop does it", "agree"},
		"keys by the kernel":        {func(f *facts) { delete(f.bus.Portals, portalRemote) }, "keyboard", "/dev/uinput does it", "one layout"},
		"keys by nothing":           {func(f *facts) { delete(f.bus.Portals, portalRemote); f.uinput = fs.ErrPermission }, "keyboard", "not so that type_text", "see input below"},
		"pictures by the portal":    {func(f *facts) {}, "capture", "whole screens", "agree"},
		"pictures by nothing":       {func(f *facts) { delete(f.bus.Portals, portalScreenshot) }, "capture", "no zwlr_screencopy_manager_v1", "apt install xdg-desktop-portal-kde"},
		"no input portal either":    {func(f *facts) { delete(f.bus.Portals, portalRemote) }, "input portal", portalRemote, "apt install xdg-desktop-portal-kde"},
		"a shortcut without portal": {func(f *facts) { delete(f.bus.Portals, portalShortcuts) }, "shortcut", "nothing binds SUPER+SPACE", "apt install xdg-desktop-portal-kde"},
	} {
		f := kde()
		c.change(&f)
		if got := judged(f)[c.check]; got.State != "warn" || !strings.Contains(got.Detail, c.detail) || !strings.Contains(got.Fix, c.fix) {
			t.Errorf("%s: %+v", rule, got)
		}
	}
}

func TestTheKeyIsTheDesktopsOrThePortals(t *testing.T) {
	refused, none := gnome(), sway()
	refused.refused, none.key = true, ""
	for rule, c := range map[string]struct {
		facts       facts
		state, says string
	}{
		"Hyprland binds what is registered": {hyprland(), "ok", "org.nerva.Overlay1:toggle"},
		"sway has no portal for it":         {sway(), "ok", "bindsym Mod4+space exec nerva-ui"},
		"KDE is asked":                      {kde(), "ok", "the overlay asks the desktop for SUPER+SPACE"},
		"a person has said no":              {refused, "warn", "was refused"},
		"nobody is asked":                   {none, "ok", "asks for no key"},
	} {
		if got := judged(c.facts)["shortcut"]; got.State != c.state || !strings.Contains(got.Detail, c.says) {
			t.Errorf("%s: %+v", rule, got)
		}
	}
}

// breaks has, for each check, ways in which what it looks at is missing, and the states that come of it.
var breaks = []struct {
	check, state, says, fix string // on Debian
	change                  func(*facts)
}{
	{"installation", "warn", "runs from /home/x", "dpkg|apt install", func(f *facts) { f.self = "/home/x/nerva" }},
	{"configuration", "fail", "line 3", "mend the file", func(f *facts) { f.configErr = errors.New("line 3") }},
	{"configuration", "warn", "later", "/c/config.toml", func(f *facts) { f.later = []string{"later"} }},
	{"state", "fail", "1 MiB", "make room", func(f *facts) { f.free = 1 << 20 }},
	{"state", "warn", "100 MiB", "log.size_mb", func(f *facts) { f.free = 100 << 20 }},
	{"state", "fail", "permission", "chown --recursive alice /s", func(f *facts) { f.freeErr = fs.ErrPermission }},
	{"session bus", "fail", "no bus", "dbus-run-session", func(f *facts) { f.bus = probe.Bus{Why: "no bus"} }},
	{"systemd", "warn", "not known", "session bus above", func(f *facts) { f.bus = probe.Bus{Why: "no bus"} }},
	{"daemon", "fail", "gone", "systemctl --user enable --now nervad", func(f *facts) { f.statusErr = errors.New("gone") }},
	{"daemon", "fail", "gone", "apt install", func(f *facts) { f.statusErr = errors.New("gone"); f.bus.Units = nil }},
	{"daemon", "warn", "nervad is 0.0", "restart nervad", func(f *facts) { f.status.Version = "0.0" }},
	{"model", "warn", "no answer", "[llm]", func(f *facts) { f.status.LLM.Reachable = false; f.status.LLM.Detail = "no answer" }},
	{"model", "warn", "not known", "daemon above", func(f *facts) { f.statusErr = errors.New("gone") }},
	{"systemd", "warn", "not on this bus", "systemd --user", func(f *facts) { f.bus.Systemd = false }},
	{"daemon's unit", "warn", "systemd", "systemd above", func(f *facts) { f.bus.Systemd = false }},
	{"daemon's unit", "warn", "disabled", "systemctl --user enable --now nervad$", func(f *facts) { f.bus.Units[unitDaemon] = "disabled" }},
	{"daemon's unit", "warn", "masked", "unmask nervad.service && systemctl", func(f *facts) { f.bus.Units[unitDaemon] = "masked" }},
	{"overlay's unit", "warn", "not installed", "apt install", func(f *facts) { f.bus.Units[unitOverlay] = "" }},
	{"bus activation", "warn", "org.nerva.Overlay1", "apt install", func(f *facts) { f.bus.Startable = []string{"org.nerva.Nerva1"} }},
	{"environment", "warn", "does not know WAYLAND_DISPLAY", "dbus-update-activation-environment --systemd WAYLAND", func(f *facts) { delete(f.bus.Environment, "WAYLAND_DISPLAY") }},
	{"environment", "warn", "wayland-9", "dbus-update", func(f *facts) { f.bus.Environment["WAYLAND_DISPLAY"] = "wayland-9" }},
	{"environment", "warn", "XDG_CURRENT_DESKTOP", "dbus-update", func(f *facts) { f.bus.Environment["XDG_CURRENT_DESKTOP"] = "" }},
	{"wayland", "warn", "no Wayland display", "log in", func(f *facts) { f.wayland = probe.Wayland{} }},
	{"overlay", "warn", "not known", "wayland above", func(f *facts) { f.wayland = probe.Wayland{} }},
	{"windows", "warn", "hangs", "zwlr_foreign", func(f *facts) { f.wayland.NoWindows = "it hangs" }},
	{"activation", "warn", "xdg_activation_v1", "click", func(f *facts) { delete(f.wayland.Globals, "xdg_activation_v1") }},
	{"held keys", "warn", "can't be read", "usermod --append --groups input alice and log in again", func(f *facts) { f.readable = 0 }},
	{"held keys", "warn", "there is no", "hands off", func(f *facts) { f.readable, f.events = 0, 0 }},
	{"input", "warn", "there is no /dev/uinput", "^run sudo modprobe uinput$", func(f *facts) { f.uinput = fs.ErrNotExist }},
	{"input", "warn", "may not be written", "^run sudo usermod --append --groups uinput alice and log in again$", func(f *facts) { f.uinput = fs.ErrPermission }},
	{"portal", "warn", "org.freedesktop.portal.Desktop", "apt install xdg-desktop-portal xdg-desktop-portal-gtk", func(f *facts) { f.bus.Owned = nil }},
	{"portal", "warn", "backend wlr", "apt install xdg-desktop-portal-wlr", func(f *facts) { f.bus.Startable = []string{probe.Backends + "gtk"} }},
	{"open portal", "warn", portalOpen, "apt install xdg-desktop-portal-wlr", func(f *facts) { delete(f.bus.Portals, portalOpen) }},
	{"screenshot portal", "warn", portalScreenshot, "apt install xdg-desktop-portal-wlr", func(f *facts) { delete(f.bus.Portals, portalScreenshot) }},
	{"accessibility", "warn", "org.a11y.Bus", "apt install at-spi2-core", func(f *facts) { f.bus.Startable = nil }},
	{"notifications", "warn", "org.freedesktop.Notifications", "apt install mako-notifier", func(f *facts) { f.bus.Owned = nil }},
	{"sandbox", "warn", "bwrap", "apt install bubblewrap", func(f *facts) { f.sandbox = errors.New("x"); f.programs["bwrap"] = false }},
	{"sandbox", "warn", "forbids", "sudo sysctl a.b=1", func(f *facts) { f.sandbox = errors.New("x"); f.userns = "a.b=1" }},
	{"sandbox", "warn", "nested", "containers", func(f *facts) { f.sandbox = errors.New("nested") }},
	{"grim", "warn", "grim", "apt install grim", func(f *facts) { f.programs["grim"] = false }},
	{"tesseract", "warn", "tesseract", "apt install tesseract-ocr tesseract-ocr-eng", func(f *facts) { f.programs["tesseract"] = false }},
	{"tesseract", "warn", "no language", "apt install tesseract-ocr-eng", func(f *facts) { f.ocr = nil }},
	{"qalc", "warn", "qalc", "apt install qalc", func(f *facts) { f.programs["qalc"] = false }},
	{"volume", "warn", "wpctl", "apt install wireplumber", func(f *facts) { f.programs["wpctl"], f.programs["pactl"] = false, false }},
	{"xdg-mime", "warn", "xdg-mime", "apt install xdg-utils", func(f *facts) { f.programs["xdg-mime"] = false }},
}

func TestWhatIsMissingIsNamedWithItsFix(t *testing.T) {
	for _, c := range breaks {
		f := sway()
		c.change(&f)
		got := judged(f)[c.check]
		if got.State != c.state || !strings.Contains(got.Detail, c.says) || !regexp.MustCompile(c.fix).MatchString(got.Fix) {
			t.Errorf("%s: %+v, want %s, %s, %s", c.check, got, c.state, c.says, c.fix)
		}
	}
}

// everyFix is what the doctor can say on a system: each desktop, with each thing missing.
func everyFix(s system) []string {
	all := map[string]bool{}
	for _, desktop := range []func() facts{hyprland, sway, kde, gnome} {
		changes := []func(*facts){
			func(*facts) {},
			func(f *facts) { f.wayland.Globals = map[string]uint32{} },
			func(f *facts) { f.wayland.Globals, f.bus.Portals, f.uinput = nil, nil, fs.ErrPermission },
			func(f *facts) { f.refused = true },
		}
		for _, b := range breaks {
			changes = append(changes, b.change)
		}
		for _, change := range changes {
			f := desktop()
			f.system = s
			change(&f)
			for _, one := range examine(f) {
				all[one.Fix] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// TestEveryOptionThatAFixNamesIsOneOfTheModules: nerva's own must be declared there, and of NixOS the fixes name only
// what the modules set themselves.
func TestEveryOptionThatAFixNamesIsOneOfTheModules(t *testing.T) {
	declared, err := os.ReadFile("../../docs/nix.md") // which `make nix-check` compares with the modules
	if err != nil {
		t.Fatal(err)
	}
	var modules strings.Builder
	for _, pattern := range []string{"../../nixosModules/*.nix", "../../homeModules/*.nix"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			modules.Write(text)
		}
	}
	option := regexp.MustCompile(`\b((?:services|programs|environment|users|hardware|xdg|security|boot)\.[A-Za-z0-9_.-]*\w) = `)
	seen := 0
	for _, fix := range everyFix(nixos) {
		for _, m := range option.FindAllStringSubmatch(fix, -1) {
			seen++
			name := m[1]
			switch {
			case strings.Contains(name, ".nerva."):
				if !strings.Contains(string(declared), "`"+name+"`") {
					t.Errorf("%q: no module has the option %s", fix, name)
				}
			case strings.HasPrefix(name, "users.users.alice."):
				if !strings.Contains(modules.String(), "users.users = lib.genAttrs cfg.users") || !strings.Contains(modules.String(), "extraGroups") {
					t.Errorf("%q: the modules set no %s", fix, name)
				}
			case !strings.Contains(modules.String(), name):
				t.Errorf("%q: the modules know no %s", fix, name)
			}
		}
		if strings.Contains(fix, "apt ") || strings.Contains(fix, "usermod") || strings.Contains(fix, "modprobe") {
			t.Errorf("on NixOS the fix is %q", fix)
		}
	}
	if seen < 8 {
		t.Errorf("only %d options were seen", seen)
	}
}

// debianPackages are those of Debian 13, but for xdg-desktop-portal-hyprland, which came with its next release.
var debianPackages = strings.Fields(`at-spi2-core bubblewrap grim mako-notifier qalc tesseract-ocr tesseract-ocr-eng wireplumber
	xdg-desktop-portal xdg-desktop-portal-gnome xdg-desktop-portal-gtk xdg-desktop-portal-hyprland
	xdg-desktop-portal-kde xdg-desktop-portal-wlr xdg-utils`)

func TestEveryPackageThatAFixNamesIsDebians(t *testing.T) {
	named := map[string]bool{}
	for _, fix := range everyFix(debian) {
		_, packages, found := strings.Cut(fix, "sudo apt install ")
		for _, p := range strings.Fields(packages) {
			if p == "./out/nerva_*.deb" {
				continue
			}
			if named[p] = found; !slices.Contains(debianPackages, p) {
				t.Errorf("%q: %s is no package of Debian", fix, p)
			}
		}
		if strings.Contains(fix, "services.nerva") {
			t.Errorf("on Debian the fix is %q", fix)
		}
	}
	for _, p := range debianPackages {
		if !named[p] {
			t.Errorf("no fix names %s", p)
		}
	}
	// Where the packages of the development's root are, those that it has are asked for by name.
	if _, err := os.Stat("/etc/nerva-dev-root"); err != nil {
		t.Log("not in the Debian root: the names are those of the list alone")
		return
	}
	for _, p := range debianPackages {
		if slices.Contains([]string{"xdg-desktop-portal-gnome", "xdg-desktop-portal-hyprland", "xdg-desktop-portal-kde"}, p) {
			continue // not installed there, and the root keeps no lists to ask
		}
		if out, err := exec.Command("dpkg-query", "--show", p).CombinedOutput(); err != nil {
			t.Errorf("%s: %s", p, out)
		}
	}
}

func TestAFixIsInTheWordsOfTheSystem(t *testing.T) {
	f := sway()
	f.uinput = fs.ErrPermission
	for s, want := range map[system]string{
		nixos:  `write services.nerva.users = [ "alice" ]; and log in again`,
		debian: "run sudo usermod --append --groups uinput alice and log in again",
		other:  "run sudo usermod --append --groups uinput alice and log in again",
	} {
		f.system = s
		if got := judged(f)["input"].Fix; got != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
}

func TestAPersonReadsItIn80Columns(t *testing.T) {
	f := gnome()
	f.uinput, f.freeErr, f.readable = fs.ErrPermission, errors.New("a\x1b[2Jb"), 0
	var out bytes.Buffer
	if err := printFindings(terminal{out: &out, outTTY: true}, false, examine(f)); err != nil {
		t.Fatal(err)
	}
	colours := regexp.MustCompile("\x1b\\[[0-9;]*m")
	plain := colours.ReplaceAllString(out.String(), "")
	if strings.Contains(plain, "\x1b") {
		t.Errorf("%q drives the terminal", plain)
	}
	for _, l := range strings.Split(plain, "\n") {
		if utf8.RuneCountInString(l) > 80 {
			t.Errorf("%d columns: %s", utf8.RuneCountInString(l), l)
		}
	}
	for _, want := range []string{"\x1b[32mok\x1b[0m", "\x1b[33mwarn\x1b[0m", "\x1b[31mfail\x1b[0m", "→ ", "1 fail\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("there is no %q in %s", want, out.String())
		}
	}
	out.Reset()
	if err := printFindings(terminal{out: &out}, false, examine(f)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "input\twarn\t/dev/uinput may not be written: no input where the compositor has no protocol for it\trun sudo usermod") {
		t.Errorf("a pipe gets %s", out.String())
	}
}

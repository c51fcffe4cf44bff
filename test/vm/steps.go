package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nerva/test/vm/wire"
)

// memory is what steps leave for later ones.
type memory struct {
	// env are the session's variables.
	env []string
	// launched is the window of the application that was launched from the overlay.
	launched window
	// fix is the command that doctor names for what is missing.
	fix string
}

// step is one promise. What a later one builds on is needed: without it there are no later ones.
type step struct {
	what   string
	needed bool
	do     func(*machine, context.Context) error
}

var steps = []step{
	{"nerva's package installs", true, (*machine).install},
	{"a user logs in, and the compositor has a seat", true, (*machine).login},
	{"systemctl --user starts nervad.service", true, (*machine).service},
	{"an allowed command runs in the unit's sandbox", false, (*machine).sandbox},
	{"SUPER+SPACE opens the overlay", false, (*machine).summon},
	{"a name and Enter launch the application", false, (*machine).launch},
	{"the application has a unit of its own", false, (*machine).ownUnit},
	{"journalctl --user -u nervad shows the launch and a run", false, (*machine).journal},
	{"the portal takes a picture", false, (*machine).screenshot},
	{"typed text arrives exactly through the virtual keyboard", false, (*machine).typesByCompositor},
	{"a click lands", false, (*machine).clicks},
	{"nervad is back 3 s after SIGKILL", false, (*machine).killed},
	{"nervad finds the compositor again, on another display", false, (*machine).compositorKilled},
	{"through a closed /dev/uinput nothing is typed, and the error says what to do", false, (*machine).closedDevice},
	{"nerva doctor names the command that opens it", false, (*machine).doctorNames},
	{"with that and a new login typed text arrives exactly through uinput", false, (*machine).openedDevice},
	{"a unit that fails is noticed", false, (*machine).unitFails},
	{"a timer rings when the computer's clock has gone on without it", false, (*machine).timerRings},
}

// runOne takes one machine through all steps.
func runOne(ctx context.Context, s settings, c compositor, r *report) {
	began := time.Now()
	m, err := start(ctx, s, c)
	r.step(c.name, "the machine boots", time.Since(began), err)
	if err == nil {
		m.through(ctx, r)
	}
	var used time.Duration
	if m != nil {
		used, err = m.stop()
		if err != nil {
			r.step(c.name, "the machine is gone", 0, err)
		}
	}
	fmt.Fprintf(r.to, "%s: %.0f s, of which QEMU had a processor %.0f s\n", c.name, time.Since(began).Seconds(), used.Seconds())
}

func (m *machine) through(ctx context.Context, r *report) {
	for i, s := range steps {
		if !s.needed && !m.run.MatchString(s.what) {
			continue
		}
		began := time.Now()
		err := s.do(m, ctx)
		if ctx.Err() != nil {
			r.step(m.name, s.what, time.Since(began), fmt.Errorf("broken off: %w", context.Cause(ctx)))
			return
		}
		r.step(m.name, s.what, time.Since(began), err)
		if err != nil {
			m.keepFailure(i)
			if s.needed {
				break
			}
		}
	}
	if m.shell {
		m.readLines(ctx)
	}
	m.keepLogs(ctx)
}

// readLines is for whoever wants to look around.
func (m *machine) readLines(ctx context.Context) {
	for lines := bufio.NewScanner(os.Stdin); ctx.Err() == nil && lines.Scan(); {
		line, root := strings.CutPrefix(lines.Text(), "#")
		if keys, ok := strings.CutPrefix(line, "press "); ok {
			fmt.Println(m.qmp.press(strings.Fields(keys)...))
			continue
		}
		reply, err := m.guest.do(ctx, wire.Request{Argv: []string{"sh", "-c", line}, Root: root, Env: m.env, Seconds: commandSeconds})
		fmt.Printf("%s%sstatus %d %v\n", reply.Out, reply.Err, reply.Exit, err)
	}
}

// keepFailure takes a picture for whoever wonders.
func (m *machine) keepFailure(i int) {
	if _, err := m.picture(fmt.Sprintf("failed-%02d", i)); err != nil {
		fmt.Fprintln(os.Stderr, "vmtest:", err)
	}
}

// keepLogs copies what the machine wrote.
func (m *machine) keepLogs(ctx context.Context) {
	journal, err := m.asRoot(ctx, "journalctl", "--no-pager", "--output=short-monotonic", "--boot")
	if err == nil {
		err = os.WriteFile(m.log("journal"), []byte(journal), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "vmtest:", err)
	}
	logs, _ := filepath.Glob(m.shared("*.log")) // the pattern is right
	for _, log := range logs {
		data, err := os.ReadFile(log)
		if err == nil {
			err = os.WriteFile(m.log(strings.TrimSuffix(filepath.Base(log), ".log")), data, 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "vmtest:", err)
		}
	}
}

func (m *machine) install(ctx context.Context) error {
	if _, err := m.asRoot(ctx, "dpkg", "--force-unsafe-io", "--install", "/share/nerva.deb"); err != nil {
		return err
	}
	status, err := m.asRoot(ctx, "dpkg-query", "--show", "--showformat=${Status}", "nerva")
	if err == nil && status != "install ok installed" {
		err = errors.New("dpkg says " + status)
	}
	return err
}

// furnish makes the user's home.
const furnish = `set -e
install -d -o user -g user -m 700 /home/user
cd /home/user
install -d -o user -g user .config .config/nerva .config/environment.d "$(dirname "$1")"
install -o user -g user -m 644 /share/compositor.conf "$1"
install -o user -g user -m 644 /share/nerva.toml .config/nerva/config.toml
echo GSK_RENDERER=cairo >.config/environment.d/vm.conf`

func (m *machine) login(ctx context.Context) error {
	if _, err := m.asRoot(ctx, "sh", "-c", furnish, "sh", m.compositor.configPath); err != nil {
		return err
	}
	if err := m.startSession(ctx); err != nil {
		return err
	}
	if err := m.meetCompositor(ctx); err != nil {
		return err
	}
	sessions, err := m.asRoot(ctx, "loginctl", "list-sessions", "--no-legend")
	if err == nil && !strings.Contains(sessions, "seat0") {
		err = errors.New("nobody sits at seat0: " + sessions)
	}
	return err
}

// startSession does what a login manager does when the password was right.
func (m *machine) startSession(ctx context.Context) error {
	_, err := m.asRoot(ctx, "systemd-run", "--quiet", "--collect", "--unit=desktop", "--uid=user", "--gid=user",
		"-p", "PAMName=login", "-p", "TTYPath=/dev/tty1", "-p", "StandardInput=tty", "-p", "StandardOutput=journal",
		"-p", "TTYReset=yes", "-p", "TTYVHangup=yes", "-p", "TTYVTDisallocate=yes", "-p", "WorkingDirectory=~",
		"-p", "UtmpIdentifier=tty1", "-p", "UtmpMode=user",
		"--setenv=XDG_SESSION_TYPE=wayland", "--setenv=XDG_SESSION_CLASS=user", "--setenv=XDG_SEAT=seat0", "--setenv=XDG_VTNR=1",
		"/share/session")
	return err
}

// logout ends the session, and waits until the user's manager has ended, which has the groups of the login.
func (m *machine) logout(ctx context.Context) error {
	if _, err := m.asRoot(ctx, "systemctl", "stop", "desktop"); err != nil {
		return err
	}
	return eventually(ctx, stepLimit, func() error {
		out, err := m.asRoot(ctx, "systemctl", "show", "--property=ActiveState", "--value", "user@1000")
		if err == nil && strings.TrimSpace(out) != "inactive" {
			err = errors.New("the user's manager is " + out)
		}
		return err
	})
}

// meetCompositor waits until the user manager knows the compositor and that answers.
func (m *machine) meetCompositor(ctx context.Context) error {
	return eventually(ctx, stepLimit, func() error {
		m.env = nil
		all, err := m.user(ctx, "systemctl", "--user", "show-environment")
		if err != nil {
			return err
		}
		for _, v := range strings.Split(strings.TrimSpace(all), "\n") {
			name, _, _ := strings.Cut(v, "=")
			switch name {
			case "WAYLAND_DISPLAY", "SWAYSOCK", "HYPRLAND_INSTANCE_SIGNATURE", "XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE", "GSK_RENDERER":
				m.env = append(m.env, v)
			}
		}
		_, err = m.compositor.windows(ctx, m)
		return err
	})
}

// service starts the unit by hand, as its user would, and asks the bus who serves.
func (m *machine) service(ctx context.Context) error {
	commands := [][]string{
		{"systemctl", "--user", "stop", "nervad"},
		{"systemctl", "--user", "start", "nervad"},
		// Of the desktop it is part of, and GTK waits for its settings: it would make the first window late.
		{"systemctl", "--user", "start", "xdg-desktop-portal"},
		// A compositor that is started by hand reaches no graphical-session.target, for which the overlay is enabled.
		{"systemctl", "--user", "start", "nerva-overlay"},
		// It has its name before GTK is ready; where two machines share the processors a key would come too early.
		{"busctl", "--user", "get-property", "org.nerva.Overlay1", "/org/nerva/Overlay1", "org.nerva.Overlay1", "Visible"},
	}
	for _, argv := range commands {
		if _, err := m.user(ctx, argv...); err != nil {
			return err
		}
	}
	unit, err := m.mainPID(ctx)
	if err != nil {
		return err
	}
	served, err := m.servedBy(ctx)
	if err == nil && served != unit {
		err = fmt.Errorf("the unit is process %s, and process %s serves", unit, served)
	}
	return err
}

// mainPID is what systemd says.
func (m *machine) mainPID(ctx context.Context) (string, error) {
	out, err := m.user(ctx, "systemctl", "--user", "show", "--property=MainPID", "--value", "nervad")
	return strings.TrimSpace(out), err
}

// servedBy is what the bus says.
func (m *machine) servedBy(ctx context.Context) (string, error) {
	out, err := m.user(ctx, "busctl", "--user", "--auto-start=no", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus",
		"org.freedesktop.DBus", "GetConnectionUnixProcessID", "s", "org.nerva.Nerva1")
	return strings.TrimPrefix(strings.TrimSpace(out), "u "), err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"nerva/test/vm/wire"
)

// inTheOverlay are words that only the empty overlay shows.
const inTheOverlay = "Search or ask"

// sandbox has a command read what only the machine knows, and looks for its process below the unit meanwhile.
func (m *machine) sandbox(ctx context.Context) error {
	id, err := m.asRoot(ctx, "cat", "/proc/sys/kernel/random/boot_id")
	if err != nil {
		return err
	}
	out, err := m.user(ctx, "nerva", "exec", "run_command", "--input", `{"argv":["cat","/proc/sys/kernel/random/boot_id"]}`)
	if err == nil && !strings.Contains(out, strings.TrimSpace(id)) {
		err = fmt.Errorf("the command read %s, not %s", out, id)
	}
	return err
}

// summon presses the key as hardware does, and reads the screen.
func (m *machine) summon(ctx context.Context) error {
	if err := m.shows(ctx, "before", inTheOverlay, false); err != nil {
		return err
	}
	if err := m.qmp.press("meta_l", "spc"); err != nil {
		return err
	}
	return m.shows(ctx, "overlay", inTheOverlay, true)
}

// launch types into the overlay that is open, and asks the compositor for the window.
func (m *machine) launch(ctx context.Context) error {
	if err := m.qmp.write("foot"); err != nil {
		return err
	}
	// The list shows the name with a capital letter; the small one is what was typed.
	if err := m.shows(ctx, "typed", "foot", true); err != nil {
		return err
	}
	if err := m.qmp.write("\n"); err != nil {
		return err
	}
	w, err := m.window(ctx, "foot")
	m.launched = w
	return errors.Join(err, m.shows(ctx, "launched", inTheOverlay, false))
}

// ownUnit asks the kernel in whose unit the application is that was launched, and systemd whether it knows that.
func (m *machine) ownUnit(ctx context.Context) error {
	if m.launched.PID == 0 {
		return errors.New("nothing was launched")
	}
	group, err := m.asRoot(ctx, "cat", fmt.Sprintf("/proc/%d/cgroup", m.launched.PID))
	if err != nil {
		return err
	}
	unit := strings.TrimSpace(group[strings.LastIndex(group, "/")+1:])
	if !strings.HasPrefix(unit, "app-") {
		return errors.New("the application runs in " + group)
	}
	units, err := m.user(ctx, "systemctl", "--user", "list-units", "--no-legend", "--plain", "--state=active", "app-*")
	if err == nil && !strings.Contains(units, unit) {
		err = fmt.Errorf("the application runs in %s, and systemd lists %s", unit, units)
	}
	if err == nil {
		_, err = m.user(ctx, "systemctl", "--user", "stop", unit)
	}
	return errors.Join(err, m.gone(ctx, "foot"))
}

// word is what a terminal shows for pictures to be read: black on white (DECSCNM), and more than once, as tesseract
// takes a single word on a wide screen for a drawing.
const (
	word = "Quicksilver"
	page = `printf '\033[?5h'; for line in 1 2 3 4 5 6; do echo "  The ` + word + ` is on line $line."; done; exec sleep 1000`
)

// screenshot has the portal take a picture: it is asked, and the picture has what is on the screen.
func (m *machine) screenshot(ctx context.Context) error {
	// As if the user had said yes once: there is nobody to ask.
	if _, err := m.user(ctx, "gdbus", "call", "--session", "--dest", "org.freedesktop.impl.portal.PermissionStore",
		"--object-path", "/org/freedesktop/impl/portal/PermissionStore",
		"--method", "org.freedesktop.impl.portal.PermissionStore.SetPermission", "screenshot", "true", "screenshot", "", "['yes']"); err != nil {
		return err
	}
	if _, err := m.terminal(ctx, "shown", page); err != nil {
		return err
	}
	if err := m.shows(ctx, "word", word, true); err != nil {
		return err
	}
	if err := m.listen(ctx); err != nil {
		return err
	}
	out, err := m.exec(ctx, "capture_screen", "{}")
	if err != nil {
		return err
	}
	if err := m.heard(ctx, "interface=org.freedesktop.portal.Screenshot; member=Screenshot"); err != nil {
		return err
	}
	path := between(out, `"path":"`, `"`)
	if path == "" {
		return errors.New("there is no path in " + out)
	}
	here := m.out + "/" + m.name + "-portal.png"
	if _, err := m.asRoot(ctx, "cp", path, wire.Share+"/portal.png"); err != nil {
		return err
	}
	picture, err := os.ReadFile(m.shared("portal.png")) // what is shared may lie on another file system
	if err != nil {
		return err
	}
	if err := os.WriteFile(here, picture, 0o644); err != nil {
		return err
	}
	text, err := read(ctx, here)
	if err == nil && !strings.Contains(text, word) {
		err = fmt.Errorf("the picture has %.300q", text)
	}
	return errors.Join(err, m.closeTerminal(ctx, "shown"))
}

// listen notes what the session's bus carries to the screenshot portal, from now on.
func (m *machine) listen(ctx context.Context) error {
	if _, err := m.user(ctx, "systemd-run", "--user", "--quiet", "--collect", "--unit=listen", "-p", "StandardOutput=file:/home/user/heard",
		"dbus-monitor", "--session", "interface='org.freedesktop.portal.Screenshot'"); err != nil {
		return err
	}
	return m.heard(ctx, "member=NameLost") // so a monitor begins (BecomeMonitor of the D-Bus Specification)
}

func (m *machine) heard(ctx context.Context, what string) error {
	return eventually(ctx, stepLimit, func() error {
		heard, err := m.asRoot(ctx, "cat", "/home/user/heard")
		if err == nil && !strings.Contains(heard, what) {
			err = fmt.Errorf("the bus has not carried %s but %.400q", what, heard)
		}
		return err
	})
}

func between(s, before, after string) string {
	_, s, _ = strings.Cut(s, before)
	s, _, found := strings.Cut(s, after)
	if !found {
		return ""
	}
	return s
}

// journal asks the journal for a launch and a run, as the process wrote them that the bus says serves.
func (m *machine) journal(ctx context.Context) error {
	pid, err := m.servedBy(ctx)
	if err != nil {
		return err
	}
	if _, err := strconv.Atoi(pid); err != nil {
		return err
	}
	if answer, err := m.user(ctx, "nerva", "ask", "what is 21*2"); err != nil || strings.TrimSpace(answer) != "42" {
		return fmt.Errorf("the answer is %q: %w", answer, err)
	}
	runs, err := m.user(ctx, "nerva", "runs", "--json", "--limit", "1")
	if err != nil {
		return err
	}
	run := between(runs, `"id":`, ",")
	if run == "" {
		return errors.New("there is no run in " + runs)
	}
	lines := []string{"foot", `msg="a run began" run=` + run + " ", `msg="a run ended" run=` + run + " state=done"}
	return eventually(ctx, stepLimit, func() error { // the journal is another process
		out, err := m.user(ctx, "journalctl", "--user", "--unit=nervad", "--no-pager", "--output=cat", "_PID="+pid)
		for _, line := range lines {
			if err == nil && !strings.Contains(out, line) {
				err = fmt.Errorf("the journal has no %s but %.600q", line, out)
			}
		}
		return err
	})
}

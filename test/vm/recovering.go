package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// killed kills nervad, and asks systemd's own clock when another one served.
func (m *machine) killed(ctx context.Context) error {
	old, err := m.mainPID(ctx)
	if err != nil {
		return err
	}
	if _, err := m.asRoot(ctx, "kill", "-KILL", old); err != nil {
		return err
	}
	err = eventually(ctx, stepLimit, func() error {
		served, err := m.servedBy(ctx)
		if err == nil && served == old {
			err = errors.New("the process that was killed still serves")
		}
		return err
	})
	if err != nil {
		return err
	}
	var took time.Duration
	err = eventually(ctx, stepLimit, func() (err error) { // it serves a moment before it says that it is ready
		took, err = m.restartTime(ctx)
		return err
	})
	if err == nil && took > 3*time.Second {
		err = fmt.Errorf("it was back after %s", took)
	}
	return err
}

// restartTime is from the end of the last process of the unit to the time when the present one was ready.
func (m *machine) restartTime(ctx context.Context) (time.Duration, error) {
	// systemd forgets when the last one ended as soon as there is a new one; the unit's way into "inactive" or into
	// waiting for the restart is kept.
	out, err := m.user(ctx, "systemctl", "--user", "show", "nervad",
		"--property=ActiveExitTimestampMonotonic,ActiveEnterTimestampMonotonic")
	if err != nil {
		return 0, err
	}
	stamps := map[string]time.Duration{}
	for _, line := range strings.Fields(out) {
		name, value, _ := strings.Cut(line, "=")
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return 0, err
		}
		stamps[name] = time.Duration(n) * time.Microsecond
	}
	took := stamps["ActiveEnterTimestampMonotonic"] - stamps["ActiveExitTimestampMonotonic"]
	if took <= 0 {
		return 0, errors.New("systemd has seen no restart: " + out)
	}
	return took, nil
}

// compositorKilled kills the compositor; the next one has another display, since somebody holds the old one's lock.
// nervad, the same as before, then finds a window in the new one and gives it the focus.
func (m *machine) compositorKilled(ctx context.Context) error {
	served, err := m.servedBy(ctx)
	if err != nil {
		return err
	}
	old := m.variable("WAYLAND_DISPLAY")
	// It has the lock as soon as the compositor that is killed lets go of it.
	if _, err := m.user(ctx, "systemd-run", "--user", "--quiet", "--collect", "flock", "--no-fork",
		"/run/user/1000/"+old+".lock", "sleep", "1000"); err != nil {
		return err
	}
	err = eventually(ctx, stepLimit, func() error {
		_, err := m.asRoot(ctx, "grep", "--quiet", "-e", "-> FLOCK", "/proc/locks")
		return err
	})
	if err != nil {
		return err
	}
	if _, err := m.asRoot(ctx, "pkill", "--signal", "KILL", "--exact", m.compositor.process); err != nil {
		return err
	}
	err = eventually(ctx, stepLimit, func() error {
		if err := m.meetCompositor(ctx); err != nil {
			return err
		}
		if m.variable("WAYLAND_DISPLAY") == old {
			return errors.New("the display is still " + old)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := m.focusBetween(ctx); err != nil {
		return err
	}
	now, err := m.servedBy(ctx)
	if err == nil && now != served {
		err = fmt.Errorf("nervad was process %s and is %s", served, now)
	}
	return err
}

func (m *machine) variable(name string) string {
	for _, v := range m.env {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

// focusBetween opens two windows and has nervad focus the one that isn't.
func (m *machine) focusBetween(ctx context.Context) error {
	for _, id := range []string{"left", "right"} {
		if _, err := m.terminal(ctx, id, "exec sleep 1000"); err != nil {
			return err
		}
	}
	if err := m.focused(ctx, "right"); err != nil {
		return err
	}
	var listed struct {
		Windows []struct {
			ID    string
			AppID string `json:"app_id"`
		}
	}
	if err := m.json(ctx, &listed, "nerva", "exec", "list_windows", "--input", "{}"); err != nil {
		return err
	}
	for _, w := range listed.Windows {
		if w.AppID == "left" {
			if _, err := m.user(ctx, "nerva", "exec", "focus_window", "--input", fmt.Sprintf(`{"id":%q}`, w.ID)); err != nil {
				return err
			}
		}
	}
	return m.focused(ctx, "left")
}

func (m *machine) focused(ctx context.Context, appID string) error {
	return eventually(ctx, stepLimit, func() error {
		all, err := m.compositor.windows(ctx, m)
		if err == nil && !slices.ContainsFunc(all, func(w window) bool { return w.Focused && w.AppID == appID }) {
			err = fmt.Errorf("%s has not the focus: %v", appID, all)
		}
		return err
	})
}

package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// timerRings sets a timer and then the computer's clock past it, as a sleep does: the kernel's monotonic clock stands still
// meanwhile. What is on the screen is told by the notification service.
func (m *machine) timerRings(ctx context.Context) error {
	if _, err := m.user(ctx, "nerva", "timer", "add", "zebra tea in 2 hours"); err != nil {
		return err
	}
	if shown, err := m.notifications(ctx); err != nil || strings.Contains(shown, "zebra tea") {
		return fmt.Errorf("before its time there is %.300q: %w", shown, err)
	}
	if _, err := m.asRoot(ctx, "date", "--set=+3 hours"); err != nil {
		return err
	}
	began := time.Now() // of another clock
	err := eventually(ctx, stepLimit, func() error {
		shown, err := m.notifications(ctx)
		if err == nil && (!strings.Contains(shown, "zebra tea") || !strings.Contains(shown, "Missed")) {
			err = fmt.Errorf("the screen has %.300q", shown)
		}
		return err
	})
	if took := time.Since(began); err == nil && took > 3*time.Second {
		err = fmt.Errorf("it took %s", took) // a look takes most of a second here
	}
	return err
}

// notifications are what the service shows now.
func (m *machine) notifications(ctx context.Context) (string, error) {
	return m.user(ctx, "busctl", "--user", "--json=short", "call", "org.freedesktop.Notifications", "/fr/emersion/Mako", "fr.emersion.Mako", "ListNotifications")
}

// unitFails lets a unit of the user's fail, of which nerva tells.
func (m *machine) unitFails(ctx context.Context) error {
	if _, err := m.user(ctx, "systemd-run", "--user", "--quiet", "--unit=zebra-crossing", "false"); err != nil {
		return err
	}
	return eventually(ctx, stepLimit, func() error {
		shown, err := m.notifications(ctx)
		if err == nil && !strings.Contains(shown, "zebra-crossing.service has failed") {
			err = fmt.Errorf("the screen has %.300q", shown)
		}
		return err
	})
}

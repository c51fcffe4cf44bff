package input

import (
	"context"
	"errors"
	"time"

	"nerva/core/api"
	"nerva/wayland/internal/wl"
)

// ext_idle_notifier_v1 and ext_idle_notification_v1 (ext-idle-notify-v1, version 2).
const (
	notifierGetIdle      = 1
	notifierGetInputIdle = 2 // since version 2
	notificationDestroy  = 0
	notificationIdled    = 0 // event
)

var (
	idleNotifier     = &wl.Interface{Name: "ext_idle_notifier_v1"}
	idleNotification = &wl.Interface{Name: "ext_idle_notification_v1"}
)

const (
	// pause is how long nothing must have come from keyboards and pointers.
	pause = 250 * time.Millisecond
	// userLimit bounds the wait for the user.
	userLimit = 3 * time.Second
)

var errBusy = api.Errorf(api.Busy, "you are typing or moving the pointer, and nothing was typed in between: take your hands off for a moment and try again")

// quiet waits until nothing has come from the user for a moment. In version 1 of the protocol that never seems to be
// while an application keeps the screen awake, so after a while it goes on.
func (d *display) quiet(ctx context.Context) error {
	if time.Since(d.acted) < 2*pause {
		return nil // what we do ourselves counts as the user's
	}
	notifier, request, limit := d.conn.BindFirst(idleNotifier, 2, 2, nil), uint16(notifierGetInputIdle), userLimit
	if notifier == nil {
		notifier, request, limit = d.conn.BindFirst(idleNotifier, 1, 1, nil), notifierGetIdle, 4*pause
	}
	if notifier == nil {
		return nil // it can't be seen, which doctor says
	}
	idle := false
	notification := notifier.Create(request, idleNotification, func(event uint16, _ *wl.Args) {
		idle = idle || event == notificationIdled
	}, wl.NewID{}, uint32(pause.Milliseconds()), d.seat)
	defer notifier.Destroy(0)
	defer notification.Destroy(notificationDestroy)
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := d.conn.Until(limited, func() bool { return idle })
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		if request == notifierGetIdle {
			return nil
		}
		return errBusy
	}
	return wl.Sentence(ctx, err)
}

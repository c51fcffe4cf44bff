package timers

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"nerva/core/desk"
	"nerva/core/when"
)

// Run rings what is due, and hears the answers, until ctx ends; it returns ctx's error.
func (k *Keeper) Run(ctx context.Context) error {
	events := make(chan desk.NotificationEvent)
	following := make(chan struct{})
	go func() {
		defer close(following)
		err := k.o.Notifier.Follow(ctx, func(e desk.NotificationEvent) {
			select {
			case events <- e:
			case <-ctx.Done():
			}
		})
		if ctx.Err() == nil {
			k.o.Log.Error("the buttons of timers do nothing; restart the daemon", "error", err)
		}
	}()
	defer func() { <-following }()
	if by, err := k.o.Notifier.Service(ctx); err == nil {
		// What an earlier service showed, before the computer was switched off for one, is shown no more.
		if err := k.unseen(ctx, by); err != nil {
			k.o.Log.Error("timers that nobody has answered are not shown again", "error", err)
		}
	}
	for ctx.Err() == nil {
		if err := k.turn(ctx); err != nil && ctx.Err() == nil {
			k.o.Log.Error("timers can't be rung", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-k.o.Alarm.Rings():
		case <-k.changed:
		case e := <-events:
			if err := k.answered(ctx, e); err != nil && ctx.Err() == nil {
				k.o.Log.Error("the answer to a timer was lost", "error", err)
			}
		}
	}
	return ctx.Err()
}

// turn rings what is due by now and sets the alarm for what comes next.
func (k *Keeper) turn(ctx context.Context) error {
	if err := k.begin(ctx); err != nil {
		return fmt.Errorf("take down what is due: %w", err)
	}
	ringing, err := k.rows(ctx, `WHERE ring != 0 ORDER BY ring, id`)
	if err != nil {
		return fmt.Errorf("find what is to ring: %w", err)
	}
	for _, r := range ringing {
		if err := k.tell(ctx, r); err != nil {
			k.o.Log.Warn("a timer rings once notifications can be shown", "timer", r.id, "error", err)
			break
		}
	}
	var next int64
	if err := k.db.QueryRowContext(ctx, `SELECT ifnull(min(due), 0) FROM timers WHERE due != 0`).Scan(&next); err != nil {
		return fmt.Errorf("find what is due next: %w", err)
	}
	return k.o.Alarm.Set(at(next))
}

// begin takes down what is to ring, and when it is due again. One that was due several times rings once.
func (k *Keeper) begin(ctx context.Context) error {
	now := k.o.Now()
	due, err := k.rows(ctx, `WHERE due != 0 AND due <= ?`, ms(now))
	if err != nil {
		return err
	}
	return k.within(ctx, func(tx *sql.Tx) error {
		for _, r := range due {
			var next time.Time
			if r.every != "" {
				if next, err = when.Next(r.every, r.due, now); err != nil {
					k.o.Log.Error("a timer is not repeated any more", "timer", r.id, "error", err)
				}
			}
			if _, err := tx.ExecContext(ctx, `UPDATE timers SET ring = due, due = ? WHERE id = ? AND due = ?`, ms(next), r.id, ms(r.due)); err != nil {
				return err
			}
		}
		const old = `DELETE FROM timers WHERE due = 0 AND ring = 0 AND shown = 0 AND rang <= ?`
		_, err := tx.ExecContext(ctx, old, ms(now.Add(-kept)))
		return err
	})
}

// tell shows one that rings, in the place of what is shown of it, and takes down that it did.
func (k *Keeper) tell(ctx context.Context, r row) error {
	shown, err := k.o.Notifier.Notify(ctx, r.notification(k.o.Now()))
	if err != nil {
		return err
	}
	const told = `UPDATE timers SET rang = ring, ring = 0, shown = ?, shown_by = ? WHERE id = ? AND ring = ?`
	done, err := k.db.ExecContext(ctx, told, shown.ID, shown.By, r.id, ms(r.ring))
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return k.o.Notifier.Retract(ctx, shown) // it was cancelled meanwhile
}

// The buttons. The first is the notification itself.
const (
	actionDone   = "default"
	actionSnooze = "snooze"
)

func (r row) notification(now time.Time) desk.Notification {
	n := desk.Notification{
		Title: r.text, Icon: "alarm-symbolic", Stays: true, Replaces: r.shown, Tag: fmt.Sprintf("nerva-timer-%d", r.id),
		Actions: []desk.NotificationAction{
			{ID: actionDone, Title: "Done"}, {ID: actionSnooze, Title: fmt.Sprintf("Again in %d minutes", int(snooze.Minutes()))},
		},
	}
	clock := r.ring.In(now.Location())
	switch {
	case now.Sub(r.ring) < late:
		n.Body = clock.Format("15:04")
	case clock.Format(time.DateOnly) == now.Format(time.DateOnly):
		n.Body = "Missed: it was due at " + clock.Format("15:04")
	default:
		n.Body = "Missed: it was due on " + clock.Format("Monday 2 January at 15:04")
	}
	if r.every != "" {
		n.Body += " · every " + when.Words(r.every)
	}
	return n
}

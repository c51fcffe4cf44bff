package timers

import (
	"context"
	"database/sql"

	"nerva/core/desk"
)

// answered takes what became of a notification. Those of others are none of ours.
func (k *Keeper) answered(ctx context.Context, e desk.NotificationEvent) error {
	if e.Kind == desk.ServiceCame {
		return k.unseen(ctx, "")
	}
	found, err := k.rows(ctx, `WHERE shown = ? AND shown_by = ? AND shown != 0`, e.Shown.ID, e.Shown.By)
	if err != nil || len(found) == 0 {
		return err
	}
	r := found[0]
	switch {
	case e.Kind == desk.Invoked && e.Action == actionSnooze:
		err = k.again(ctx, r)
	case e.Kind == desk.Gone || r.every != "":
		_, err = k.db.ExecContext(ctx, `UPDATE timers SET shown = 0, shown_by = '' WHERE id = ?`, r.id)
	default:
		_, _, err = k.remove(ctx, r.id)
	}
	if err == nil && e.Kind == desk.Invoked {
		err = k.o.Notifier.Retract(ctx, e.Shown) // not every service takes one away whose button was pressed
	}
	return err
}

// unseen lets ring again what is on no screen any more and nobody has answered: what another service than this one showed.
func (k *Keeper) unseen(ctx context.Context, by string) error {
	_, err := k.db.ExecContext(ctx, `UPDATE timers SET ring = rang, shown = 0, shown_by = '' WHERE shown != 0 AND ring = 0 AND shown_by != ?`, by)
	return err
}

// again lets one ring a little later. One that is repeated keeps its own times.
func (k *Keeper) again(ctx context.Context, r row) error {
	due := ms(k.o.Now().Add(snooze))
	return k.within(ctx, func(tx *sql.Tx) error {
		if r.every == "" {
			_, err := tx.ExecContext(ctx, `UPDATE timers SET due = ?, shown = 0, shown_by = '' WHERE id = ?`, due, r.id)
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE timers SET shown = 0, shown_by = '' WHERE id = ?`, r.id); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO timers (due, every, text) VALUES (?, '', ?)`, due, r.text)
		return err
	})
}

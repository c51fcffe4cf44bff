package timers

import (
	"context"
	"database/sql"

	"nerva/core/when"
)

// Declared is a timer of the configuration. Every is a rule of core/when.
type Declared struct{ Name, Every, Text string }

// Declare makes the timers of the configuration these: one that is as it was goes on as it is, one that has changed begins
// anew, and one that is gone is forgotten.
func (k *Keeper) Declare(ctx context.Context, declared []Declared) error {
	before, err := k.rows(ctx, `WHERE name != ''`)
	if err != nil {
		return failed("read the timers", err)
	}
	now := k.o.Now()
	gone := map[string]row{}
	for _, r := range before {
		gone[r.name] = r
	}
	err = k.within(ctx, func(tx *sql.Tx) error {
		for _, d := range declared {
			old, known := gone[d.Name]
			delete(gone, d.Name)
			if known && old.every == d.Every && old.text == d.Text {
				continue
			}
			due, err := when.Next(d.Every, now, now)
			if err != nil {
				return err
			}
			if known {
				_, err = tx.ExecContext(ctx, `UPDATE timers SET due = ?, every = ?, text = ? WHERE id = ?`, ms(due), d.Every, d.Text, old.id)
			} else {
				_, err = tx.ExecContext(ctx, `INSERT INTO timers (due, every, text, name) VALUES (?, ?, ?, ?)`, ms(due), d.Every, d.Text, d.Name)
			}
			if err != nil {
				return err
			}
		}
		for _, r := range gone {
			if _, err := tx.ExecContext(ctx, `DELETE FROM timers WHERE id = ?`, r.id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return failed("take over the timers of the configuration", err)
	}
	k.wake()
	for _, r := range gone {
		k.retract(ctx, r.id, r.shown)
	}
	return nil
}

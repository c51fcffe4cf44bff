package timers

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
)

var versions = []string{`
CREATE TABLE timers (
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: a notification that is shown means the one it meant
	due INTEGER NOT NULL, -- milliseconds since 1970; 0: not any more
	every TEXT NOT NULL, -- a rule of core/when; empty: once
	text TEXT NOT NULL,
	ring INTEGER NOT NULL DEFAULT 0, -- the time that is to be told of; 0: none, or it was
	rang INTEGER NOT NULL DEFAULT 0, -- the time that was told of last
	shown INTEGER NOT NULL DEFAULT 0, shown_by TEXT NOT NULL DEFAULT '' -- the notification that nobody has answered
);
CREATE INDEX timers_due ON timers (due);
CREATE INDEX timers_shown ON timers (shown, shown_by);
`, `
ALTER TABLE timers ADD COLUMN name TEXT NOT NULL DEFAULT ''; -- of one of the configuration
`}

// row is a row of the table. A time that is not there is zero.
type row struct {
	id              int64
	due, ring, rang time.Time
	every, text     string
	name            string // of one of the configuration
	shown           desk.Shown
}

// rows gives those that a condition or an order names.
func (k *Keeper) rows(ctx context.Context, rest string, args ...any) (list []row, err error) {
	found, err := k.db.QueryContext(ctx, `SELECT id, due, every, text, ring, rang, shown, shown_by, name FROM timers `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	for found.Next() {
		var r row
		var due, ring, rang int64
		if err := found.Scan(&r.id, &due, &r.every, &r.text, &ring, &rang, &r.shown.ID, &r.shown.By, &r.name); err != nil {
			return nil, err
		}
		r.due, r.ring, r.rang = at(due), at(ring), at(rang)
		list = append(list, r)
	}
	return list, found.Err()
}

func at(milliseconds int64) time.Time {
	if milliseconds == 0 {
		return time.Time{}
	}
	return time.UnixMilli(milliseconds)
}

func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func (k *Keeper) insert(ctx context.Context, r row) (id int64, err error) {
	err = k.within(ctx, func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM timers`).Scan(&n); err != nil {
			return err
		}
		if n >= maxTimers {
			return api.Errorf(api.Busy, "there are %d timers already; cancel some first", n)
		}
		const add = `INSERT INTO timers (due, every, text) VALUES (?, ?, ?) RETURNING id`
		return tx.QueryRowContext(ctx, add, ms(r.due), r.every, r.text).Scan(&id)
	})
	return id, err
}

// remove forgets one that was not declared.
func (k *Keeper) remove(ctx context.Context, id int64) (shown desk.Shown, found bool, err error) {
	err = k.db.QueryRowContext(ctx, `DELETE FROM timers WHERE id = ? AND name = '' RETURNING shown, shown_by`, id).Scan(&shown.ID, &shown.By)
	if errors.Is(err, sql.ErrNoRows) {
		return desk.Shown{}, false, nil
	}
	return shown, err == nil, err
}

// within runs one transaction.
func (k *Keeper) within(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := k.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // fails only where it is committed
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

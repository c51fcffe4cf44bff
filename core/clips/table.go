package clips

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
)

var versions = []string{`
CREATE TABLE clips (
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: a result that is on the screen means the one it meant
	key BLOB NOT NULL UNIQUE, -- SHA-256 of the form that it is known by
	moved INTEGER NOT NULL UNIQUE, -- counts up: the order in which they were copied last, whatever the clock says
	time INTEGER NOT NULL, -- milliseconds since 1970
	title TEXT NOT NULL, text TEXT NOT NULL, type TEXT NOT NULL, app TEXT NOT NULL, bytes INTEGER NOT NULL
);
CREATE TABLE clip_forms (
	clip INTEGER NOT NULL REFERENCES clips ON DELETE CASCADE,
	place INTEGER NOT NULL, type TEXT NOT NULL, data BLOB NOT NULL,
	PRIMARY KEY (clip, place)
);
`}

// add remembers an entry, as the newest. What was remembered of the same content gives way, and keeps its id.
func (k *Keeper) add(ctx context.Context, e Entry, forms []desk.Form) error {
	key := sha256.Sum256(slices.Concat([]byte(e.Type), []byte{0}, forms[0].Data))
	err := k.changing(ctx, func(tx *sql.Tx) error {
		const set = `INSERT INTO clips (key, moved, time, title, text, type, app, bytes)
			VALUES (?1, (SELECT 1 + ifnull(max(moved), 0) FROM clips), ?2, ?3, ?4, ?5, ?6, ?7)
			ON CONFLICT (key) DO UPDATE SET moved = excluded.moved, time = excluded.time, app = excluded.app, bytes = excluded.bytes
			RETURNING id`
		var id int64
		err := tx.QueryRowContext(ctx, set, key[:], e.Time.UnixMilli(), e.Title, e.Text, e.Type, e.App, e.Bytes).Scan(&id)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM clip_forms WHERE clip = ?`, id); err != nil {
			return err
		}
		for place, f := range forms {
			if _, err := tx.ExecContext(ctx, `INSERT INTO clip_forms VALUES (?, ?, ?, ?)`, id, place, f.Type, f.Data); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store what was copied: %w", err)
	}
	return nil
}

// Forget forgets one entry; one that is not there is forgotten already.
func (k *Keeper) Forget(ctx context.Context, id int64) error {
	return k.forget(ctx, `DELETE FROM clips WHERE id = ?`, id)
}

// Clear forgets all entries. What is on the clipboard stays there.
func (k *Keeper) Clear(ctx context.Context) error { return k.forget(ctx, `DELETE FROM clips`) }

// Trim forgets what is beyond the limits in force: all of it where they want no history.
func (k *Keeper) Trim(ctx context.Context) error { return k.forget(ctx, ``) }

func (k *Keeper) forget(ctx context.Context, statement string, args ...any) error {
	err := k.changing(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, statement, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget what was copied: %w", err)
	}
	return nil
}

// changing makes a change and brings the table within the limits, as one, and tells what there is then.
func (k *Keeper) changing(ctx context.Context, change func(tx *sql.Tx) error) error {
	k.change.Lock()
	defer k.change.Unlock()
	tx, err := k.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := change(tx); err != nil {
		return err
	}
	if err := trim(ctx, tx, k.o.Limits(), k.now()); err != nil {
		return err
	}
	list, err := entries(ctx, tx)
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	k.o.Changed(list)
	return nil
}

func trim(ctx context.Context, tx *sql.Tx, l Limits, now time.Time) error {
	if !l.History {
		l = Limits{}
	}
	var oldest int64
	if l.Age > 0 {
		oldest = now.Add(-l.Age).UnixMilli()
	}
	const beyond = `DELETE FROM clips WHERE time < ?1 OR id IN (
		SELECT id FROM (SELECT id, row_number() OVER newest AS place, sum(bytes) OVER newest AS total FROM clips
			WINDOW newest AS (ORDER BY moved DESC))
		WHERE place > ?2 OR total > ?3)`
	_, err := tx.ExecContext(ctx, beyond, oldest, l.Entries, l.Bytes)
	return err
}

func entries(ctx context.Context, tx *sql.Tx) ([]Entry, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, title, text, type, app, bytes, time FROM clips ORDER BY moved DESC`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var list []Entry
	for rows.Next() {
		var e Entry
		var ms int64
		if err := rows.Scan(&e.ID, &e.Title, &e.Text, &e.Type, &e.App, &e.Bytes, &ms); err != nil {
			return nil, err
		}
		e.Time = time.UnixMilli(ms)
		list = append(list, e)
	}
	return list, rows.Err()
}

// forms gives the forms of an entry, in their order.
func (k *Keeper) forms(ctx context.Context, id int64) ([]desk.Form, error) {
	rows, err := k.db.QueryContext(ctx, `SELECT type, data FROM clip_forms WHERE clip = ? ORDER BY place`, id)
	if err != nil {
		return nil, fmt.Errorf("read what was copied: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var forms []desk.Form
	for rows.Next() {
		var f desk.Form
		if err := rows.Scan(&f.Type, &f.Data); err != nil {
			return nil, fmt.Errorf("read what was copied: %w", err)
		}
		forms = append(forms, f)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read what was copied: %w", err)
	}
	if len(forms) == 0 {
		return nil, api.Errorf(api.NotFound, "that is not remembered any more; search for it again")
	}
	return forms, nil
}

// Package store opens nerva's SQLite databases: the one in the state folder, and those that can be made anew. It owns the
// file, its permissions and its pragmas; the tables belong to the packages that use them (core/audit, core/frecency), which
// create them with Migrate. It must not know what the tables mean.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"; pure Go, so that nervad needs no cgo
)

// Open opens or creates the database at path, its folder 0700 and the file 0600. There is one connection:
// SQLite has one writer anyway, and a second one that writes would only add a lock to wait for.
//
// synchronous=FULL makes a committed transaction durable, which the audit log promises
// (https://www.sqlite.org/pragma.html#pragma_synchronous); WAL alone would lose the last ones in a power cut.
// secure_delete=ON overwrites what is deleted, since some of it is deleted so that nobody finds it.
func Open(ctx context.Context, path string) (*sql.DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("create the folder of the database: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db, err := connect(path, url.Values{"_pragma": {
		"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)", "foreign_keys(1)", "cache_size(-512)", "secure_delete(1)",
	}})
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open the database %s: %w; move it away to start with an empty one", path, err)
	}
	return db, nil
}

// OpenReader opens a second connection to a database that Open has opened, for somebody who must not wait until a transaction
// has ended: with a WAL neither the writer nor the reader waits for the other, and what is read is what was committed last
// (https://www.sqlite.org/wal.html#concurrency). Close it before the other one.
func OpenReader(ctx context.Context, path string) (*sql.DB, error) {
	db, err := connect(path, url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(20)", "cache_size(-512)"}})
	if err != nil {
		return nil, fmt.Errorf("open the database for reading: %w", err)
	}
	if err := db.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("open the database %s for reading: %w", path, errors.Join(err, db.Close()))
	}
	return db, nil
}

func connect(path string, query url.Values) (*sql.DB, error) {
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String())
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// Migrate runs the statements of one package that its version counter has not seen yet, each version in
// one transaction. Statements are only ever appended to.
func Migrate(ctx context.Context, db *sql.DB, name string, versions []string) error {
	const table = `CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, version INTEGER NOT NULL)`
	if _, err := db.ExecContext(ctx, table); err != nil {
		return fmt.Errorf("migrate %s: %w", name, err)
	}
	var have int
	err := db.QueryRowContext(ctx, `SELECT version FROM migrations WHERE name = ?`, name).Scan(&have)
	if err != nil && err != sql.ErrNoRows {
		return fmt.Errorf("migrate %s: %w", name, err)
	}
	for v := have; v < len(versions); v++ {
		if err := step(ctx, db, name, v+1, versions[v]); err != nil {
			return fmt.Errorf("migrate %s to version %d: %w", name, v+1, err)
		}
	}
	return nil
}

func step(ctx context.Context, db *sql.DB, name string, version int, statements string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, statements); err != nil {
		return err
	}
	const set = `INSERT INTO migrations VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET version = excluded.version`
	if _, err := tx.ExecContext(ctx, set, name, version); err != nil {
		return err
	}
	return tx.Commit()
}

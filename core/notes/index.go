package notes

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"nerva/core/store"
)

// format is what the tables below mean, and what is written into them; another one's index is made anew.
const format = 2

// The words are indexed as words gives them, so the tokenizer has only spaces to see. Nothing of the text is kept that way
// but its words: it is in the notes.
//
// https://www.sqlite.org/fts5.html
const tables = `
CREATE TABLE about (format INTEGER NOT NULL, folder TEXT NOT NULL);
CREATE TABLE note (
	id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, title TEXT NOT NULL, tags TEXT NOT NULL, modified INTEGER NOT NULL,
	state TEXT NOT NULL, skip INTEGER NOT NULL
);
CREATE TABLE tag (name TEXT NOT NULL, note INTEGER NOT NULL, PRIMARY KEY (name, note)) WITHOUT ROWID;
CREATE TABLE link (target TEXT NOT NULL, note INTEGER NOT NULL, PRIMARY KEY (target, note)) WITHOUT ROWID;
CREATE INDEX tag_note ON tag (note);
CREATE INDEX link_note ON link (note);
CREATE VIRTUAL TABLE words USING fts5 (title, tags, body, content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '1 2 3');
`

// index is the open index, and what it knows of each file. It may be used by one goroutine at a time, and its reader by any.
type index struct {
	db     *sql.DB
	known  map[string]entry // by path within the folder
	reader *reader
}

// entry is one file, as it was when its words were read.
type entry struct {
	id    int64
	note  Note
	state string // empty: read it again
	skip  bool   // not a note
}

// openIndex opens the index of the folder dir at path. What is broken there, or another folder's, is thrown away. Where
// nothing can be kept at path the index is in memory.
func openIndex(ctx context.Context, path, dir string, log *slog.Logger) (*index, error) {
	ix, err := loadIndex(ctx, path, dir)
	if err != nil && ctx.Err() == nil {
		log.Warn("the index of the notes is made anew", "path", path, "reason", err)
		if err = discard(path); err == nil {
			ix, err = loadIndex(ctx, path, dir)
		}
	}
	if err != nil && ctx.Err() == nil {
		log.Warn("the index of the notes is kept in memory only; make its folder writable", "path", path, "error", err)
		return memoryIndex(ctx, dir)
	}
	return ix, err
}

func loadIndex(ctx context.Context, path, dir string) (*index, error) {
	db, err := store.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return readIndex(ctx, db, dir, func() (*reader, error) { return openReader(ctx, path) })
}

func memoryIndex(ctx context.Context, dir string) (*index, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // each has a database of its own
	return readIndex(ctx, db, dir, func() (*reader, error) { return newReader(ctx, db) })
}

func readIndex(ctx context.Context, db *sql.DB, dir string, open func() (*reader, error)) (*index, error) {
	ix := &index{db: db, known: map[string]entry{}}
	err := ix.check(ctx, dir)
	if err == nil {
		err = ix.load(ctx)
	}
	if err == nil {
		ix.reader, err = open()
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return ix, nil
}

// check makes the tables in an empty file, and refuses one that is not sound or not of this folder.
func (ix *index) check(ctx context.Context, dir string) error {
	var n int
	if err := ix.db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master`).Scan(&n); err != nil {
		return err
	}
	if n == 0 {
		tx, err := ix.db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		if _, err = tx.ExecContext(ctx, tables); err == nil {
			_, err = tx.ExecContext(ctx, `INSERT INTO about VALUES (?, ?)`, format, dir)
		}
		return errors.Join(err, tx.Commit())
	}
	var sound, folder string
	if err := ix.db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&sound); err != nil {
		return err
	}
	err := ix.db.QueryRowContext(ctx, `SELECT format, folder FROM about`).Scan(&n, &folder)
	switch {
	case err != nil:
		return err
	case sound != "ok":
		return errors.New(sound)
	case n != format || folder != dir:
		return fmt.Errorf("it is of %s, in format %d", folder, n)
	}
	return nil
}

func (ix *index) load(ctx context.Context) error {
	rows, err := ix.db.QueryContext(ctx, `SELECT id, path, title, tags, modified, state, skip FROM note`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var e entry
		var rel, title, tags string
		var modified int64
		if err := rows.Scan(&e.id, &rel, &title, &tags, &modified, &e.state, &e.skip); err != nil {
			return err
		}
		if e.note, err = indexed("", title, tags, modified); err != nil {
			return err
		}
		ix.known[rel] = e
	}
	return rows.Err()
}

// indexed is a note as the index has it.
func indexed(path, title, tags string, modified int64) (Note, error) {
	n := Note{Path: path, Title: title, Modified: time.Unix(0, modified)}
	return n, json.Unmarshal([]byte(tags), &n.Tags)
}

func (ix *index) close() error {
	return errors.Join(ix.reader.db.Close(), ix.db.Close()) // in memory they are one
}

// discard removes an index.
func discard(path string) error {
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// broken says that an error is the index's own, which another one would not have.
func broken(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff { // the rest is the extended code
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR,
		sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT: // the last where somebody else has written into it
		return true
	}
	return false
}

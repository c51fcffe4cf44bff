package notes

import (
	"context"
	"database/sql"
	"errors"

	"nerva/core/store"
)

// reader asks the index beside the one whose turn it is, who may be busy for seconds. Any goroutine may use it.
type reader struct {
	db    *sql.DB
	words *sql.Stmt // for queries without tags, which nearly all are
}

// openReader has a connection of its own to the index at path.
func openReader(ctx context.Context, path string) (*reader, error) {
	db, err := store.OpenReader(ctx, path)
	if err != nil {
		return nil, err
	}
	r, err := newReader(ctx, db)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return r, nil
}

func newReader(ctx context.Context, db *sql.DB) (*reader, error) {
	statement, _ := query{words: []string{""}}.newest(0)
	words, err := db.PrepareContext(ctx, statement)
	return &reader{db, words}, err
}

// newest is a statement for the notes that fit what has been typed of q, the newest first. Their rank would be better than
// their date, and takes ten times as long where a beginning is one of many words.
func (q query) newest(limit int) (statement string, args []any) {
	from, args := q.fits(q.typed())
	return `SELECT path, note.title, note.tags, modified FROM note` + from + ` ORDER BY modified DESC, path LIMIT ?`, append(args, limit)
}

// newest gives notes with their paths within the folder.
func (r *reader) newest(ctx context.Context, q query, limit int) ([]Note, error) {
	statement, args := q.newest(limit)
	var rows *sql.Rows
	var err error
	if len(q.tags) == 0 {
		rows, err = r.words.QueryContext(ctx, args...)
	} else {
		rows, err = r.db.QueryContext(ctx, statement, args...)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var list []Note
	for rows.Next() {
		var rel, title, tags string
		var modified int64
		if err := rows.Scan(&rel, &title, &tags, &modified); err != nil {
			return nil, err
		}
		n, err := indexed(rel, title, tags, modified)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, rows.Err()
}

package notes

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// portion is how many files go into one transaction: as many as are lost by a crash, and are held in memory.
const portion = 200

// update writes into the index what became of files. Its end is finish or undo.
type update struct {
	ix   *index
	tx   *sql.Tx // nil: nothing is pending
	puts map[string]entry
	gone []string
}

func (ix *index) update() *update { return &update{ix: ix, puts: map[string]entry{}} }

// put notes a file as it was read; text is empty where it is no note.
func (u *update) put(ctx context.Context, rel string, e entry, text string) error {
	if err := u.begin(ctx); err != nil {
		return err
	}
	var err error
	if e.id, err = u.id(ctx, rel, e); err != nil {
		return fmt.Errorf("index the note %s: %w", rel, err)
	}
	if _, old := u.ix.known[rel]; old {
		if err := u.clear(ctx, e.id); err != nil {
			return fmt.Errorf("index the note %s: %w", rel, err)
		}
	}
	if !e.skip {
		if err := u.fill(ctx, rel, e, text); err != nil {
			return fmt.Errorf("index the note %s: %w", rel, err)
		}
	}
	u.puts[rel] = e
	if len(u.puts) >= portion {
		return u.finish()
	}
	return nil
}

// id writes the file's row. It is an INSERT or an UPDATE and no upsert: at the beginning of a statement that SQLite may have to
// undo alone, all words that wait are written to the disk.
func (u *update) id(ctx context.Context, rel string, e entry) (id int64, err error) {
	tags, err := json.Marshal(e.note.Tags)
	if err != nil {
		return 0, err
	}
	values := []any{e.note.Title, string(tags), e.note.Modified.UnixNano(), e.state, e.skip}
	if old, ok := u.ix.known[rel]; ok {
		const update = `UPDATE note SET title = ?, tags = ?, modified = ?, state = ?, skip = ? WHERE id = ?`
		_, err := u.tx.ExecContext(ctx, update, append(values, old.id)...)
		return old.id, err
	}
	const insert = `INSERT INTO note (title, tags, modified, state, skip, path) VALUES (?, ?, ?, ?, ?, ?)`
	result, err := u.tx.ExecContext(ctx, insert, append(values, rel)...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// clear takes out what was found by the file's text.
func (u *update) clear(ctx context.Context, id int64) error {
	for _, statement := range []string{
		`DELETE FROM tag WHERE note = ?`, `DELETE FROM link WHERE note = ?`, `DELETE FROM words WHERE rowid = ?`,
	} {
		if _, err := u.tx.ExecContext(ctx, statement, id); err != nil {
			return err
		}
	}
	return nil
}

func (u *update) fill(ctx context.Context, rel string, e entry, text string) error {
	_, body := split(text)
	_, err := u.tx.ExecContext(ctx, `INSERT INTO words (rowid, title, tags, body) VALUES (?, ?, ?, ?)`,
		e.id, words(e.note.Title), words(strings.Join(e.note.Tags, " ")), words(body))
	if err != nil {
		return err
	}
	for _, name := range e.note.Tags {
		if _, err := u.tx.ExecContext(ctx, `INSERT OR IGNORE INTO tag VALUES (?, ?)`, fold(name), e.id); err != nil {
			return err
		}
	}
	for _, target := range links(text, rel) {
		if _, err := u.tx.ExecContext(ctx, `INSERT OR IGNORE INTO link VALUES (?, ?)`, target, e.id); err != nil {
			return err
		}
	}
	return nil
}

// drop takes a file out that is gone.
func (u *update) drop(ctx context.Context, rel string) error {
	if err := u.begin(ctx); err != nil {
		return err
	}
	id := u.ix.known[rel].id
	if err := u.clear(ctx, id); err != nil {
		return err
	}
	if _, err := u.tx.ExecContext(ctx, `DELETE FROM note WHERE id = ?`, id); err != nil {
		return err
	}
	u.gone = append(u.gone, rel)
	return nil
}

func (u *update) begin(ctx context.Context) (err error) {
	if u.tx == nil {
		u.tx, err = u.ix.db.BeginTx(ctx, nil)
	}
	return err
}

// finish makes what was put and dropped known.
func (u *update) finish() error {
	if u.tx == nil {
		return nil
	}
	if err := u.tx.Commit(); err != nil {
		return fmt.Errorf("write the index of the notes: %w", errors.Join(err, u.undo()))
	}
	for rel, e := range u.puts {
		u.ix.known[rel] = e
	}
	for _, rel := range u.gone {
		delete(u.ix.known, rel)
	}
	*u = *u.ix.update()
	return nil
}

// undo gives up what is pending.
func (u *update) undo() error {
	if u.tx == nil {
		return nil
	}
	err := u.tx.Rollback()
	*u = *u.ix.update()
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

package session

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"nerva/core/api"
	"nerva/core/store"
)

const (
	keepRuns  = 1000
	keepBytes = 4 << 10 // of each input and output of a run that is over
	saveLimit = 5 * time.Second
)

// AUTOINCREMENT never gives a number twice, so that a run of the audit log stays the same one for ever.
var versions = []string{`
CREATE TABLE runs (
	id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, -- nanoseconds since 1970
	prompt TEXT NOT NULL, state TEXT NOT NULL, answer TEXT NOT NULL, caller TEXT NOT NULL, steps TEXT NOT NULL
)`, `ALTER TABLE runs ADD COLUMN seq INTEGER NOT NULL DEFAULT 0`}

// history is the table of runs. It has no state of its own; any goroutine may use it.
type history struct {
	db     *sql.DB
	redact func(json []byte) []byte
}

// openHistory also ends the runs that a daemon left open when it died: they are never taken up again.
func openHistory(ctx context.Context, db *sql.DB, redact func([]byte) []byte) (*history, error) {
	if err := store.Migrate(ctx, db, "session", versions); err != nil {
		return nil, err
	}
	_, err := db.ExecContext(ctx, `UPDATE runs SET state = ?, answer = ? WHERE state NOT IN (?, ?, ?)`, api.FailedRun,
		"nerva stopped in the middle of this run; look in nerva log what it did, and ask again.",
		api.Done, api.FailedRun, api.CancelledRun)
	if err != nil {
		return nil, fmt.Errorf("open the history of runs: %w", err)
	}
	return &history{db, redact}, nil
}

// begin gives a new run its number.
func (h *history) begin(ctx context.Context, r api.Run) (uint64, error) {
	res, err := h.db.ExecContext(ctx, `INSERT INTO runs (time, prompt, state, answer, caller, steps) VALUES (?, ?, ?, '', ?, '[]')`,
		r.Time.UnixNano(), r.Prompt, r.State, r.Caller)
	if err != nil {
		return 0, fmt.Errorf("write the run: %w", err)
	}
	id, err := res.LastInsertId()
	if err != nil {
		return 0, fmt.Errorf("write the run: %w", err)
	}
	return uint64(id), nil
}

// finish keeps a run that is over, and lets the oldest ones go.
func (h *history) finish(r api.Run) error {
	ctx, cancel := context.WithTimeout(context.Background(), saveLimit)
	defer cancel()
	for i := range r.Steps {
		r.Steps[i].Input, r.Steps[i].Output = h.brief(r.Steps[i].Input), h.brief(r.Steps[i].Output)
		r.Steps[i].Error = h.sentence(r.Steps[i].Error)
	}
	steps, err := json.Marshal(r.Steps)
	if err != nil {
		return fmt.Errorf("write the run's steps: %w", err)
	}
	if _, err := h.db.ExecContext(ctx, `UPDATE runs SET state = ?, answer = ?, steps = ?, seq = ? WHERE id = ?`,
		r.State, r.Answer, string(steps), r.Seq, r.ID); err != nil {
		return fmt.Errorf("write the run's end: %w", err)
	}
	if _, err := h.db.ExecContext(ctx, `DELETE FROM runs WHERE id <= ?`, int64(r.ID)-keepRuns); err != nil {
		return fmt.Errorf("remove the oldest runs: %w", err)
	}
	return nil
}

// brief leaves out what is secret or long.
func (h *history) brief(value json.RawMessage) json.RawMessage {
	if len(value) == 0 {
		return nil
	}
	if len(value) <= keepBytes {
		return h.redact(value)
	}
	return json.RawMessage(fmt.Sprintf(`{"note":"%d bytes, not kept"}`, len(value)))
}

// sentence is an error without secrets.
func (h *history) sentence(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil || text == "" {
		return ""
	}
	var clean string
	if err := json.Unmarshal(h.redact(quoted), &clean); err != nil {
		return ""
	}
	return clean
}

// list gives the newest runs first, without their steps.
func (h *history) list(ctx context.Context, limit int) ([]api.Run, error) {
	if limit <= 0 {
		limit = -1 // SQLite's word for no limit
	}
	rows, err := h.db.QueryContext(ctx, `SELECT id, time, prompt, state, answer, caller, seq FROM runs ORDER BY id DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("read the history of runs: %w", err)
	}
	defer func() { _ = rows.Close() }()
	list := []api.Run{}
	for rows.Next() {
		var r api.Run
		var at int64
		if err := rows.Scan(&r.ID, &at, &r.Prompt, &r.State, &r.Answer, &r.Caller, &r.Seq); err != nil {
			return nil, fmt.Errorf("read the history of runs: %w", err)
		}
		r.Time = time.Unix(0, at)
		list = append(list, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the history of runs: %w", err)
	}
	return list, nil
}

// load gives one run with its steps.
func (h *history) load(ctx context.Context, id uint64) (api.Run, error) {
	r := api.Run{ID: id}
	var at int64
	var steps string
	err := h.db.QueryRowContext(ctx, `SELECT time, prompt, state, answer, caller, seq, steps FROM runs WHERE id = ?`, int64(id)).
		Scan(&at, &r.Prompt, &r.State, &r.Answer, &r.Caller, &r.Seq, &steps)
	if errors.Is(err, sql.ErrNoRows) {
		return api.Run{}, api.Errorf(api.NotFound, "there is no run %d; nerva runs lists those that are kept", id)
	}
	if err != nil {
		return api.Run{}, fmt.Errorf("read run %d: %w", id, err)
	}
	r.Time = time.Unix(0, at)
	if err := json.Unmarshal([]byte(steps), &r.Steps); err != nil {
		return api.Run{}, fmt.Errorf("read the steps of run %d: %w", id, err)
	}
	return r, nil
}

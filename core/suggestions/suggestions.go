// Package suggestions keeps what watchers' rules offer until a person has accepted or dismissed it, and learns from that
// which rules to hear less of.
//
// A Store owns the tables suggestions and suggestion_rules of nerva's database, which any goroutine may use. What is
// suggested lies on the disk with what it was made of, a copied text for one, for a day at most. The package must not know
// how an action is done, nor who is shown what.
package suggestions

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"nerva/core/api"
	"nerva/core/store"
	"nerva/core/watchers"
)

const (
	// Lifetime is how long a suggestion is there.
	Lifetime = 24 * time.Hour
	// Most is how many there are; the oldest give way.
	Most = 50
)

var versions = []string{`
CREATE TABLE suggestions (
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: who accepts one means what it has read
	key BLOB NOT NULL UNIQUE, -- SHA-256 of the rule and the event's text
	time INTEGER NOT NULL, -- milliseconds since 1970
	rule TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, outcome TEXT NOT NULL
);
CREATE TABLE suggestion_rules (
	rule TEXT PRIMARY KEY,
	dismissed INTEGER NOT NULL, -- in a row
	until INTEGER NOT NULL -- silent until then, milliseconds since 1970; 0: not silent, -1: for good
) WITHOUT ROWID;
`}

// Store keeps suggestions. Its methods may be called from any goroutine.
type Store struct {
	db  *sql.DB
	now func() time.Time
}

// Open creates the tables where they are missing. The caller closes db after the last use of the store.
func Open(ctx context.Context, db *sql.DB) (*Store, error) { return open(ctx, db, time.Now) }

func open(ctx context.Context, db *sql.DB, now func() time.Time) (*Store, error) {
	if err := store.Migrate(ctx, db, "suggestions", versions); err != nil {
		return nil, err
	}
	s := &Store{db, now}
	return s, s.changing(ctx, func(*sql.Tx) error { return nil }) // what is too old by now goes
}

// Find gives what a suggestion is to do, and leaves it as it is.
func (s *Store) Find(ctx context.Context, id string) (o watchers.Outcome, err error) {
	o, _, err = find(ctx, s.db, `CAST(id AS TEXT) = ?`, id)
	return o, sentence(id, err)
}

// Keep forgets the suggestions of all rules but these.
func (s *Store) Keep(ctx context.Context, rules []string) error {
	names, err := json.Marshal(append([]string{}, rules...))
	if err != nil {
		return err
	}
	return s.changing(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM suggestions WHERE rule NOT IN (SELECT value FROM json_each(?))`, string(names))
		return err
	})
}

// ForgetSource forgets what events of a source suggested.
func (s *Store) ForgetSource(ctx context.Context, source string) error {
	return s.changing(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM suggestions WHERE json_extract(outcome, '$.source') = ?`, source)
		return err
	})
}

// actions are what can be done with a suggestion; see Accept, Dismiss and Never.
var actions = []api.Action{{ID: api.ActionAccept, Title: "Accept"}, {ID: api.ActionDismiss, Title: "Dismiss"}, {ID: api.ActionNever, Title: "Never again"}}

// Add keeps suggestions, durably and all at once, and returns those that are to be shown: not those of rules that are silent.
// One about the same text takes the place of the rule's earlier one, and has its id where nothing else has changed.
func (s *Store) Add(ctx context.Context, outcomes []watchers.Outcome) ([]api.Suggestion, error) {
	outcomes = outcomes[max(0, len(outcomes)-Most):] // the others would give way to these
	var added []api.Suggestion
	err := s.changing(ctx, func(tx *sql.Tx) error {
		for _, o := range outcomes {
			one, err := s.add(ctx, tx, o)
			if err != nil {
				return err
			}
			if one != nil {
				added = slices.DeleteFunc(added, func(a api.Suggestion) bool { return a.ID == one.ID })
				added = append(added, *one)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("keep suggestions: %w", err)
	}
	return added, nil
}

func (s *Store) add(ctx context.Context, tx *sql.Tx, o watchers.Outcome) (*api.Suggestion, error) {
	learned, err := lessons(ctx, tx, o.Rule)
	if err != nil || learned.silent(s.now()) {
		return nil, err
	}
	text, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	key := sha256.Sum256(slices.Concat([]byte(o.Rule), []byte{0}, []byte(o.Text)))
	old, _, err := find(ctx, tx, `key = ?`, key[:])
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	if err == nil && !same(old, o) {
		if _, err := tx.ExecContext(ctx, `DELETE FROM suggestions WHERE key = ?`, key[:]); err != nil {
			return nil, err
		}
	}
	one := api.Suggestion{Time: o.Time, Rule: o.Rule, Title: o.Title, Body: o.Body, Answers: o.Actions[0].Skill == "", Actions: actions}
	const set = `INSERT INTO suggestions (key, time, rule, title, body, outcome) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET time = excluded.time, outcome = excluded.outcome RETURNING id`
	var id int64
	err = tx.QueryRowContext(ctx, set, key[:], o.Time.UnixMilli(), o.Rule, o.Title, o.Body, string(text)).Scan(&id)
	one.ID = strconv.FormatInt(id, 10)
	return &one, err
}

// same says whether a person who has read the one would get the other.
func same(a, b watchers.Outcome) bool {
	b.Time = a.Time
	one, err := json.Marshal(a)
	other, wrong := json.Marshal(b)
	return err == nil && wrong == nil && string(one) == string(other)
}

// List gives the newest first, at most limit (0: all).
func (s *Store) List(ctx context.Context, limit int) ([]api.Suggestion, error) {
	if limit <= 0 {
		limit = Most
	}
	rows, err := s.db.QueryContext(ctx, `SELECT id, time, rule, title, body, json_extract(outcome, '$.actions[0].skill') IS NULL FROM suggestions WHERE time > ? ORDER BY time DESC, id DESC LIMIT ?`,
		s.now().Add(-Lifetime).UnixMilli(), limit)
	if err != nil {
		return nil, fmt.Errorf("list suggestions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []api.Suggestion
	for rows.Next() {
		one := api.Suggestion{Actions: actions}
		var ms int64
		if err := rows.Scan(&one.ID, &ms, &one.Rule, &one.Title, &one.Body, &one.Answers); err != nil {
			return nil, fmt.Errorf("list suggestions: %w", err)
		}
		one.Time = time.UnixMilli(ms)
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list suggestions: %w", err)
	}
	return all, nil
}

// rowQuerier is the database or a transaction.
type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// find gives the outcome of the one suggestion that fits; sql.ErrNoRows where there is none.
func find(ctx context.Context, in rowQuerier, where string, arg any) (o watchers.Outcome, id int64, err error) {
	var text string
	if err := in.QueryRowContext(ctx, `SELECT id, outcome FROM suggestions WHERE `+where, arg).Scan(&id, &text); err != nil {
		return o, 0, err
	}
	return o, id, json.Unmarshal([]byte(text), &o)
}

// changing makes a change and forgets what is too old or too much, as one.
func (s *Store) changing(ctx context.Context, change func(tx *sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	const beyond = `DELETE FROM suggestions WHERE time <= ? OR id NOT IN (SELECT id FROM suggestions ORDER BY time DESC, id DESC LIMIT ?)`
	trim := func() error {
		_, err := tx.ExecContext(ctx, beyond, s.now().Add(-Lifetime).UnixMilli(), Most)
		return err
	}
	if err := errors.Join(trim(), change(tx), trim()); err != nil {
		return err
	}
	return tx.Commit()
}

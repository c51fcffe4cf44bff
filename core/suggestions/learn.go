package suggestions

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"nerva/core/api"
	"nerva/core/watchers"
)

const (
	// Patience is how many suggestions of a rule are dismissed in a row before it is silent: for a day, and twice as long after
	// each that is dismissed from then on. One that is accepted makes all of it undone. One that nobody answered counts for
	// nothing.
	Patience = 5
	day      = 24 * time.Hour
	// longest is the longest that a rule is silent, unless it is for good.
	longest = 64 * day
)

// forGood is the until of a rule that a person wants to hear nothing more of.
const forGood = -1

// lesson is what was learned of a rule.
type lesson struct{ dismissed, until int64 }

func (l lesson) silent(now time.Time) bool { return l.until == forGood || l.until > now.UnixMilli() }

func lessons(ctx context.Context, tx *sql.Tx, rule string) (l lesson, err error) {
	err = tx.QueryRowContext(ctx, `SELECT dismissed, until FROM suggestion_rules WHERE rule = ?`, rule).Scan(&l.dismissed, &l.until)
	if errors.Is(err, sql.ErrNoRows) {
		return lesson{}, nil
	}
	return l, err
}

// silence is how long a rule is silent after so many in a row.
func silence(dismissed int64) time.Duration {
	if dismissed < Patience {
		return 0
	}
	for span, n := day, int64(Patience); ; span, n = span*2, n+1 {
		if n == dismissed || span >= longest {
			return span
		}
	}
}

// Accept takes a suggestion and gives what it is to do.
func (s *Store) Accept(ctx context.Context, id string) (watchers.Outcome, error) {
	return s.answer(ctx, id, func(lesson) lesson { return lesson{} })
}

// Dismiss forgets a suggestion, and makes the rule silent once that was Patience in a row.
func (s *Store) Dismiss(ctx context.Context, id string) error {
	_, err := s.answer(ctx, id, func(l lesson) lesson {
		l.dismissed++
		if span := silence(l.dismissed); span > 0 {
			l.until = s.now().Add(span).UnixMilli()
		}
		return l
	})
	return err
}

// Never forgets a suggestion and makes its rule silent for good; see Hear.
func (s *Store) Never(ctx context.Context, id string) error {
	_, err := s.answer(ctx, id, func(l lesson) lesson { return lesson{l.dismissed, forGood} })
	return err
}

// answer takes a suggestion away and learns. With a rule that is silent then its other suggestions go as well: they are
// not to be dismissed one by one.
func (s *Store) answer(ctx context.Context, id string, learn func(lesson) lesson) (o watchers.Outcome, err error) {
	err = s.changing(ctx, func(tx *sql.Tx) error {
		var key int64
		if o, key, err = find(ctx, tx, `CAST(id AS TEXT) = ?`, id); err != nil {
			return err
		}
		l, err := lessons(ctx, tx, o.Rule)
		if err != nil {
			return err
		}
		l = learn(l)
		const set = `INSERT INTO suggestion_rules VALUES (?, ?, ?)
			ON CONFLICT (rule) DO UPDATE SET dismissed = excluded.dismissed, until = excluded.until`
		if _, err := tx.ExecContext(ctx, set, o.Rule, l.dismissed, l.until); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM suggestions WHERE id = ? OR ? AND rule = ?`, key, l.silent(s.now()), o.Rule)
		return err
	})
	return o, sentence(id, err)
}

func sentence(id string, err error) error {
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return api.Errorf(api.NotFound, "there is no suggestion %.40q any more; `nerva suggestions list` has those that there are", id)
	case err != nil:
		return fmt.Errorf("answer a suggestion: %w", err)
	}
	return nil
}

// Silent is a rule that suggests nothing for the time being.
type Silent struct {
	Rule  string
	Until *time.Time // nil: for good
}

// Silent lists the rules that are silent, by name.
func (s *Store) Silent(ctx context.Context) ([]Silent, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT rule, until FROM suggestion_rules WHERE until = ? OR until > ? ORDER BY rule`,
		forGood, s.now().UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("list silent rules: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []Silent
	for rows.Next() {
		var one Silent
		var until int64
		if err := rows.Scan(&one.Rule, &until); err != nil {
			return nil, fmt.Errorf("list silent rules: %w", err)
		}
		if until != forGood {
			at := time.UnixMilli(until)
			one.Until = &at
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list silent rules: %w", err)
	}
	return all, nil
}

// Hear forgets what was learned of a rule, so that it suggests again.
func (s *Store) Hear(ctx context.Context, rule string) error {
	if _, err := s.db.ExecContext(ctx, `DELETE FROM suggestion_rules WHERE rule = ?`, rule); err != nil {
		return fmt.Errorf("hear the rule %q again: %w", rule, err)
	}
	return nil
}

// Package frecency remembers how often and how recently things are used, so that search can put them
// first. Each use counts 1 and fades with a half-life of 14 days; the sum is an item's score.
//
// It owns the table frecency of nerva's database. All scores are mirrored in an immutable map behind an
// atomic pointer: Boost reads it without a lock and never touches the disk. Bump writes through, one at a
// time; the application that was just launched takes longer to appear than this takes. It must not know
// what an id stands for.
package frecency

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nerva/core/store"
)

const (
	// HalfLife is the time after which a use counts half.
	HalfLife = 14 * 24 * time.Hour
	// half is the score whose boost is one half: four uses today.
	half = 4
	// limit is how many ids are kept, and least is the score below which one is forgotten: a single use
	// three months ago.
	limit = 1000
	least = 1.0 / 100
)

// score is counted in uses, as of a time. A later time halves it once each half-life.
type score struct {
	value float64
	at    time.Time
}

func (s score) on(now time.Time) float64 {
	age := max(0, now.Sub(s.at)) // a clock that went back makes nothing grow
	return s.value * math.Exp2(-float64(age)/float64(HalfLife))
}

// Store keeps the scores. Its methods may be called from any goroutine.
type Store struct {
	now     func() time.Time
	scores  atomic.Pointer[map[string]score]
	changed atomic.Pointer[func()]

	mu sync.Mutex // held by Bump, in which the database and scores change together
	db *sql.DB
}

// Open reads the scores from db and creates their table where it is missing. The caller closes db after
// the last use of the store.
func Open(ctx context.Context, db *sql.DB) (*Store, error) { return open(ctx, db, time.Now) }

func open(ctx context.Context, db *sql.DB, now func() time.Time) (*Store, error) {
	err := store.Migrate(ctx, db, "frecency", []string{
		`CREATE TABLE frecency (id TEXT PRIMARY KEY, score REAL NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID`,
	})
	if err != nil {
		return nil, err
	}
	s := &Store{now: now, db: db}
	scores, err := load(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("read what is used often: %w", err)
	}
	s.scores.Store(&scores)
	return s, nil
}

func load(ctx context.Context, db *sql.DB) (map[string]score, error) {
	rows, err := db.QueryContext(ctx, `SELECT id, score, at FROM frecency`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	scores := map[string]score{}
	for rows.Next() {
		var id string
		var value float64
		var at int64
		if err := rows.Scan(&id, &value, &at); err != nil {
			return nil, err
		}
		scores[id] = score{value, time.UnixMilli(at)}
	}
	return scores, rows.Err()
}

// OnBump sets what is called after each change, from the goroutine that made it; for search.Engine.Reboost.
func (s *Store) OnBump(changed func()) { s.changed.Store(&changed) }

// Boost is how much id is used, from 0 (never) towards 1; four uses today give one half. It takes no lock.
func (s *Store) Boost(id string) float64 {
	sc, ok := (*s.scores.Load())[id]
	if !ok {
		return 0
	}
	return 1 - math.Exp2(-sc.on(s.now())/half)
}

// Bump counts one use of id, durably.
func (s *Store) Bump(ctx context.Context, id string) error {
	if err := s.bump(ctx, id); err != nil {
		return fmt.Errorf("remember the use of %s: %w", id, err)
	}
	if f := s.changed.Load(); f != nil {
		(*f)()
	}
	return nil
}

func (s *Store) bump(ctx context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	scores := maps.Clone(*s.scores.Load())
	// Milliseconds, as on disk: a reopened store then answers the same.
	scores[id] = score{scores[id].on(now) + 1, now.Truncate(time.Millisecond)}
	gone := prune(scores, id, now)

	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	const set = `INSERT INTO frecency VALUES (?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET score = excluded.score, at = excluded.at`
	if _, err := tx.ExecContext(ctx, set, id, scores[id].value, scores[id].at.UnixMilli()); err != nil {
		return err
	}
	for _, g := range gone {
		if _, err := tx.ExecContext(ctx, `DELETE FROM frecency WHERE id = ?`, g); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	s.scores.Store(&scores)
	return nil
}

// prune removes from scores what has faded, and where there are still too many the least used, but never
// keep. It returns what it removed.
func prune(scores map[string]score, keep string, now time.Time) (gone []string) {
	maps.DeleteFunc(scores, func(id string, sc score) bool {
		faded := id != keep && sc.on(now) < least
		if faded {
			gone = append(gone, id)
		}
		return faded
	})
	if len(scores) <= limit {
		return gone
	}
	ids := slices.SortedFunc(maps.Keys(scores), func(a, b string) int {
		switch {
		case a == keep:
			return 1
		case b == keep:
			return -1
		case scores[a].on(now) < scores[b].on(now):
			return -1
		default:
			return 1
		}
	})
	for _, id := range ids[:len(ids)-limit] {
		delete(scores, id)
		gone = append(gone, id)
	}
	return gone
}

package frecency

import (
	"context"
	"database/sql"
	"math"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"nerva/core/store"
)

// clock is a time that the test sets.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func database(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func newStore(t *testing.T, c *clock) *Store {
	t.Helper()
	s, err := open(t.Context(), database(t, filepath.Join(t.TempDir(), "nerva.db")), c.now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func bump(t *testing.T, s *Store, id string, times int) {
	t.Helper()
	for range times {
		if err := s.Bump(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestBoostGrowsWithUseAndStaysBelowOne(t *testing.T) {
	s := newStore(t, newClock())
	if b := s.Boost("app:foot"); b != 0 {
		t.Errorf("never used: %v", b)
	}
	bump(t, s, "app:foot", half)
	if b := s.Boost("app:foot"); !near(b, 0.5) {
		t.Errorf("after %d uses: %v, want 0.5", half, b)
	}
	bump(t, s, "app:foot", 50)
	if b := s.Boost("app:foot"); b <= 0.9 || b > 1 {
		t.Errorf("after 54 uses: %v", b)
	}
	if b := s.Boost("app:other"); b != 0 {
		t.Errorf("another one: %v", b)
	}
}

func TestAUseCountsHalfAfterTheHalfLife(t *testing.T) {
	c := newClock()
	s := newStore(t, c)
	bump(t, s, "a", 2*half)
	c.add(HalfLife)
	if b := s.Boost("a"); !near(b, 0.5) {
		t.Errorf("boost %v, want 0.5", b)
	}
	bump(t, s, "b", half)
	bump(t, s, "b", 1)
	if s.Boost("b") <= s.Boost("a") {
		t.Error("five uses today count less than eight of two weeks ago")
	}
}

func TestAClockThatGoesBackMakesNothingGrow(t *testing.T) {
	c := newClock()
	s := newStore(t, c)
	bump(t, s, "a", half)
	c.add(-365 * 24 * time.Hour)
	if b := s.Boost("a"); !near(b, 0.5) {
		t.Errorf("boost %v, want 0.5", b)
	}
}

func TestScoresSurviveReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nerva.db")
	c := newClock()
	c.add(1234567 * time.Nanosecond)
	db := database(t, path)
	s, err := open(t.Context(), db, c.now)
	if err != nil {
		t.Fatal(err)
	}
	bump(t, s, "app:firefox", 3)
	c.add(HalfLife / 3)
	bump(t, s, "app:firefox", 1)
	want := s.Boost("app:firefox")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := open(t.Context(), database(t, path), c.now)
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Boost("app:firefox"); !near(got, want) || got == 0 {
		t.Errorf("boost %v after reopening, %v before", got, want)
	}
}

func TestTheTableIsBounded(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "nerva.db")
	db := database(t, path)
	s, err := open(t.Context(), db, c.now)
	if err != nil {
		t.Fatal(err)
	}
	bump(t, s, "often", 3)
	const many = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i < ?)
		INSERT INTO frecency SELECT 'app:' || i, 1, ? FROM n`
	if _, err := db.ExecContext(t.Context(), many, limit+20, c.now().UnixMilli()); err != nil {
		t.Fatal(err)
	}
	if s, err = open(t.Context(), db, c.now); err != nil {
		t.Fatal(err)
	}
	bump(t, s, "last", 1)
	if n := rows(t, s); n != limit || len(*s.scores.Load()) != limit {
		t.Errorf("%d rows, %d in memory, want %d", n, len(*s.scores.Load()), limit)
	}
	if s.Boost("often") == 0 || s.Boost("last") == 0 {
		t.Error("the most used or the last used one was pruned")
	}
	c.add(10 * HalfLife)
	bump(t, s, "new", 1)
	if n := rows(t, s); n != 1 {
		t.Errorf("%d rows are left of what faded, want 1", n)
	}
}

func rows(t *testing.T, s *Store) (n int) {
	t.Helper()
	if err := s.db.QueryRowContext(t.Context(), `SELECT count(*) FROM frecency`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestABumpThatFailsChangesNothing(t *testing.T) {
	s := newStore(t, newClock())
	bump(t, s, "a", 1)
	before := s.Boost("a")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Bump(ctx, "a"); err == nil {
		t.Fatal("no error from a cancelled bump")
	}
	if s.Boost("a") != before {
		t.Error("the boost changed")
	}
}

func TestOnBumpIsToldAfterTheBoostHasChanged(t *testing.T) {
	s := newStore(t, newClock())
	var seen []float64
	s.OnBump(func() { seen = append(seen, s.Boost("a")) })
	bump(t, s, "a", 2)
	if len(seen) != 2 || seen[0] == 0 || seen[1] <= seen[0] {
		t.Errorf("boosts seen: %v", seen)
	}
}

func TestBumpsFromManyGoroutinesAllCount(t *testing.T) {
	s := newStore(t, newClock())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				if err := s.Bump(t.Context(), "a"); err != nil {
					t.Error(err)
				}
				s.Boost("a")
			}
		})
	}
	wg.Wait()
	if v := (*s.scores.Load())["a"].value; !near(v, 40) {
		t.Errorf("%v uses counted, want 40", v)
	}
}

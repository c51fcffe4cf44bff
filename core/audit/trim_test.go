package audit

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/store"
)

const day = 24 * time.Hour

// shelf is a log whose records are put there by the test, days old.
type shelf struct {
	*Log
	t    *testing.T
	at   time.Time
	open []record // intents without outcome
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "nerva.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	l, err := Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{Log: l, t: t, at: time.Unix(1_700_000_000, 0)}
	l.now, l.piece = func() time.Time { return s.at }, 10
	return s
}

// put writes the records that the letters say, in one transaction: "c" a whole call, "i" an intent, "o" the outcome
// of the oldest intent without one.
func (s *shelf) put(letters string, age time.Duration) {
	s.t.Helper()
	now := s.at
	s.at = now.Add(-age)
	defer func() { s.at = now }()
	err := s.append(s.t.Context(), func(_ *sql.Tx, add func(*record) error) error {
		for _, letter := range letters {
			if letter != 'o' {
				r := s.intent(Call{Skill: "calculate", Input: []byte(`{"expression":"1"}`), Decision: "allow"})
				if err := add(r); err != nil {
					return err
				}
				s.open = append(s.open, *r)
			}
			if letter != 'i' {
				if err := add(s.outcome(s.open[0], End{Outcome: OK})); err != nil {
					return err
				}
				s.open = s.open[1:]
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// trim keeps the newest 20 records in any case.
func (s *shelf) trim(k Keep) uint64 {
	s.t.Helper()
	k.Newest = 20
	n, err := s.Trim(s.t.Context(), k)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *shelf) exec(statement string) {
	s.t.Helper()
	if _, err := s.db.ExecContext(s.t.Context(), statement); err != nil {
		s.t.Fatal(err)
	}
}

// sound verifies, and opens the log again as well: what it knows of its head is then what the table says.
func (s *shelf) sound() api.Verified {
	s.t.Helper()
	v, err := s.Verify(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	again, err := Open(s.t.Context(), s.db)
	if err != nil {
		s.t.Fatal(err)
	}
	if w, err := again.Verify(s.t.Context()); err != nil || w.Cut != v.Cut {
		s.t.Fatalf("opened again: %+v, %v", w, err)
	}
	return v
}

func calls(n int) string { return strings.Repeat("c", n) }

func TestTrimCutsWhatIsNotKept(t *testing.T) {
	year := Keep{Age: 365 * day}
	for _, c := range []struct {
		name string
		fill func(*shelf)
		keep Keep
		cut  uint64
	}{
		{"all is kept where nothing is bounded", func(s *shelf) { s.put(calls(15), 900*day) }, Keep{}, 0},
		{"what is older goes", func(s *shelf) { s.put(calls(30), 366*day); s.put(calls(12), 364*day) }, year, 60},
		{"the newest stay however old", func(s *shelf) { s.put(calls(15), 900*day) }, year, 10},
		{"a young record ends the cut, for the clock went back", func(s *shelf) {
			s.put(calls(10), 400*day)
			s.put(calls(1), day)
			s.put(calls(20), 400*day)
		}, year, 20},
		{"a call under way stays, and all after it", func(s *shelf) {
			s.put(calls(3), 400*day)
			s.put("i", 400*day)
			s.put(calls(20), 400*day)
		}, year, 6},
		{"a call is not parted", func(s *shelf) {
			s.put("cci", 400*day)
			s.put("o"+calls(20), day)
		}, year, 4},
		{"a call as long as several cuts goes whole", func(s *shelf) {
			s.put("i"+strings.Repeat("c", 20)+"o", 400*day)
			s.put(calls(12), day)
		}, year, 42},
		{"what is too much goes", func(s *shelf) { s.put(calls(30), day) }, Keep{Bytes: 9000}, 30},
		{"what is not too much stays", func(s *shelf) { s.put(calls(30), day) }, Keep{Bytes: 64 << 20, Age: year.Age}, 0},
		{"the tighter bound decides", func(s *shelf) { s.put(calls(5), 400*day); s.put(calls(25), day) }, Keep{Bytes: 9000, Age: year.Age}, 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShelf(t)
			c.fill(s)
			if n := s.trim(c.keep); n != c.cut {
				t.Errorf("%d were cut, want %d", n, c.cut)
			}
			if v := s.sound(); v.Cut != c.cut {
				t.Errorf("%+v", v)
			}
		})
	}
}

func TestACutIsFollowedByAnother(t *testing.T) {
	s := newShelf(t)
	for round := range uint64(4) {
		s.put(calls(30), 0)
		s.at = s.at.Add(400 * day)
		s.trim(Keep{Age: 365 * day})
		before := s.sound()
		if before.Cut < round*60+40 {
			t.Fatalf("round %d: %+v", round, before)
		}
		s.put(calls(1), 0)
		if after := s.sound(); after.Records != before.Records+2 {
			t.Errorf("%+v, then %+v", before, after)
		}
	}
	var anchors int
	if err := s.db.QueryRowContext(t.Context(), `SELECT count(*) FROM audit WHERE kind = 'anchor'`).Scan(&anchors); err != nil || anchors > 10 {
		t.Errorf("%d anchors are left, %v: old ones go like any record", anchors, err)
	}
}

func TestAnAnchorSaysWhatItStandsFor(t *testing.T) {
	s := newShelf(t)
	s.put(calls(5), 400*day)
	s.put(calls(20), day)
	var hash string
	if err := s.db.QueryRowContext(t.Context(), `SELECT hash FROM audit WHERE seq = 10`).Scan(&hash); err != nil {
		t.Fatal(err)
	}
	s.trim(Keep{Age: 365 * day})
	rows, err := s.db.QueryContext(t.Context(), `SELECT `+columns+` FROM audit WHERE kind = 'anchor'`)
	if err != nil {
		t.Fatal(err)
	}
	anchors, err := scanAll(rows)
	if err != nil || len(anchors) != 1 {
		t.Fatalf("%v, %v", anchors, err)
	}
	a := anchors[0]
	if a.seq != 51 || a.call != 10 || a.decidedBy != "log.days" || a.time != s.at.UnixNano() ||
		a.input != `{"through":10,"hash":"`+hash+`","records":10}` {
		t.Errorf("%+v", a)
	}
	// Nobody sees it as a call.
	records, err := s.Records(t.Context(), api.LogFilter{})
	if err != nil || len(records) != 20 || records[0].Seq != 11 {
		t.Errorf("%d records, %v", len(records), err)
	}
}

func TestACutIsDoneWholeOrNotAtAll(t *testing.T) {
	s := newShelf(t)
	s.put(calls(30), 400*day)
	s.exec(`CREATE TRIGGER full BEFORE DELETE ON audit WHEN old.seq = 7 BEGIN SELECT raise(ABORT, 'the disk is full'); END`)
	if n, err := s.Trim(t.Context(), Keep{Age: day, Newest: 20}); n != 0 || err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("%d, %v", n, err)
	}
	if v := s.sound(); v != (api.Verified{Records: 60}) {
		t.Errorf("%+v", v)
	}
}

func TestOnlyWhatAnAnchorStandsForCanBeDeleted(t *testing.T) {
	s := newShelf(t)
	s.put(calls(5), 400*day)
	s.put(calls(20), day)
	s.trim(Keep{Age: 365 * day})
	for _, statement := range []string{`DELETE FROM audit`, `DELETE FROM audit WHERE seq = 11`, `DELETE FROM audit WHERE kind = 'anchor'`, `UPDATE audit SET call = 500 WHERE kind = 'anchor'`} {
		if _, err := s.db.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("%s went through", statement)
		}
	}
	s.sound()
}

func TestVerifyChecksTheCut(t *testing.T) {
	for _, c := range []struct{ name, statement, want string }{
		{"more was cut", `DELETE FROM audit WHERE seq = 11`, "record 11 is missing: after 10 comes 12"},
		{"the anchor is gone", `DELETE FROM audit WHERE kind = 'anchor'`, "record 1 is missing"},
		{"more was cut and the anchor says so", `DELETE FROM audit WHERE seq = 11; UPDATE audit SET call = 11,
			input = json_set(input, '$.through', 11, '$.hash', (SELECT hash FROM audit WHERE seq = 11)) WHERE kind = 'anchor'`, "does not continue"},
		{"the same, with a hash that fits", `UPDATE audit SET call = 12, input = json_set(input, '$.through', 12, '$.hash',
			(SELECT hash FROM audit WHERE seq = 12)) WHERE kind = 'anchor'; DELETE FROM audit WHERE seq <= 12`, "was changed"},
		{"the anchor is no JSON", `UPDATE audit SET input = 'x' WHERE kind = 'anchor'`, "record 51 was changed"},
		{"the first record is another", `UPDATE audit SET prev = hash WHERE seq = 11`, "record 11 does not continue"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShelf(t)
			s.put(calls(5), 400*day)
			s.put(calls(20), day)
			s.trim(Keep{Age: 365 * day})
			s.sound()
			s.exec(`DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;` + c.statement)
			if _, err := s.Verify(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestCallsGoOnDuringACut(t *testing.T) {
	s := newShelf(t)
	s.put(calls(100), 400*day)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var written uint64
	var group sync.WaitGroup
	group.Go(func() {
		for ctx.Err() == nil {
			if err := s.Never(t.Context(), Call{Skill: "power"}, End{Outcome: Denied}); err != nil {
				t.Error(err)
			}
			written += 2
		}
	})
	cut := s.trim(Keep{Age: 365 * day})
	stop()
	group.Wait()
	anchors := (cut + s.piece - 1) / s.piece
	if v := s.sound(); cut < 180 || v.Cut != cut || v.Records != 200-cut+written+anchors {
		t.Errorf("%d cut, %d written, %+v", cut, written, v)
	}
}

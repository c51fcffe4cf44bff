package audit

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"nerva/core/store"
)

// TestRecordsThatWaitAreWrittenTogether in one transaction, and one that can't be written takes no other with it.
func TestRecordsThatWaitAreWrittenTogether(t *testing.T) {
	for name, c := range map[string]struct {
		broken int // of the calls, the one that can't be written; -1: none
		times  int // that a call's records are made
	}{
		"all go": {-1, 1}, "one is wrong": {2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "nerva.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			l, err := Open(t.Context(), db)
			if err != nil {
				t.Fatal(err)
			}
			const calls = 5
			var mu sync.Mutex
			transactions, made := map[*sql.Tx]bool{}, 0
			wrong := errors.New("wrong")
			ended := make([]error, calls)
			l.mu.Lock() // somebody writes
			var work sync.WaitGroup
			for i := range calls {
				work.Go(func() {
					ended[i] = l.append(t.Context(), func(tx *sql.Tx, add func(*record) error) error {
						mu.Lock()
						transactions[tx] = true
						made++
						mu.Unlock()
						if i == c.broken {
							return wrong
						}
						return add(l.intent(Call{Caller: "cli", Skill: "calculate", Input: []byte("{}"), Risk: "safe", Decision: "allow", DecidedBy: "tier"}))
					})
				})
			}
			for waiting := 0; waiting < calls; {
				l.queue.Lock()
				waiting = len(l.waiting)
				l.queue.Unlock()
			}
			l.mu.Unlock()
			work.Wait()
			for i, err := range ended {
				if (err != nil) != (i == c.broken) {
					t.Errorf("call %d: %v", i, err)
				}
			}
			if c.broken < 0 && len(transactions) != 1 || made > calls*c.times {
				t.Errorf("%d transactions, records were made %d times", len(transactions), made)
			}
			want := uint64(calls)
			if c.broken >= 0 {
				want--
			}
			if v, err := l.Verify(context.Background()); err != nil || v.Records != want {
				t.Errorf("%+v, %v", v, err)
			}
		})
	}
}

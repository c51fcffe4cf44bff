package store

import (
	"path/filepath"
	"testing"
)

// TestACommitIsDurable holds the pragmas that make it so: no test can cut the power. With synchronous=NORMAL (1) a
// database in WAL mode writes to the disk only now and then.
func TestACommitIsDurable(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "nerva.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, c := range []struct{ pragma, want string }{
		{"synchronous", "2"}, {"journal_mode", "wal"}, {"foreign_keys", "1"}, {"busy_timeout", "5000"},
	} {
		var got string
		if err := db.QueryRowContext(t.Context(), "PRAGMA "+c.pragma).Scan(&got); err != nil || got != c.want {
			t.Errorf("%s is %q, want %q, %v", c.pragma, got, c.want, err)
		}
	}
}

func TestAReaderReadsWhatWasCommittedAndWritesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nerva.db")
	if _, err := OpenReader(t.Context(), path); err == nil {
		t.Error("there is nothing to read yet")
	}
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE t (x)`); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	count := func() (n int) {
		t.Helper()
		if err := r.QueryRowContext(t.Context(), `SELECT count(*) FROM t`).Scan(&n); err != nil {
			t.Error(err)
		}
		return n
	}
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), `INSERT INTO t VALUES (1)`); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 0 {
		t.Errorf("%d rows while they are written", n)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 1 {
		t.Errorf("%d rows when they were written", n)
	}
	if _, err := r.ExecContext(t.Context(), `DELETE FROM t`); err == nil {
		t.Error("it writes")
	}
}

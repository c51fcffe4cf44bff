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

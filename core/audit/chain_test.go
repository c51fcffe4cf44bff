package audit

import (
	"path/filepath"
	"strings"
	"testing"

	"nerva/core/store"
)

// TestARecordCanNotBeForgedAlone: whoever changes a record and makes its hash fit, and the next one's prev
// too, still has to make every later hash anew.
func TestARecordCanNotBeForgedAlone(t *testing.T) {
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "nerva.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	l, err := Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := l.Never(t.Context(), Call{Skill: "power"}, End{Outcome: Denied}); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := db.QueryContext(t.Context(), `SELECT `+columns+` FROM audit WHERE seq = 2`)
	if err != nil {
		t.Fatal(err)
	}
	records, err := scanAll(rows)
	if err != nil {
		t.Fatal(err)
	}
	forged := records[0]
	forged.outcome = OK
	forged.hash = forged.sum()
	if _, err := db.ExecContext(t.Context(), `DROP TRIGGER audit_no_update`); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `UPDATE audit SET outcome = ?, hash = ? WHERE seq = 2`, forged.outcome, forged.hash); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `UPDATE audit SET prev = ? WHERE seq = 3`, forged.hash); err != nil {
		t.Fatal(err)
	}
	if n, err := l.Verify(t.Context()); n.Records != 2 || err == nil || !strings.Contains(err.Error(), "record 3 was changed") {
		t.Errorf("%d sound records, %v", n, err)
	}
}

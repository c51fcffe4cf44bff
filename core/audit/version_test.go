package audit

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/store"
)

// TestALogOfVersion1StillVerifies opens a table that the first version of this package has written, with a call
// under way, and goes on with it.
func TestALogOfVersion1StillVerifies(t *testing.T) {
	written, err := os.ReadFile(filepath.Join("testdata", "version1.sql"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "nerva.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), string(written)); err != nil {
		t.Fatal(err)
	}
	l, err := Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := l.Verify(t.Context()); err != nil || v != (api.Verified{Records: 6}) {
		t.Errorf("%+v, %v", v, err)
	}
	tainted := Call{Skill: "open_url", Decision: "ask", TaintedBy: []string{"read the windows at 14:02"}}
	if err := l.Never(t.Context(), tainted, End{Outcome: Refused}); err != nil {
		t.Fatal(err)
	}
	if v, err := l.Verify(t.Context()); err != nil || v != (api.Verified{Records: 8}) {
		t.Errorf("with a record of this version: %+v, %v", v, err)
	}
	records, err := l.Records(t.Context(), api.LogFilter{})
	if err != nil || len(records) != 4 || records[0].Outcome != OK || records[0].Hash != "ba50f54bbf0129f43b057420b9ba7d55a0d6339ded44c0fff7a0ca639fd3fdcd" ||
		!records[1].Tainted || records[1].TaintedBy != nil || records[2].Outcome != Unknown {
		t.Errorf("%+v, %v", records, err)
	}
	if !reflect.DeepEqual(records[3].TaintedBy, tainted.TaintedBy) || !records[3].Tainted {
		t.Errorf("%+v", records[3])
	}
	for _, statement := range []string{`DELETE FROM audit WHERE seq = 1`, `UPDATE audit SET error = 'x'`} {
		if _, err := db.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("%s went through", statement)
		}
	}
}

// TestNoTwoRecordsHaveOneHash moves what stands in a record from its last field to the field before, and back.
func TestNoTwoRecordsHaveOneHash(t *testing.T) {
	seen := map[string]string{}
	for name, r := range map[string]record{
		"nothing":            {},
		"tainted":            {tainted: true},
		"by something":       {tainted: true, taintedBy: `["a"]`},
		"by something else":  {tainted: true, taintedBy: `["b"]`},
		"untainted":          {taintedBy: `["a"]`},
		"the error has it":   {tainted: true, err: `["a"]`},
		"a number before it": {tainted: true, taintedBy: `["a"]`, durationMS: 1},
		"the previous hash":  {tainted: true, prev: `["a"]`},
	} {
		sum := r.sum()
		if other := seen[sum]; other != "" {
			t.Errorf("%q and %q have one hash", name, other)
		}
		seen[sum] = name
	}
}

func TestSourcesOfATaintAreBounded(t *testing.T) {
	s := newShelf(t)
	s.Hide("hunter2hunter2")
	many := []string{strings.Repeat("x", 1000), "read hunter2hunter2.txt"}
	for len(many) < 40 {
		many = append(many, "read a page")
	}
	if err := s.Never(t.Context(), Call{Skill: "open_url", TaintedBy: many}, End{Outcome: Refused}); err != nil {
		t.Fatal(err)
	}
	records, err := s.Records(t.Context(), api.LogFilter{})
	if err != nil {
		t.Fatal(err)
	}
	got := records[0].TaintedBy
	if len(got) != 17 || len(got[0]) != 256 || got[1] != "read [hidden].txt" || got[16] != "24 more" {
		t.Errorf("%d: %q", len(got), got)
	}
	s.sound()
}

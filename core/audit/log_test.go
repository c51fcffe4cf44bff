package audit_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/audit"
	"nerva/core/store"
)

func openDB(t *testing.T) *sql.DB {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "nerva.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func openLog(t *testing.T, db *sql.DB) *audit.Log {
	t.Helper()
	l, err := audit.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func call(skill, input string) audit.Call {
	return audit.Call{
		Run: 7, Caller: "agent", Skill: skill, Input: []byte(input),
		Risk: api.Safe, Decision: "allow", DecidedBy: "tier",
	}
}

// write records n whole calls.
func write(t *testing.T, l *audit.Log, n int) {
	t.Helper()
	for i := range n {
		e, err := l.Intent(t.Context(), call("calculate", fmt.Sprintf(`{"expression":"%d"}`, i)))
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Outcome(t.Context(), e, audit.End{Outcome: audit.OK, Duration: time.Millisecond}); err != nil {
			t.Fatal(err)
		}
	}
}

func records(t *testing.T, l *audit.Log, f api.LogFilter) []api.Record {
	t.Helper()
	r, err := l.Records(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestIntentIsThereBeforeItsOutcome(t *testing.T) {
	l := openLog(t, openDB(t))
	e, err := l.Intent(t.Context(), call("notify", `{"title":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := records(t, l, api.LogFilter{}); len(got) != 1 || got[0].Outcome != "" || got[0].Skill != "notify" {
		t.Fatalf("while under way: %+v", got)
	}
	if err := l.Outcome(t.Context(), e, audit.End{Outcome: audit.Error, Error: "no daemon", Duration: 3 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	got := records(t, l, api.LogFilter{})[0]
	if got.Outcome != "error" || got.Error != "no daemon" || got.DurationMS != 3 || got.Run != 7 || string(got.Input) != `{"title":"x"}` {
		t.Errorf("afterwards: %+v", got)
	}
	if err := l.Outcome(t.Context(), e, audit.End{Outcome: audit.OK}); err == nil {
		t.Error("a call got a second outcome")
	}
}

func TestOpenReportsBegunCallsAsUnknown(t *testing.T) {
	db := openDB(t)
	l := openLog(t, db)
	write(t, l, 1)
	if _, err := l.Intent(t.Context(), call("open_path", `{"path":"/"}`)); err != nil {
		t.Fatal(err)
	}
	l = openLog(t, db)
	got := records(t, l, api.LogFilter{})
	if len(got) != 2 || got[0].Outcome != "ok" || got[1].Outcome != "unknown" || got[1].Error == "" {
		t.Fatalf("got %+v", got)
	}
	if n, err := l.Verify(t.Context()); err != nil || n.Records != 4 {
		t.Errorf("%d records, %v", n, err)
	}
	l = openLog(t, db)
	if n, err := l.Verify(t.Context()); err != nil || n.Records != 4 {
		t.Errorf("the third opening added something: %d records, %v", n, err)
	}
}

func TestRecordsFilter(t *testing.T) {
	l := openLog(t, openDB(t))
	write(t, l, 3)
	other := call("notify", `{}`)
	other.Run = 8
	if err := l.Never(t.Context(), other, audit.End{Outcome: audit.Denied, Error: "no"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		filter api.LogFilter
		want   []uint64
	}{
		{"all, oldest first", api.LogFilter{}, []uint64{1, 3, 5, 7}},
		{"the newest two, oldest of them first", api.LogFilter{Limit: 2}, []uint64{5, 7}},
		{"after a record", api.LogFilter{After: 3}, []uint64{5, 7}},
		{"before a record", api.LogFilter{Before: 7, Limit: 2}, []uint64{3, 5}},
		{"a word of the input", api.LogFilter{Text: `"2"`}, []uint64{5}},
		{"each word anywhere, in any case", api.LogFilter{Text: " DENIED  noti"}, []uint64{7}},
		{"not across two columns", api.LogFilter{Text: "notify{}"}, nil},
		{"signs that are no wildcards", api.LogFilter{Text: "c_lculate"}, nil},
		{"nor at the end", api.LogFilter{Text: `\`}, nil},
		{"of those that ended since", api.LogFilter{Text: "calc", EndedAfter: 2}, []uint64{3, 5}},
		{"of one skill", api.LogFilter{Skill: "notify"}, []uint64{7}},
		{"since", api.LogFilter{Since: time.Now().Add(-time.Hour), Limit: 1}, []uint64{7}},
		{"since a time to come", api.LogFilter{Since: time.Now().Add(time.Hour)}, nil},
		{"ended after a record", api.LogFilter{EndedAfter: 4}, []uint64{5, 7}},
		{"all at once", api.LogFilter{EndedAfter: 4, Skill: "calculate", Run: 7, After: 1, Limit: 9}, []uint64{5}},
		{"of one run", api.LogFilter{Run: 8}, []uint64{7}},
		{"nothing", api.LogFilter{Run: 9}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []uint64
			for _, r := range records(t, l, c.filter) {
				got = append(got, r.Seq)
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestAppendOnly(t *testing.T) {
	db := openDB(t)
	write(t, openLog(t, db), 1)
	for _, statement := range []string{`UPDATE audit SET error = 'x'`, `DELETE FROM audit`} {
		if _, err := db.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("%s went through", statement)
		}
	}
}

func TestVerifyNamesTheFirstBadRecord(t *testing.T) {
	for _, c := range []struct {
		name, statement, want string
		reopen                bool
	}{
		{"changed input", `UPDATE audit SET input = '{}' WHERE seq = 3`, "record 3 was changed", true},
		{"changed outcome", `UPDATE audit SET outcome = 'denied' WHERE seq = 4`, "record 4 was changed", true},
		{"changed hash", `UPDATE audit SET hash = prev WHERE seq = 2`, "record 2 was changed", true},
		{"deleted", `DELETE FROM audit WHERE seq = 3`, "record 3 is missing", true},
		{"deleted first", `DELETE FROM audit WHERE seq = 1`, "record 1 is missing", true},
		{"deleted and renumbered", `DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = seq - 1 WHERE seq > 3`, "record 3 does not continue", true},
		{"moved", `UPDATE audit SET seq = 100 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 5; UPDATE audit SET seq = 5 WHERE seq = 100`, "record 3 does not continue", true},
		{"inserted", `INSERT INTO audit SELECT 7, kind, 7, time, run, caller, skill, input, risk, tainted, decision, decided_by, outcome, error, duration_ms, prev, hash, tainted_by FROM audit WHERE seq = 1`, "record 7 does not continue", true},
		{"unreadable", `UPDATE audit SET time = 'soon' WHERE seq = 2`, "record 2 can't be read", false},
		{"tail cut off while open", `DELETE FROM audit WHERE seq > 4`, "record 5 is missing: the end", false},
		// What the package comment says a chain can't see.
		{"tail cut off while closed", `DELETE FROM audit WHERE seq > 4`, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := openDB(t)
			l := openLog(t, db)
			write(t, l, 3)
			if _, err := l.Verify(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := db.ExecContext(t.Context(), `DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;`+c.statement); err != nil {
				t.Fatal(err)
			}
			if c.reopen {
				l = openLog(t, db)
			}
			_, err := l.Verify(t.Context())
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || api.CodeOf(err) != api.Failed {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestSecretsAreHidden(t *testing.T) {
	db := openDB(t)
	l := openLog(t, db)
	l.Hide("hunter2hunter2")
	l.Hide("ab") // too short, would blacken every word
	in := `{"api_key":"k1","nested":[{"Pass-Word":["k2"],"sessionToken":3}],"text":"say hunter2hunter2 about","big":12345678901234567890}`
	end := audit.End{Outcome: audit.Error, Error: "server said hunter2hunter2"}
	if err := l.Never(t.Context(), call("notify", in), end); err != nil {
		t.Fatal(err)
	}
	got := records(t, l, api.LogFilter{})[0]
	for _, secret := range []string{"k1", "k2", "hunter2", ":3"} {
		if strings.Contains(string(got.Input)+got.Error, secret) {
			t.Errorf("%q is in %s %q", secret, got.Input, got.Error)
		}
	}
	for _, kept := range []string{"about", "12345678901234567890", "server said"} {
		if !strings.Contains(string(got.Input)+got.Error, kept) {
			t.Errorf("%q is lost in %s %q", kept, got.Input, got.Error)
		}
	}
}

func TestInputThatIsNoJSONIsKeptReadable(t *testing.T) {
	l := openLog(t, openDB(t))
	for _, in := range []string{`{"app": "fire`, "\xff\xfe", "", strings.Repeat("x", 10<<20)} {
		if err := l.Never(t.Context(), call(strings.Repeat("n", 1000), in), audit.End{Outcome: audit.Error}); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range records(t, l, api.LogFilter{}) {
		if !json.Valid(r.Input) || len(r.Input) > 4<<10 || len(r.Skill) > 200 {
			t.Errorf("%d bytes of input, %d of name: %.40s", len(r.Input), len(r.Skill), r.Input)
		}
	}
}

func TestManyWritersMakeOneChain(t *testing.T) {
	db := openDB(t)
	a, b := openLog(t, db), openLog(t, db) // two, as while the bus name is handed over
	var group sync.WaitGroup
	for _, l := range []*audit.Log{a, b, a, b} {
		group.Go(func() { write(t, l, 10) })
	}
	group.Wait()
	if n, err := a.Verify(t.Context()); err != nil || n.Records != 80 {
		t.Errorf("%d records, %v", n, err)
	}
}

func TestNothingIsAcknowledgedOnceTheContextEnded(t *testing.T) {
	l := openLog(t, openDB(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Intent(ctx, call("notify", `{}`)); err == nil {
		t.Error("the intent was acknowledged")
	}
	if got := records(t, l, api.LogFilter{}); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}

func BenchmarkCall(b *testing.B) {
	db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "nerva.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	l, err := audit.Open(b.Context(), db)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		e, err := l.Intent(b.Context(), call("calculate", `{"expression":"1"}`))
		if err != nil {
			b.Fatal(err)
		}
		if err := l.Outcome(b.Context(), e, audit.End{Outcome: audit.OK}); err != nil {
			b.Fatal(err)
		}
	}
}

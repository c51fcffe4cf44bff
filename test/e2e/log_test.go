package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nerva/core/store"
	"nerva/test/modelserver"
)

// denies is a rule that the log names.
const denies = "[[policy.rule]]\nname = \"no zebras\"\nskill = \"notify\"\nmatch = { title = \"zebra*\" }\ndecision = \"deny\"\n"

// withLog starts a session in whose log are a call that was done, one that failed, one denied, one refused, and one of
// a tainted run, in this order.
func withLog(t *testing.T) *session {
	t.Helper()
	model, config := withModel(t)
	s := withDaemon(t, config+denies)
	s.closeAll()
	s.output("nerva", "exec", "add_note", "--input", "{\"text\":\"zebra\u202estripes\"}")
	s.run("nerva", "exec", "calculate", "--input", `{"expression":"12*"}`)
	s.run("nerva", "exec", "notify", "--input", `{"title":"zebra","body":"x"}`)
	s.run("nerva", "exec", "open_path", "--input", `{"path":"/etc/hostname"}`) // nobody can be asked yet
	model.Script(
		modelserver.Reply{Calls: []modelserver.Call{{Name: "list_windows", Arguments: `{}`}}},
		modelserver.Reply{Calls: []modelserver.Call{{Name: "calculate", Arguments: `{"expression":"19*3"}`}}},
		modelserver.Reply{Text: "57"},
	)
	s.output("nerva", "ask", "count the zebras")
	s.overlay()
	return s
}

// The log as a person reads it: opened by its key from a search, filtered, a record read in full, left again.
func TestTheLogIsReadWithTheKeyboardAlone(t *testing.T) {
	s := withLog(t)
	ear := s.accessibility()
	s.summon()
	s.typing("foot")
	s.hears(ear, "Foot")
	s.keys("ctrl+l")
	var names []string
	defer func() {
		if s.Failed() {
			s.Logf("the last rows were %q; shown: %v; %+v", names, s.shown(), s.widgets(ear))
		}
	}()
	has := func(parts ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(name, p) })
		})
	}
	listed := func(n int) func() bool {
		return func() bool { names, _ = s.rows(ear); return len(names) == n }
	}
	s.eventually("every call has a row", listed(6))
	for _, parts := range [][]string{
		{"add_note", `zebra\u{202E}stripes`, "done", "allowed by its tier"},
		{"calculate", "12*", "failed"},
		{"notify", "denied", "no zebras"},
		{"open_path", "/etc/hostname", "hostname, refused, nobody could answer"},
		{"calculate", "19*3", "done", "tainted"},
	} {
		if !has(parts...) {
			t.Errorf("no row has %q", parts)
		}
	}
	s.hears(ear, "every one in its place")
	s.sees("calculate", "12*", "failed", "tainted", "refused", "every one in its place")

	s.typing("ZEBRA add")
	s.eventually("only what was typed is listed", listed(1))
	s.keys("Return")
	s.hears(ear, `"zebra\u{202E}stripes"`, "Outcome, done after", "Risk, safe", "Caller, ", "Record, ")
	s.sees("Outcome", "Decision", "Began", "Record")

	s.keys("Escape")
	s.eventually("the list is back, filtered as it was", listed(1))
	s.keys("ctrl+a", "BackSpace")
	s.eventually("every call has a row again", listed(6))
	s.keys("Home", "Down") // what was read is still selected
	var before, after string
	s.eventually("the second row is selected", func() bool { names, before = s.rows(ear); return before == names[1] })
	s.output("nerva", "exec", "calculate", "--input", `{"expression":"40+2"}`)
	s.eventually("the new call is listed", listed(7))
	if names, after = s.rows(ear); after != before || !strings.Contains(names[0], "40+2") {
		t.Errorf("selected %q, before it was %q", after, before)
	}

	s.keys("Escape")
	s.hears(ear, "Search or ask", "Foot")
	s.sees("foot")
	s.keys("Escape")
	s.waitHidden()
}

func TestABrokenChainIsNamedInTheLog(t *testing.T) {
	s := withDaemon(t, offline)
	s.closeAll()
	s.overlay()
	s.output("nerva", "exec", "calculate", "--input", `{"expression":"1+1"}`)
	db, err := store.Open(s.ctx, filepath.Join(filepath.Dir(s.data), "state", "nerva", "nerva.db"))
	s.must(err)
	for _, statement := range []string{"DROP TRIGGER audit_no_update", `UPDATE audit SET input = '{"expression":"2+2"}' WHERE seq = 1`} {
		_, err = db.ExecContext(s.ctx, statement)
		s.must(err)
	}
	s.must(db.Close())
	s.summon()
	s.typing("audit")
	s.sees("Audit log")
	s.keys("Return")
	s.hears(s.accessibility(), "audit record 1 was changed", "calculate, ")
}

package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"nerva/core/api"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// called are n records that have ended, newest first, with the numbers 2n-1, 2n-3 … 1.
func called(n int) []Entry {
	var entries []Entry
	for i := n; i > 0; i-- {
		seq := uint64(2*i - 1)
		entries = append(entries, NewEntry(api.Record{Seq: seq, Ended: seq + 1, Time: noon, Skill: "calculate", Outcome: "ok"}))
	}
	return entries
}

// inLog is an overlay whose log shows n records.
func inLog(n int, more bool) State {
	s, effects := Reduce(summoned(apps(3)...), LogToggled{})
	s, _ = Reduce(s, LogSeen{Number: of[FollowLog](effects)[0].Number, Entries: called(n), More: more, Now: noon})
	return s
}

func TestEscapeGoesBackToWhereTheLogWasOpened(t *testing.T) {
	working, _ := Reduce(summoned(), RunSeen{Run: api.Run{ID: 7, State: api.Running}})
	typed, effects := Reduce(summoned(), Typed{"foo"})
	typed = answer(typed, effects, apps(5)...)
	typed, _ = Reduce(typed, Moved{Last})
	acting, _ := play(summoned(app("a", "B")), ActionsToggled{}, Moved{Next})
	for _, c := range []struct {
		from string
		s    State
	}{
		{"an empty search", summoned(apps(2)...)},
		{"a search", typed},
		{"the actions", acting},
		{"a run", working},
	} {
		for _, back := range [][]Event{{Escaped{}}, {LogToggled{}}, {Typed{"x"}, Entered{}, Escaped{}}} {
			t.Run(fmt.Sprint(c.from, back), func(t *testing.T) {
				s, effects := Reduce(c.s, LogToggled{})
				if s.Screen != ScreenLog || s.Entry() != "" || len(of[FollowLog](effects)) != 1 || len(of[VerifyLog](effects)) != 1 {
					t.Fatalf("on screen %d with %q: %v", s.Screen, s.Entry(), effects)
				}
				s, effects = play(s, back...)
				if s.Screen != c.s.Screen || s.Entry() != c.s.Entry() || s.Selected != c.s.Selected || s.Action != c.s.Action || s.Shown != c.s.Shown || !s.Visible {
					t.Errorf("back on screen %d with %q", s.Screen, s.Entry())
				}
				if len(of[LeaveLog](effects)) != 1 || s.Log.Entries != nil {
					t.Errorf("the log is still followed: %v", effects)
				}
			})
		}
	}
}

func TestWhateverLeavesTheLogEndsItsFollowing(t *testing.T) {
	for _, e := range []Event{
		Dismissed{},
		Summoned{Toggle: true},
		Summoned{Text: "foot"},
		RunSeen{Run: api.Run{ID: 3, State: api.Confirming, Questions: []api.Question{{ID: "q"}}}},
	} {
		if _, effects := Reduce(inLog(3, false), e); len(of[LeaveLog](effects)) != 1 {
			t.Errorf("%T: %v", e, effects)
		}
	}
	if s, effects := Reduce(inLog(3, false), FocusMoved{}); !s.Visible || len(effects) > 0 {
		t.Error("a window that a call opens takes the log away")
	}
}

func TestNewRecordsLeaveTheSelectionWhereItIs(t *testing.T) {
	s, _ := play(inLog(5, true), Moved{Next}, Moved{Next})
	was, _ := s.Record()
	before := s.Log.Entries
	s, _ = Reduce(s, LogGrew{Number: s.Log.number, Now: noon, Entries: []Entry{
		NewEntry(api.Record{Seq: 13, Ended: 14}), NewEntry(api.Record{Seq: 11, Ended: 15}), // the later one ended first
		NewEntry(api.Record{Seq: 9, Ended: 10, Outcome: "error"}), // was under way
	}})
	if is, _ := s.Record(); is.Seq != was.Seq {
		t.Errorf("selected %d, before %d", is.Seq, was.Seq)
	}
	var got []uint64
	for _, e := range s.Log.Entries {
		got = append(got, e.Seq)
	}
	if fmt.Sprint(got) != "[13 11 9 7 5 3 1]" || s.Log.Entries[2].Outcome != "error" {
		t.Errorf("got %v, %+v", got, s.Log.Entries[2])
	}
	if before[0].Outcome != "ok" || len(before) != 5 {
		t.Error("a state that was handed out has changed")
	}
}

func TestOlderRecordsAreAskedForOnceNearTheEnd(t *testing.T) {
	s, effects := Reduce(inLog(100, true), Moved{Next})
	if len(of[LoadLog](effects)) > 0 {
		t.Errorf("at the start: %v", effects)
	}
	s, effects = play(s, Moved{Last}, LogEndNear{}, Moved{Previous})
	loads := of[LoadLog](effects)
	if len(loads) != 1 || loads[0].Before != 1 {
		t.Fatalf("asked %v", loads)
	}
	s, _ = Reduce(s, LogPaged{Number: loads[0].Number - 1, Entries: called(1)})
	if len(s.Log.Entries) != 100 {
		t.Error("took the page of another filter")
	}
	s, _ = Reduce(s, LogPaged{Number: loads[0].Number, Entries: []Entry{NewEntry(api.Record{Seq: 0})}})
	if _, effects = play(s, LogEndNear{}, Moved{Last}); len(s.Log.Entries) != 101 || len(of[LoadLog](effects)) > 0 {
		t.Errorf("%d entries, asks on: %v", len(s.Log.Entries), effects)
	}
}

func TestTypingFiltersTheLogAndEnterMeansWhatWasTyped(t *testing.T) {
	s, effects := play(inLog(3, false), Typed{"wr"}, Typed{"write"}, Entered{})
	follows := of[FollowLog](effects)
	if len(follows) != 2 || follows[1].Text != "write" || s.Screen != ScreenLog || len(of[Query](effects)) > 0 {
		t.Fatalf("screen %d, %v", s.Screen, effects)
	}
	s, _ = Reduce(s, LogSeen{Number: follows[0].Number, Entries: called(2)})
	if len(s.Log.Entries) != 3 {
		t.Error("the late answer to an older filter shows")
	}
	s, _ = Reduce(s, LogSeen{Number: follows[1].Number, Entries: called(1), Now: noon})
	if r, ok := s.Record(); s.Screen != ScreenRecord || !ok || r.Seq != 1 {
		t.Errorf("screen %d, record %+v", s.Screen, r)
	}
	if s, _ = Reduce(s, Typed{"writ"}); s.Screen != ScreenLog {
		t.Error("typing does not lead back to the list")
	}
}

func TestTheChainIsSaidInWords(t *testing.T) {
	for _, c := range []struct {
		e     LogVerified
		says  string
		sound bool
		known bool
	}{
		{LogVerified{Verified: api.Verified{Records: 1204}}, "1\u202f204 records, every one in its place at 12:00", true, true},
		{LogVerified{Verified: api.Verified{Records: 4, Cut: 1000}}, "4 records, every one in its place at 12:00; 1\u202f000 older ones were cut, as the configuration says", true, true},
		{LogVerified{}, "", true, true},
		{LogVerified{Err: api.Errorf(api.Failed, "audit record 3 was changed")}, "audit record 3 was changed", false, true},
		{LogVerified{Err: api.Errorf(api.Unavailable, "the daemon went away")}, "the daemon went away", false, false},
	} {
		c.e.Now = noon
		s, _ := Reduce(inLog(1, false), c.e)
		if got := s.Log.Chain; got != (Chain{Known: c.known, Sound: c.sound, Says: c.says}) {
			t.Errorf("%+v: %+v", c.e, got)
		}
	}
}

func TestALogThatCantBeReadSaysWhy(t *testing.T) {
	for _, c := range []struct {
		link            Link
		notice, message string
	}{
		{LinkUp, "the disk is full; make room", ""},
		{LinkPending, "", "Reading the log…"},
		{LinkDown, "", "no daemon"},
	} {
		s, effects := Reduce(summoned(), LogToggled{})
		s.Link, s.LinkDetail = c.link, "no daemon"
		s, _ = Reduce(s, LogSeen{Number: of[FollowLog](effects)[0].Number, Err: errors.New("the disk is full; make room")})
		if s.Notice != c.notice || s.Message() != c.message {
			t.Errorf("link %d: notice %q, message %q", c.link, s.Notice, s.Message())
		}
	}
}

func TestARowSaysWhoDecidedAndHowItEnded(t *testing.T) {
	for _, c := range []struct{ decision, by, outcome, decided, sign string }{
		{"allow", "tier", "ok", "allowed by its tier", "✓"},
		{"allow", "git status", "error", "allowed by the rule “git status”", "✗"},
		{"ask", "overlay", "refused", "refused in the overlay", "⊘"},
		{"ask", "terminal", "cancelled", "allowed in the terminal", "–"},
		{"ask", "nobody", "refused", "refused, nobody could answer", "⊘"},
		{"deny", "x\u202ey", "denied", `denied by the rule “x\u{202E}y”`, "⊘"},
		{"allow", "tier", "", "allowed by its tier", "…"},
		{"allow", "tier", "unknown", "allowed by its tier", "?"},
		{"allow", "tier", "of a later version", "allowed by its tier", "?"},
	} {
		e := NewEntry(api.Record{Decision: c.decision, DecidedBy: c.by, Outcome: c.outcome})
		if e.Decided != c.decided || e.Ending().Sign != c.sign {
			t.Errorf("%+v: %q %q", c, e.Decided, e.Ending().Sign)
		}
	}
}

func TestARowHidesNothingAndStaysShort(t *testing.T) {
	input, _ := json.Marshal(map[string]string{"text": strings.Repeat("é", 1<<17)})
	e := NewEntry(api.Record{Time: noon, Skill: "a\u202eb", Input: input, Error: strings.Repeat("no. ", 2000), Tainted: true, Outcome: "error"})
	if len(e.Argument) > rowText || len(e.Failure) > rowText || !strings.HasPrefix(e.Argument, "éé") {
		t.Errorf("%d and %d bytes", len(e.Argument), len(e.Failure))
	}
	if said := e.Spoken(); !strings.HasPrefix(said, `12:00, a\u{202E}b, éé`) || !strings.Contains(said, "failed") || !strings.Contains(said, "tainted") {
		t.Errorf("spoken: %.100s", said)
	}
	got := map[string]string{}
	for _, f := range e.Fields() {
		got[f.Name] = f.Value
	}
	if len(got["Error"]) < 7000 || got["Tainted by"] == "" || got["Outcome"] != "failed after 0 ms" {
		t.Errorf("fields %v", got["Outcome"])
	}
}

func TestTheDayHasAName(t *testing.T) {
	for want, at := range map[string]time.Time{
		"Today": noon.Add(-12 * time.Hour), "Yesterday": noon.Add(-13 * time.Hour),
		"Sunday, 22 November": noon.Add(-48 * time.Hour), "Wednesday, 31 December 2025": time.Date(2025, 12, 31, 23, 0, 0, 0, time.UTC),
	} {
		if got := day(at, noon); got != want {
			t.Errorf("%v is %q, want %q", at, got, want)
		}
	}
}

func TestTheLogIsFoundByItsName(t *testing.T) {
	for text, want := range map[string]bool{"log": true, " Audit": true, "audit log": true, "au": false, "lo": false, "logo": false, "": false} {
		s, effects := Reduce(summoned(), Typed{text})
		if text != "" {
			s = answer(s, effects, app("a"))
		}
		items := s.Items()
		if got := len(items) > 0 && items[len(items)-1].Result.Kind == KindLog; got != want {
			t.Errorf("%q: %v", text, got)
		}
		if !want {
			continue
		}
		s, effects = play(s, Moved{Last}, Entered{})
		if s.Screen != ScreenLog || len(of[FollowLog](effects)) != 1 {
			t.Errorf("%q: Enter leads to screen %d", text, s.Screen)
		}
		if s, _ = Reduce(s, Escaped{}); s.Entry() != text || s.Screen != ScreenSearch {
			t.Errorf("%q: back on screen %d with %q", text, s.Screen, s.Entry())
		}
	}
}

func TestARecordIsCopiedWhole(t *testing.T) {
	s := inLog(1, false)
	_, effects := Reduce(s, CancelPressed{})
	var r api.Record
	if c := of[Copy](effects); len(c) != 1 || json.Unmarshal([]byte(c[0].Text), &r) != nil || r.Seq != 1 {
		t.Errorf("copied %v", effects)
	}
}

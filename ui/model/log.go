package model

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"nerva/core/api"
)

// LogPage is how many records of the audit log are asked for at once, LogLimit how many are kept: who looks for what
// is older types something that is in it.
const (
	LogPage  = 100
	LogLimit = 10_000
)

// Log is the audit log on the screen; the zero Log is one that is not open.
type Log struct {
	Text     string  // what its records are chosen by
	Entries  []Entry // newest first
	Selected uint64  // Seq of the selected entry
	Chain    Chain
	Now      time.Time // when the newest entries came, which tells today from yesterday

	from     Screen // where Escape goes back to
	number   uint64 // of the newest following
	answered bool   // Entries are those of Text
	more     bool   // there are older ones,
	paging   bool   // and they are on their way
	enter    bool   // Enter was pressed before Entries were those of Text
}

// Chain says whether the log's records are all in their places.
type Chain struct {
	Known, Sound bool
	Says         string
}

// InLog says whether the card shows the audit log or one of its records.
func (s State) InLog() bool { return s.Screen == ScreenLog || s.Screen == ScreenRecord }

// Record is the selected entry of the log.
func (s State) Record() (Entry, bool) {
	if i := s.Log.Index(s.Log.Selected); i >= 0 {
		return s.Log.Entries[i], true
	}
	return Entry{}, false
}

// Index is where the entry of a record stands, -1 where there is none.
func (l Log) Index(seq uint64) int {
	if at, there := place(l.Entries, seq); there {
		return at
	}
	return -1
}

// place is where a record stands among entries, or would.
func place(entries []Entry, seq uint64) (at int, there bool) {
	return slices.BinarySearchFunc(entries, seq, func(e Entry, seq uint64) int { return cmp.Compare(seq, e.Seq) })
}

// Heads names the day that begins with entry i, and is empty where the one before it is of the same.
func (l Log) Heads(i int) string {
	t := l.Entries[i].Time
	if i > 0 && sameDay(t, l.Entries[i-1].Time) {
		return ""
	}
	return day(t, l.Now)
}

func openLog(s State) (State, []Effect) {
	s.pending, s.Notice = pendingNothing, ""
	s.Log = Log{from: s.Screen, Chain: Chain{Says: "Checking that every record is in its place…"}}
	s.Screen = ScreenLog
	s, effects := followLog(s)
	return s, append(effects, VerifyLog{})
}

func followLog(s State) (State, []Effect) {
	s.following++
	s.Log.number, s.Log.answered, s.Log.paging, s.Log.enter = s.following, false, false, false
	return s, []Effect{FollowLog{Number: s.following, Text: s.Log.Text}}
}

// reduceLog takes what the log knows better than the rest while it is on the screen; the last result says whether it
// took e.
func reduceLog(s State, e Event) (State, []Effect, bool) {
	var effects []Effect
	switch e := e.(type) {
	case Typed:
		if e.Text != s.Log.Text {
			s.Log.Text, s.Notice, s.Screen = e.Text, "", ScreenLog
			s, effects = followLog(s)
		}
	case Moved:
		s, effects = movedLog(s, e.To)
	case Picked:
		if e.Row >= 0 && e.Row < len(s.Log.Entries) {
			s.Log.Selected, s.Screen = s.Log.Entries[e.Row].Seq, ScreenRecord
		}
	case Entered:
		s, effects = enteredLog(s)
	case Escaped:
		if s.Screen == ScreenRecord {
			s.Screen = ScreenLog
		} else {
			s.Screen = s.Log.from
		}
	case LogToggled:
		s.Screen = s.Log.from
	case CancelPressed:
		if r, ok := s.Record(); ok {
			line, err := json.Marshal(r.Record)
			if err == nil { // else the daemon's input is no JSON
				effects = []Effect{Copy{Text: string(line)}}
			}
		}
	case LogEndNear:
		s, effects = olderLog(s)
	case Asked, ActionsToggled, FocusMoved: // a call that is read about may open a window
	default:
		return s, nil, false
	}
	return s, effects, true
}

func enteredLog(s State) (State, []Effect) {
	r, ok := s.Record()
	switch {
	case !s.Log.answered:
		s.Log.enter = true
	case ok && s.Screen == ScreenLog:
		s.Screen = ScreenRecord
		return s, []Effect{Announce{r.Spoken()}}
	}
	return s, nil
}

// movedLog stops at both ends: what is behind the last one may be on its way.
func movedLog(s State, to Motion) (State, []Effect) {
	n := len(s.Log.Entries)
	if n == 0 || s.Screen != ScreenLog {
		return s, nil
	}
	at := max(s.Log.Index(s.Log.Selected), 0)
	switch to {
	case Next:
		at++
	case Previous:
		at--
	case NextPage:
		at += page
	case PreviousPage:
		at -= page
	case First:
		at = 0
	case Last:
		at = n - 1
	}
	at = min(max(at, 0), n-1)
	if s.Log.Entries[at].Seq == s.Log.Selected {
		return s, nil
	}
	s.Log.Selected = s.Log.Entries[at].Seq
	effects := []Effect{Announce{s.Log.Entries[at].Spoken()}}
	if n-at <= 2*page {
		s, older := olderLog(s)
		return s, append(effects, older...)
	}
	return s, effects
}

func olderLog(s State) (State, []Effect) {
	l := &s.Log
	if !l.answered || !l.more || l.paging || len(l.Entries) >= LogLimit {
		return s, nil
	}
	l.paging = true
	return s, []Effect{LoadLog{Number: l.number, Text: l.Text, Before: l.Entries[len(l.Entries)-1].Seq}}
}

// heardLog takes what the daemon says of the log.
func heardLog(s State, e Event) (State, []Effect) {
	if !s.InLog() {
		return s, nil
	}
	switch e := e.(type) {
	case LogSeen:
		return seenLog(s, e)
	case LogGrew:
		if e.Number == s.Log.number {
			s.Log = grown(s.Log, e)
		}
	case LogPaged:
		if e.Number == s.Log.number {
			s = pagedLog(s, e)
		}
	case LogVerified:
		s.Log.Chain = chain(e)
	}
	return s, nil
}

// seenLog takes over the newest records that the text chooses; the selection stays where it still is one of them.
func seenLog(s State, e LogSeen) (State, []Effect) {
	l := &s.Log
	if e.Number != l.number {
		return s, nil
	}
	if e.Err != nil {
		if s.Link == LinkUp { // else the link's own sentence says it
			l.answered, s.Notice = true, e.Err.Error()
		}
		return s, nil
	}
	l.answered = true
	enter := l.enter
	l.Entries, l.Now, l.more, l.paging, l.enter = e.Entries, e.Now, e.More, false, false
	if l.Index(l.Selected) < 0 {
		l.Selected = 0
		if s.Screen == ScreenRecord { // after a change of daemons; what was read is gone
			s.Screen = ScreenLog
		}
		if len(l.Entries) > 0 {
			l.Selected = l.Entries[0].Seq
		}
	}
	if enter {
		return enteredLog(s)
	}
	if r, ok := s.Record(); ok && s.Screen == ScreenLog {
		return s, []Effect{Announce{r.Spoken()}}
	}
	return s, nil
}

// grown puts calls that have ended into their places: those that were seen under way are there already.
func grown(l Log, e LogGrew) Log {
	entries := slices.Clone(l.Entries)
	for _, entry := range e.Entries {
		at, there := place(entries, entry.Seq)
		switch {
		case there:
			entries[at] = entry
		case at < len(entries) || !l.more: // else it comes with its page
			entries = slices.Insert(entries, at, entry)
		}
	}
	if len(entries) > LogLimit {
		entries = entries[:LogLimit]
	}
	l.Entries, l.Now = entries, e.Now
	if l.Index(l.Selected) < 0 && len(entries) > 0 {
		l.Selected = entries[0].Seq
	}
	return l
}

func pagedLog(s State, e LogPaged) State {
	l := &s.Log
	l.paging = false
	if e.Err != nil {
		s.Notice = e.Err.Error()
		return s
	}
	l.more = e.More
	l.Entries = append(slices.Clone(l.Entries), e.Entries...)
	return s
}

func chain(e LogVerified) Chain {
	switch {
	case api.CodeOf(e.Err) == api.Failed:
		return Chain{Known: true, Says: e.Err.Error()}
	case e.Err != nil: // it is not about the records
		return Chain{Says: e.Err.Error()}
	}
	if e.Verified.Records == 0 {
		return Chain{Known: true, Sound: true} // the empty list says it
	}
	says := fmt.Sprintf("%s records, every one in its place at %s", grouped(e.Verified.Records), e.Now.Format("15:04"))
	if e.Verified.Cut > 0 {
		says += fmt.Sprintf("; %s older ones were cut, as the configuration says", grouped(e.Verified.Cut))
	}
	return Chain{Known: true, Sound: true, Says: says}
}

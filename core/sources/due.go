package sources

import (
	"cmp"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"nerva/core/calendar"
	"nerva/core/watchers"
)

const (
	// grace is how long after its beginning a meeting is still told of: the computer was suspended, or nervad did not run.
	grace = 5 * time.Minute
	// toldFor is how long it is remembered which meetings were told of: the clock may be set back.
	toldFor = 24 * time.Hour
	// mostTold is how many are remembered: a calendar may have others each time it is synchronised.
	mostTold = 20_000
)

// occasion is what a rule is told of once. With another link it is another: who was offered the one may want the other.
type occasion struct {
	id     [16]byte
	link   string
	begins int64 // seconds since 1970
	lead   time.Duration
}

// tell posts the meetings that are due and were not told of. Each is told of once for each lead.
func (a *agenda) tell() {
	keep := toldFor
	if len(a.s.told) > mostTold/2 {
		keep = grace
	}
	for o := range a.s.told {
		if time.Unix(o.begins, 0).Before(a.now.Add(-keep)) {
			delete(a.s.told, o)
		}
	}
	for _, lead := range a.leads {
		for _, d := range a.due(lead) {
			a.post(a.event(d, lead))
		}
	}
}

// due is a meeting to be told of, and the name of its calendar.
type due struct {
	calendar.Meeting
	name string
}

// due takes those of a lead, in order.
func (a *agenda) due(lead time.Duration) []due {
	var all []due
	for _, path := range slices.Sorted(maps.Keys(a.files)) { // of the same meeting in two of them it is always the same one
		f := a.files[path]
		if f.Calendar == nil {
			continue
		}
		for _, m := range f.Meetings(a.now.Add(time.Nanosecond-grace), a.now.Add(lead+time.Nanosecond)) {
			o := occasion{m.ID, m.Link, m.Begins.Unix(), lead}
			if !a.s.told[o] && len(a.s.told) < mostTold {
				a.s.told[o] = true
				all = append(all, due{m, calendarName(path, f.Several)})
			}
		}
	}
	slices.SortFunc(all, func(x, y due) int { return cmp.Or(x.Begins.Compare(y.Begins), cmp.Compare(x.Title, y.Title)) })
	return all
}

// event is for the rules of one lead.
func (a *agenda) event(m due, lead time.Duration) watchers.Event {
	return watchers.Event{
		Source: "calendar", Time: a.now, Only: func(match watchers.Match) bool { return match.Lead() == lead },
		Fields: fields{
			"Text": m.Title, "Title": m.Title, "Begins": m.Begins.Local(), "Ends": m.Ends.Local(), "Link": m.Link, "Location": m.Location, "Calendar": m.name,
			"Minutes": math.Round(m.Begins.Sub(a.now).Minutes()) + 0, // and not -0
		},
	}
}

// next is when the next meeting is due; zero: never.
func (a *agenda) next() (first time.Time) {
	for _, f := range a.files {
		if f.Calendar == nil {
			continue
		}
		for _, lead := range a.leads {
			if begins, ok := f.Next(a.now.Add(lead)); ok {
				if at := begins.Add(-lead); first.IsZero() || at.Before(first) {
					first = at
				}
			}
		}
	}
	return first
}

// calendarName is what a person knows a calendar by: the folder where each event has a file, and the file where it has
// several. Evolution calls all of its files alike.
func calendarName(path string, several bool) string {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if !several || name == "calendar" {
		return filepath.Base(filepath.Dir(path))
	}
	return name
}

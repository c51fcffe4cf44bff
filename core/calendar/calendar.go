// Package calendar reads iCalendar files (RFC 5545) and says which meetings begin when.
//
// A Calendar is one file's, as it was read: it belongs to the goroutine that reads it and asks it, and starts none. The
// zones of the IANA's database are read once for all, by any goroutine. What a file has in it was written by anybody. What is
// broken in it is left out and counted, an error has no word of it, and what is read, kept and looked through is bounded. The
// package must not know where calendars are kept, who asks, and what comes of a meeting.
package calendar

import (
	"cmp"
	"slices"
	"time"
)

// Meeting is one time at which an event begins. What takes whole days is none.
type Meeting struct {
	// ID is the event's, the same for all of its times.
	ID [16]byte
	// Title and Location are at most 300 bytes of valid UTF-8.
	Title, Location string
	// Link is where one joins: an address of the web by https, as address.Clean has it; empty where none is known.
	Link         string
	Begins, Ends time.Time
}

const (
	// mostKept is how many events and single dates of theirs are kept of one file: what is to come of nobody's is more. 5000 with
	// all they have are 15 MB.
	mostKept = 5000
	// mostRules is how many rules of one file are looked through for what is to come: the worst take 30 ms each.
	mostRules = 1000
	// ruleWeight is how many events one that comes again counts for: the times of a year, which may take 36 KB, are worked out
	// together.
	ruleWeight = 10
	// mostMeetings is how many a Calendar gives at once.
	mostMeetings = 1000
)

// Calendar has the events of a file that have not begun, and those that come again.
type Calendar struct {
	// Left is how many events were left out, because they are broken, or too many.
	Left int
	// Several says whether the file has several events: a whole calendar in one file, and not one event alone.
	Several bool

	events []*event
	kept   int
}

// Kept is how much of the file is remembered: its events, and single dates of theirs. One that comes again counts for ten.
func (c *Calendar) Kept() int { return c.kept }

// Meetings gives those that begin at from or later and before to, at most 1000, in order. What begins before from is
// forgotten: from must not lie before the time since which the file was read, nor before that of an earlier call.
func (c *Calendar) Meetings(from, to time.Time) []Meeting {
	var all []Meeting
	for _, e := range c.events {
		e.forget(from)
		for _, at := range e.until(to) {
			if at.Before(to) && len(all) < mostMeetings {
				all = append(all, e.meeting(at))
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Meeting) int {
		return cmp.Or(a.Begins.Compare(b.Begins), cmp.Compare(a.Title, b.Title))
	})
	return all
}

// Next says when the first meeting after a time begins.
func (c *Calendar) Next(after time.Time) (first time.Time, ok bool) {
	for _, e := range c.events {
		for _, at := range e.until(after.Add(time.Nanosecond)) {
			if at.After(after) && (!ok || at.Before(first)) {
				first, ok = at, true
			}
		}
	}
	return first, ok
}

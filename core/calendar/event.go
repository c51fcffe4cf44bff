package calendar

import (
	"slices"
	"time"
)

// event is what is kept of a VEVENT.
type event struct {
	id                    [16]byte
	title, location, link string
	length                time.Duration
	zone                  zone
	since                 time.Time
	except, moved         []time.Time // sorted: when it would begin, and does not; what another says something else of
	more                  times       // nil: there are no more

	ahead []time.Time // what was taken from more and is not forgotten, in order
}

func (e *event) meeting(at time.Time) Meeting {
	return Meeting{ID: e.id, Title: e.title, Location: e.location, Link: e.link, Begins: at, Ends: at.Add(e.length)}
}

// until gives what is ahead, up to the first that is not before a time, and maybe more. Each time is worked out once: a
// rule may be looked through from its beginning only.
func (e *event) until(to time.Time) []time.Time {
	for e.more != nil && (len(e.ahead) == 0 || e.ahead[len(e.ahead)-1].Before(to)) {
		wall, ok := e.more()
		if !ok {
			e.more = nil
			break
		}
		if wall.Before(e.since.Add(-mostOffset)) {
			continue
		}
		at := e.zone.instant(wall)
		if !at.Before(e.since) && !has(e.except, at) && !has(e.moved, at) {
			e.ahead = append(e.ahead, at)
		}
	}
	return e.ahead
}

func has(sorted []time.Time, at time.Time) bool {
	_, found := slices.BinarySearchFunc(sorted, at, time.Time.Compare)
	return found
}

func (e *event) forget(before time.Time) {
	n := 0
	for n < len(e.ahead) && e.ahead[n].Before(before) {
		n++
	}
	e.ahead = e.ahead[n:]
}

package calendar

import (
	"errors"
	"time"
)

const (
	// mostOffset is beyond how far any clock on a wall is from UTC.
	mostOffset = 26 * time.Hour
	// mostZones is how many names of zones are looked up for one file, mostParts how many parts and mostShifts how many shifts
	// of the clock a zone may have.
	mostZones, mostParts, mostShifts = 200, 50, 500
	// zoneBefore and zoneAfter are the years around the reading for which a zone that a file defines is worked out.
	zoneBefore, zoneAfter = 1, 10
)

var errZone = errors.New("a time zone is wrong")

// zone says which instant a clock on a wall shows, and the other way round. Times on the wall are written as if in UTC.
type zone interface {
	instant(wall time.Time) time.Time
	wall(at time.Time) time.Time
}

// place is a zone of the IANA's database.
type place struct{ *time.Location }

// instant takes of a time that is there twice the first, and one that is skipped as if the clock had not been set (section
// 3.3.5); time.Date gives either.
func (p place) instant(wall time.Time) time.Time {
	year, month, day := wall.Date()
	hour, minute, second := wall.Clock()
	at := time.Date(year, month, day, hour, minute, second, 0, p.Location)
	if shown := p.wall(at); shown.Before(wall) { // it is skipped, and at is before that
		return at.Add(wall.Sub(shown))
	}
	set, _ := at.ZoneBounds()
	if set.IsZero() {
		return at
	}
	_, before := set.Add(-time.Second).Zone()
	_, after := at.Zone()
	if first := at.Add(time.Duration(after-before) * time.Second); after < before && first.Before(set) {
		return first
	}
	return at
}

func (p place) wall(at time.Time) time.Time {
	_, offset := at.In(p.Location).Zone()
	return at.UTC().Add(time.Duration(offset) * time.Second)
}

// defined is a zone that the file defines: how the clock was set when, in order. It has at least one shift.
type defined []shift

// shift is a change of the offset from UTC, when the clock on the wall, by from, shows at.
type shift struct {
	at       time.Time
	from, to time.Duration
}

// instant takes of a time that is there twice the first, and one that is skipped as if the clock had not been set
// (section 3.3.5).
func (d defined) instant(wall time.Time) time.Time {
	offset := d[0].from
	for _, s := range d {
		if wall.Before(s.at) || wall.Before(s.at.Add(s.to-s.from)) {
			break
		}
		offset = s.to
	}
	return wall.Add(-offset)
}

func (d defined) wall(at time.Time) time.Time {
	offset := d[0].from
	for _, s := range d {
		if at.Before(s.at.Add(-s.from)) {
			break
		}
		offset = s.to
	}
	return at.UTC().Add(offset)
}

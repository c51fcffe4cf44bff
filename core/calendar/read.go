package calendar

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// mostText is how many bytes of a title and of a place are kept.
const mostText = 300

var errTooMany = errors.New("there are too many events")

// Read takes what is in a file and has not begun before since. It ends early with ctx. What is broken or too much is left
// out and counted; an error is for the whole of the file.
func Read(ctx context.Context, data []byte, since time.Time) (*Calendar, error) {
	return read(ctx, data, since, time.Local)
}

// read has local for what has no zone.
func read(ctx context.Context, data []byte, since time.Time, local *time.Location) (*Calendar, error) {
	r := &reader{
		ctx: ctx, since: since, moved: map[[16]byte][]time.Time{}, calendar: &Calendar{},
		zones: zones{since: since, local: local, inFile: map[string]*component{}, found: map[string]zone{}},
	}
	if err := collect(data, "VTIMEZONE", r.addZone); err != nil {
		return nil, err
	}
	if err := collect(data, "VEVENT", r.addEvent); err != nil {
		return nil, err
	}
	r.finish()
	return r.calendar, ctx.Err()
}

// reader makes a Calendar of components.
type reader struct {
	ctx      context.Context
	since    time.Time
	zones    zones
	calendar *Calendar
	all      []*recurring
	moved    map[[16]byte][]time.Time // when an event would be that another VEVENT says something else of
	first    [16]byte
	any      bool
	weight   int // of all and moved: events and dates
}

func (r *reader) addZone(c *component) {
	if name := ics.FromText(c.value("TZID")); len(r.zones.inFile) < mostZones {
		r.zones.inFile[name] = c
	}
}

func (r *reader) addEvent(c *component) {
	if r.ctx.Err() != nil {
		return
	}
	if err := r.read(c); err != nil {
		r.calendar.Left++
	}
}

func (r *reader) read(c *component) error {
	sum := sha256.Sum256([]byte(c.value("UID")))
	id := [16]byte(sum[:16])
	r.calendar.Several = r.calendar.Several || r.any && id != r.first
	r.first, r.any = id, true
	starts, err := r.zones.moments(c.props["DTSTART"])
	if c.broken || err != nil || len(starts) != 1 {
		return errBroken
	}
	instead, err := r.zones.moments(c.props["RECURRENCE-ID"])
	if err != nil || len(instead) > 1 {
		return errBroken
	}
	for _, m := range instead {
		if at := m.instant(); !at.Before(r.since) && r.weight < mostKept {
			r.moved[id] = append(r.moved[id], at)
			r.weight++
		}
	}
	if starts[0].day || strings.EqualFold(strings.TrimSpace(c.value("STATUS")), "CANCELLED") {
		return nil
	}
	e := &recurring{event: event{id: id, zone: starts[0].in, since: r.since}, start: starts[0], single: len(instead) > 0}
	return r.keep(e, c)
}

// keep keeps an event that may come.
func (r *reader) keep(e *recurring, c *component) (err error) {
	if e.length, err = r.length(c, e.start.instant()); err != nil {
		return err
	}
	if !e.single {
		if err := r.recurs(e, c); err != nil {
			return err
		}
	}
	if e.over() {
		return nil
	}
	e.weight = 1 + len(e.except) + len(e.dates)
	if r.weight+e.weight > mostKept {
		return errTooMany
	}
	r.weight += e.weight
	e.title, e.location, e.link = text(c.value("SUMMARY")), text(c.value("LOCATION")), link(c)
	r.all = append(r.all, e)
	return nil
}

// finish takes over what has a time to come, once all is known that has others.
func (r *reader) finish() {
	for _, moved := range r.moved {
		slices.SortFunc(moved, time.Time.Compare)
	}
	rules := 0
	for _, e := range r.all {
		if r.ctx.Err() != nil {
			return
		}
		if e.rule != nil {
			rules++
		}
		if rules > mostRules && e.rule != nil {
			r.calendar.Left++
			continue
		}
		if !e.single {
			slices.SortFunc(e.except, time.Time.Compare)
			e.moved = r.moved[e.id]
		}
		e.more = sequence(e.start.wall, e.rule, e.dates)
		if len(e.until(r.since)) == 0 {
			continue
		}
		r.calendar.events = append(r.calendar.events, &e.event)
		r.calendar.kept += e.weight
		if e.rule != nil {
			r.calendar.kept += ruleWeight - 1
		}
	}
}

// text is what a TEXT says, cut where nobody reads on.
func text(value string) string {
	s := strings.TrimSpace(strings.ToValidUTF8(ics.FromText(value), "\uFFFD"))
	if len(s) > mostText {
		s = strings.ToValidUTF8(s[:mostText], "")
	}
	return strings.Clone(s) // the line may be much longer
}

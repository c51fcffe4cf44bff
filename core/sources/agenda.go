package sources

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"nerva/core/calendar"
)

const (
	// clockBack is how far the clock is set back for all files to be read again.
	clockBack = time.Minute
	// mostEntries is how much of all calendars is remembered; see calendar.Calendar.Kept.
	mostEntries = 20_000
)

// agenda knows the meetings of some calendars. It belongs to the goroutine of its listener.
type agenda struct {
	s      *Sources
	places []string // absolute
	leads  []time.Duration
	post   post
	now    time.Time
	files  map[string]*calendarFile
	kept   int
	broken bool // it has been logged that something is left out
}

// calendarFile is a file as it was read last.
type calendarFile struct {
	stamp
	*calendar.Calendar // nil: none of it is kept
}

func newAgenda(s *Sources, places []string, leads []time.Duration, post post) *agenda {
	return &agenda{s: s, places: places, leads: leads, post: post, now: s.o.Now(), files: map[string]*calendarFile{}}
}

// look looks at the clock. Where that was set back, what was over and is forgotten may come again.
func (a *agenda) look(ctx context.Context) {
	before := a.now
	if a.now = a.s.o.Now(); a.now.Before(before.Add(-clockBack)) {
		clear(a.files)
		a.kept = 0
		a.refresh(ctx)
	}
}

// refresh reads the files that are others than they were.
func (a *agenda) refresh(ctx context.Context) {
	there := calendarFiles(a.places)
	for path, f := range a.files {
		if now, still := there[path]; !still || now != f.stamp {
			a.drop(path)
		}
	}
	for path, stamp := range there {
		if _, known := a.files[path]; !known && ctx.Err() == nil {
			a.read(ctx, path, stamp)
		}
	}
}

func (a *agenda) drop(path string) {
	if c := a.files[path].Calendar; c != nil {
		a.kept -= c.Kept()
	}
	delete(a.files, path)
}

func (a *agenda) read(ctx context.Context, path string, s stamp) {
	f := &calendarFile{stamp: s.settled()}
	a.files[path] = f
	data, err := calendar.Load(path)
	var c *calendar.Calendar
	if err == nil {
		c, err = calendar.Read(ctx, data, a.s.o.Now().Add(-grace))
	}
	switch {
	case ctx.Err() != nil, errors.Is(err, fs.ErrNotExist): // it is gone again, and that will be told
	case err != nil:
		a.leftOut(path, "problem", err)
	case a.kept+c.Kept() > a.s.entries:
		a.leftOut(path, "problem", "there are too many events in all calendars")
	default:
		if c.Left > 0 {
			a.leftOut(path, "events", c.Left)
		}
		if c.Kept() > 0 {
			f.Calendar = c
			a.kept += c.Kept()
		}
	}
}

// leftOut is logged once: a folder may have thousands of files of a program that writes them wrong.
func (a *agenda) leftOut(path, key string, value any) {
	if !a.broken {
		a.broken = true
		a.s.o.Log.Warn("something in the calendars is left out, since it is broken or too much; this is said once", "file", path, key, value)
	}
}

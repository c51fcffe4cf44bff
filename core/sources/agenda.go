package sources

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"nerva/core/calendar"
)

const (
	// clockBack is how far the clock is set back for all files to be read again, clockAhead how far on.
	clockBack, clockAhead = time.Minute, 365 * 24 * time.Hour
	// mostEntries is how much of all calendars is remembered; see calendar.Calendar.Kept.
	mostEntries = 20_000
	// longestRead is how long one file is read, and longestFolder how long those of a folder are in a row: one with rules that
	// nobody has takes minutes, and meanwhile nothing is told of the others. One of 16 MiB with rules as people have takes 2 s.
	longestRead, longestFolder = 5 * time.Second, 10 * time.Second
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
	of     map[string]int // what is kept of the files of each folder
	broken bool           // it has been logged that something is left out
}

// calendarFile is a file as it was read last.
type calendarFile struct {
	stamp
	*calendar.Calendar // nil: none of it is kept
}

func newAgenda(s *Sources, places []string, leads []time.Duration, post post) *agenda {
	return &agenda{s: s, places: places, leads: leads, post: post, now: s.o.Now(), files: map[string]*calendarFile{}, of: map[string]int{}}
}

// look looks at the clock. Where that was set back, what was over and is forgotten may come again; where it was set far on, as
// on a computer that has none while it is off, the zones were worked out for other years.
func (a *agenda) look(ctx context.Context) {
	before := a.now
	if a.now = a.s.o.Now(); a.now.Before(before.Add(-clockBack)) || a.now.After(before.Add(clockAhead)) {
		clear(a.files)
		clear(a.of)
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
	took := map[string]time.Duration{} // by what was read of each folder
	for _, path := range slices.Sorted(maps.Keys(there)) {
		if _, known := a.files[path]; !known && ctx.Err() == nil {
			folder := filepath.Dir(path)
			took[folder] += a.read(ctx, path, there[path], min(a.s.longestRead, longestFolder-took[folder]))
		}
	}
}

func (a *agenda) drop(path string) {
	if c := a.files[path].Calendar; c != nil {
		a.keep(path, -c.Kept())
	}
	delete(a.files, path)
}

func (a *agenda) keep(path string, entries int) {
	a.kept += entries
	a.of[filepath.Dir(path)] += entries
}

// room says whether so much more of a file can be kept. A folder has at most half of what the others leave, so that none of
// them, whoever writes it, takes all of it.
func (a *agenda) room(path string, entries int) bool {
	of := a.of[filepath.Dir(path)]
	return of+entries <= (a.s.entries-(a.kept-of))/2
}

// read reads a file, for at most so long, and says how long it took to find out what is in it. The disk has its time.
func (a *agenda) read(ctx context.Context, path string, s stamp, limit time.Duration) (took time.Duration) {
	f := &calendarFile{stamp: s.settled()}
	a.files[path] = f
	var c *calendar.Calendar
	err := context.DeadlineExceeded
	if limit > 0 {
		c, took, err = a.load(ctx, path, limit)
	}
	switch {
	case ctx.Err() != nil, errors.Is(err, fs.ErrNotExist): // it is gone again, and that will be told
	case errors.Is(err, context.DeadlineExceeded):
		a.leftOut(path, "problem", "it, or its folder, takes too long to read")
	case err != nil:
		a.leftOut(path, "problem", err)
	case !a.room(path, c.Kept()):
		a.leftOut(path, "problem", "there are too many events in all calendars")
	default:
		if c.Left > 0 {
			a.leftOut(path, "events", c.Left)
		}
		if c.Kept() > 0 {
			f.Calendar = c
			a.keep(path, c.Kept())
		}
	}
	return took
}

func (a *agenda) load(ctx context.Context, path string, limit time.Duration) (c *calendar.Calendar, took time.Duration, err error) {
	data, err := calendar.Load(path)
	if err != nil {
		return nil, 0, err
	}
	began := time.Now()
	ctx, done := context.WithTimeout(ctx, limit)
	defer done()
	c, err = calendar.Read(ctx, data, a.s.o.Now().Add(-grace))
	return c, time.Since(began), err
}

// leftOut is logged once: a folder may have thousands of files of a program that writes them wrong.
func (a *agenda) leftOut(path, key string, value any) {
	if !a.broken {
		a.broken = true
		a.s.o.Log.Warn("something in the calendars is left out, since it is broken or too much; this is said once", "file", path, key, value)
	}
}

package sources

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"nerva/core/paths"
	"nerva/core/watchers"
)

const (
	// settle is how long calendars are left alone after a change: programs write many files in a row, and some a large one in
	// pieces. Where it never ends they are read after patientFor all the same.
	settle, patientFor = 200 * time.Millisecond, 2 * time.Second
)

// wantedMeetings is one listener for all rules: a file is read once, however many there are.
func (s *Sources) wantedMeetings(all map[string]listen) {
	var leads []time.Duration
	for _, m := range s.o.Engine.Wants("calendar") {
		leads = append(leads, m.Lead())
	}
	slices.Sort(leads)
	leads = slices.Compact(leads)
	var places []string
	for _, place := range s.o.Calendars() {
		places = append(places, filepath.Clean(paths.Expand(s.o.Home, place)))
	}
	if places = paths.Outermost(places); len(leads) > 0 && len(places) > 0 {
		all[fmt.Sprintf("calendar %q %v", places, leads)] = func(ctx context.Context, post post) error {
			return s.meetings(ctx, newAgenda(s, places, leads, post))
		}
	}
}

// meetings tells of meetings until ctx ends. It wakes when a calendar changes, when the next meeting is due, and when the
// clock is set.
func (s *Sources) meetings(ctx context.Context, a *agenda) error {
	ctx, stop := context.WithCancel(ctx)
	changed, ended := make(chan struct{}, 1), make(chan error, 1)
	var watching sync.WaitGroup
	watching.Go(func() { ended <- s.calendarsChanged(ctx, a.places, changed) })
	defer watching.Wait()
	defer stop()
	defer func() { _ = s.o.Clock.Set(time.Time{}) }() // else it rings once more, for nobody
	settled := time.NewTimer(0)
	settled.Stop()
	defer settled.Stop()
	var since time.Time // of the first change that is not read
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			return err
		case <-changed:
			if since.IsZero() {
				since = time.Now()
			}
			settled.Reset(min(settle, time.Until(since.Add(patientFor))))
			continue
		case <-settled.C:
			since = time.Time{}
			a.refresh(ctx)
		case <-s.o.Clock.Rings():
		}
		a.look(ctx)
		a.tell()
		if err := s.o.Clock.Set(a.next()); err != nil {
			return fmt.Errorf("meetings: %w", err)
		}
	}
}

// calendarsChanged says when something may have become of a calendar, at first when all that does will be said. It begins again
// when a link leads to a file that is not watched.
func (s *Sources) calendarsChanged(ctx context.Context, places []string, changed chan<- struct{}) error {
	say := func() {
		select {
		case changed <- struct{}{}:
		default: // it has yet to look
		}
	}
	for ctx.Err() == nil {
		within, again := context.WithCancel(ctx)
		linked := linkedFiles(places)
		err := s.watch(within, watched{
			log: s.o.Log.With("for", "calendars"), globs: calendarGlobs(places, linked), anew: say, again: true,
			post: func(e watchers.Event) {
				path, _ := e.Fields["Path"].(string)
				if folder, _ := e.Fields["Folder"].(bool); !folder && !isCalendar(path) && !slices.Contains(linked, path) {
					return
				}
				if to := linkedFile(path); to != "" && !slices.Contains(linked, to) {
					again()
				}
				say()
			},
		})
		begins := within.Err() != nil
		again()
		if !begins && !errors.Is(err, errOverflow) {
			return err
		}
	}
	return ctx.Err()
}

func calendarGlobs(places, linked []string) (globs []string) {
	for _, place := range places {
		glob := literally.Replace(place)
		if !isCalendar(place) {
			glob += "/**"
		}
		globs = append(globs, glob)
	}
	for _, path := range linked {
		globs = append(globs, literally.Replace(path))
	}
	return globs
}

// literally makes a glob of a path.
var literally = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `{`, `\{`, `}`, `\}`, `,`, `\,`)

func isCalendar(path string) bool { return strings.EqualFold(filepath.Ext(path), ".ics") }

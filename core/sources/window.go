package sources

import (
	"context"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"

	"nerva/core/desk"
	"nerva/core/watchers"
)

// happenings is how many events of windows may wait to be posted. Titles don't count twice, so that it takes as many
// windows, or as many changes of focus, within the time that the engine hands on what it has.
const happenings = 4096

// windows compares the lists of windows. SetWindows may not wait, so that what has not been posted is kept here.
type windows struct {
	log  *slog.Logger
	some chan struct{} // holds one: there is something to post

	mu       sync.Mutex // holds the rest
	known    bool       // there was a list
	list     []desk.Window
	since    map[string]time.Time // when each got its title, by id
	listened bool
	events   []windowEvent
	lost     bool // and that was logged
}

type windowEvent struct {
	at     time.Time
	what   string
	window desk.Window
	was    string // of titled: the title before, and how long it had stood
	lasted time.Duration
}

func newWindows(log *slog.Logger) windows {
	return windows{log: log, some: make(chan struct{}, 1)}
}

// SetWindows tells the list of windows, at first and at each change, from one goroutine. It does not wait.
func (s *Sources) SetWindows(list []desk.Window) { s.windows.set(list) }

func (w *windows) set(list []desk.Window) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before, since, known := w.list, w.since, w.known
	at := time.Now()
	w.list, w.since, w.known = slices.Clone(list), titledAt(before, list, since, at), true
	if !known || !w.listened {
		return
	}
	for _, e := range compare(before, list) {
		e.at = at
		if e.what == "titled" {
			e.lasted = at.Sub(since[e.window.ID])
		}
		w.add(e)
	}
	if len(w.events) > 0 {
		select {
		case w.some <- struct{}{}:
		default:
		}
	}
}

// compare gives what has happened between two lists.
func compare(before, now []desk.Window) []windowEvent {
	was := byID(before)
	is := byID(now)
	var events []windowEvent
	for _, w := range before {
		if _, ok := is[w.ID]; !ok {
			events = append(events, windowEvent{what: "closed", window: w})
		}
	}
	for _, w := range now {
		switch old, ok := was[w.ID]; {
		case !ok:
			events = append(events, windowEvent{what: "opened", window: w})
		case old.Title != w.Title:
			events = append(events, windowEvent{what: "titled", window: w, was: old.Title})
		}
	}
	for _, w := range now {
		if w.Focused && !was[w.ID].Focused {
			events = append(events, windowEvent{what: "focused", window: w})
		}
	}
	return events
}

// titledAt says since when each window has its title.
func titledAt(before, now []desk.Window, since map[string]time.Time, at time.Time) map[string]time.Time {
	was := byID(before)
	all := make(map[string]time.Time, len(now))
	for _, w := range now {
		all[w.ID] = at
		if old, ok := was[w.ID]; ok && old.Title == w.Title {
			all[w.ID] = since[w.ID]
		}
	}
	return all
}

func byID(list []desk.Window) map[string]desk.Window {
	all := make(map[string]desk.Window, len(list))
	for _, w := range list {
		all[w.ID] = w
	}
	return all
}

// add keeps an event to be posted. Of titles that nobody has seen yet only the last is left, in the place of the one that
// stood before them all.
func (w *windows) add(e windowEvent) {
	if e.what == "titled" {
		w.events = slices.DeleteFunc(w.events, func(o windowEvent) bool {
			same := o.what == e.what && o.window.ID == e.window.ID
			if same {
				e.was, e.lasted = o.was, o.lasted
			}
			return same
		})
	}
	if len(w.events) == happenings {
		if !w.lost {
			w.lost = true
			w.log.Warn("windows change faster than the watchers' rules are done with them; what is oldest is left out")
		}
		w.shift()
	}
	w.events = append(w.events, e)
}

func (w *windows) listen(ctx context.Context, post post) error {
	w.open(true)
	defer w.open(false)
	w.log.Debug("windows are watched")
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-w.some:
		}
		for e, ok := w.next(); ok && ctx.Err() == nil; e, ok = w.next() {
			post(watchers.Event{Source: "window", Time: e.at, Fields: fields{
				"Text": e.window.Title, "Event": e.what, "App": e.window.AppID, "Title": e.window.Title, "ID": e.window.ID, "Workspace": e.window.Workspace,
				"Focused": e.window.Focused, "Was": e.was, "Lasted": math.Floor(e.lasted.Seconds()),
			}})
		}
	}
}

func (w *windows) open(listened bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.listened, w.events = listened, nil
}

func (w *windows) next() (windowEvent, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.events) == 0 {
		w.events = nil // what a burst needed
		return windowEvent{}, false
	}
	e := w.events[0]
	w.shift()
	return e, true
}

func (w *windows) shift() {
	w.events[0] = windowEvent{}
	w.events = w.events[1:]
}

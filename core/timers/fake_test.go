package timers

import (
	"context"
	"database/sql"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/core/store"
)

// service shows notifications as mako does: it replaces by number and by tag.
type service struct {
	mu     sync.Mutex
	by     string
	last   uint32
	on     map[uint32]desk.Notification
	absent bool
	events chan desk.NotificationEvent
	told   chan struct{} // gets a value for each that is shown
}

func newService() *service {
	return &service{by: "first", on: map[uint32]desk.Notification{}, events: make(chan desk.NotificationEvent), told: make(chan struct{}, 10_000)}
}

func (s *service) Notify(_ context.Context, n desk.Notification) (desk.Shown, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.absent {
		return desk.Shown{}, api.Errorf(api.Unavailable, "no service")
	}
	id := uint32(0)
	for other, shown := range s.on {
		if n.Replaces == (desk.Shown{ID: other, By: s.by}) || n.Tag != "" && shown.Tag == n.Tag {
			id = other
		}
	}
	if id == 0 {
		s.last++
		id = s.last
	}
	s.on[id] = n
	s.told <- struct{}{}
	return desk.Shown{ID: id, By: s.by}, nil
}

func (s *service) Service(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.by, nil
}

func (s *service) Retract(_ context.Context, shown desk.Shown) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if shown.By == s.by {
		delete(s.on, shown.ID)
	}
	return nil
}

func (s *service) Follow(ctx context.Context, happened func(desk.NotificationEvent)) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e := <-s.events:
			happened(e)
		}
	}
}

// restart is another service, which shows nothing.
func (s *service) restart() {
	s.mu.Lock()
	s.by, s.last, s.on, s.absent = s.by+"+", 0, map[uint32]desk.Notification{}, false
	s.mu.Unlock()
	s.events <- desk.NotificationEvent{Kind: desk.ServiceCame}
}

func (s *service) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on, s.absent = map[uint32]desk.Notification{}, true
}

// shown gives title and body of what is on the screen, in the order in which it came there.
func (s *service) shown() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(s.on)) {
		all = append(all, s.on[id].Title+"|"+s.on[id].Body)
	}
	return all
}

// press presses a button of the notification with that title, or closes it where action is empty.
func (s *service) press(t *testing.T, title, action string) {
	t.Helper()
	kind := desk.Invoked
	if action == "" {
		kind = desk.Dismissed
	}
	s.happens(t, title, desk.NotificationEvent{Kind: kind, Action: action})
}

// gone ends one as its time does.
func (s *service) gone(t *testing.T, title string) {
	t.Helper()
	s.happens(t, title, desk.NotificationEvent{Kind: desk.Gone})
}

func (s *service) happens(t *testing.T, title string, e desk.NotificationEvent) {
	t.Helper()
	s.mu.Lock()
	e.Shown.By = s.by
	for id, n := range s.on {
		if n.Title == title {
			e.Shown.ID = id
			delete(s.on, id)
		}
	}
	s.mu.Unlock()
	if e.Shown.ID == 0 {
		t.Fatalf("no %q is shown", title)
	}
	s.events <- e
}

// hand is an alarm and a clock that a test turns.
type hand struct {
	mu    sync.Mutex
	now   time.Time
	set   chan time.Time // gets each time that was set
	rings chan struct{}
}

func newHand() *hand {
	return &hand{now: start, set: make(chan time.Time, 1000), rings: make(chan struct{}, 1)}
}

var start = time.Date(2026, 11, 25, 14, 30, 0, 0, time.Local)

func (h *hand) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hand) Set(at time.Time) error { h.set <- at; return nil }

func (h *hand) Rings() <-chan struct{} { return h.rings }

// to turns the clock and rings.
func (h *hand) to(now time.Time) {
	h.mu.Lock()
	h.now = now
	h.mu.Unlock()
	h.rings <- struct{}{}
}

// world is a keeper that runs.
type world struct {
	*Keeper
	*service
	*hand
	t  *testing.T
	db *sql.DB
}

// newWorld runs a keeper over a database in which some statements have left something.
func newWorld(t *testing.T, before ...string) *world {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "nerva.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w := &world{service: newService(), hand: newHand(), t: t, db: db}
	w.Keeper, err = Open(t.Context(), db, Options{Notifier: w.service, Alarm: w.hand, Now: w.hand.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range before {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = w.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	w.settled(time.Time{})
	return w
}

// settled waits until nothing is left to be done, and holds that the alarm is set to a time then.
func (w *world) settled(at time.Time) {
	w.t.Helper()
	for nothing := false; !nothing; {
		nothing = len(w.rings) == 0 && len(w.changed) == 0
		// Once the third one is taken, Run is done with what it did before the first.
		for range 3 {
			w.events <- desk.NotificationEvent{Kind: desk.Gone}
		}
	}
	var last time.Time
	for len(w.set) > 0 {
		last = <-w.set
	}
	if !last.Equal(at) {
		w.t.Fatalf("the alarm is set to %v, not to %v", last, at)
	}
}

func (w *world) expect(want ...string) {
	w.t.Helper()
	if got := w.shown(); !slices.Equal(got, want) {
		w.t.Errorf("shown is %q, want %q", got, want)
	}
}

// Package timers keeps timers and reminders, and rings them by a notification.
//
// The table timers of nerva's database is all the state there is, so that a crash at any moment loses nothing: Add,
// Cancel and List may be called from any goroutine. Run, in the goroutine that calls it, is the only one that rings. It
// takes down what is to ring before it shows it, and that it was shown after; what a crash left between the two is shown
// again, in the place of the one before. The package must not know who sets timers, nor how a notification is shown.
package timers

import (
	"context"
	"database/sql"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/core/store"
	"nerva/core/when"
)

const (
	maxTimers = 10_000
	maxText   = 1000 // bytes
	// late is how long after its time a timer is said to have been missed.
	late = time.Minute
	// kept is how long one that has rung stays in the list where nobody has answered.
	kept = 24 * time.Hour
	// snooze is what the button of that name adds.
	snooze = 10 * time.Minute
)

// Notifier shows notifications; desk.Notifier is one.
type Notifier interface {
	Notify(ctx context.Context, n desk.Notification) (desk.Shown, error)
	Retract(ctx context.Context, s desk.Shown) error
	Follow(ctx context.Context, happened func(desk.NotificationEvent)) error
	// Service is the By of what the service that runs now shows.
	Service(ctx context.Context) (by string, err error)
}

// Alarm rings at a time of the wall clock; *wallclock.Alarm is one.
type Alarm interface {
	// Set replaces the time; zero is never.
	Set(at time.Time) error
	// Rings gets a value when the time has come or the clock was set.
	Rings() <-chan struct{}
}

// Options go with Open. All but Now must be set.
type Options struct {
	Notifier Notifier
	Alarm    Alarm
	Log      *slog.Logger
	Now      func() time.Time // nil: the clock
}

// Keeper keeps timers.
type Keeper struct {
	o       Options
	db      *sql.DB
	changed chan struct{} // wakes Run: there is another first one
}

// Open creates the table where it is missing. The caller closes db after the last use of the keeper.
func Open(ctx context.Context, db *sql.DB, o Options) (*Keeper, error) {
	if o.Now == nil {
		// Without its reading of the monotonic clock: that stands still while the computer is suspended.
		o.Now = func() time.Time { return time.Now().Round(0) }
	}
	if err := store.Migrate(ctx, db, "timers", versions); err != nil {
		return nil, err
	}
	return &Keeper{o: o, db: db, changed: make(chan struct{}, 1)}, nil
}

// Now is the time that those are relative to which Add gets.
func (k *Keeper) Now() time.Time { return k.o.Now() }

// Add sets a timer.
func (k *Keeper) Add(ctx context.Context, t when.Time, text string) (api.Timer, error) {
	text = strings.TrimSpace(strings.ToValidUTF8(text, "�"))
	switch {
	case text == "":
		return api.Timer{}, api.Errorf(api.InvalidInput, "the timer has no text; say what it is for")
	case len(text) > maxText:
		return api.Timer{}, api.Errorf(api.InvalidInput, "the text of the timer has %d characters; shorten it to a sentence", utf8.RuneCountInString(text))
	}
	id, err := k.insert(ctx, row{due: t.Due, every: t.Every, text: text})
	if err != nil {
		return api.Timer{}, failed("set the timer", err)
	}
	k.wake()
	return api.Timer{ID: id, Due: t.Due, Every: when.Words(t.Every), Text: text, State: api.TimerWaiting}, nil
}

// List gives those that have rung and were not answered, then the others, each by its time.
func (k *Keeper) List(ctx context.Context) ([]api.Timer, error) {
	rows, err := k.rows(ctx, `ORDER BY due != 0, max(due, rang), id`)
	if err != nil {
		return nil, failed("list the timers", err)
	}
	list := make([]api.Timer, len(rows))
	for i, r := range rows {
		list[i] = api.Timer{ID: r.id, Due: r.due, Every: when.Words(r.every), Text: r.text, State: api.TimerWaiting}
		if r.due.IsZero() {
			list[i].Due, list[i].State = r.rang, api.TimerRung
			if !r.ring.IsZero() { // it can't be shown yet
				list[i].Due = r.ring
			}
		}
	}
	return list, nil
}

// Cancel forgets a timer, and takes away what is shown of it.
func (k *Keeper) Cancel(ctx context.Context, id int64) error {
	shown, found, err := k.remove(ctx, id)
	switch {
	case err != nil:
		return failed("cancel the timer", err)
	case !found:
		if declared, err := k.rows(ctx, `WHERE id = ?`, id); err == nil && len(declared) > 0 {
			return api.Errorf(api.InvalidInput, "timer %d is %q of the configuration; take it out there, and it is gone", id, declared[0].name)
		}
		return api.Errorf(api.NotFound, "there is no timer %d; list_timers and `nerva timer list` have their numbers", id)
	}
	k.wake()
	k.retract(ctx, id, shown)
	return nil
}

// retract takes away what is shown of a timer that is no more.
func (k *Keeper) retract(ctx context.Context, id int64, shown desk.Shown) {
	if err := k.o.Notifier.Retract(ctx, shown); err != nil {
		k.o.Log.Warn("the notification of a timer that is gone is still shown", "timer", id, "error", err)
	}
}

func (k *Keeper) wake() {
	select {
	case k.changed <- struct{}{}:
	default:
	}
}

func failed(what string, err error) error {
	if api.CodeOf(err) != api.Failed {
		return err
	}
	return api.Errorf(api.Failed, "%s: %w; look at the disk of the state folder", what, err)
}

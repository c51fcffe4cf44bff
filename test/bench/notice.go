package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"nerva/core/desk"
	"nerva/core/store"
	"nerva/core/suggestions"
	"nerva/core/timers"
	"nerva/core/wallclock"
	"nerva/core/watchers"
	"nerva/core/when"
)

// measureTimers times from when a timer is due by the wall clock to when it is handed to the notification service, what is
// taken down before that on the disk among it.
func measureTimers(ctx context.Context, r *report, rounds int) error {
	db, remove, err := scratch(ctx, "timers-")
	if err != nil {
		return err
	}
	defer remove()
	clock, err := wallclock.New()
	if err != nil {
		return err
	}
	defer func() { _ = clock.Close() }()
	rung := make(chan time.Time, 1)
	k, err := timers.Open(ctx, db, timers.Options{Notifier: listener{rung}, Alarm: clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = k.Run(ctx) }() // its error is the context's
	defer func() { stop(); <-ended }()
	var samples []float64
	for n := range rounds {
		due := k.Now().Add(50 * time.Millisecond)
		if _, err := k.Add(ctx, when.Time{Due: due}, fmt.Sprint("timer ", n)); err != nil {
			return err
		}
		samples = append(samples, milliseconds((<-rung).Sub(due.Truncate(time.Millisecond))))
	}
	s := r.add("timer: from its time to the notification", samples)
	r.atMost("timer, from its time to the notification, p99", "ms", s.P99, 1000)
	return nil
}

// listener takes down when a notification comes.
type listener struct{ rung chan time.Time }

func (l listener) Notify(context.Context, desk.Notification) (desk.Shown, error) {
	l.rung <- time.Now().Round(0)
	return desk.Shown{ID: 1, By: "bench"}, nil
}

func (listener) Service(context.Context) (string, error) { return "bench", nil }

func (listener) Retract(context.Context, desk.Shown) error { return nil }

func (listener) Follow(ctx context.Context, _ func(desk.NotificationEvent)) error {
	<-ctx.Done()
	return ctx.Err()
}

// measureWatchers times from an event to its suggestion on the disk, with fifty rules in force.
func measureWatchers(ctx context.Context, r *report) error {
	db, remove, err := scratch(ctx, "watchers-")
	if err != nil {
		return err
	}
	defer remove()
	kept, err := suggestions.Open(ctx, db)
	if err != nil {
		return err
	}
	clock, err := wallclock.New()
	if err != nil {
		return err
	}
	defer func() { _ = clock.Close() }()
	told := make(chan time.Time, 1)
	e := watchers.New(watchers.Options{Outcomes: keeper{kept, told}, Clock: clock, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	var rules []watchers.Rule
	for n := range 50 {
		rules = append(rules, watchers.Rule{
			Name: fmt.Sprint("rule ", n), On: "clipboard",
			Match:   watchers.Match{Regex: fmt.Sprintf(`^zebra %d \d+$`, n), When: `App matches "^foo" and len(Text) < 100`},
			Suggest: &watchers.Offer{Title: "About {{line .Text}}", Ask: "Explain {{.Text}}"},
		})
	}
	var wrong error
	e.Set(watchers.CompileAll(rules, false, watchers.Known{Home: "/"}, func(i int, key, problem string) {
		wrong = fmt.Errorf("rule %d: %s %s", i, key, problem)
	}))
	if wrong != nil {
		return wrong
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = e.Run(ctx) }() // its error is the context's
	defer func() { stop(); <-ended }()
	var samples []float64
	for n := range 500 {
		start := time.Now()
		event := watchers.Event{Source: "clipboard", Time: start, Fields: map[string]any{"Text": fmt.Sprintf("zebra %d %d", n%50, n), "App": "foot"}}
		if err := e.Post(ctx, event); err != nil {
			return err
		}
		samples = append(samples, milliseconds((<-told).Sub(start)))
	}
	s := r.add("watchers: from an event to its suggestion on the disk, 50 rules", samples)
	r.atMost("watchers, event to suggestion, p99", "ms", s.P99, 50)
	return nil
}

// keeper keeps suggestions as the daemon does.
type keeper struct {
	*suggestions.Store
	told chan time.Time
}

func (k keeper) Suggest(ctx context.Context, outcomes []watchers.Outcome) error {
	_, err := k.Add(ctx, outcomes)
	k.told <- time.Now()
	return err
}

func (keeper) Do(context.Context, watchers.Outcome) error { return nil }

// scratch is a database on the disk that the checkout is on.
func scratch(ctx context.Context, prefix string) (db *sql.DB, remove func(), err error) {
	out, err := filepath.Abs("out")
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp(out, prefix)
	if err != nil {
		return nil, nil, err
	}
	db, err = store.Open(ctx, filepath.Join(dir, "nerva.db"))
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return db, func() { _, _ = db.Close(), os.RemoveAll(dir) }, nil // it is thrown away
}

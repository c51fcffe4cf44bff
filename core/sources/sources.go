// Package sources tells the watchers what happens: it listens where some rule wants it, to the desktop and to the file
// system, and posts each happening as an event.
//
// The goroutine that calls Run owns which listeners there are. Each of them is a goroutine of its own, owns what it
// remembers, and lives only while a rule wants what it listens to; without rules there is none. It posts in the order in which
// things happen, and waits with the engine where much fits, so that nothing piles up here: what is told faster waits where
// it comes from, in the kernel, at the bus. The windows and what is copied are told by others, who may not wait; what has come
// and is not posted yet is bounded, each under a mutex or in a channel (window.go, clipboard.go). Which meetings were told of
// outlives the listener for calendars, of which there is one at a time.
//
// The package must not know what rules do, nor by which protocol the desktop is heard. It holds what happens for data: no
// text of an event decides anything here.
package sources

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"nerva/core/desk"
	"nerva/core/watchers"
)

// Engine has the rules; *watchers.Engine is one.
type Engine interface {
	Wants(source string) []watchers.Match
	Post(ctx context.Context, event watchers.Event) error
}

// Options go with New. All of them must be set.
type Options struct {
	Engine Engine
	Desk   desk.Desk
	Home   string // what ~ stands for in the paths of rules
	// Calendars gives the folders and files with calendars, as the configuration has them now. It may be called from Run alone.
	Calendars func() []string
	// Clock rings when a meeting is to be told of. It is nobody else's.
	Clock watchers.Clock
	Now   func() time.Time // of the wall clock
	Log   *slog.Logger
}

// Sources listens. Its methods but Run may be called from any goroutine.
type Sources struct {
	o       Options
	changed chan struct{} // holds one: what the rules want has changed
	folders int           // how many may be watched
	entries int           // how much of all calendars is remembered
	// longestRead is how long a calendar is read.
	longestRead time.Duration
	windows     windows
	copied      copied
	told        map[occasion]bool // meetings, by the listener for calendars
}

// New makes sources that listen to nothing until Run runs.
func New(o Options) *Sources {
	s := &Sources{
		o: o, changed: make(chan struct{}, 1), folders: mostFolders, entries: mostEntries, longestRead: longestRead,
		windows: newWindows(o.Log), copied: copied{log: o.Log}, told: map[occasion]bool{},
	}
	s.Changed() // by what there is when Run begins, once: what can't be heard would be tried twice at once
	return s
}

// Changed says that the engine has other rules now. What could not be listened to is tried again.
func (s *Sources) Changed() {
	select {
	case s.changed <- struct{}{}:
	default: // Run has yet to look, and will see these
	}
}

// post hands an event to the rules. Where they take no more it ends the listener.
type post func(watchers.Event)

// listen hears one thing until ctx ends. It returns earlier only where that can't be heard.
type listen func(ctx context.Context, post post) error

// listener is a listen that was started.
type listener struct {
	stop  context.CancelCauseFunc
	ended chan struct{}
}

// Run listens to what the rules want, until ctx ends and every listener has; it returns ctx's error. It is called once.
func (s *Sources) Run(ctx context.Context) error {
	running := map[string]listener{}
	for {
		select {
		case <-s.changed:
			s.adjust(ctx, running)
		case <-ctx.Done():
			for _, l := range running {
				<-l.ended
			}
			return ctx.Err()
		}
	}
}

// adjust ends the listeners that nobody wants any more and starts those that are missing, also those that have ended.
func (s *Sources) adjust(ctx context.Context, running map[string]listener) {
	wanted := s.wanted()
	for name, l := range running {
		if wanted[name] == nil {
			l.stop(nil)
		}
	}
	for name, l := range running {
		if wanted[name] == nil {
			<-l.ended
			delete(running, name)
		}
	}
	for name, listen := range wanted {
		// In this order: one that has ended because all do is not begun again.
		if l, ok := running[name]; (!ok || l.over()) && ctx.Err() == nil {
			running[name] = s.start(ctx, name, listen)
		}
	}
}

func (l listener) over() bool {
	select {
	case <-l.ended:
		return true
	default:
		return false
	}
}

func (s *Sources) start(ctx context.Context, name string, listen listen) listener {
	ctx, stop := context.WithCancelCause(ctx)
	l := listener{stop, make(chan struct{})}
	go func() {
		defer close(l.ended)
		defer stop(nil)
		err := listen(ctx, func(event watchers.Event) {
			if event.Time.IsZero() {
				event.Time = time.Now()
			}
			event.Time = event.Time.Round(0) // without the monotonic clock, which conditions don't compare by
			if err := s.o.Engine.Post(ctx, event); err != nil {
				stop(err)
			}
		})
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		s.o.Log.Debug("no longer listened to", "source", name)
		if !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
			s.o.Log.Warn("the watchers don't hear of this until their rules are changed", "source", name, "error", err)
		}
	}()
	return l
}

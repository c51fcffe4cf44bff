package apps

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"

	"nerva/core/api"
)

const (
	// quiet is how long the folders must be left alone before they are read again, patience how long they
	// may keep changing before they are read nevertheless: an upgrade touches hundreds of files.
	quiet    = 100 * time.Millisecond
	patience = time.Second
)

// Index keeps the set of applications current.
type Index struct {
	env   Env
	log   *slog.Logger
	snap  atomic.Pointer[Snapshot]
	ready chan struct{}

	mu   sync.Mutex // orders publishing and subscribing; held while callbacks run
	subs []func(*Snapshot)
}

// New makes an index that is empty until Run has made its first scan.
func New(env Env, log *slog.Logger) *Index {
	x := &Index{env: env, log: log, ready: make(chan struct{})}
	x.snap.Store(&Snapshot{})
	return x
}

// Snapshot gives the present set without waiting; before Ready it is empty. It is never nil.
func (x *Index) Snapshot() *Snapshot { return x.snap.Load() }

// Ready is closed once the first scan is done.
func (x *Index) Ready() <-chan struct{} { return x.ready }

// Wait waits for the first scan, as long as a person would.
func (x *Index) Wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	select {
	case <-x.ready:
		return nil
	case <-ctx.Done():
		return api.Errorf(api.Busy, "the applications are still being read; try again in a moment")
	}
}

// OnChange calls f with every new set, in order, and at once with the present one where there is one. f
// must return soon and must not call OnChange.
func (x *Index) OnChange(f func(*Snapshot)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.subs = append(x.subs, f)
	select {
	case <-x.ready:
		f(x.snap.Load())
	default:
	}
}

// Run scans, watches and scans again until ctx ends, whose error it returns. It is called once. Where the
// kernel gives no inotify instance it scans once and says so in the log.
func (x *Index) Run(ctx context.Context) error {
	var (
		watch  *watchSet
		events <-chan fsnotify.Event
		errs   <-chan error
	)
	if watcher, err := fsnotify.NewWatcher(); err != nil {
		x.log.Warn("changes of applications will not be noticed; raise fs.inotify.max_user_instances", "err", err)
	} else {
		defer func() { _ = watcher.Close() }() // it only read
		watch, events, errs = &watchSet{watcher: watcher, log: x.log}, watcher.Events, watcher.Errors
	}
	s := newScanner(x.env, x.log, watch)
	scan := func() *Snapshot {
		watch.begin()
		defer watch.end()
		return s.scan()
	}
	x.publish(scan())
	rescan := newDelay(quiet, patience)
	defer rescan.stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e := <-events:
			if watch.matters(e) {
				rescan.push()
			}
		case err := <-errs:
			// Events were lost, so anything may have changed.
			x.log.Warn("watching applications", "err", err)
			rescan.push()
		case <-rescan.C():
			rescan.fired()
			if next := scan(); !next.equal(x.snap.Load()) {
				x.publish(next)
			}
		}
	}
}

func (x *Index) publish(s *Snapshot) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.snap.Store(s)
	select {
	case <-x.ready:
	default:
		close(x.ready)
	}
	for _, f := range x.subs {
		f(s)
	}
}

// delay fires once a burst of pushes is over. While nothing is pushed it has no running timer.
type delay struct {
	quiet, patience time.Duration
	timer           *time.Timer
	first           time.Time // of the burst; zero between bursts
}

func newDelay(quiet, patience time.Duration) *delay {
	t := time.NewTimer(quiet)
	t.Stop()
	return &delay{quiet: quiet, patience: patience, timer: t}
}

func (d *delay) push() {
	now := time.Now()
	if d.first.IsZero() {
		d.first = now
	}
	d.timer.Reset(min(d.quiet, max(0, d.first.Add(d.patience).Sub(now))))
}

func (d *delay) C() <-chan time.Time { return d.timer.C }
func (d *delay) fired()              { d.first = time.Time{} }
func (d *delay) stop()               { d.timer.Stop() }

// Package loop is the only crossing between goroutines and GTK. Any goroutine may Post; what is posted runs
// on the GTK thread, in order, before the next frame is drawn.
//
// It owns the queue between the two, under a mutex that is held for an append only. It must not know what
// it carries.
package loop

import (
	"sync"

	"github.com/diamondburned/gotk4/pkg/core/glib"
)

// Loop carries functions to the GTK thread.
type Loop struct {
	settled func()

	mu     sync.Mutex
	queue  []func()
	queued bool
}

// New returns a Loop that calls settled, on the GTK thread, after each batch of posted functions: however
// many events arrive at once, they are drawn once.
func New(settled func()) *Loop { return &Loop{settled: settled} }

// Post has f run on the GTK thread. It never blocks.
func (l *Loop) Post(f func()) {
	l.mu.Lock()
	l.queue = append(l.queue, f)
	first := !l.queued
	l.queued = true
	l.mu.Unlock()
	if first {
		// Above GDK's redraw priority (G_PRIORITY_HIGH_IDLE + 20), so that a result that is there makes
		// it into the frame that is about to be drawn.
		glib.IdleAddPriority(glib.PriorityHigh, l.drain)
	}
}

func (l *Loop) drain() {
	l.mu.Lock()
	batch := l.queue
	l.queue, l.queued = nil, false
	l.mu.Unlock()
	for _, f := range batch {
		f()
	}
	l.settled()
}

package session

import (
	"context"
	"slices"
	"sync"

	"nerva/core/api"
)

// watcher is one subscriber's queue, between the owner, which never waits, and a pump, which may wait for
// ever. It holds at most what the run itself holds: text goes onto the text before it.
type watcher struct {
	wake chan struct{}

	mu    sync.Mutex
	queue []api.Event
	ended bool
}

func (w *watcher) push(e api.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if last := len(w.queue) - 1; last >= 0 && w.queue[last].Type == e.Type && e.Type.Merges() {
		e.Delta = w.queue[last].Delta + e.Delta
		w.queue[last] = e
	} else {
		w.queue = append(w.queue, e)
	}
	w.signal()
}

func (w *watcher) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	w.signal()
}

func (w *watcher) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// next takes the first event; over says that there will be none.
func (w *watcher) next() (e api.Event, ok, over bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		return e, false, w.ended
	}
	e = w.queue[0]
	w.queue = w.queue[1:]
	return e, true, false
}

// pump hands the queue over until it has ended, ctx has, or nobody may watch any more.
func (w *watcher) pump(ctx context.Context, out chan<- api.Event, drained <-chan struct{}) {
	for {
		e, ok, over := w.next()
		if over {
			return
		}
		if !ok {
			select {
			case <-w.wake:
				continue
			case <-ctx.Done():
				return
			case <-drained:
				return
			}
		}
		select {
		case out <- e:
		case <-ctx.Done():
			return
		case <-drained:
			return
		}
	}
}

// Watch implements api.Agent.
func (m *Manager) Watch(ctx context.Context, id uint64) (api.Run, <-chan api.Event, error) {
	out := make(chan api.Event)
	r := m.find(id)
	if r == nil || !m.mayWatch() {
		close(out)
		now, err := m.history.load(ctx, id)
		return now, out, err
	}
	w := &watcher{wake: make(chan struct{}, 1)}
	var now api.Run
	joined := r.post(func(s *state) {
		now = s.snapshot()
		s.watchers = append(s.watchers, w)
	})
	if !joined {
		m.pumps.Done()
		close(out)
		return r.last, out, nil
	}
	go func() {
		defer m.pumps.Done()
		defer close(out)
		w.pump(ctx, out, m.drained)
		r.post(func(s *state) {
			s.watchers = slices.DeleteFunc(s.watchers, func(other *watcher) bool { return other == w })
		})
	}()
	return now, out, nil
}

// mayWatch counts a pump that is about to begin.
func (m *Manager) mayWatch() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.closed {
		m.pumps.Add(1)
	}
	return !m.closed
}

package listen

import (
	"context"
	"sync"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
)

// Queue is a line with room for so much, in which the first give way to one more at the end. Push may be called from any
// goroutine, Next from one.
type Queue[T any] struct {
	room  int
	weigh func(T) int
	lost  func()        // told when the first is lost since the line was empty; nil: nobody cares
	ready chan struct{} // has one element after a Push

	mu     sync.Mutex
	list   []T
	taken  int // of room
	losing bool
}

// NewQueue returns an empty one with room for limit elements.
func NewQueue[T any](limit int, lost func()) *Queue[T] {
	return NewWeighed(limit, func(T) int { return 1 }, lost)
}

// NewWeighed returns an empty one for elements that weigh room together, and for one that weighs more alone. weigh always says
// the same of an element.
func NewWeighed[T any](room int, weigh func(T) int, lost func()) *Queue[T] {
	return &Queue[T]{room: room, weigh: weigh, lost: lost, ready: make(chan struct{}, 1)}
}

// Push puts v at the end.
func (q *Queue[T]) Push(v T) {
	if q.put(v) && q.lost != nil {
		q.lost()
	}
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// put says whether something is lost for the first time.
func (q *Queue[T]) put(v T) (first bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	weight := q.weigh(v)
	for len(q.list) > 0 && q.taken+weight > q.room {
		q.drop()
		first, q.losing = first || !q.losing, true
	}
	q.list = append(q.list, v)
	q.taken += weight
	return first
}

// drop takes the first away; what it holds must not stay behind in the array.
func (q *Queue[T]) drop() {
	var zero T
	q.taken -= q.weigh(q.list[0])
	q.list[0] = zero
	q.list = q.list[1:]
}

func (q *Queue[T]) pop() (v T, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) == 0 {
		q.losing = false
		return v, false
	}
	v = q.list[0]
	q.drop()
	return v, true
}

// Next waits for the first and takes it, until ctx or the connection ends that it comes from.
func (q *Queue[T]) Next(ctx context.Context, conn *dbus.Conn) (T, error) {
	var none T
	for {
		if ctx.Err() != nil {
			return none, ctx.Err()
		}
		if v, ok := q.pop(); ok {
			return v, nil
		}
		select {
		case <-q.ready:
		case <-ctx.Done():
		case <-conn.Context().Done():
			if ctx.Err() == nil {
				return none, api.Errorf(api.Unavailable, "the message bus ended; log in again, or start the daemon again where it was the system's")
			}
		}
	}
}

package listen

import (
	"context"
	"sync"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
)

// Queue is a line of at most limit elements, in which the first gives way to one more at the end. Push may be called from any
// goroutine, Next from one.
type Queue[T any] struct {
	limit int
	lost  func()        // told when the first is lost since the line was empty; nil: nobody cares
	ready chan struct{} // has one element after a Push

	mu     sync.Mutex
	list   []T
	losing bool
}

// NewQueue returns an empty one.
func NewQueue[T any](limit int, lost func()) *Queue[T] {
	return &Queue[T]{limit: limit, lost: lost, ready: make(chan struct{}, 1)}
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
	if len(q.list) == q.limit {
		q.drop()
		first, q.losing = !q.losing, true
	}
	q.list = append(q.list, v)
	return first
}

// drop takes the first away; what it holds must not stay behind in the array.
func (q *Queue[T]) drop() {
	var zero T
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

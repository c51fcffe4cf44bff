package bus

import (
	"context"

	"github.com/godbus/dbus/v5"
)

// signalBuffer is the room of a channel handed to godbus; behind it godbus queues without a limit, so a
// slow reader loses nothing.
const signalBuffer = 16

// subscription is the signals that one follower waits for. Others on the same connection get theirs, so what comes may
// be of no concern.
type subscription struct {
	conn    *dbus.Conn
	matches [][]dbus.MatchOption
	signals chan *dbus.Signal
}

// subscribe must be followed by end, also where it fails.
func subscribe(ctx context.Context, conn *dbus.Conn, matches ...[]dbus.MatchOption) (*subscription, error) {
	s := &subscription{conn, matches, make(chan *dbus.Signal, signalBuffer)}
	conn.Signal(s.signals)
	for _, m := range matches {
		if err := conn.AddMatchSignalContext(ctx, m...); err != nil {
			return s, fromBus(ctx, err)
		}
	}
	return s, nil
}

func (s *subscription) end() {
	s.conn.RemoveSignal(s.signals)
	for _, m := range s.matches {
		// godbus counts nothing here and the bus does: each AddMatch has its RemoveMatch. That it fails
		// means that the connection is gone, and the match with it.
		_ = s.conn.RemoveMatchSignal(m...)
	}
}

// pickFrom sends what pick makes of each signal to out, until ctx or the connection ends; then it ends the subscription.
func pickFrom[T any](ctx context.Context, sub *subscription, out chan<- T, pick func(*dbus.Signal) (T, bool)) {
	defer close(out)
	defer sub.end()
	for {
		select {
		case <-ctx.Done():
			return
		case s, ok := <-sub.signals:
			if !ok {
				return
			}
			value, wanted := pick(s)
			if !wanted {
				continue
			}
			select {
			case out <- value:
			case <-ctx.Done():
				return
			}
		}
	}
}

package bus

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
)

// tenure is the ownership of the name; mu guards it, and is held across the requests that change it so
// that they reach the bus in the order of what they follow from.
type tenure struct {
	conn     *dbus.Conn
	log      *slog.Logger
	acquired chan struct{}
	lost     chan struct{}

	mu       sync.Mutex
	yields   bool // the name is given to who asks, while nothing is held
	held     int  // runs and calls during which it is not
	had, has bool
}

func newTenure(conn *dbus.Conn, log *slog.Logger) *tenure {
	return &tenure{conn: conn, log: log, acquired: make(chan struct{}), lost: make(chan struct{})}
}

func (t *tenure) request(ctx context.Context, flags dbus.RequestNameFlags) (got bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.yields = flags&dbus.NameFlagAllowReplacement != 0
	reply, err := t.ask(ctx, flags)
	return reply == dbus.RequestNameReplyPrimaryOwner || reply == dbus.RequestNameReplyAlreadyOwner, err
}

func (t *tenure) ask(ctx context.Context, flags dbus.RequestNameFlags) (reply dbus.RequestNameReply, err error) {
	call := t.conn.BusObject().CallWithContext(ctx, member(busName, "RequestName"), 0, Name, flags)
	if err := call.Store((*uint32)(&reply)); err != nil {
		return 0, fmt.Errorf("take the bus name %s: %w", Name, err)
	}
	return reply, nil
}

// signal follows the bus's NameAcquired and NameLost, which it sends to the one they are about.
func (t *tenure) signal(s *dbus.Signal) {
	var name string
	if s.Sender != busName || len(s.Body) != 1 || dbus.Store(s.Body, &name) != nil || name != Name {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case s.Name == member(busName, "NameAcquired") && !t.had:
		t.had, t.has = true, true
		close(t.acquired)
	case s.Name == member(busName, "NameLost") && t.has:
		t.has = false
		close(t.lost)
	}
}

// hold keeps the name here until release is called; it fails where another daemon has taken it.
func (t *tenure) hold(ctx context.Context) (release func(), err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held == 0 && t.yields {
		reply, err := t.ask(ctx, dbus.NameFlagDoNotQueue)
		if err != nil {
			return nil, err
		}
		if reply == dbus.RequestNameReplyExists {
			return nil, api.Errorf(api.Unavailable, "another daemon has just taken over; try again")
		}
	}
	t.held++
	return sync.OnceFunc(t.release), nil
}

// release offers the name again, and hands it over to who asked for it in the meantime.
func (t *tenure) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held--
	if t.held > 0 || !t.yields || !t.has {
		return
	}
	if err := t.offer(); err != nil && t.conn.Connected() {
		t.log.Warn("the bus name could not be handed over", "error", err)
	}
}

func (t *tenure) offer() error {
	ctx, done := context.WithTimeout(t.conn.Context(), answerLimit)
	defer done()
	if _, err := t.ask(ctx, dbus.NameFlagAllowReplacement|dbus.NameFlagDoNotQueue); err != nil {
		return err
	}
	var queue []string
	if err := t.conn.BusObject().CallWithContext(ctx, member(busName, "ListQueuedOwners"), 0, Name).Store(&queue); err != nil {
		return err
	}
	// The owner stands first in the list, in dbus-daemon and dbus-broker alike.
	if len(queue) < 2 {
		return nil
	}
	return t.conn.BusObject().CallWithContext(ctx, member(busName, "ReleaseName"), 0, Name).Err
}

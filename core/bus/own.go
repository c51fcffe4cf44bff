package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
)

// Claim says how to take the name. Single instance means the name and nothing else.
type Claim struct {
	// Queue waits for its turn where another daemon has the name.
	Queue bool
	// Yield is for the overlay that hosts the core: it hands the name over to a daemon that asks for it
	// once no run is going. It never takes the name from anybody.
	Yield bool
	// Waiting is called once, before Own waits for its turn, with a sentence about who has the name.
	Waiting func(sentence string)
}

// RunningError is Own's error where another daemon has the name and Claim does not queue.
type RunningError struct{ Status api.Status }

func (e *RunningError) Error() string {
	if e.Status.PID == 0 {
		return fmt.Sprintf("another daemon owns the bus name %s", Name)
	}
	return fmt.Sprintf("nervad is running already: pid %d, version %s, hosted by %s",
		e.Status.PID, e.Status.Version, e.Status.Host)
}

// ErrReplaced is Lost's error when another daemon has taken the name over.
var ErrReplaced = errors.New("another daemon has taken over")

// ErrBusGone is Lost's error when the bus has ended.
var ErrBusGone = errors.New("the session bus has ended; log in again")

// overlayHost is what Status.Host says of a daemon inside the overlay.
const overlayHost = "overlay"

// whoLimit bounds the question who has the name: its owner may hang.
const whoLimit = 2 * time.Second

// Own takes the name and returns once this process has it.
//
// A daemon always asks with REPLACE_EXISTING (D-Bus specification, "RequestName"): that moves only an owner
// which allowed it, and that is an overlay that hosts the core and has no run going. An overlay with a run
// releases the name at the run's end to who is in the queue then.
func (s *Server) Own(ctx context.Context, c Claim) error {
	flags := dbus.NameFlagReplaceExisting
	switch {
	case c.Yield:
		flags = dbus.NameFlagAllowReplacement | dbus.NameFlagDoNotQueue
	case !c.Queue:
		flags |= dbus.NameFlagDoNotQueue
	}
	got, err := s.tenure.request(ctx, flags)
	if got || err != nil {
		return err
	}
	who, err := s.who(ctx)
	if !c.Queue && (c.Yield || err != nil || who.Host != overlayHost) {
		return &RunningError{who}
	}
	if got, err = s.tenure.request(ctx, dbus.NameFlagReplaceExisting); got || err != nil {
		return err
	}
	if c.Waiting != nil {
		c.Waiting("waiting for its turn: " + (&RunningError{who}).Error())
	}
	select {
	case <-s.tenure.acquired:
		return nil
	case <-s.conn.Context().Done():
		return ErrBusGone
	case <-ctx.Done():
		return ctx.Err()
	}
}

// who asks the name's owner for its status, and where it does not answer the bus for its process.
func (s *Server) who(ctx context.Context) (api.Status, error) {
	ctx, done := context.WithTimeout(ctx, whoLimit)
	defer done()
	status, err := (&Client{conn: s.conn, flags: dbus.FlagNoAutoStart}).Status(ctx)
	if err != nil {
		pid := s.conn.BusObject().CallWithContext(ctx, member(busName, "GetConnectionUnixProcessID"), 0, Name)
		_ = pid.Store(&status.PID) // without it the sentence names no process
	}
	return status, err
}

// Lost waits until the name is another's or the bus has gone; nil when ctx ends first.
func (s *Server) Lost(ctx context.Context) error {
	select {
	case <-s.tenure.lost:
		return ErrReplaced
	case <-s.conn.Context().Done():
		return ErrBusGone
	case <-ctx.Done():
		return nil
	}
}

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

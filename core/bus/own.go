package bus

import (
	"context"
	"errors"
	"fmt"
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

// Package wallclock rings at a time of the wall clock: the time that stands on the user's watch, which a suspended
// computer and a clock that is set do not hold up.
//
// An Alarm owns one timerfd and the goroutine that reads it. While nothing is set nothing wakes. The package must not
// know what the time is for.
package wallclock

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Alarm rings at one time. Its methods may be called from any goroutine.
type Alarm struct {
	file  *os.File
	rings chan struct{}
	ended chan struct{}
}

// New returns an alarm that is not set. Close ends it.
//
// The kernel's timer for the wall clock goes on while the computer is suspended, and rings when it wakes; Go's own
// timers go by the monotonic clock, which stands still meanwhile (timerfd_create(2), CLOCK_REALTIME).
func New() (*Alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_REALTIME, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make a timer of the wall clock: %w", err)
	}
	a := &Alarm{file: os.NewFile(uintptr(fd), "wall clock"), rings: make(chan struct{}, 1), ended: make(chan struct{})}
	go a.read()
	return a, nil
}

// Rings gets a value when the time has come, and when the clock was set, as the time may have come by that: who gets it
// looks at the clock. Several that nobody took are one.
func (a *Alarm) Rings() <-chan struct{} { return a.rings }

// Set replaces the time. One that is past rings at once, the zero time never.
func (a *Alarm) Set(at time.Time) error {
	var spec unix.ItimerSpec
	if !at.IsZero() {
		// A value of zero would disarm the timer, one before 1970 would be refused.
		spec.Value = unix.NsecToTimespec(max(at.UnixNano(), 1))
	}
	raw, err := a.file.SyscallConn()
	if err != nil {
		return fmt.Errorf("set the timer of the wall clock: %w", err)
	}
	var set error
	if err := raw.Control(func(fd uintptr) {
		set = unix.TimerfdSettime(int(fd), unix.TFD_TIMER_ABSTIME|unix.TFD_TIMER_CANCEL_ON_SET, &spec, nil)
	}); err != nil {
		set = err
	}
	if set != nil {
		return fmt.Errorf("set the timer of the wall clock: %w", set)
	}
	return nil
}

// Close ends the alarm; it rings no more.
func (a *Alarm) Close() error {
	err := a.file.Close()
	<-a.ended
	return err
}

func (a *Alarm) read() {
	defer close(a.ended)
	var times [8]byte
	for {
		// ECANCELED: the clock was set (TFD_TIMER_CANCEL_ON_SET).
		if _, err := a.file.Read(times[:]); err != nil && !errors.Is(err, unix.ECANCELED) {
			return
		}
		select {
		case a.rings <- struct{}{}:
		default:
		}
	}
}

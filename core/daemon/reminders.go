package daemon

import (
	"context"

	"nerva/core/timers"
	"nerva/core/wallclock"
)

// openTimers opens the timers and the clock that they ring by.
func (p *parts) openTimers(ctx context.Context) (err error) {
	if p.alarm, err = wallclock.New(); err != nil {
		return err
	}
	p.timers, err = timers.Open(ctx, p.db, timers.Options{Notifier: p.o.Desk.Notifier, Alarm: p.alarm, Log: p.o.Log})
	return err
}

package daemon

import (
	"context"

	"nerva/core/timers"
	"nerva/core/wallclock"
)

// openTimers opens the timers and the clock that they ring by.
func (p *parts) openTimers(ctx context.Context) (err error) {
	clock, err := wallclock.New()
	if err != nil {
		return err
	}
	p.clocks = append(p.clocks, clock)
	p.timers, err = timers.Open(ctx, p.db, timers.Options{Notifier: p.o.Desk.Notifier, Alarm: clock, Log: p.o.Log})
	return err
}

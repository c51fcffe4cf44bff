package daemon

import (
	"context"

	"nerva/core/timers"
	"nerva/core/when"
)

// openTimers opens the timers and the clock that they ring by.
func (p *parts) openTimers(ctx context.Context) (err error) {
	clock, err := p.clock()
	if err != nil {
		return err
	}
	p.timers, err = timers.Open(ctx, p.db, timers.Options{Notifier: p.o.Desk.Notifier, Alarm: clock, Log: p.o.Log})
	if err != nil {
		return err
	}
	return p.declareTimers(ctx)
}

// declareTimers takes over those of the configuration.
func (p *parts) declareTimers(ctx context.Context) error {
	var declared []timers.Declared
	for _, t := range p.settings.now.Load().Timers {
		every, err := when.Every(t.Every, p.timers.Now())
		if err != nil {
			p.settings.wrong("timer.every", err.Error())
			continue
		}
		declared = append(declared, timers.Declared{Name: t.Name, Every: every.Every, Text: t.Says()})
	}
	return p.timers.Declare(ctx, declared)
}

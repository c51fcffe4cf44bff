package bus

import (
	"context"

	"github.com/godbus/dbus/v5"
)

// Asked gives the number of a run, whoever started it, each time one puts a question. Those that are open
// already stand in Runs: subscribe first, then list. The channel is closed when ctx or the connection ends.
func (c *Client) Asked(ctx context.Context) (<-chan uint64, error) {
	match := []dbus.MatchOption{
		dbus.WithMatchSender(Name), dbus.WithMatchInterface(RunInterface), dbus.WithMatchMember("Confirm"),
	}
	signals := make(chan *dbus.Signal, signalBuffer)
	c.conn.Signal(signals)
	if err := c.conn.AddMatchSignalContext(ctx, match...); err != nil {
		c.conn.RemoveSignal(signals)
		return nil, fromBus(ctx, err)
	}
	out := make(chan uint64)
	go func() {
		defer close(out)
		defer func() { _ = c.conn.RemoveMatchSignal(match...) }()
		defer c.conn.RemoveSignal(signals)
		for s := range until(ctx, signals) {
			run, err := ParseRunPath(s.Path)
			if s.Name != member(RunInterface, "Confirm") || err != nil {
				continue
			}
			select {
			case out <- run:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

// until yields what arrives before ctx ends.
func until(ctx context.Context, signals <-chan *dbus.Signal) func(yield func(*dbus.Signal) bool) {
	return func(yield func(*dbus.Signal) bool) {
		for {
			select {
			case <-ctx.Done():
				return
			case s, ok := <-signals:
				if !ok || !yield(s) {
					return
				}
			}
		}
	}
}

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
	sub, err := subscribe(ctx, c.conn, match)
	if err != nil {
		sub.end()
		return nil, err
	}
	out := make(chan uint64)
	go pickFrom(ctx, sub, out, func(s *dbus.Signal) (uint64, bool) {
		run, err := ParseRunPath(s.Path)
		return run, err == nil && s.Name == member(RunInterface, "Confirm")
	})
	return out, nil
}

package bus

import (
	"context"

	"github.com/godbus/dbus/v5"
)

// nameMatch matches the bus's own signal that a name's owner changed.
func nameMatch(name string) []dbus.MatchOption {
	return []dbus.MatchOption{
		dbus.WithMatchSender(busName), dbus.WithMatchInterface(busName),
		dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, name),
	}
}

// nameChange is a decoded NameOwnerChanged; an empty owner means that there is none.
type nameChange struct{ name, oldOwner, owner string }

func parseNameChange(s *dbus.Signal) (n nameChange, ok bool) {
	if s.Sender != busName || s.Name != member(busName, "NameOwnerChanged") {
		return n, false
	}
	return n, dbus.Store(s.Body, &n.name, &n.oldOwner, &n.owner) == nil
}

func isNameChange(s *dbus.Signal, name string) bool {
	n, ok := parseNameChange(s)
	return ok && n.name == name
}

// Presence tells whether a daemon owns Name: at first, and again after each change, among them the change
// from one daemon to another (true twice in a row). The channel is closed when ctx or the connection ends.
func (c *Client) Presence(ctx context.Context) (<-chan bool, error) {
	signals, err := c.subscribe(ctx, nameMatch(Name))
	if err != nil {
		return nil, err
	}
	var there bool
	if err := c.conn.BusObject().CallWithContext(ctx, member(busName, "NameHasOwner"), 0, Name).Store(&there); err != nil {
		c.unsubscribe(signals, nameMatch(Name))
		return nil, fromBus(ctx, err)
	}
	out := make(chan bool, 1)
	out <- there
	go relaySignals(ctx, c, signals, nameMatch(Name), out, func(s *dbus.Signal) (bool, bool) {
		n, ok := parseNameChange(s)
		return n.owner != "", ok && n.name == Name
	})
	return out, nil
}

func (c *Client) subscribe(ctx context.Context, match []dbus.MatchOption) (chan *dbus.Signal, error) {
	signals := make(chan *dbus.Signal, signalBuffer)
	c.conn.Signal(signals)
	if err := c.conn.AddMatchSignalContext(ctx, match...); err != nil {
		c.conn.RemoveSignal(signals)
		return nil, fromBus(ctx, err)
	}
	return signals, nil
}

// unsubscribe undoes subscribe: the bus counts matches, so each AddMatch has its RemoveMatch. Where that
// fails the connection is gone, and the match with it.
func (c *Client) unsubscribe(signals chan *dbus.Signal, match []dbus.MatchOption) {
	c.conn.RemoveSignal(signals)
	_ = c.conn.RemoveMatchSignal(match...)
}

// relaySignals sends what pick makes of each signal to out, until ctx or the connection ends.
func relaySignals[T any](
	ctx context.Context, c *Client, signals chan *dbus.Signal, match []dbus.MatchOption,
	out chan<- T, pick func(*dbus.Signal) (T, bool),
) {
	defer close(out)
	defer c.unsubscribe(signals, match)
	for {
		select {
		case <-ctx.Done():
			return
		case s, ok := <-signals:
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

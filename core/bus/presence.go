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
	sub, err := subscribe(ctx, c.conn, nameMatch(Name))
	var there bool
	if err == nil {
		err = fromBus(ctx, c.conn.BusObject().CallWithContext(ctx, member(busName, "NameHasOwner"), 0, Name).Store(&there))
	}
	if err != nil {
		sub.end()
		return nil, err
	}
	out := make(chan bool, 1)
	out <- there
	go pickFrom(ctx, sub, out, func(s *dbus.Signal) (bool, bool) {
		n, ok := parseNameChange(s)
		return n.owner != "", ok && n.name == Name
	})
	return out, nil
}

package notify

import (
	"context"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
)

// dismissed is the reason of a notification that a person closed (NotificationClosed of the specification).
const dismissed = 2

// maxTokens bounds the tokens that no button followed.
const maxTokens = 16

// Follow implements desk.Notifier. What another program says in the service's name is not heard: the bus hands on only
// what the owner of the name sends.
func (n *Notifier) Follow(ctx context.Context, happened func(desk.NotificationEvent)) error {
	conn, err := n.conn()
	if err != nil {
		return err
	}
	signals := make(chan *dbus.Signal, 64)
	conn.Signal(signals)
	defer conn.RemoveSignal(signals)
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(busName), dbus.WithMatchInterface(busName), dbus.WithMatchObjectPath(objectPath)},
		{dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, busName)},
	} {
		if err := conn.AddMatchSignalContext(ctx, match...); err != nil {
			return sentence(ctx, err)
		}
		defer func() { _ = conn.RemoveMatchSignal(match...) }() // fails only where the connection has ended, and it with it
	}
	f := follower{happened: happened, tokens: map[uint32]string{}}
	if f.owner, f.by, err = present(ctx, conn); err != nil {
		f.owner, f.by = "", "" // it comes later
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case s, ok := <-signals:
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if !ok || s == nil {
				return api.Errorf(api.Unavailable, "the session bus ended; log in again")
			}
			f.take(ctx, conn, s)
		}
	}
}

// follower is the state of Follow.
type follower struct {
	happened  func(desk.NotificationEvent)
	owner, by string
	tokens    map[uint32]string // by notification: they come before their button
}

func (f *follower) take(ctx context.Context, conn *dbus.Conn, s *dbus.Signal) {
	if s.Sender == "org.freedesktop.DBus" && s.Name == "org.freedesktop.DBus.NameOwnerChanged" {
		var name, before, after string
		if dbus.Store(s.Body, &name, &before, &after) != nil || name != busName {
			return
		}
		f.owner, f.by, f.tokens = "", "", map[uint32]string{}
		if after == "" {
			return
		}
		var err error
		if f.owner, f.by, err = present(ctx, conn); err == nil {
			f.happened(desk.NotificationEvent{Kind: desk.ServiceCame})
		}
		return
	}
	if s.Sender != f.owner || f.owner == "" {
		return
	}
	var id, reason uint32
	var word string
	shown := func() desk.Shown { return desk.Shown{ID: id, By: f.by} }
	switch s.Name {
	case busName + ".ActivationToken":
		if dbus.Store(s.Body, &id, &word) == nil && len(f.tokens) < maxTokens {
			f.tokens[id] = word
		}
	case busName + ".ActionInvoked":
		if dbus.Store(s.Body, &id, &word) == nil {
			f.happened(desk.NotificationEvent{Kind: desk.Invoked, Shown: shown(), Action: word, Token: f.tokens[id]})
			delete(f.tokens, id)
		}
	case busName + ".NotificationClosed":
		if dbus.Store(s.Body, &id, &reason) == nil {
			kind := desk.Gone
			if reason == dismissed {
				kind = desk.Dismissed
			}
			delete(f.tokens, id)
			f.happened(desk.NotificationEvent{Kind: kind, Shown: shown()})
		}
	}
}

package listen

import (
	"context"
	"log/slog"

	"github.com/godbus/dbus/v5"

	"nerva/core/desk"
)

// Service is one whose state is followed: that it changed is a reason to ask it again, so that no change that was lost
// matters, and none that another program made up.
type Service struct {
	Name    string               // on the bus
	Start   bool                 // whether to have the bus start it, once
	Changes [][]dbus.MatchOption // signals after which to look again; they are its own without saying
	Log     *slog.Logger
}

// Follow calls look at first and after each change, with a connection and the unique name of the service, while that runs,
// until ctx ends. What look returns is for the log. The service may come, go and come back.
func (s Service) Follow(ctx context.Context, dial Dial, look func(ctx context.Context, conn *dbus.Conn, owner string) error) error {
	l, err := Open(ctx, dial, NewQueue[struct{}](1, nil), func(*dbus.Signal) (struct{}, bool) { return struct{}{}, true })
	if err != nil {
		return err
	}
	defer l.Close()
	if err := l.MatchOwner(ctx, s.Name); err != nil {
		return err
	}
	for _, change := range s.Changes {
		if err := l.Match(ctx, append(change, dbus.WithMatchSender(s.Name))...); err != nil {
			return err
		}
	}
	if s.Start {
		s.start(ctx, l.Conn)
	}
	for {
		limited, cancel := context.WithTimeout(ctx, desk.Limit)
		var owner string
		if l.BusObject().CallWithContext(limited, theBus+".GetNameOwner", 0, s.Name).Store(&owner) == nil {
			if err := look(limited, l.Conn, owner); err != nil && ctx.Err() == nil {
				s.Log.Warn("a service of the desktop can't be asked; its next change is waited for", "service", s.Name, "error", err)
			}
		}
		cancel()
		if _, err := l.Next(ctx); err != nil {
			return err
		}
	}
}

// start has the bus start the service. Where it is not installed it may come later, which the bus tells.
func (s Service) start(ctx context.Context, conn *dbus.Conn) {
	limited, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	if err := conn.BusObject().CallWithContext(limited, theBus+".StartServiceByName", 0, s.Name, uint32(0)).Err; err != nil && ctx.Err() == nil {
		s.Log.Info("a service of the desktop does not run; it is waited for", "service", s.Name, "error", err)
	}
}

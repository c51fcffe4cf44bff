// Package daemon puts the core together and runs it: configuration, database, index of applications, search,
// gate, runs, and the service on the bus. nervad and the overlay that hosts the core run the very same.
//
// Run owns everything it opens and closes it in reverse order. It takes the bus name before it opens anything,
// because the name alone decides which process may write to the state folder. The package must not know
// D-Bus, which is core/bus, nor any compositor or toolkit: the desktop is handed in.
package daemon

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"nerva/core/bus"
	"nerva/core/config"
	"nerva/core/desk"
)

// Host says which program the daemon runs in.
type Host string

// The hosts, as Status names them.
const (
	Nervad  Host = "nervad"
	Overlay Host = "overlay" // hands over to a nervad that asks for the name
)

// ErrReplaced is Run's error in an overlay after a nervad has taken over; everything is closed then.
var ErrReplaced = bus.ErrReplaced

// stopLimit bounds a stop: what is under way has this long to end, and systemd, or a person, is waiting.
const stopLimit = 1500 * time.Millisecond

// Options go with Run. Only Version, Host and Desk have to be set.
type Options struct {
	Version string
	Host    Host
	Desk    desk.Desk
	// Address of the message bus; empty means the session bus.
	Address string
	// Paths of the configuration; the zero value means the XDG ones.
	Paths config.Paths
	// State and Cache are the folders; empty means the XDG ones.
	State, Cache string
	// Queue waits for the name where another daemon has it, instead of failing with a *bus.RunningError.
	Queue bool
	// Reload makes the daemon read its configuration again for each value; it may be nil.
	Reload <-chan os.Signal
	// Waiting and Ready are called once each, the first only where the name is another's at first. Both may
	// be nil.
	Waiting func(sentence string)
	Ready   func()
	Log     *slog.Logger
}

func (o *Options) defaults() {
	if o.Paths == (config.Paths{}) {
		o.Paths = config.DefaultPaths()
	}
	if o.State == "" {
		o.State = config.StateDir()
	}
	if o.Cache == "" {
		o.Cache = config.CacheDir()
	}
	if o.Waiting == nil {
		o.Waiting = func(string) {}
	}
	if o.Ready == nil {
		o.Ready = func() {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// Run runs the daemon until ctx ends, which is no error, or until it loses the name or the bus, which is one.
// When it returns everything is closed.
func Run(ctx context.Context, o Options) error {
	o.defaults()
	server, err := bus.NewServer(ctx, bus.ServerOptions{Address: o.Address, Version: o.Version, Log: o.Log})
	if err != nil {
		return err
	}
	err = server.Own(ctx, bus.Claim{Queue: o.Queue, Yield: o.Host == Overlay, Waiting: func(sentence string) {
		o.Log.Info(sentence)
		notify(ready + "\nSTATUS=" + sentence) // it started well; its turn comes later
		o.Waiting(sentence)
	}})
	if err != nil {
		return errors.Join(unlessStopped(ctx, err), closeServer(server))
	}
	p, err := assemble(ctx, o, server)
	if err != nil {
		return errors.Join(unlessStopped(ctx, err), closeServer(server))
	}
	server.Serve(p.service())
	o.Log.Info("ready", "version", o.Version, "host", o.Host)
	notify(ready + "\nSTATUS=serving")
	o.Ready()
	p.work.Go(func() { p.reloads(o.Reload) })

	lost := server.Lost(ctx)
	notify(stopping)
	server.Refuse()
	return errors.Join(lost, p.stop(), closeServer(server), p.close())
}

// unlessStopped takes the end of ctx for what it is: somebody stopped a daemon that was waiting for its turn, or starting.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func closeServer(s *bus.Server) error {
	ctx, done := context.WithTimeout(context.Background(), stopLimit)
	defer done()
	return s.Close(ctx)
}

// Package host sees to it that there is a daemon for the overlay to talk to: it has the bus start nervad
// where the bus can, and hosts the daemon in this process where it can't.
//
// Keeper.Run's goroutine owns all state; Absent may be called from any goroutine. It must not know what the
// daemon is made of: hosting is a function that it is given.
package host

import (
	"context"
	"log/slog"
	"time"
)

// Bus is what has to be asked of the message bus.
type Bus interface {
	// Activatable says whether the bus could start a daemon by itself.
	Activatable(ctx context.Context) (bool, error)
	// Start has the bus start a daemon and waits until that has its name.
	Start(ctx context.Context) error
}

// Limits of the pause before another try. Systemd restarts a nervad that died by itself, so that most tries
// find one that is there again.
const (
	startLimit = 30 * time.Second
	firstPause = time.Second
	longPause  = time.Minute
)

// Keeper keeps a daemon on the bus.
type Keeper struct {
	Bus Bus
	// Host runs the daemon in this process until ctx ends or until it has handed over to another one.
	Host func(ctx context.Context) error
	// Always hosts even where the bus could start nervad.
	Always bool
	// Down is told, in a sentence, why there is no daemon.
	Down func(sentence string)
	Log  *slog.Logger

	absent chan struct{}
}

// NewKeeper returns k, ready for Absent.
func NewKeeper(k Keeper) *Keeper {
	k.absent = make(chan struct{}, 1)
	return &k
}

// Absent says that there is no daemon. It never waits.
func (k *Keeper) Absent() {
	select {
	case k.absent <- struct{}{}:
	default: // that is known already
	}
}

// Run works until ctx ends; then it has stopped the daemon it hosted.
func (k *Keeper) Run(ctx context.Context) {
	pause := firstPause
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.absent:
		}
		err := k.provide(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			pause = firstPause
			continue
		}
		k.Log.Warn("there is no daemon", "err", err)
		k.Down(err.Error())
		k.again(ctx, pause)
		pause = min(2*pause, longPause)
	}
}

// again asks for another try after a pause.
func (k *Keeper) again(ctx context.Context, pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done(): // there is no other try, which Run might choose before the end
	case <-timer.C:
		k.Absent()
	}
}

func (k *Keeper) provide(ctx context.Context) error {
	if !k.Always {
		activatable, err := k.Bus.Activatable(ctx)
		if err != nil {
			return err
		}
		if activatable {
			ctx, cancel := context.WithTimeout(ctx, startLimit)
			defer cancel()
			return k.Bus.Start(ctx)
		}
	}
	k.Log.Info("hosting the daemon")
	return k.Host(ctx)
}

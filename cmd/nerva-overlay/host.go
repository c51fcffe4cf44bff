package main

import (
	"context"
	"errors"
	"log/slog"

	"nerva/core/bus"
	"nerva/core/daemon"
	"nerva/wayland"
)

// hostDaemon runs the daemon in this process. That a nervad took over, or was there first after all, is no
// failure: the overlay's client finds that one.
func hostDaemon(ctx context.Context, log *slog.Logger) error {
	desktop, done := context.WithCancel(context.WithoutCancel(ctx)) // it is used until the daemon has stopped
	defer done()
	err := daemon.Run(ctx, daemon.Options{
		Version: version, Host: daemon.Overlay, Desk: wayland.Desk(desktop, log), Log: log,
	})
	var running *bus.RunningError
	if errors.Is(err, daemon.ErrReplaced) || errors.As(err, &running) {
		log.Info("another daemon serves now", "reason", err)
		return nil
	}
	return err
}

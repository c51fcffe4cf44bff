package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"

	"nerva/core/bus"
	"nerva/core/bus/overlay"
	"nerva/core/config"
	"nerva/ui"
	"nerva/ui/appearance"
	"nerva/ui/host"
	"nerva/wayland/beside"
	"nerva/wayland/compositor"
)

type flags struct{ show, host, version bool }

// run returns the exit code: 0 done, 1 failed, 2 wrong usage.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	f, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case f.version:
		fmt.Fprintln(stdout, "nerva-overlay", version)
		return 0
	}
	// GTK's other renderers take 100 to 200 ms and 40 MiB to start, which pays for itself in animations only.
	if os.Getenv("GSK_RENDERER") == "" {
		_ = os.Setenv("GSK_RENDERER", "cairo")
	}
	// It is there for years and allocates in short bursts: what a collection more often costs in time is not seen, and the heap
	// stays as small as it is after the first summons.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(40)
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	err = serve(ctx, f, log)
	if errors.Is(err, overlay.ErrRunning) {
		fmt.Fprintln(stderr, "nerva-overlay runs already")
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "nerva-overlay:", err)
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (f flags, err error) {
	set := flag.NewFlagSet("nerva-overlay", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.BoolVar(&f.show, "show", false, "open at once instead of waiting for nerva-ui")
	set.BoolVar(&f.host, "host", false, "host the daemon in this process even where the bus could start nervad")
	set.BoolVar(&f.version, "version", false, "print the version")
	if err := set.Parse(args); err != nil {
		return f, err
	}
	if set.NArg() > 0 {
		fmt.Fprintf(stderr, "nerva-overlay takes no argument %q; see nerva-overlay --help\n", set.Arg(0))
		return f, errors.New("wrong usage")
	}
	return f, nil
}

// serve takes the overlay's name before GTK is started: a second overlay must cost nothing. The name and the
// client share one connection, because by it the daemon knows who may answer its questions.
func serve(ctx context.Context, f flags, log *slog.Logger) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client, err := bus.Dial(ctx, bus.DialOptions{NoAutoStart: true})
	if err != nil {
		return err
	}
	defer client.Close()
	built := make(chan struct{}) // the handlers wait for it, each in its call's goroutine
	var window *ui.Overlay
	handler := overlay.Handler{
		Toggle: func(token string) { <-built; window.Toggle(token) },
		Show:   func(token, text string) { <-built; window.Show(token, text) },
		Hide:   func() { <-built; window.Hide() },

		Visible: func() bool { <-built; return window.Visible() },
	}
	err = overlay.Serve(client.Conn(), handler)
	if errors.Is(err, overlay.ErrRunning) && f.show {
		if err := overlay.Call(ctx, client.Conn(), overlay.Show, overlay.Options{}); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	keeper := host.NewKeeper(host.Keeper{
		Bus: host.SessionBus{Conn: client.Conn(), Name: bus.Name}, Always: f.host, Log: log,
		Host: func(ctx context.Context) error { return hostDaemon(ctx, log) },
		Down: func(sentence string) { <-built; window.Down(sentence) },
	})
	clicks := beside.New(log, handler.Hide)
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	return ui.Run(ctx, ui.Options{
		Daemon: client, Theme: theme(log), Beside: clicks, Show: f.show, Absent: keeper.Absent, Log: log,
		Started: func(o *ui.Overlay) {
			window = o
			close(built)
			work.Go(func() { keeper.Run(ctx) })
			work.Go(func() {
				if err := overlay.Listen(ctx, handler); ctx.Err() == nil {
					log.Warn("nerva-ui takes the longer way over the bus", "err", err)
				}
			})
			work.Go(func() { clicks.Run(ctx) })
			work.Go(func() { keepShortcut(ctx, shortcutKey(), config.StateDir(), log, handler.Toggle) })
			work.Go(func() { watchFocus(ctx, compositor.New(ctx, compositor.Environ(), log), o.FocusMoved) })
			work.Go(func() {
				err := appearance.Watch(ctx, client.Conn(), func(l appearance.Look) { o.Restyle(l.Scheme, l.Accent) })
				if err != nil && ctx.Err() == nil {
					log.Info("the desktop's colours are not known; light is shown", "err", err)
				}
			})
		},
	})
}

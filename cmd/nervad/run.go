package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"nerva/core/bus"
	"nerva/core/daemon"
	"nerva/wayland"
)

const usage = `nervad is nerva's daemon. It is started at login, or when somebody calls it on the bus.

Usage:
  nervad [--queue]

  --queue     wait in line where another daemon runs (for the systemd unit)
  --version   print the version
  --help      print this

SIGTERM stops it, SIGHUP makes it read its configuration again.
Exit status: 0 done, or another daemon runs; 1 failed; 2 wrong usage.
`

// run returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := flag.NewFlagSet("nervad", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	queue := set.Bool("queue", false, "")
	printVersion := set.Bool("version", false, "")
	err := set.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "nervad: %v; see nervad --help\n", err)
		return 2
	case set.NArg() > 0:
		fmt.Fprintf(stderr, "nervad: takes no argument %q; see nervad --help\n", set.Arg(0))
		return 2
	case *printVersion:
		fmt.Fprintln(stdout, "nervad", version)
		return 0
	}
	return serve(ctx, *queue, stdout, stderr)
}

func serve(ctx context.Context, queue bool, stdout, stderr io.Writer) int {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	log := slog.New(slog.NewTextHandler(stderr, nil))
	desktop, done := context.WithCancel(context.WithoutCancel(ctx)) // it is used until the daemon has stopped
	defer done()
	err := daemon.Run(ctx, daemon.Options{
		Version: version, Host: daemon.Nervad, Desk: wayland.Desk(desktop, log), Queue: queue, Reload: hangups, Log: log,
	})
	var running *bus.RunningError
	if errors.As(err, &running) {
		fmt.Fprintln(stdout, running)
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "nervad:", err)
		return 1
	}
	return 0
}

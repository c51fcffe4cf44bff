// Command nerva is the command line: it asks the daemon over D-Bus and prints what comes back. It owns no
// state and decides nothing; what it may not do the daemon refuses.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the build.
var version = "dev"

func main() { os.Exit(start()) }

func start() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, os.Args[1:], std())
}

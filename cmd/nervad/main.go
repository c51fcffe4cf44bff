// Command nervad is nerva's daemon: the core and its service on the session bus. It needs no display, and
// outlives compositor and overlay. It owns the process only; everything else belongs to core/daemon.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the linker.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

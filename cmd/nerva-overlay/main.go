// Command nerva-overlay is the GTK4 layer-shell overlay. It stays resident, hidden until it is summoned over
// the bus, attaches to nervad, and hosts the same daemon itself where the bus has none to start.
//
// It owns the process and its connection to the bus; what is on the screen belongs to package ui.
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

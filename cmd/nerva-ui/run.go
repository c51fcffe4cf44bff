package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/godbus/dbus/v5"

	"nerva/core/bus/overlay"
	"nerva/core/bus/sessionbus"
)

const usage = `nerva-ui shows and hides nerva's overlay. Bind it to a key.

Usage:
  nerva-ui [toggle]   show the overlay, or hide it where it has the focus
  nerva-ui show       show it
  nerva-ui hide       hide it
  nerva-ui --help | --version

Where no overlay runs, toggle and show start it. XDG_ACTIVATION_TOKEN is passed on.
Exit status: 0 done, 1 failed, 2 wrong usage.
`

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	method := overlay.Toggle
	if len(args) > 1 {
		fmt.Fprintln(stderr, "nerva-ui: takes one argument at most; see nerva-ui --help")
		return 2
	}
	if len(args) == 1 {
		switch args[0] {
		case "toggle":
		case "show":
			method = overlay.Show
		case "hide":
			method = overlay.Hide
		case "--help", "-h", "help":
			fmt.Fprint(stdout, usage)
			return 0
		case "--version":
			fmt.Fprintln(stdout, "nerva-ui", version)
			return 0
		default:
			fmt.Fprintf(stderr, "nerva-ui: there is no %q; use toggle, show or hide\n", args[0])
			return 2
		}
	}
	if err := do(ctx, method); err != nil {
		fmt.Fprintln(stderr, "nerva-ui:", err)
		return 1
	}
	return 0
}

func do(ctx context.Context, method string) error {
	conn, err := sessionbus.Connect(ctx, "")
	if err != nil {
		return err
	}
	o := overlay.Options{Token: os.Getenv("XDG_ACTIVATION_TOKEN")}
	err = overlay.Call(ctx, conn, method, o)
	switch {
	case !errors.Is(err, overlay.ErrAbsent):
		return err
	case method == overlay.Hide:
		return nil // what isn't there is hidden
	}
	return start(ctx, conn, o)
}

// start makes the bus start the overlay, and where the bus can't, starts it itself. A second key press
// before the overlay is up comes here too: the bus name lets only one overlay live, and Show shows that.
func start(ctx context.Context, conn *dbus.Conn, o overlay.Options) error {
	err := overlay.Start(ctx, conn)
	if errors.Is(err, overlay.ErrAbsent) {
		err = launch(ctx, conn)
	}
	if err != nil {
		return err
	}
	return overlay.Call(ctx, conn, overlay.Show, o)
}

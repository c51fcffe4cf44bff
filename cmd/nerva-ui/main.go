// Command nerva-ui is what the key binding runs: it tells the resident overlay to toggle, and starts it if
// there is none. It has 2 ms in all, so it links no GTK, parses its one argument by hand, and asks the bus a
// single question.
//
// It owns nothing that lasts; everything happens in main's goroutine.
package main

import (
	"context"
	"os"
	"time"
)

// version is set by the linker.
var version = "dev"

// limit bounds the whole: a first start loads GTK, and nobody waits longer for a key press.
const limit = 15 * time.Second

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	cancel()
	os.Exit(code)
}

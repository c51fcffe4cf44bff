// Command nerva-ui is what the key binding runs: it tells the resident overlay to toggle. It has 2 ms in all,
// which the Go runtime alone takes to start; so what a key binding runs is done before that, by start in
// start_amd64.s. All else, and other processors, is Go's: it links nothing that need not be there, knows one
// socket, and where that does not answer becomes `nerva toggle`, which reaches the overlay over the bus or
// starts it.
//
// It owns nothing that lasts; everything happens in main's goroutine.
package main

import "os"

// version is set by the linker.
var version = "dev"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

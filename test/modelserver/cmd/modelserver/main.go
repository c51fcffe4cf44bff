// Command modelserver runs the test model server for the demo and for scripts. The first line it prints is
// the base URL for [llm] base_url; it ends on SIGINT or SIGTERM.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"nerva/test/modelserver"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "modelserver:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("modelserver", flag.ExitOnError)
	listen := flags.String("listen", "127.0.0.1:0", "address to listen on")
	script := flags.String("script", "", "file with rules (.toml or .json); without it the prompt's own words decide")
	if err := flags.Parse(args); err != nil {
		return err
	}
	reply := modelserver.Sentences
	if *script != "" {
		rules, err := modelserver.Load(*script)
		if err != nil {
			return err
		}
		reply = rules.Reply
	}
	s, err := modelserver.Listen(*listen)
	if err != nil {
		return err
	}
	defer s.Close()
	s.Handle(reply)
	fmt.Println(s.URL)
	<-ctx.Done()
	return nil
}

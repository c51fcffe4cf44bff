// Command bench measures nerva beside its peers in one run and prints the design's budget table: n, median
// and p99 of each, and the ratio that the budget names. `make bench` runs it in a private desktop; it
// leaves the same figures as JSON in out/bench.json.
//
// A budget that is missed is reported and is no failure: times depend on the machine, and only the reader
// knows what else it was doing.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	rounds := flag.Int("n", 40, "how often each program is started")
	summons := flag.Int("summons", 3000, "how many summons the growth of memory is measured over")
	only := flag.String("only", "", "measure only the parts whose name has this in it")
	flag.Parse()
	if err := run(ctx, *only, *rounds, *summons); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, only string, rounds, summons int) error {
	if os.Getenv("NERVA_DESKTOP") == "" {
		return fmt.Errorf("there is no private desktop here; run it by `make bench`")
	}
	var r report
	for _, part := range []struct {
		name    string
		measure func(context.Context, *report) error
	}{
		{"query per keystroke", measureQueries},
		{"query with notes", measureNotes},
		{"summon and cold start", func(ctx context.Context, r *report) error { return measureFrames(ctx, r, rounds) }},
		{"policy", measurePolicy},
		{"gate", measureGate},
		{"agent step", measureSteps},
		{"timers", func(ctx context.Context, r *report) error { return measureTimers(ctx, r, rounds) }},
		{"watchers", measureWatchers},
		{"events", measureEvents},
		{"flood", measureFlood},
		{"typing", func(ctx context.Context, r *report) error { return measureTyping(ctx, r, rounds) }},
		{"layouts", measureLayouts},
		{"capture", measureCapture},
		{"idle", measureIdle},
		{"memory", func(ctx context.Context, r *report) error { return measureMemory(ctx, r, summons) }},
	} {
		if !strings.Contains(part.name, only) {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring:", part.name)
		if err := part.measure(ctx, &r); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return r.write("out/bench.json")
}

package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// exact is what the test says of each layout, once all of the text has arrived as it should.
var exact = regexp.MustCompile(`(\S+): 2000 characters in (\S+):`)

// measureLayouts times the test that types 2 000 characters of many scripts on each layout: a figure counts only where
// the text arrived exactly.
func measureLayouts(ctx context.Context, r *report) error {
	const rounds = "5"
	out, err := exec.CommandContext(ctx, "go", "test", "-v", "-count="+rounds, "-run=^TestEveryLayoutTypesExactly$", "./wayland/input").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	var layouts []string
	took := map[string][]float64{}
	for _, line := range exact.FindAllStringSubmatch(string(out), -1) {
		d, err := time.ParseDuration(line[2])
		if err != nil {
			return err
		}
		if took[line[1]] == nil {
			layouts = append(layouts, line[1])
		}
		took[line[1]] = append(took[line[1]], milliseconds(d))
	}
	if len(layouts) == 0 {
		return fmt.Errorf("the test typed on no layout: %s", strings.TrimSpace(string(out)))
	}
	slowest := 0.0
	for _, layout := range layouts {
		slowest = max(slowest, r.add("typing 2 000 characters of any script, "+layout, took[layout]).Median)
	}
	r.atMost(fmt.Sprintf("typing 2 000 characters, the slowest of %d layouts, median", len(layouts)), "ms", slowest, 4000)
	return nil
}

package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// report prints what was seen, a line each, and counts. Machines write to it at the same time.
type report struct {
	mu        sync.Mutex
	to        io.Writer
	ok, notOK int
}

func (r *report) step(machine, what string, took time.Duration, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	what = machine + ": " + what
	if err == nil {
		r.ok++
		fmt.Fprintf(r.to, "ok %s (%.1f s)\n", what, took.Seconds())
		return
	}
	r.notOK++
	fmt.Fprintf(r.to, "not ok %s (%.1f s): %s\n", what, took.Seconds(), oneLine(err))
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// end says what it came to.
func (r *report) end() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.to, "%d ok, %d not ok\n", r.ok, r.notOK)
	if r.notOK > 0 || r.ok == 0 {
		return fmt.Errorf("%d of %d steps failed", r.notOK, r.notOK+r.ok)
	}
	return nil
}

package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// missing is the error of a step that this nerva cannot do yet.
var missing = errors.New("not there yet")

// report prints what was seen, a line each, and counts. Machines write to it at the same time.
type report struct {
	mu        sync.Mutex
	to        io.Writer
	ok, notOK int
	todo      []string
}

func (r *report) step(machine, what string, took time.Duration, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	what = machine + ": " + what
	switch {
	case err == nil:
		r.ok++
		fmt.Fprintf(r.to, "ok %s (%.1f s)\n", what, took.Seconds())
	case errors.Is(err, missing):
		r.todo = append(r.todo, what)
		fmt.Fprintf(r.to, "todo %s: %s\n", what, oneLine(err))
	default:
		r.notOK++
		fmt.Fprintf(r.to, "not ok %s (%.1f s): %s\n", what, took.Seconds(), oneLine(err))
	}
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// end says what it came to.
func (r *report) end() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.to, "%d ok, %d not ok, %d todo\n", r.ok, r.notOK, len(r.todo))
	for _, what := range r.todo {
		fmt.Fprintf(r.to, "  todo %s\n", what)
	}
	if r.notOK > 0 || r.ok == 0 {
		return fmt.Errorf("%d of %d steps failed", r.notOK, r.notOK+r.ok)
	}
	return nil
}

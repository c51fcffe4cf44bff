package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"
)

// series is one figure, measured n times.
type series struct {
	Name   string  `json:"name"`
	Unit   string  `json:"unit"`
	N      int     `json:"n"`
	Median float64 `json:"median"`
	P95    float64 `json:"p95"`
	P99    float64 `json:"p99"`
}

// budget is a line of the design's table.
type budget struct {
	What  string  `json:"what"`
	Value float64 `json:"value"`
	Limit float64 `json:"limit"`
	Unit  string  `json:"unit"`
	Met   bool    `json:"met"`
}

type report struct {
	Series  []series `json:"series"`
	Budgets []budget `json:"budgets"`
}

// add takes the samples of one figure, in milliseconds.
func (r *report) add(name string, samples []float64) series {
	slices.Sort(samples)
	at := func(q float64) float64 { return samples[min(len(samples)-1, int(q*float64(len(samples))))] }
	s := series{name, "ms", len(samples), at(0.5), at(0.95), at(0.99)}
	r.Series = append(r.Series, s)
	return s
}

func (r *report) atMost(what, unit string, value, limit float64) {
	r.Budgets = append(r.Budgets, budget{what, value, limit, unit, value <= limit})
}

func (r *report) write(path string) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "FIGURE\tN\tMEDIAN\tP95\tP99\tUNIT")
	for _, s := range r.Series {
		fmt.Fprintf(w, "%s\t%d\t%.3g\t%.3g\t%.3g\t%s\n", s.Name, s.N, s.Median, s.P95, s.P99, s.Unit)
	}
	fmt.Fprintln(w, "\nBUDGET\tMEASURED\tLIMIT\tUNIT\t")
	for _, b := range r.Budgets {
		verdict := "met"
		if !b.Met {
			verdict = "MISSED"
		}
		fmt.Fprintf(w, "%s\t%.3g\t%.3g\t%s\t%s\n", b.What, b.Value, b.Limit, b.Unit, verdict)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nerva/core/bus"
)

// noted is how many notes there are: more than most people ever write.
const noted = 5000

// measureNotes times whole queries over D-Bus, from a program that is looked at each time, where notes are found by what they
// say: nearly every word stands in nearly every one of them.
func measureNotes(ctx context.Context, r *report) (err error) {
	out, err := filepath.Abs("out")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(out, "notes-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := writeNotes(dir); err != nil {
		return err
	}
	c, stop, err := dialDaemon(ctx, "XDG_CONFIG_HOME="+dir, "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
	if err != nil {
		return err
	}
	defer stop()
	if err := indexed(ctx, c); err != nil {
		return err
	}
	var samples []float64
	for range 10 {
		for _, text := range typed {
			for i := 1; i <= len(text); i++ {
				start := time.Now()
				if _, err := c.Query(ctx, text[:i], 40); err != nil {
					return err
				}
				samples = append(samples, milliseconds(time.Since(start)))
			}
		}
	}
	s := r.add(fmt.Sprintf("query over D-Bus with what %d notes say", noted), samples)
	r.atMost(fmt.Sprintf("query over D-Bus, %d notes, p99", noted), "ms", s.P99, 5)
	return nil
}

// writeNotes makes a configuration in dir, and notes of about 2 KiB.
func writeNotes(dir string) error {
	notes := filepath.Join(dir, "notes")
	if err := errors.Join(os.MkdirAll(notes, 0o700), writeConfig(dir, fmt.Sprintf("[notes]\npath = %q\n", notes))); err != nil {
		return err
	}
	const lines = 100
	items := entries(noted * lines)
	for n := range noted {
		var text strings.Builder
		fmt.Fprintf(&text, "# %d\n", n)
		for _, item := range items[n*lines : (n+1)*lines] {
			text.WriteString(item.Result.Title + "\n")
		}
		fmt.Fprintf(&text, "written%d\n", n)
		if err := os.WriteFile(filepath.Join(notes, fmt.Sprint(n, ".md")), []byte(text.String()), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// indexed waits until every note is found.
func indexed(ctx context.Context, c *bus.Client) error {
	for n := range noted {
		for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
			found, err := c.Query(ctx, fmt.Sprint("written", n), 1)
			if err != nil {
				return err
			}
			if len(found) > 0 {
				break
			}
			if time.Now().After(end) {
				return errors.New("the notes were not indexed within a minute")
			}
		}
	}
	return nil
}

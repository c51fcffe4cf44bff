package main

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"nerva/core/desk"
	"nerva/wayland/compositor"
	"nerva/wayland/input"
)

// typedText has 500 characters of English: it is on every keyboard that wtype and we may meet.
var typedText = strings.Repeat("The quick brown fox jumps over the lazy dog, twice. ", 10)[:500]

// measureTyping times how fast text arrives in a terminal, beside wtype, and how long after a cancellation the last key
// comes.
func measureTyping(ctx context.Context, r *report, rounds int) error {
	term, err := openTerminal(ctx)
	if err != nil {
		return err
	}
	defer term.close()
	life, end := context.WithCancel(ctx)
	defer end()
	on := input.New(life, input.Options{Windows: compositor.New(life, compositor.Environ(), slog.New(slog.DiscardHandler))})
	// The first request of a session makes the keyboard.
	if err := term.times(len("warm"), func() error { _, err := on.Type(ctx, desk.Typing{Text: "warm"}); return err }); err != nil {
		return err
	}
	var ours, wtypes, last []float64
	for range rounds {
		var took time.Duration
		err := term.timed(&took, len(typedText), func() error { _, err := on.Type(ctx, desk.Typing{Text: typedText}); return err })
		if err != nil {
			return err
		}
		ours = append(ours, milliseconds(took))
		err = term.timed(&took, len(typedText), func() error { return exec.CommandContext(ctx, "wtype", "-s", "100", typedText).Run() })
		if err != nil {
			return fmt.Errorf("wtype: %w", err)
		}
		wtypes = append(wtypes, milliseconds(took)-100) // what -s waits
		after, err := term.cancelled(ctx, on)
		if err != nil {
			return err
		}
		last = append(last, milliseconds(after))
	}
	s := r.add("typing 500 characters into foot", ours)
	r.add("typing 500 characters into foot, wtype", wtypes)
	c := r.add("cancel to the last key", last)
	r.atMost("typing 500 characters, median", "ms", s.Median, 1000)
	r.atMost("cancel to the last key, p99", "ms", c.P99, 100)
	return nil
}

// terminal is foot with a program that gives what is typed.
type terminal struct {
	foot *exec.Cmd
	fifo *os.File
	read *bufio.Reader
	dir  string
}

func openTerminal(ctx context.Context) (*terminal, error) {
	dir, err := os.MkdirTemp("", "typing")
	if err != nil {
		return nil, err
	}
	t := &terminal{dir: dir}
	path := filepath.Join(dir, "typed")
	if err := exec.CommandContext(ctx, "mkfifo", path).Run(); err != nil {
		return nil, err
	}
	t.foot = exec.CommandContext(ctx, "foot", "sh", "-c", "stty raw -echo; exec cat >"+path)
	if err := t.foot.Start(); err != nil {
		return nil, err
	}
	if t.fifo, err = os.Open(path); err != nil { // it waits for cat
		return nil, err
	}
	t.read = bufio.NewReader(t.fifo)
	return t, nil
}

func (t *terminal) close() {
	_ = t.foot.Process.Kill()
	_ = t.foot.Wait() // it was killed
	_ = t.fifo.Close()
	_ = os.RemoveAll(t.dir)
}

// times does something and waits until n bytes have come.
func (t *terminal) times(n int, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	_ = t.fifo.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, err := t.read.Discard(n)
	if typed := <-done; typed != nil {
		return typed
	}
	return err
}

func (t *terminal) timed(took *time.Duration, n int, do func() error) error {
	start := time.Now()
	err := t.times(n, do)
	*took = time.Since(start)
	return err
}

// cancelled cancels a long text on its way and returns when its last character came after that.
func (t *terminal) cancelled(ctx context.Context, on *input.Input) (time.Duration, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = on.Type(ctx, desk.Typing{Text: strings.Repeat("x", 10_000)}) // it is cancelled
	}()
	_ = t.fifo.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := t.read.Discard(200); err != nil {
		return 0, err
	}
	start := time.Now()
	cancel()
	last := start
	for {
		// What comes after this long is another key than one that was on its way.
		_ = t.fifo.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
		if _, err := t.read.ReadByte(); err != nil {
			<-done
			return last.Sub(start), nil
		}
		last = time.Now()
	}
}

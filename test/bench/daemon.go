package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"nerva/core/api"
	"nerva/core/bus"
)

// startDaemon starts nervad and waits until it answers.
func startDaemon(ctx context.Context, env ...string) (stop func(), err error) {
	cmd := exec.Command("nervad")
	cmd.Env = append(os.Environ(), env...)
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}
	c, err := bus.Dial(ctx, bus.DialOptions{NoAutoStart: true})
	if err != nil {
		stop()
		return nil, err
	}
	defer c.Close()
	for range 200 {
		if _, err = c.Query(ctx, "a", 1); err == nil {
			return stop, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	return nil, fmt.Errorf("nervad does not answer: %w: %s", err, log.String())
}

// dialDaemon starts nervad and connects to it.
func dialDaemon(ctx context.Context, env ...string) (c *bus.Client, stop func(), err error) {
	end, err := startDaemon(ctx, env...)
	if err != nil {
		return nil, nil, err
	}
	if c, err = bus.Dial(ctx, bus.DialOptions{NoAutoStart: true}); err != nil {
		end()
		return nil, nil, err
	}
	return c, func() { _ = c.Close(); end() }, nil
}

// measureSteps times whole calls of the simplest skill over D-Bus: schema, policy, both audit records with
// their fsync, and the way there and back.
func measureSteps(ctx context.Context, r *report) error {
	c, stop, err := dialDaemon(ctx)
	if err != nil {
		return err
	}
	defer stop()
	var samples []float64
	for i := range 500 {
		start := time.Now()
		if _, err := c.Execute(ctx, "calculate", json.RawMessage(fmt.Sprintf(`{"expression":"%d*2"}`, i)), api.AskOptions{}); err != nil {
			return err
		}
		samples = append(samples, milliseconds(time.Since(start)))
	}
	s := r.add("agent step over D-Bus, audit included", samples)
	r.atMost("agent step, p95", "ms", s.P95, 10)
	return nil
}

// measureMemory looks at both processes at rest, and at the overlay's growth over many summons.
func measureMemory(ctx context.Context, r *report, summons int) error {
	pids, stop, err := startResidents(ctx)
	if err != nil {
		return err
	}
	defer stop()
	overlay := pids["overlay"]
	daemonPSS, err := memory(pids["nervad"], "Pss")
	if err != nil {
		return err
	}
	for range 50 {
		if err := toggle(ctx); err != nil {
			return err
		}
	}
	overlayPSS, err := memory(overlay, "Pss")
	if err != nil {
		return err
	}
	r.atMost("nervad at rest", "MiB PSS", daemonPSS, 30)
	r.atMost("overlay after 25 summons", "MiB PSS", overlayPSS, 60)

	const settle = 1000
	var before float64
	for i := range settle + summons {
		if i == settle {
			if before, err = own(overlay); err != nil {
				return err
			}
		}
		for range 2 { // shown and hidden again
			if err := toggle(ctx); err != nil {
				return err
			}
		}
	}
	after, err := own(overlay)
	if err != nil {
		return err
	}
	r.atMost(fmt.Sprintf("growth of what the overlay has allocated, over %d summons after the first %d", summons, settle), "KiB a summon", (after-before)*1024/float64(summons), 0.05)
	return nil
}

// attached waits until the daemon has an overlay, and gives the daemon's process.
func attached(ctx context.Context) (pid int, err error) {
	c, err := bus.Dial(ctx, bus.DialOptions{NoAutoStart: true})
	if err != nil {
		return 0, err
	}
	defer c.Close()
	for range 200 {
		s, err := c.Status(ctx)
		if err != nil {
			return 0, err
		}
		if s.Overlay {
			return s.PID, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return 0, errors.New("no overlay attached within 10 s")
}

// own is what a process has allocated, in MiB. How many pages of files it maps, its own program's and libraries', says what the
// page cache has at the moment, and of those that others map, how many others there are.
func own(pid int) (float64, error) {
	anonymous, err := memory(pid, "Pss_Anon")
	if err != nil {
		return 0, err
	}
	shared, err := memory(pid, "Pss_Shmem")
	return anonymous + shared, err
}

// memory is a line of a process's proportional set size, in MiB.
func memory(pid int, what string) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == what+":" {
			kib, err := strconv.ParseFloat(f[1], 64)
			return kib / 1024, err
		}
	}
	return 0, fmt.Errorf("no %s in smaps_rollup of process %d", what, pid)
}

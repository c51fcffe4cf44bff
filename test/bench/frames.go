package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"
)

// A frame is there when a surface that has a new buffer attached is committed. libwayland writes each
// request with its time when WAYLAND_DEBUG=1: microseconds of the real-time clock, modulo 2^32
// (wl_closure_print in src/connection.c).
var request = regexp.MustCompile(`^\[ *(\d+)\.(\d+)\].* -> wl_surface[@#](\d+)\.(attach\(wl_buffer|commit\()`)

// frames reads a client's debug output and sends the time of each frame.
func frames(log io.Reader) <-chan uint32 {
	out := make(chan uint32, 1024)
	go func() {
		defer close(out)
		attached := map[string]bool{}
		for s := bufio.NewScanner(log); s.Scan(); {
			m := request.FindStringSubmatch(s.Text())
			switch {
			case m == nil:
			case m[4] != "commit(":
				attached[m[3]] = true
			case attached[m[3]]:
				delete(attached, m[3])
				ms, _ := strconv.ParseUint(m[1], 10, 32) // the pattern has digits only
				us, _ := strconv.ParseUint(m[2], 10, 32)
				select {
				case out <- uint32(ms*1000 + us):
				default: // nobody waits for more than the first frames
				}
			}
		}
	}()
	return out
}

func clock() uint32 { return uint32(time.Now().UnixMicro()) }

// first waits for the first frame that is not older than start and returns the time between the two.
func first(ctx context.Context, frames <-chan uint32, start uint32) (float64, error) {
	limit := time.NewTimer(10 * time.Second)
	defer limit.Stop()
	for {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-limit.C:
			return 0, fmt.Errorf("no frame within 10 s")
		case at, more := <-frames:
			if !more {
				return 0, fmt.Errorf("the program ended without a frame")
			}
			if since := at - start; since < 1<<31 {
				return float64(since) / 1000, nil
			}
		}
	}
}

// rest lets the compositor repaint what the program before has left, or the next one would be charged for it.
func rest() { time.Sleep(150 * time.Millisecond) }

// client is a Wayland client under WAYLAND_DEBUG.
type client struct {
	cmd    *exec.Cmd
	frames <-chan uint32
}

func startClient(argv ...string) (*client, uint32, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), "WAYLAND_DEBUG=1")
	log, err := cmd.StderrPipe()
	if err != nil {
		return nil, 0, err
	}
	start := clock()
	if err := cmd.Start(); err != nil {
		return nil, 0, err
	}
	return &client{cmd, frames(log)}, start, nil
}

func (c *client) stop(with syscall.Signal) {
	_ = c.cmd.Process.Signal(with)
	for range c.frames { // until the pipe ends: Wait closes it
	}
	_ = c.cmd.Wait()
}

// cold is the time from exec to the first frame of a program that is started for it.
func cold(ctx context.Context, argv ...string) (float64, error) {
	rest()
	c, start, err := startClient(argv...)
	if err != nil {
		return 0, err
	}
	defer c.stop(syscall.SIGKILL)
	took, err := first(ctx, c.frames, start)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", argv[0], err)
	}
	return took, nil
}

// measureFrames starts the programs in turn, round by round, so that all of them meet the same machine.
func measureFrames(ctx context.Context, r *report, rounds int) error {
	stop, err := startDaemon(ctx)
	if err != nil {
		return err
	}
	defer stop()
	overlay, start, err := startClient(overlayPath(), "--show")
	if err != nil {
		return err
	}
	if _, err := first(ctx, overlay.frames, start); err != nil {
		return err
	}
	if err := toggle(ctx); err != nil {
		return err
	}

	const summon, overlayCold, bare = "nerva-ui, overlay resident", "nerva-overlay cold", "bare gotk4 window"
	peers := map[string][]string{
		"tofi-drun": {"tofi-drun"}, "fuzzel": {"fuzzel"}, "wofi": {"wofi", "--show", "drun"},
	}
	names := []string{"tofi-drun", "fuzzel", "wofi"}
	samples := map[string][]float64{}
	note := func(name string, took float64, err error) error {
		samples[name] = append(samples[name], took)
		return err
	}
	for range rounds {
		rest()
		start := clock()
		if err := toggle(ctx); err != nil {
			return err
		}
		took, err := first(ctx, overlay.frames, start)
		if err := note(summon, took, err); err != nil {
			return err
		}
		if err := toggle(ctx); err != nil {
			return err
		}
		for _, name := range names {
			took, err := cold(ctx, peers[name]...)
			if err := note(name, took, err); err != nil {
				return err
			}
		}
	}
	overlay.stop(syscall.SIGTERM)
	for range rounds / 2 {
		for name, argv := range map[string][]string{overlayCold: {overlayPath(), "--show"}, bare: {filepath.Join("out", "barewindow")}} {
			took, err := cold(ctx, argv...)
			if err := note(name, took, err); err != nil {
				return err
			}
		}
	}
	medians := map[string]float64{}
	for _, name := range append([]string{summon}, append(names, overlayCold, bare)...) {
		medians[name] = r.add(name+", exec to first frame", samples[name]).Median
	}
	r.atMost("summon / tofi-drun", "ratio", medians[summon]/medians["tofi-drun"], 0.75)
	r.atMost("overlay cold / wofi", "ratio", medians[overlayCold]/medians["wofi"], 1)
	r.atMost("overlay cold / bare gotk4 window", "ratio", medians[overlayCold]/medians[bare], 1.5)
	return nil
}

func toggle(ctx context.Context) error {
	if out, err := exec.CommandContext(ctx, "nerva-ui").CombinedOutput(); err != nil {
		return fmt.Errorf("nerva-ui: %w: %s", err, out)
	}
	return nil
}

func overlayPath() string { return filepath.Join("libexec", "nerva-overlay") }

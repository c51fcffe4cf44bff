package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"nerva/core/api"
)

// goneLimit bounds the end of what was killed.
const goneLimit = 5 * time.Second

// Run runs a program and returns when it has ended, and with it everything that it started. What it printed and its exit
// status are the result, a limit that ended it too. An error means that it did not run, or that ctx ended it. An
// api.Unavailable one says why there is no sandbox.
func (s *Sandbox) Run(ctx context.Context, spec Spec) (Result, error) {
	b, err := s.found(ctx)
	if err != nil {
		return Result{}, err
	}
	return s.run(ctx, b, spec)
}

func (s *Sandbox) run(ctx context.Context, b *bubblewrap, spec Spec) (Result, error) {
	spec.Limits = spec.Limits.orDefault()
	p, err := s.prepare(b, spec)
	if err != nil {
		return Result{}, errors.Join(err, p.close())
	}
	limited, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	timer := time.AfterFunc(spec.Limits.Time, func() { stop(limitError(Time)) })
	defer timer.Stop()
	out := &kept{max: spec.Limits.Output, full: func() { stop(limitError(Output)) }}
	diagnosis := &kept{max: spec.Limits.Output, full: out.full}

	cmd := exec.CommandContext(limited, b.path, p.args...)
	cmd.Env, cmd.Dir, cmd.ExtraFiles = p.env, "/", p.files
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(spec.Stdin), out, diagnosis
	cmd.WaitDelay = goneLimit // a stream that somebody still holds
	// --die-with-parent means the thread that started it (PR_SET_PDEATHSIG, prctl(2)): it must not end before.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	status, err := p.start(cmd, spec.Limits, stop)
	r := Result{
		Stdout: out.b.Bytes(), Stderr: diagnosis.b.Bytes(), Exit: -1, Truncated: out.cut || diagnosis.cut,
	}
	var limit limitError
	switch {
	case ctx.Err() != nil:
		return r, api.Errorf(api.Cancelled, "%s was stopped: %w", filepath.Base(spec.Argv[0]), ctx.Err())
	case errors.As(context.Cause(limited), &limit):
		r.Ended = Limit(limit)
		return r, err
	case err != nil:
		return Result{}, err
	case status == nil:
		return Result{}, api.Errorf(api.Unavailable, "%s could not be started in the sandbox: %s; look whether it is there",
			filepath.Base(spec.Argv[0]), lastLine(diagnosis.b.Bytes()))
	}
	r.Exit, r.Ended = *status, ended(*status)
	return r, nil
}

// limitError is the cause for which a run was stopped.
type limitError Limit

func (l limitError) Error() string { return "the limit of " + string(l) }

// start starts what was prepared, sets its limits before the program itself begins, and waits for the end of all of
// it. The exit status is nil where the program never began, or was stopped.
func (p *prepared) start(cmd *exec.Cmd, l Limits, stop context.CancelCauseFunc) (status *int, err error) {
	// Go opens everything so that no other program inherits it; what this process has inherited, or a C library opened, is not so.
	err = unix.CloseRange(firstFile, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC)
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(api.Errorf(api.Unavailable, "bubblewrap can't be started: %w; Linux 5.11 or later and bubblewrap are needed", err), p.close())
	}
	err = p.closeFiles()
	said := json.NewDecoder(p.status)
	// While bubblewrap waits it can't end, and its process can't be another's. End of file: it has failed before.
	var first struct {
		PID int `json:"child-pid"`
	}
	inner := -1
	if said.Decode(&first) == nil && first.PID > 0 {
		if inner, err = unix.PidfdOpen(first.PID, 0); err == nil {
			err = l.set(first.PID)
		}
	}
	if err == nil && inner >= 0 {
		_, err = p.unblock.Write([]byte{0})
	}
	if err != nil {
		stop(err)
	}
	wait := cmd.Wait()
	if gone := gone(inner); gone != nil {
		err = errors.Join(err, gone)
	}
	var second struct {
		Exit *int `json:"exit-code"`
	}
	if said.Decode(&second) == nil {
		status = second.Exit
	}
	if errors.Is(wait, exec.ErrWaitDelay) {
		err = errors.Join(err, wait)
	}
	if err = errors.Join(err, p.close()); err != nil {
		err = api.Errorf(api.Failed, "the sandbox failed: %w; try again", err)
	}
	return status, err
}

// gone ends process 1 of the sandbox and waits until it is gone: the kernel ends it only after everything else in
// its process namespace (pid_namespaces(7)), daemons that have left their parents among them.
func gone(inner int) error {
	if inner < 0 {
		return nil
	}
	err := unix.PidfdSendSignal(inner, unix.SIGKILL, nil, 0)
	if errors.Is(err, unix.ESRCH) {
		err = nil
	}
	for deadline := time.Now().Add(goneLimit); ; {
		polled := []unix.PollFd{{Fd: int32(inner), Events: unix.POLLIN}}
		n, poll := unix.Poll(polled, int(time.Until(deadline).Milliseconds()))
		if errors.Is(poll, unix.EINTR) && time.Now().Before(deadline) {
			continue
		}
		if poll == nil && n == 0 {
			poll = fmt.Errorf("a program does not end within %v of being killed", goneLimit)
		}
		return errors.Join(err, poll, unix.Close(inner))
	}
}

// kept keeps the first bytes of a stream. Its Write never blocks and never fails: what was started must be able to end.
type kept struct {
	b    bytes.Buffer
	max  int
	cut  bool
	full func()
}

func (k *kept) Write(p []byte) (int, error) {
	room := min(len(p), k.max-k.b.Len())
	k.b.Write(p[:room])
	if room < len(p) && !k.cut {
		k.cut = true
		k.full()
	}
	return len(p), nil
}

func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if last := strings.ToValidUTF8(lines[len(lines)-1], "\uFFFD"); last != "" {
		return last
	}
	return "it says nothing"
}

// memory makes a file that has no name, to hand bytes over.
func memory(name string, data []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), name)
	_, err = f.Write(data)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

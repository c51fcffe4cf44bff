// Package tool executes the small helper programs of a desktop (grim, xdg-mime): by argv and
// never by a shell, for a bounded time, and with a sentence for the user when one is missing or fails.
//
// It owns no state; a program it starts has ended when Run returns, unless it went into the background
// by itself. It must not know what any program is for.
package tool

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"nerva/core/api"
	"nerva/core/desk"
)

// Command is one execution.
type Command struct {
	// Argv has the program's name first; it is looked up by desk.LookPath.
	Argv []string
	// Package is what to install when the program is missing.
	Package string
	// Env is the whole environment; nil means this process's own.
	Env   []string
	Stdin io.Reader
	// Most is how many bytes are read of its output; 0: 4096.
	Most int
}

// maxOutput bounds what is read of a program's output, in bytes: it becomes part of one line.
const maxOutput = 4096

// Run executes c and returns what it wrote to its standard output, at most c.Most bytes, without white
// space around. When ctx ends first the program and all it started in its process group are killed. The
// error is api.Unavailable where the program is not installed, and else says what the program said.
func Run(ctx context.Context, c Command) (string, error) {
	name := c.Argv[0]
	path, err := desk.LookPath(name)
	if err != nil {
		return "", api.Errorf(api.Unavailable, "%s is not installed: install the package %s and try again", name, c.Package)
	}
	// Files, not pipes: a program that forks into the background (wl-copy) keeps them open, and os/exec
	// waits for the end of a pipe but not for that of a file.
	stdout, err := scratch()
	if err != nil {
		return "", err
	}
	defer stdout.Close()
	stderr, err := scratch()
	if err != nil {
		return "", err
	}
	defer stderr.Close()

	cmd := exec.CommandContext(ctx, path, c.Argv[1:]...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Env, c.Stdin, stdout, stderr
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", Ended(ctx, name)
		}
		return "", api.Errorf(api.Failed, "%s: mend that and try again: %w", explain(name, content(stderr, maxOutput)), err)
	}
	return content(stdout, cmp.Or(c.Most, maxOutput)), nil
}

// Ended is the error for what, which had not answered when ctx ended.
func Ended(ctx context.Context, what string) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return api.Errorf(api.Unavailable, "%s did not answer in time: see whether the desktop hangs, then try again: %w", what, ctx.Err())
	}
	return api.Errorf(api.Cancelled, "%s was stopped: %w", what, ctx.Err())
}

func scratch() (*os.File, error) {
	f, err := os.CreateTemp("", "nerva-")
	if err != nil {
		return nil, fmt.Errorf("make a file for a program's output: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("make a file for a program's output: %w", err)
	}
	return f, nil
}

func content(f *os.File, most int) string {
	b := make([]byte, most)
	n, err := f.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return ""
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(b[:n]), "�"))
}

func explain(name, said string) string {
	if said == "" {
		return name + " failed"
	}
	return name + " failed: " + strings.Join(strings.Fields(said), " ")
}

// Package spawn starts programs that outlive nerva, each in a systemd unit of its own where the user's
// systemd runs (https://systemd.io/DESKTOP_ENVIRONMENTS/), so that resources, logs and crashes are theirs.
//
// A Spawner has no state but its connection, which belongs to somebody else. Every process that it forks
// has one goroutine that waits for it, so that none stays a zombie; the processes themselves are never
// stopped. It must not know what a desktop entry is or why something is started.
package spawn

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"

	"nerva/core/api"
	"nerva/core/desk"
)

// Spawner implements desk.Spawner.
type Spawner struct {
	conn func() (*dbus.Conn, error)
	log  *slog.Logger
	// confined says whether the kernel denies this process and its children new privileges.
	confined func() bool
}

// New returns a Spawner that gets its connection to the session bus from conn each time. Without a bus,
// or without systemd on it, programs are children of this process and nothing else.
func New(conn func() (*dbus.Conn, error), log *slog.Logger) *Spawner {
	return &Spawner{conn: conn, log: log, confined: noNewPrivs}
}

// noNewPrivs reads the flag that NoNewPrivileges=yes sets, prctl(2).
func noNewPrivs() bool {
	set, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
	return err == nil && set == 1
}

// Spawn implements desk.Spawner. It fails with NotFound where the program or the folder isn't there and
// with Failed where the kernel or systemd refuses to execute it.
//
// The program is our own child, moved into a scope as soon as it runs; what it forks in the milliseconds
// before that stays in our unit, as with the launchers of GNOME and KDE. A hardened nervad would pass
// NoNewPrivileges on to its children for ever (sudo and pkexec fail), so there systemd starts the
// program itself, as a transient service.
func (s *Spawner) Spawn(ctx context.Context, c desk.Command) (desk.Process, error) {
	if len(c.Argv) == 0 || strings.ContainsRune(strings.Join(c.Argv, ""), 0) {
		return desk.Process{}, api.Errorf(api.InvalidInput, "a command needs a program, and no argument may have NUL bytes; correct it")
	}
	if err := ctx.Err(); err != nil {
		return desk.Process{}, api.Errorf(api.Cancelled, "%s was not started: %w", c.Argv[0], err)
	}
	m := s.manager(ctx)
	env := environment(os.Environ(), m.environment(ctx))
	env.add(c.Env)
	program, err := env.lookPath(c.Argv[0])
	if err != nil {
		return desk.Process{}, sentence(c.Argv[0], err)
	}
	if c.Dir == "" {
		c.Dir = env.home()
	}
	// os/exec does not tell a missing folder from a missing program.
	if info, err := os.Stat(c.Dir); err != nil || !info.IsDir() {
		return desk.Process{}, api.Errorf(api.NotFound, "the working folder %s of %s does not exist; create it, or choose another", c.Dir, c.Argv[0])
	}
	env["PWD"] = c.Dir
	if m != nil && s.confined() {
		return m.startService(ctx, c, program, env)
	}
	pid, err := fork(c, program, env)
	if err != nil {
		return desk.Process{}, sentence(c.Argv[0], err)
	}
	if m == nil {
		return desk.Process{PID: pid}, nil
	}
	unit, err := m.startScope(ctx, c, pid)
	if err != nil {
		// It runs, and that is what was asked for. A program that has ended already has no scope either.
		s.log.Warn("program has no scope of its own", "program", c.Argv[0], "pid", pid, "err", err)
	}
	return desk.Process{PID: pid, Unit: unit}, nil
}

// fork starts a program in a session of its own, with /dev/null for its standard files. os/exec reports
// the error of execve itself, and all of Go's other descriptors are closed on exec.
func fork(c desk.Command, program string, env environ) (pid int, err error) {
	cmd := &exec.Cmd{
		Path: program, Args: c.Argv, Dir: c.Dir, Env: env.list(),
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	go func() { _ = cmd.Wait() }() // how it ends is between the program and its user
	return cmd.Process.Pid, nil
}

// sentence says why a program was not started.
func sentence(program string, err error) error {
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return api.Errorf(api.NotFound, "the program %s is not in PATH; install it", program)
	case errors.Is(err, fs.ErrNotExist):
		return api.Errorf(api.NotFound, "the program %s, or the interpreter it names, does not exist; install it", program)
	case errors.Is(err, fs.ErrPermission):
		return api.Errorf(api.Failed, "the program %s may not be executed; make it executable, or start another", program)
	case errors.Is(err, syscall.ENOEXEC):
		return api.Errorf(api.Failed, "the program %s is in no format that this machine executes; a script needs #! in its first line", program)
	default:
		return api.Errorf(api.Failed, "the program %s can't be executed: %w; try again, or see dmesg", program, err)
	}
}

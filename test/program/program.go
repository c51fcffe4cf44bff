// Package program starts nerva's programs for tests and stops them again. Whoever starts a Program owns it; its
// output is kept behind a mutex. It knows nothing of what the programs do.
package program

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/godbus/dbus/v5"
)

// Patience bounds every wait; it is long, because the machine may be busy, and never the time of a success.
const Patience = 20 * time.Second

// stopLimit is how long a program may take to stop.
const stopLimit = 5 * time.Second

// Program is a started program with what it has written. Nobody but Start waits for it: of two that wait for one process,
// one may wait for ever.
type Program struct {
	PID  int
	Log  *Buffer
	cmd  *exec.Cmd
	done chan struct{}
}

// Start starts a program that is found in PATH.
func Start(env []string, name string, args ...string) (*Program, error) {
	p := &Program{Log: &Buffer{}, cmd: exec.Command(name, args...), done: make(chan struct{})}
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = env, p.Log, p.Log
	p.cmd.WaitDelay = time.Second // what it left behind may hold the pipe
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p.PID = p.cmd.Process.Pid
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait() // how it ended is of no matter
	}()
	return p, nil
}

// Stop asks the program to end, as systemd does, and kills it where it does not; that is an error.
func (p *Program) Stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // fails only where it has ended
	select {
	case <-p.done:
		return nil
	case <-time.After(stopLimit):
		p.Kill()
		return fmt.Errorf("%s does not stop on SIGTERM", p.cmd.Path)
	}
}

// Kill ends a program as a crash does.
func (p *Program) Kill() {
	_ = p.cmd.Process.Kill() // fails only where it has ended
	<-p.done
}

// Buffer is a bytes.Buffer for several goroutines.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// Owner is the process that owns a bus name, 0 for none.
func Owner(ctx context.Context, conn *dbus.Conn, name string) int {
	var pid uint32
	err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetConnectionUnixProcessID", 0, name).Store(&pid)
	if err != nil {
		return 0
	}
	return int(pid)
}

// Eventually asks again until something is so, at most for Patience. It is for what sends no event that could be
// waited for.
func Eventually(so func() bool) bool {
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if so() {
			return true
		}
	}
	return false
}

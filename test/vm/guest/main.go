// Guest runs in the machine, as root, what the driver asks for: see package wire. Each command has a goroutine of its
// own; the port is written by one at a time, under replies.mu. It knows nothing of nerva.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"nerva/test/vm/wire"
)

// userName is the one who sits at the desktop.
const userName = "user"

// replies is the way back.
type replies struct {
	mu  sync.Mutex
	out *json.Encoder
}

func (r *replies) send(reply wire.Reply) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.Encode(reply)
}

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	port, err := os.OpenFile(filepath.Join("/dev/virtio-ports", wire.Port), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer port.Close()
	back := &replies{out: json.NewEncoder(port)}
	if err := back.send(wire.Reply{}); err != nil {
		return err
	}
	requests := json.NewDecoder(bufio.NewReader(port))
	for {
		var r wire.Request
		if err := requests.Decode(&r); err != nil {
			return fmt.Errorf("the driver is gone: %w", err)
		}
		go func() {
			if err := back.send(run(r)); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}()
	}
}

func run(r wire.Request) wire.Reply {
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(r.Seconds)*time.Second)
	defer cancel()
	c, err := command(ctx, r)
	if err != nil {
		return wire.Reply{ID: r.ID, Exit: -1, Fault: err.Error()}
	}
	var out, errs bytes.Buffer
	if r.Terminal {
		err = inTerminal(c, r, &out)
	} else {
		c.Stdin, c.Stdout, c.Stderr = bytes.NewBufferString(r.Input), &out, &errs
		err = c.Run()
	}
	reply := wire.Reply{ID: r.ID, Out: out.String(), Err: errs.String()}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		reply.Exit, reply.Fault = -1, fmt.Sprintf("not done within %d s", r.Seconds)
	case errors.As(err, &exit):
		reply.Exit = exit.ExitCode()
	case err != nil:
		reply.Exit, reply.Fault = -1, err.Error()
	}
	return reply
}

func command(ctx context.Context, r wire.Request) (*exec.Cmd, error) {
	c := exec.CommandContext(ctx, r.Argv[0], r.Argv[1:]...)
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = time.Second // what it left behind may hold the pipe
	c.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG=C.UTF-8"}
	if r.Root {
		c.Env = append(c.Env, "HOME=/root", "USER=root")
	} else if err := asUser(c); err != nil {
		return nil, err
	}
	c.Env = append(c.Env, r.Env...)
	return c, nil
}

func asUser(c *exec.Cmd) error {
	u, err := user.Lookup(userName)
	if err != nil {
		return err
	}
	names, err := u.GroupIds()
	if err != nil {
		return err
	}
	id, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	var groups []uint32
	for _, name := range names {
		n, err := strconv.Atoi(name)
		if err != nil {
			return err
		}
		groups = append(groups, uint32(n))
	}
	c.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(id), Gid: uint32(id), Groups: groups}
	c.Dir = u.HomeDir
	run := "/run/user/" + u.Uid
	c.Env = append(c.Env, "HOME="+u.HomeDir, "USER="+u.Username, "LOGNAME="+u.Username, "SHELL=/bin/bash",
		"XDG_RUNTIME_DIR="+run, "DBUS_SESSION_BUS_ADDRESS=unix:path="+run+"/bus")
	return nil
}

// inTerminal runs a command that wants to see a terminal, and answers what it asks there.
func inTerminal(c *exec.Cmd, r wire.Request, out io.Writer) error {
	terminal, slave, err := openTerminal()
	if err != nil {
		return err
	}
	defer terminal.Close()
	c.Stdin, c.Stdout, c.Stderr = slave, slave, slave
	c.SysProcAttr.Setctty = true
	err = c.Start()
	_ = slave.Close() // the command has its own
	if err != nil {
		return err
	}
	read := make(chan error, 1)
	go func() { read <- answer(terminal, r, out) }()
	err = c.Wait()
	return errors.Join(err, <-read)
}

// answer reads until nobody has the terminal open any more.
func answer(terminal *os.File, r wire.Request, out io.Writer) error {
	var unanswered []byte
	buffer := make([]byte, 4096)
	for {
		n, err := terminal.Read(buffer)
		unanswered = append(unanswered, buffer[:n]...)
		if _, err := out.Write(buffer[:n]); err != nil {
			return err
		}
		if i := bytes.Index(unanswered, []byte(r.Prompt)); r.Prompt != "" && i >= 0 {
			unanswered = unanswered[i+len(r.Prompt):]
			if _, err := terminal.WriteString(r.Type); err != nil {
				return err
			}
		}
		if errors.Is(err, syscall.EIO) || errors.Is(err, io.EOF) { // that is how a terminal ends
			return nil
		}
		if err != nil {
			return err
		}
	}
}

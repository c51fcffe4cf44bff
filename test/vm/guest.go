package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"nerva/test/vm/wire"
)

// guest is the driver's hand in the machine. One goroutine reads the replies and hands them to who waits; waiting and
// last are guarded by mu.
type guest struct {
	conn  net.Conn
	there chan struct{} // closed when the machine has said that it is up
	gone  chan struct{} // closed when nothing more can come

	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan wire.Reply
	err     error // why it is gone
}

func newGuest(conn net.Conn) *guest {
	g := &guest{conn: conn, there: make(chan struct{}), gone: make(chan struct{}), waiting: map[uint64]chan wire.Reply{}}
	go g.read()
	return g
}

func (g *guest) read() {
	replies := json.NewDecoder(bufio.NewReader(g.conn))
	for {
		var r wire.Reply
		if err := replies.Decode(&r); err != nil {
			g.mu.Lock()
			g.err = err
			g.mu.Unlock()
			close(g.gone)
			return
		}
		if r.ID == 0 {
			close(g.there)
			continue
		}
		g.mu.Lock()
		to := g.waiting[r.ID]
		delete(g.waiting, r.ID)
		g.mu.Unlock()
		if to != nil { // else nobody waits any more
			to <- r
		}
	}
}

// do runs a command in the machine. A status other than zero is no error of do's.
func (g *guest) do(ctx context.Context, r wire.Request) (wire.Reply, error) {
	to := make(chan wire.Reply, 1)
	g.mu.Lock()
	g.last++
	r.ID = g.last
	g.waiting[r.ID] = to
	line, err := json.Marshal(r)
	if err == nil {
		_, err = g.conn.Write(append(line, '\n'))
	}
	g.mu.Unlock()
	if err != nil {
		return wire.Reply{}, fmt.Errorf("tell the machine to run %s: %w", r.Argv[0], err)
	}
	select {
	case reply := <-to:
		if reply.Fault != "" {
			return reply, fmt.Errorf("%s: %s %s%s", strings.Join(r.Argv, " "), reply.Fault, reply.Out, reply.Err)
		}
		return reply, nil
	case <-g.gone:
		return wire.Reply{}, errors.Join(errors.New("the machine is gone"), g.err)
	case <-ctx.Done():
		g.mu.Lock()
		delete(g.waiting, r.ID)
		g.mu.Unlock()
		return wire.Reply{}, fmt.Errorf("%s: %w", strings.Join(r.Argv, " "), context.Cause(ctx))
	}
}

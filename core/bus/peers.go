package bus

import (
	"context"
	"sync"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/bus/overlay"
)

// peers follows who is on the bus: the overlay, callers that wait for an answer, and this connection's own
// name. One goroutine reads the bus's signals; mu guards what it writes.
type peers struct {
	conn    *dbus.Conn
	tenure  *tenure
	signals chan *dbus.Signal
	stopped chan struct{}

	mu       sync.Mutex
	attached string // the overlay's unique name, empty without one
	waiting  map[string]map[*context.CancelFunc]struct{}
}

func newPeers(ctx context.Context, conn *dbus.Conn, t *tenure) (*peers, error) {
	p := &peers{
		conn: conn, tenure: t, signals: make(chan *dbus.Signal, signalBuffer), stopped: make(chan struct{}),
		waiting: map[string]map[*context.CancelFunc]struct{}{},
	}
	conn.Signal(p.signals)
	if err := conn.AddMatchSignalContext(ctx, nameMatch(overlay.Name)...); err != nil {
		return nil, fromBus(ctx, err)
	}
	// No owner is an error of the bus that means just that.
	_ = conn.BusObject().CallWithContext(ctx, member(busName, "GetNameOwner"), 0, overlay.Name).Store(&p.attached)
	go p.follow()
	return p, nil
}

// follow ends when the connection does: then godbus closes the channel.
func (p *peers) follow() {
	defer close(p.stopped)
	for s := range p.signals {
		p.tenure.signal(s)
		n, ok := parseNameChange(s)
		if !ok {
			continue
		}
		p.mu.Lock()
		if n.name == overlay.Name {
			p.attached = n.owner
		}
		if n.owner == "" {
			for cancel := range p.waiting[n.name] {
				(*cancel)()
			}
		}
		p.mu.Unlock()
	}
}

func (p *peers) wait() { <-p.stopped }

func (p *peers) overlay() (peer string, attached bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.attached, p.attached != ""
}

// whilePresent derives a context that ends when a peer leaves the bus. The bus is asked about that one peer
// only: to be told of everybody would wake an idle daemon at each program that starts.
func (p *peers) whilePresent(ctx context.Context, peer string) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	p.mu.Lock()
	if p.waiting[peer] == nil {
		p.waiting[peer] = map[*context.CancelFunc]struct{}{}
	}
	p.waiting[peer][&cancel] = struct{}{}
	p.mu.Unlock()

	match := nameMatch(peer)
	matched := p.conn.AddMatchSignalContext(ctx, match...) == nil
	var there bool
	if err := p.conn.BusObject().CallWithContext(ctx, member(busName, "NameHasOwner"), 0, peer).Store(&there); err != nil || !there {
		cancel() // left before the match was in place
	}
	return ctx, func() {
		cancel()
		p.mu.Lock()
		delete(p.waiting[peer], &cancel)
		if len(p.waiting[peer]) == 0 {
			delete(p.waiting, peer)
		}
		p.mu.Unlock()
		if matched {
			_ = p.conn.RemoveMatchSignal(match...) // fails only where the connection is gone
		}
	}
}

func (s *Server) caller(c *call) api.Caller {
	by, _ := s.identify(c)
	return by
}

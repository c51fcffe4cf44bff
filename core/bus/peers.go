package bus

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"github.com/godbus/dbus/v5"

	"nerva/core/bus/overlay"
	"nerva/core/bus/peer"
)

// peers follows who is on the bus: the overlay, callers that wait for an answer, and this connection's own
// name. One goroutine reads the bus's signals; mu guards what it writes.
type peers struct {
	conn    *dbus.Conn
	log     *slog.Logger
	tenure  *tenure
	signals chan *dbus.Signal
	stopped chan struct{}
	// overlayGone is told the overlay's unique name when it has left; it must not block.
	overlayGone func(peer string)

	mu       sync.Mutex
	attached string // the overlay's unique name, empty without one
	waiting  map[string]map[*watched]struct{}
}

// watched is what to do when a peer leaves.
type watched struct{ gone func() }

func newPeers(ctx context.Context, conn *dbus.Conn, t *tenure, log *slog.Logger, overlayGone func(string)) (*peers, error) {
	p := &peers{
		conn: conn, log: log, tenure: t, signals: make(chan *dbus.Signal, signalBuffer), stopped: make(chan struct{}),
		overlayGone: overlayGone, waiting: map[string]map[*watched]struct{}{},
	}
	conn.Signal(p.signals)
	if err := conn.AddMatchSignalContext(ctx, nameMatch(overlay.Name)...); err != nil {
		return nil, fromBus(ctx, err)
	}
	var owner string
	// No owner is an error of the bus that means just that.
	_ = conn.BusObject().CallWithContext(ctx, member(busName, "GetNameOwner"), 0, overlay.Name).Store(&owner)
	p.attached = p.trusted(owner)
	go p.follow()
	return p, nil
}

// follow ends when the connection does: then godbus closes the channel.
func (p *peers) follow() {
	defer close(p.stopped)
	for s := range p.signals {
		p.tenure.signal(s)
		if n, ok := parseNameChange(s); ok {
			p.changed(n)
		}
	}
}

func (p *peers) changed(n nameChange) {
	if n.name == overlay.Name {
		p.attach("") // whoever had the name is the overlay no longer, whoever has it now not yet
		p.attach(p.trusted(n.owner))
	}
	if n.owner == "" {
		for _, w := range p.waitingFor(n.name) {
			w.gone()
		}
	}
	if n.name == overlay.Name && n.oldOwner != "" {
		p.overlayGone(n.oldOwner)
	}
}

func (p *peers) waitingFor(peer string) []*watched {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Keys(p.waiting[peer]))
}

func (p *peers) attach(peer string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.attached = peer
}

// trusted gives the owner of the overlay's name, empty where that is no overlay: the bus lets anybody own a name that
// is free, and the owner of this one answers nerva's questions. It waits for the bus, while signals queue up.
func (p *peers) trusted(owner string) string {
	if owner == "" {
		return ""
	}
	ctx, done := context.WithTimeout(p.conn.Context(), answerLimit)
	defer done()
	seen, err := peer.Look(ctx, p.conn, owner)
	if seen.Sandboxed {
		p.log.Warn("the overlay's name is owned by a program in a sandbox; it is not taken for the overlay", "peer", owner, "error", err)
		return ""
	}
	return owner
}

func (p *peers) wait() { <-p.stopped }

func (p *peers) overlay() (name string, attached bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.attached, p.attached != ""
}

// whenGone calls gone when a peer has left the bus, at once if it already has; gone must not block. The bus
// is asked about that one peer only: to be told of everybody would wake an idle daemon at each program that
// starts.
func (p *peers) whenGone(ctx context.Context, peer string, gone func()) (release func()) {
	w := &watched{sync.OnceFunc(gone)}
	p.mu.Lock()
	if p.waiting[peer] == nil {
		p.waiting[peer] = map[*watched]struct{}{}
	}
	p.waiting[peer][w] = struct{}{}
	p.mu.Unlock()

	match := nameMatch(peer)
	matched := p.conn.AddMatchSignalContext(ctx, match...) == nil
	var there bool
	if err := p.conn.BusObject().CallWithContext(ctx, member(busName, "NameHasOwner"), 0, peer).Store(&there); err != nil || !there {
		w.gone() // left before the match was in place
	}
	return sync.OnceFunc(func() {
		p.mu.Lock()
		delete(p.waiting[peer], w)
		if len(p.waiting[peer]) == 0 {
			delete(p.waiting, peer)
		}
		p.mu.Unlock()
		if matched {
			_ = p.conn.RemoveMatchSignal(match...) // fails only where the connection is gone
		}
	})
}

// whilePresent derives a context that ends when a peer leaves the bus.
func (p *peers) whilePresent(ctx context.Context, peer string) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	release := p.whenGone(ctx, peer, cancel)
	return ctx, func() {
		cancel()
		release()
	}
}

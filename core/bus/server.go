package bus

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/bus/peer"
)

// answerLimit bounds a call that only looks something up.
const answerLimit = 10 * time.Second

// Service is what a Server puts on the bus; no field is nil.
type Service struct {
	Launcher api.Launcher
	// Names answers Query in the Launcher's place where a sandboxed peer asks: it has nothing that such a one may not know.
	Names     Querier
	Agent     api.Agent
	Skills    api.Skills
	Policy    api.Policy
	Watchers  api.Watchers
	Workflows api.Workflows
	Manager   api.Manager
	// PeerGone is told that the overlay, or a peer whose run is open, has left the bus; it may be nil.
	PeerGone func(peer string)
}

// Querier is the part of api.Launcher that sandboxed peers reach.
type Querier interface {
	Query(ctx context.Context, text string, limit int) ([]api.Result, error)
}

// Server is the daemon's side of the bus. Its life: NewServer connects, Own takes the name, Serve begins to
// answer, Close ends it. Calls that arrive between Own and Serve wait: the name decides who may open the
// state folder, so it has to come before there is anything to answer with.
type Server struct {
	version string
	log     *slog.Logger
	conn    *dbus.Conn
	tree    tree
	ctx     context.Context // of all calls; ends in Close
	cancel  context.CancelFunc

	ready chan struct{} // closed when svc is set
	svc   Service

	peers  *peers
	tenure *tenure
	known  string // how peers are

	mu      sync.Mutex
	closing bool
	calls   sync.WaitGroup // counted while mu is held

	relayMu  sync.Mutex
	relays   map[uint64]*relay // runs whose signals are being sent
	fresh    map[uint64]bool   // runs of which no signal was sent yet
	relaying sync.WaitGroup    // begun by calls only
}

// ServerOptions go with NewServer.
type ServerOptions struct {
	// Address of the message bus; empty means the session bus.
	Address string
	// Version is Manager1's property.
	Version string
	// Log may be nil.
	Log *slog.Logger
}

// NewServer connects to the bus and follows who is on it. Without a bus the error is an api.Unavailable.
func NewServer(ctx context.Context, o ServerOptions) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{version: o.Version, log: o.Log, ready: make(chan struct{}), relays: map[uint64]*relay{}, fresh: map[uint64]bool{}}
	s.tree = newTree(s)
	// The connection and the calls outlive ctx: Close ends them in an order in which answers still leave.
	forever := context.WithoutCancel(ctx)
	conn, err := connect(forever, o.Address, dbus.WithHandler(s.tree))
	if err != nil {
		return nil, err
	}
	s.ctx, s.cancel = context.WithCancel(forever)
	s.conn = conn
	s.tenure = newTenure(conn, o.Log)
	s.known = peer.How(ctx, conn)
	s.peers, err = newPeers(ctx, conn, s.tenure, o.Log, s.peerGone)
	if err != nil {
		_ = s.conn.Close()
		s.cancel()
		return nil, err
	}
	return s, nil
}

// Serve begins to answer; it is called once.
func (s *Server) Serve(svc Service) {
	s.svc = svc
	close(s.ready)
}

// Overlay is the unique name of the overlay that is attached: the owner of org.nerva.Overlay1 since it took
// that name.
func (s *Server) Overlay() (peer string, attached bool) { return s.peers.overlay() }

// Peers says how callers are known: peer.ByPIDFD, or peer.ByPID where the bus is too old for it.
func (s *Server) Peers() string { return s.known }

// Started must be called for each run of Service.Agent, whoever asked for it, before anything happens in
// it: from here on its signals are sent. It does not wait for them.
func (s *Server) Started(run uint64) {
	if s.begin() != nil {
		return
	}
	s.relayMu.Lock()
	s.fresh[run] = true
	s.relayMu.Unlock()
	go func() {
		defer s.end()
		if err := s.relay(run); err != nil {
			s.log.Warn("a run's signals can't be sent", "run", run, "error", err)
		}
	}()
}

// Logged tells everybody who follows the log that it has come to the record seq.
func (s *Server) Logged(seq uint64) {
	if err := s.conn.Emit(Path, member(ManagerInterface, "Logged"), seq); err != nil && s.ctx.Err() == nil {
		s.log.Warn("a signal could not be sent", "signal", "Logged", "error", err)
	}
}

// Hold keeps the name here until release is called, as a call that may act does: what the daemon does by itself must not be
// in the middle of it when another daemon takes over.
func (s *Server) Hold(ctx context.Context) (release func(), err error) { return s.tenure.hold(ctx) }

// Suggested tells everybody who listens that there is a new suggestion, and no word of it: who may search from within a
// sandbox hears this name's signals, too. Suggestions has the rest.
func (s *Server) Suggested(one api.Suggestion) {
	news := struct {
		ID   string    `json:"id"`
		Time time.Time `json:"time"`
		Rule string    `json:"rule"`
	}{one.ID, one.Time, one.Rule}
	if err := s.conn.Emit(Path, member(WatchersInterface, "Suggested"), encode(news)); err != nil && s.ctx.Err() == nil {
		s.log.Warn("a signal could not be sent", "signal", "Suggested", "error", err)
	}
}

// peerGone passes on that a peer has left, from a goroutine of its own: the service may take its time.
func (s *Server) peerGone(peer string) {
	if s.begin() != nil {
		return
	}
	go func() {
		defer s.end()
		select {
		case <-s.ready:
			if s.svc.PeerGone != nil {
				s.svc.PeerGone(peer)
			}
		default: // nobody can have asked anything yet
		}
	}()
}

// Refuse makes every further call fail with api.Unavailable; those under way go on.
func (s *Server) Refuse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
}

// Close refuses further calls, waits until those under way and the runs' last signals are through, at most
// until ctx ends, and leaves the bus. Whoever runs the services ends them first.
func (s *Server) Close(ctx context.Context) error {
	s.Refuse()
	through := make(chan struct{})
	go func() {
		s.calls.Wait()
		s.relaying.Wait()
		close(through)
	}()
	select {
	case <-through:
	case <-ctx.Done():
		s.log.Warn("calls were still under way when the time to stop was over")
	}
	s.cancel()
	err := s.conn.Close()
	s.peers.wait()
	return err
}

func (s *Server) begin() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return errStopping()
	}
	s.calls.Add(1)
	return nil
}

func (s *Server) end() { s.calls.Done() }

// service waits for Serve.
func (s *Server) service() (Service, error) {
	limit := time.NewTimer(answerLimit)
	defer limit.Stop()
	select {
	case <-s.ready:
		return s.svc, nil
	case <-s.ctx.Done():
		return Service{}, errStopping()
	case <-limit.C:
		return Service{}, api.Errorf(api.Busy, "nervad is still starting; try again in a moment")
	}
}

func errStopping() error {
	return api.Errorf(api.Unavailable, "nervad is stopping; try again in a moment")
}

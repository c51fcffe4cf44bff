// Package listen hears the signals of a message bus on a connection of its own, and keeps of each only what is of use, in a line
// that has an end: the library's own handlers keep whatever comes for as long as nobody takes it.
//
// A Listener belongs to the goroutine that calls Next; what arrives is read by the connection's own goroutine, which calls take
// and never waits. The package must not know what is listened for.
package listen

import (
	"context"
	"log/slog"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
)

// Dial makes a connection of the caller's own (sessionbus.Bus.Private).
type Dial func(ctx context.Context, options ...dbus.ConnOption) (*dbus.Conn, error)

// Listener is a connection on which signals are heard, and which may be asked meanwhile.
type Listener[T any] struct {
	*dbus.Conn
	queue *Queue[T]
}

// Open connects. take chooses among the signals that Match lets come, and keeps little of each; it must not ask the bus.
func Open[T any](ctx context.Context, dial Dial, queue *Queue[T], take func(*dbus.Signal) (T, bool)) (*Listener[T], error) {
	h := &handler[T]{queue: queue, take: take}
	conn, err := dial(ctx, dbus.WithSignalHandler(h), dbus.WithIncomingInterceptor(h.see))
	if err != nil {
		return nil, err
	}
	return &Listener[T]{conn, queue}, nil
}

// Match has signals come that fit. The bus itself sees to it that a sender that is named is who sends.
func (l *Listener[T]) Match(ctx context.Context, options ...dbus.MatchOption) error {
	limited, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	err := l.AddMatchSignalContext(limited, options...)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return api.Errorf(api.Failed, "the message bus can't be listened to: see whether what is asked for has the form of D-Bus names: %w", err)
	}
	return nil
}

// MatchOwner has the changes of the owner of a name come, which Owner understands.
func (l *Listener[T]) MatchOwner(ctx context.Context, name string) error {
	return l.Match(ctx, dbus.WithMatchSender(theBus), dbus.WithMatchInterface(theBus), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, name))
}

// Owner gives the new owner of a name, empty where there is none now, if that is what the signal is about.
func Owner(s *dbus.Signal) (name, owner string, ok bool) {
	var before string
	if s.Sender != theBus || s.Name != theBus+".NameOwnerChanged" || dbus.Store(s.Body, &name, &before, &owner) != nil {
		return "", "", false
	}
	return name, owner, true
}

// Next waits for what take has kept. Its errors are ctx's, and api.Unavailable where the connection was lost.
func (l *Listener[T]) Next(ctx context.Context) (T, error) { return l.queue.Next(ctx, l.Conn) }

// theBus is the bus's own name, which nobody else can have, and the interface of its signals.
const theBus = "org.freedesktop.DBus"

// Log gives what a Queue says when something was lost.
func Log(log *slog.Logger, what string) func() {
	return func() {
		log.Warn("too much comes at once on the message bus, so what came first is left out; see who sends it with busctl monitor", "for", what)
	}
}

// handler gets each signal in the goroutine that reads.
type handler[T any] struct {
	queue    *Queue[T]
	take     func(*dbus.Signal) (T, bool)
	directed bool // of the message that is handled now
}

// see tells apart what was sent to us alone: that comes from anybody, whatever was asked for with Match.
func (h *handler[T]) see(m *dbus.Message) {
	to, _ := m.Headers[dbus.FieldDestination].Value().(string)
	h.directed = to != ""
}

// DeliverSignal implements dbus.SignalHandler.
func (h *handler[T]) DeliverSignal(_, _ string, s *dbus.Signal) {
	if h.directed {
		return
	}
	if v, ok := h.take(s); ok {
		h.queue.Push(v)
	}
}

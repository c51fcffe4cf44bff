// Package notices hears of the notifications that other programs have shown, whichever service shows them.
//
// The session bus tells nobody what others ask of each other but a monitor, which is a connection that can say nothing any more.
// Each FollowNotices has one, in the goroutine that calls it, and a goroutine that keeps of each message what is of use. It must
// not know what a notification is wanted for.
//
// Notifications by org.gtk.Notifications, which GNOME's shell has as well, are not heard; what is sent by the portal is, where its
// backend asks the service, as those for wlroots and KDE do.
//
// Source: D-Bus Specification, org.freedesktop.DBus.Monitoring; Desktop Notifications Specification 1.2.
package notices

import (
	"context"
	"log/slog"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/listen"
)

const (
	theBus     = "org.freedesktop.DBus"
	busName    = "org.freedesktop.Notifications"
	objectPath = "/org/freedesktop/Notifications"

	// queueLimit is how many notifications wait, each with some more than bodyLimit bytes at most.
	queueLimit = 64
	// rawLimit is how many messages wait to be looked at, which is quicker than reading them; what comes faster is left out.
	rawLimit = 16
)

// rules are those of the monitor. A call need not say its interface.
var rules = []string{
	"type='method_call',path='" + objectPath + "',member='Notify'",
	"type='signal',sender='" + theBus + "',interface='" + theBus + "',member='NameOwnerChanged',arg0='" + busName + "'",
}

// Notices implements desk.Notices.
type Notices struct {
	dial   listen.Dial
	shared func() (*dbus.Conn, error)
	log    *slog.Logger
}

// New returns a Notices that connects to the session bus by dial each time. shared is the connection over which nerva's own
// notifications are sent: by that they are known, since anybody may call himself nerva.
func New(dial listen.Dial, shared func() (*dbus.Conn, error), log *slog.Logger) *Notices {
	return &Notices{dial, shared, log}
}

// FollowNotices implements desk.Notices. What is asked of a service that does not run, and can't be started, is told as well.
func (n *Notices) FollowNotices(ctx context.Context, sent func(desk.Notice)) error {
	shared, err := n.shared()
	if err != nil {
		return err
	}
	conn, messages, err := n.monitor(ctx)
	if err != nil {
		return err
	}
	queue := listen.NewQueue[desk.Notice](queueLimit, listen.Log(n.log, "notifications"))
	h := hearer{shared: n.shared, queue: queue}
	limited, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	// Asked after the monitor has begun, and before what it heard is looked at: so no change of the owner is missed.
	if shared.BusObject().CallWithContext(limited, theBus+".GetNameOwner", 0, busName).Store(&h.owner) != nil {
		h.owner = "" // it comes later
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		h.run(messages, done)
	}()
	defer func() {
		// In this order: the library would write to a channel that Close closes.
		conn.Eavesdrop(nil)
		conn.Close()
		close(done)
		<-ended
	}()
	for {
		notice, err := queue.Next(ctx, conn)
		if err != nil {
			return err
		}
		sent(notice)
	}
}

// monitor makes a connection that hears, and must not be spoken on. It does not end with ctx by itself, but must be closed as
// FollowNotices does.
func (n *Notices) monitor(ctx context.Context) (*dbus.Conn, <-chan *dbus.Message, error) {
	conn, err := n.dial(context.WithoutCancel(ctx))
	if err != nil {
		return nil, nil, err
	}
	limited, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	if err := conn.BusObject().CallWithContext(limited, theBus+".Monitoring.BecomeMonitor", 0, rules, uint32(0)).Err; err != nil {
		conn.Close()
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		return nil, nil, api.Errorf(api.Unavailable, "the session bus does not let the notifications of others be followed: see its configuration: %w", err)
	}
	messages := make(chan *dbus.Message, rawLimit)
	conn.Eavesdrop(messages)
	return conn, messages, nil
}

// hearer is the state of the goroutine that looks at messages.
type hearer struct {
	shared func() (*dbus.Conn, error)
	queue  *listen.Queue[desk.Notice]
	owner  string // the unique name of the service, empty while there is none
}

// run looks at messages until it is done, or the bus has ended.
func (h *hearer) run(messages <-chan *dbus.Message, done <-chan struct{}) {
	for {
		select {
		case m, ok := <-messages:
			if !ok {
				return
			}
			h.hear(m)
		case <-done:
			return
		}
	}
}

func (h *hearer) hear(m *dbus.Message) {
	text := func(f dbus.HeaderField) string {
		s, _ := m.Headers[f].Value().(string)
		return s
	}
	sender, to := text(dbus.FieldSender), text(dbus.FieldDestination)
	switch {
	case m.Type == dbus.TypeSignal && to == "":
		s := dbus.Signal{Sender: sender, Name: text(dbus.FieldInterface) + "." + text(dbus.FieldMember), Body: m.Body}
		if name, owner, ok := listen.Owner(&s); ok && name == busName {
			h.owner = owner
		}
	case m.Type != dbus.TypeMethodCall, text(dbus.FieldMember) != "Notify", text(dbus.FieldInterface) != busName && text(dbus.FieldInterface) != "":
	case to != busName && (to != h.owner || to == ""):
		// It is asked of somebody else, who has a method of that name.
	case h.own(sender):
	default:
		if notice, ok := noticeOf(m.Body); ok {
			h.queue.Push(notice)
		}
	}
}

func (h *hearer) own(sender string) bool {
	conn, err := h.shared()
	return err == nil && conn.Names()[0] == sender
}

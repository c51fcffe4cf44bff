// Package busevents hears signals and changes of properties on the message buses, whoever sends them.
//
// Each Hear has a connection of its own, in the goroutine that calls it, so that a flood of one kind harms no other. What comes
// is taken for text by the connection's goroutine and waits in a line of so many bytes. The package must not know what it is for.
//
// Source: D-Bus Specification, "Match Rules" and org.freedesktop.DBus.Properties.
package busevents

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/listen"
)

const (
	properties = "org.freedesktop.DBus.Properties"
	// room is how many bytes the signals that wait have: some ten thousand small ones, of which a rule that does something about
	// each is done with a thousand a second. Without its texts one has about overhead.
	room, overhead = 8 << 20, 256
)

// Signals implements desk.Signals.
type Signals struct {
	session, system listen.Dial
	log             *slog.Logger
}

// New returns a Signals that connects each time by one of the two.
func New(session, system listen.Dial, log *slog.Logger) *Signals {
	return &Signals{session, system, log}
}

// Hear implements desk.Signals. Nobody need have the sender's name yet. Of a property that its owner says is another now,
// without saying what, the value is read; where it can't be read the change is left out.
func (s *Signals) Hear(ctx context.Context, what desk.BusMatch, heard func(desk.BusSignal)) error {
	rule, err := ruleFor(what)
	if err != nil {
		return err
	}
	dial := s.session
	if what.System {
		dial = s.system
	}
	l, err := listen.Open(ctx, dial, listen.NewWeighed(room, event.bytes, listen.Log(s.log, what.Interface)), takeFor(what))
	if err != nil {
		return err
	}
	defer l.Close()
	if err := l.Match(ctx, rule...); err != nil {
		return err
	}
	for {
		e, err := l.Next(ctx)
		if err != nil {
			return err
		}
		if e.unread {
			value, err := read(ctx, l.Conn, e.signal, what)
			if err != nil {
				if ctx.Err() == nil {
					s.log.Info("a property changed and can't be read", "interface", what.Interface, "property", what.Property, "error", err)
				}
				continue
			}
			e.signal.Values = texts([]any{value})
		}
		heard(e.signal)
	}
}

// event is what is kept of a signal.
type event struct {
	signal desk.BusSignal
	unread bool // the property's value is not known yet
}

func (e event) bytes() int {
	n := overhead
	for _, text := range e.signal.Values {
		n += len(text)
	}
	return n
}

func ruleFor(what desk.BusMatch) ([]dbus.MatchOption, error) {
	if what.Interface == "" || (what.Member == "") == (what.Property == "") {
		return nil, api.Errorf(api.InvalidInput, "a signal has an interface, and either a member or a property: name two of them")
	}
	// The library writes the values into the rule as they are, and a quote would begin another part of it.
	if slices.ContainsFunc([]string{what.Sender, what.Path, what.Interface, what.Member}, func(s string) bool { return strings.ContainsAny(s, `'\`) }) {
		return nil, api.Errorf(api.InvalidInput, "no D-Bus name has a quote or a backslash: take it out")
	}
	rule := []dbus.MatchOption{dbus.WithMatchInterface(what.Interface), dbus.WithMatchMember(what.Member)}
	if what.Property != "" {
		rule = []dbus.MatchOption{dbus.WithMatchInterface(properties), dbus.WithMatchMember("PropertiesChanged"), dbus.WithMatchArg(0, what.Interface)}
	}
	if what.Sender != "" {
		rule = append(rule, dbus.WithMatchSender(what.Sender))
	}
	if what.Path != "" {
		rule = append(rule, dbus.WithMatchObjectPath(dbus.ObjectPath(what.Path)))
	}
	return rule, nil
}

// takeFor chooses and turns into text. Sender, path and interface are the match rule's, of which the connection has one.
func takeFor(what desk.BusMatch) func(*dbus.Signal) (event, bool) {
	return func(s *dbus.Signal) (event, bool) {
		e := event{signal: desk.BusSignal{Sender: s.Sender, Path: string(s.Path)}}
		if what.Property == "" {
			e.signal.Values = texts(s.Body)
			return e, s.Name == what.Interface+"."+what.Member
		}
		var of string
		var changed map[string]dbus.Variant
		var invalidated []string
		if s.Name != properties+".PropertiesChanged" || dbus.Store(s.Body, &of, &changed, &invalidated) != nil || of != what.Interface {
			return e, false
		}
		if value, ok := changed[what.Property]; ok {
			e.signal.Values = texts([]any{value})
			return e, true
		}
		e.unread = slices.Contains(invalidated, what.Property)
		return e, e.unread
	}
}

// read asks who sent the signal. It is not started for that where it has gone.
func read(ctx context.Context, conn *dbus.Conn, of desk.BusSignal, what desk.BusMatch) (any, error) {
	limited, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	call := conn.Object(of.Sender, dbus.ObjectPath(of.Path)).CallWithContext(limited, properties+".Get", dbus.FlagNoAutoStart, what.Interface, what.Property)
	if call.Err != nil {
		return nil, call.Err
	}
	if len(call.Body) != 1 {
		return nil, errors.New("the answer is no value")
	}
	return call.Body[0], nil
}

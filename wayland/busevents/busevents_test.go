package busevents

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
	"github.com/google/go-cmp/cmp"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/sessionbus"
)

var _ desk.Signals = (*Signals)(nil)

const (
	thing = "org.example.Thing"
	path  = dbus.ObjectPath("/org/example/Thing")
)

func signals(t *testing.T) *Signals {
	t.Helper()
	return New(sessionbus.New(t.Context()).Private, sessionbus.NewSystem(t.Context()).Private, slog.New(slog.DiscardHandler))
}

// hearing gives what is heard, from now on: once it listens. The test's own end of it is ended by cancel.
func hearing(t *testing.T, what desk.BusMatch, ask func()) <-chan desk.BusSignal {
	t.Helper()
	heard := make(chan desk.BusSignal, 64)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	s := New(sessionbus.New(ctx).Private, sessionbus.NewSystem(ctx).Private, slog.New(slog.DiscardHandler))
	go func() { ended <- s.Hear(ctx, what, func(b desk.BusSignal) { heard <- b }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Hear returned %v", err)
		}
	})
	for { // until the rule is there
		ask()
		select {
		case <-heard:
			return heard
		case err := <-ended:
			ended <- err
			t.Fatalf("Hear returned %v", err)
		default:
		}
	}
}

// next leaves out what was sent to find out whether it listens.
func next(t *testing.T, heard <-chan desk.BusSignal) desk.BusSignal {
	t.Helper()
	for s := range heard {
		if len(s.Values) == 0 || s.Values[0] != "there?" {
			return s
		}
	}
	return desk.BusSignal{}
}

func emit(t *testing.T, conn *dbus.Conn, path dbus.ObjectPath, member string, values ...any) {
	t.Helper()
	if err := conn.Emit(path, member, values...); err != nil {
		t.Fatal(err)
	}
}

func TestSignalsThatFitAreHeard(t *testing.T) {
	for rule, what := range map[string]desk.BusMatch{
		"by all":                        {Sender: thing, Path: string(path), Interface: thing, Member: "Said"},
		"from anybody, on every object": {Interface: thing, Member: "Said"},
		"on the system bus":             {System: true, Sender: thing, Interface: thing, Member: "Said"},
	} {
		t.Run(rule, func(t *testing.T) {
			bustest.Start(t)
			if what.System {
				bustest.System(t)
			}
			conn, stranger := bustest.Own(t, thing), bustest.Own(t, "org.example.Stranger")
			heard := hearing(t, what, func() { emit(t, conn, path, thing+".Said", "there?") })
			emit(t, conn, path, thing+".Other", "no")
			if what.Sender != "" {
				emit(t, stranger, path, thing+".Said", "no")
			}
			if what.Path != "" {
				emit(t, conn, "/elsewhere", thing+".Said", "no")
			}
			emit(t, conn, path, "org.example.Another.Said", "no")
			emit(t, conn, path, thing+".Said", "a b", uint32(7), map[string]dbus.Variant{"k": dbus.MakeVariant(true)})
			want := desk.BusSignal{Sender: conn.Names()[0], Path: string(path), Values: []string{"a b", "7", `{"k":true}`}}
			if diff := cmp.Diff(want, next(t, heard)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if what.Sender == "" {
				return
			}
			// Who has the name next is heard, too.
			if _, err := conn.ReleaseName(thing); err != nil {
				t.Fatal(err)
			}
			if reply, err := stranger.RequestName(thing, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
				t.Fatalf("%v, %v", reply, err)
			}
			emit(t, stranger, path, thing+".Said", "again")
			if got := next(t, heard); got.Sender != stranger.Names()[0] || got.Values[0] != "again" {
				t.Errorf("from the next owner: %+v", got)
			}
		})
	}
}

func TestAPropertyIsHeardWhenItChanges(t *testing.T) {
	bustest.Start(t)
	conn := bustest.Own(t, thing)
	const changed = properties + ".PropertiesChanged"
	none := map[string]dbus.Variant{}
	if _, err := prop.Export(conn, path, prop.Map{thing: {"Level": {Value: []string{"read"}}}}); err != nil {
		t.Fatal(err)
	}
	heard := hearing(t, desk.BusMatch{Sender: thing, Interface: thing, Property: "Level"}, func() {
		emit(t, conn, path, changed, thing, map[string]dbus.Variant{"Level": dbus.MakeVariant("there?")}, []string{})
	})
	emit(t, conn, path, changed, thing, map[string]dbus.Variant{"Other": dbus.MakeVariant("no")}, []string{"Another"})
	emit(t, conn, path, changed, "org.example.Other", map[string]dbus.Variant{"Level": dbus.MakeVariant("no")}, []string{})
	emit(t, conn, path, changed, thing, "no dictionary", []string{})
	emit(t, conn, path, changed, thing)
	emit(t, conn, "/gone", changed, thing, none, []string{"Level"}) // it can't be read
	emit(t, conn, path, changed, thing, none, []string{"Other", "Level"})
	emit(t, conn, path, changed, thing, map[string]dbus.Variant{"Level": dbus.MakeVariant(0.5)}, []string{})
	for _, want := range []string{`["read"]`, "0.5"} {
		got := next(t, heard)
		if diff := cmp.Diff(desk.BusSignal{Sender: conn.Names()[0], Path: string(path), Values: []string{want}}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestHearReturnsWhereItCannotListen(t *testing.T) {
	stop := bustest.Start(t)
	for rule, what := range map[string]desk.BusMatch{
		"no interface":    {Member: "Said"},
		"nothing of it":   {Interface: thing},
		"both":            {Interface: thing, Member: "Said", Property: "Level"},
		"another rule":    {Interface: thing, Member: "Said", Sender: "a.b',eavesdrop='true"},
		"broken by a bar": {Interface: thing, Member: "Said", Path: `/a\'`},
	} {
		if err := signals(t).Hear(t.Context(), what, nil); api.CodeOf(err) != api.InvalidInput {
			t.Errorf("%s: %v", rule, err)
		}
	}
	if err := signals(t).Hear(t.Context(), desk.BusMatch{Interface: "no interface", Member: "Said"}, nil); api.CodeOf(err) != api.Failed {
		t.Errorf("what the bus refuses: %v", err)
	}
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent")
	if err := signals(t).Hear(t.Context(), desk.BusMatch{System: true, Interface: thing, Member: "Said"}, nil); api.CodeOf(err) != api.Unavailable {
		t.Errorf("no bus: %v", err)
	}
	conn := bustest.Own(t, thing)
	heard, ended := make(chan struct{}), make(chan error, 1)
	once := sync.OnceFunc(func() { close(heard) })
	s := signals(t)
	go func() {
		ended <- s.Hear(t.Context(), desk.BusMatch{Interface: thing, Member: "Said"}, func(desk.BusSignal) { once() })
	}()
	for listens := false; !listens; {
		emit(t, conn, path, thing+".Said", "there?")
		select {
		case <-heard:
			listens = true
		default:
		}
	}
	stop()
	if err := <-ended; api.CodeOf(err) != api.Unavailable {
		t.Errorf("the bus ended: %v", err)
	}
}

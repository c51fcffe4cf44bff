package listen

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/sessionbus"
)

const name = "org.example.Thing"

// first takes the first value of a signal of the test's.
func first(s *dbus.Signal) (n uint32, ok bool) {
	return n, s.Name == name+".Said" && dbus.Store(s.Body, &n) == nil
}

func open(t *testing.T, q *Queue[uint32]) *Listener[uint32] {
	t.Helper()
	l, err := Open(t.Context(), sessionbus.New(t.Context()).Private, q, first)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	if err := l.Match(t.Context(), dbus.WithMatchInterface(name), dbus.WithMatchSender(name)); err != nil {
		t.Fatal(err)
	}
	return l
}

func say(t *testing.T, conn *dbus.Conn, numbers ...uint32) {
	t.Helper()
	for _, n := range numbers {
		if err := conn.Emit("/", name+".Said", n); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOnlyWhoIsNamedIsHeard(t *testing.T) {
	bustest.Start(t)
	l := open(t, NewQueue[uint32](8, nil))
	thing, stranger := bustest.Own(t, name), bustest.Own(t, "org.example.Stranger")
	say(t, stranger, 1)
	directed := &dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldDestination: dbus.MakeVariant(l.Names()[0]), dbus.FieldPath: dbus.MakeVariant(dbus.ObjectPath("/")),
		dbus.FieldInterface: dbus.MakeVariant(name), dbus.FieldMember: dbus.MakeVariant("Said"),
		dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(uint32(2))),
	}, Body: []any{uint32(2)}}
	if err := stranger.Send(directed, nil).Err; err != nil {
		t.Fatal(err)
	}
	// The bus has served the stranger before it says what it said.
	if err := stranger.BusObject().Call(theBus+".GetId", 0).Err; err != nil {
		t.Fatal(err)
	}
	say(t, thing, 3)
	if n, err := l.Next(t.Context()); err != nil || n != 3 {
		t.Errorf("heard %d, %v", n, err)
	}
}

// TestAFloodHasAnEnd: what came first gives way, and that is told once.
func TestAFloodHasAnEnd(t *testing.T) {
	bustest.Start(t)
	lost := 0
	q := NewQueue[uint32](4, func() { lost++ })
	l := open(t, q)
	thing := bustest.Own(t, name)
	for n := range uint32(1000) {
		say(t, thing, n)
	}
	// The answer comes after what was said before.
	if err := thing.BusObject().Call(theBus+".GetId", 0).Err; err != nil {
		t.Fatal(err)
	}
	if err := l.BusObject().Call(theBus+".GetId", 0).Err; err != nil {
		t.Fatal(err)
	}
	var got []uint32
	for range 4 {
		n, err := l.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, n)
	}
	if !slices.Equal(got, []uint32{996, 997, 998, 999}) || lost != 1 || cap(q.list) > 16 {
		t.Errorf("got %v, told %d times, room for %d", got, lost, cap(q.list))
	}
}

func TestWhatIsHeavyTakesMoreRoom(t *testing.T) {
	lost := 0
	q := NewWeighed(10, func(s string) int { return len(s) }, func() { lost++ })
	for _, c := range []struct{ push, left string }{
		{"aaaa", "aaaa"},
		{"bb", "aaaa bb"},
		{"cccc", "aaaa bb cccc"},
		{"d", "bb cccc d"},
		{"eeeeeeeee", "d eeeeeeeee"},
		{"ffffffffffff", "ffffffffffff"},
		{"g", "g"},
	} {
		q.Push(c.push)
		if got := strings.Join(q.list, " "); got != c.left {
			t.Errorf("after %s there is %q, want %q", c.push, got, c.left)
		}
	}
	if lost != 1 {
		t.Errorf("told %d times", lost)
	}
}

func TestNextEndsWithTheBusAndWithItsCaller(t *testing.T) {
	stop := bustest.Start(t)
	l := open(t, NewQueue[uint32](4, nil))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	stop()
	if _, err := l.Next(t.Context()); api.CodeOf(err) != api.Unavailable {
		t.Errorf("the bus ended: %v", err)
	}
}

func TestARuleThatTheBusRefuses(t *testing.T) {
	bustest.Start(t)
	l := open(t, NewQueue[uint32](4, nil))
	if err := l.Match(t.Context(), dbus.WithMatchInterface("a b")); api.CodeOf(err) != api.Failed {
		t.Errorf("got %v", err)
	}
}

// TestAServiceIsFollowedWhileItComesAndGoes: it is asked at first, after a change of its own, and when it is back.
func TestAServiceIsFollowedWhileItComesAndGoes(t *testing.T) {
	bustest.Start(t)
	looked := make(chan string, 4)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	s := Service{Name: name, Start: true, Changes: [][]dbus.MatchOption{{dbus.WithMatchInterface(name)}}, Log: slog.New(slog.DiscardHandler)}
	go func() {
		ended <- s.Follow(ctx, sessionbus.New(ctx).Private, func(_ context.Context, _ *dbus.Conn, owner string) error {
			looked <- owner
			return errors.New("which is only logged")
		})
	}()
	// It may be asked once more than it must: when it comes while it is asked for at first.
	until := func(owner string) {
		for got := range looked {
			if got == owner {
				return
			}
		}
	}
	for range 2 {
		thing := bustest.Own(t, name)
		until(thing.Names()[0])
		for range cap(looked) {
			say(t, thing, 1)
			until(thing.Names()[0])
		}
		if _, err := thing.ReleaseName(name); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

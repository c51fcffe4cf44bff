package notify

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nerva/core/desk"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/sessionbus"
)

// following gives what Follow tells, once it listens.
func following(t *testing.T, n *Notifier) <-chan desk.NotificationEvent {
	t.Helper()
	events := make(chan desk.NotificationEvent, 16)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Follow(ctx, func(e desk.NotificationEvent) { events <- e }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Follow returned %v", err)
		}
	})
	return events
}

func TestWhatBecomesOfANotification(t *testing.T) {
	s := &server{capabilities: []string{"actions"}}
	n := start(t, s)
	first, err := n.Notify(t.Context(), desk.Notification{
		Title: "tea", Actions: []desk.NotificationAction{{ID: "snooze", Title: "Later"}}, Tag: "timer-3", Stays: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := shown{"nerva", 0, "", "tea", "", []string{"snooze", "Later"}, "org.nerva.Overlay1", "timer-3", 0}
	if diff := cmp.Diff(want, <-s.shown); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
	events := following(t, n)
	listening(t, s, events)
	stranger := bustest.Own(t, "org.example.Stranger")
	if err := stranger.Emit(objectPath, busName+".ActionInvoked", first.ID, "snooze"); err != nil {
		t.Fatal(err)
	}
	s.emit(t, "ActivationToken", first.ID, "token")
	s.emit(t, "ActionInvoked", uint32(99), "other")
	s.emit(t, "ActionInvoked", first.ID, "snooze")
	s.emit(t, "ActionInvoked", first.ID, "snooze")
	s.emit(t, "NotificationClosed", first.ID, uint32(2))
	s.emit(t, "NotificationClosed", first.ID, uint32(1))
	for _, want := range []desk.NotificationEvent{
		{Kind: desk.Invoked, Shown: desk.Shown{ID: 99, By: first.By}, Action: "other"},
		{Kind: desk.Invoked, Shown: first, Action: "snooze", Token: "token"},
		{Kind: desk.Invoked, Shown: first, Action: "snooze"},
		{Kind: desk.Dismissed, Shown: first},
		{Kind: desk.Gone, Shown: first},
	} {
		if got := <-events; got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// listening waits until Follow hears the service.
func listening(t *testing.T, s *server, events <-chan desk.NotificationEvent) {
	t.Helper()
	for {
		s.emit(t, "ActionInvoked", uint32(1), "are you there")
		select {
		case <-events:
			// One that was sent before may be on its way; the last one has a number of its own.
			s.emit(t, "ActionInvoked", uint32(2), "good")
			for e := range events {
				if e.Shown.ID == 2 {
					return
				}
			}
		case <-t.Context().Done():
			t.Fatal("it never listened")
		default:
		}
	}
}

func TestANumberCountsForTheServiceThatGaveIt(t *testing.T) {
	s := &server{}
	n := start(t, s)
	first, err := n.Notify(t.Context(), desk.Notification{Title: "a"})
	if err != nil {
		t.Fatal(err)
	}
	<-s.shown
	again, err := n.Notify(t.Context(), desk.Notification{Title: "b", Replaces: first})
	if got := <-s.shown; err != nil || got.Replaces != first.ID || again.By != first.By {
		t.Errorf("the same service: %+v, %v", got, err)
	}
	if err := n.Retract(t.Context(), first); err != nil || <-s.closed != first.ID {
		t.Errorf("retracted: %v", err)
	}
	events := following(t, n)
	listening(t, s, events)
	if err := s.conn.Close(); err != nil {
		t.Fatal(err)
	}
	second := &server{}
	second.export(t)
	if e := <-events; e.Kind != desk.ServiceCame {
		t.Fatalf("got %+v", e)
	}
	last, err := n.Notify(t.Context(), desk.Notification{Title: "c", Replaces: first})
	if got := <-second.shown; err != nil || got.Replaces != 0 || last.By == first.By {
		t.Errorf("another service: %+v, %v", got, err)
	}
	if err := n.Retract(t.Context(), first); err != nil || len(second.closed) > 0 {
		t.Errorf("retracted at another service: %v", err)
	}
}

func TestFollowWithoutABus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	if err := New(sessionbus.New(t.Context()).Conn).Follow(t.Context(), nil); err == nil {
		t.Error("there is a bus")
	}
}

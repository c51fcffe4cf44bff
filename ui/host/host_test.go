package host

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
)

type fakeBus struct {
	activatable bool
	started     chan struct{}
	err         error
}

func (b fakeBus) Activatable(context.Context) (bool, error) { return b.activatable, nil }
func (b fakeBus) Start(ctx context.Context) error {
	select {
	case b.started <- struct{}{}:
		return b.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestWhoHosts holds the rule of the design, "Who hosts".
func TestWhoHosts(t *testing.T) {
	for _, c := range []struct {
		name                string
		activatable, always bool
		hosts               bool
	}{
		{"a daemon that the bus can start is started", true, false, false},
		{"without one the overlay hosts", false, false, true},
		{"--host hosts in any case", true, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			started, hosted := make(chan struct{}, 1), make(chan struct{}, 1)
			k := NewKeeper(Keeper{
				Bus: fakeBus{activatable: c.activatable, started: started}, Always: c.always, Log: slog.New(slog.DiscardHandler),
				Host: func(ctx context.Context) error {
					hosted <- struct{}{}
					<-ctx.Done()
					return nil
				},
			})
			done := make(chan struct{})
			go func() { defer close(done); k.Run(ctx) }()
			k.Absent()
			got := false
			select {
			case <-started:
			case <-hosted:
				got = true
			}
			if got != c.hosts {
				t.Errorf("hosted %v, want %v", got, c.hosts)
			}
			cancel()
			<-done
		})
	}
}

// countingBus fails each time it is to start a daemon.
type countingBus struct{ starts atomic.Int32 }

func (b *countingBus) Activatable(context.Context) (bool, error) { return true, nil }
func (b *countingBus) Start(context.Context) error {
	b.starts.Add(1)
	return errors.New("it can't; do this")
}

// TestTheEndIsNoReasonForAnotherTry ends the keeper in its pause, often, since a select chooses by chance.
func TestTheEndIsNoReasonForAnotherTry(t *testing.T) {
	for range 50 {
		ctx, cancel := context.WithCancel(context.Background())
		var b countingBus
		k := NewKeeper(Keeper{Bus: &b, Log: slog.New(slog.DiscardHandler), Down: func(string) { cancel() }})
		k.Absent()
		k.Run(ctx)
		if n := b.starts.Load(); n != 1 {
			t.Fatalf("a daemon was started %d times", n)
		}
	}
}

func TestAFailureIsToldInASentence(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	told := make(chan string, 1)
	k := NewKeeper(Keeper{
		Bus: fakeBus{activatable: true, started: make(chan struct{}, 1), err: errors.New("it can't; do this")},
		Log: slog.New(slog.DiscardHandler), Down: func(s string) { told <- s },
	})
	done := make(chan struct{})
	go func() { defer close(done); k.Run(ctx) }()
	k.Absent()
	if got := <-told; got != "it can't; do this" {
		t.Errorf("told %q", got)
	}
	cancel()
	<-done
}

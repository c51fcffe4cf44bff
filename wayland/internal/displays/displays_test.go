package displays

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"nerva/wayland/internal/socktest"
)

// follow gives each try, whose outcome the test says.
func follow(t *testing.T) (tries <-chan chan<- error, asked chan<- struct{}) {
	t.Helper()
	all, ask := make(chan chan<- error), make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		Follow(ctx, slog.New(slog.DiscardHandler), ask, func(ctx context.Context) error {
			outcome := make(chan error)
			select {
			case all <- outcome:
			case <-ctx.Done():
				return ctx.Err()
			}
			select {
			case err := <-outcome:
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return all, ask
}

func TestADisplayThatRefusesIsAskedAgain(t *testing.T) {
	socktest.RuntimeDir(t)
	tries, _ := follow(t)
	for range maxRetries + 1 {
		<-tries <- os.ErrNotExist
	}
}

func TestAFileThatAppearsIsASignOfLife(t *testing.T) {
	dir := socktest.RuntimeDir(t)
	tries, asked := follow(t)
	<-tries <- errors.ErrUnsupported // no use in asking this one again
	for _, name := range []string{"other", "wayland-3"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	<-tries <- errors.ErrUnsupported
	asked <- struct{}{}
	<-tries <- nil
}

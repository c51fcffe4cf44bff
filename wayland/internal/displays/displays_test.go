package displays

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"nerva/wayland/internal/socktest"
)

// follow gives each try, whose outcome the test says.
func follow(t *testing.T, signs Signs) (tries <-chan chan<- error, asked chan<- struct{}) {
	t.Helper()
	all, ask := make(chan chan<- error), make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		Follow(ctx, slog.New(slog.DiscardHandler), signs, ask, func(ctx context.Context) error {
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
	tries, _ := follow(t, Wayland())
	for range maxRetries + 1 {
		<-tries <- os.ErrNotExist
	}
}

func TestAFileThatAppearsIsASignOfLife(t *testing.T) {
	dir := socktest.RuntimeDir(t)
	tries, asked := follow(t, Wayland())
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

// TestWhatIsThereIsAskedOn: nothing else would tell that it works again.
func TestWhatIsThereIsAskedOn(t *testing.T) {
	socktest.RuntimeDir(t)
	tries, _ := follow(t, Wayland())
	for range maxRetries + 2 {
		<-tries <- fmt.Errorf("it hung up: %w", ErrThere)
	}
}

// TestFoldersAreFollowed: they appear one in the other, long before or just before the socket.
func TestFoldersAreFollowed(t *testing.T) {
	dir := socktest.RuntimeDir(t)
	outer := filepath.Join(dir, "outer")
	inner := filepath.Join(outer, "inner")
	tries, _ := follow(t, Signs{
		Dir:     dir,
		Folders: func() []string { return []string{outer, inner} },
		Is:      func(path string) bool { return path == outer || path == inner || filepath.Base(path) == "socket" },
	})
	<-tries <- errors.ErrUnsupported
	file := func(name string) func() error {
		return func() error { return os.WriteFile(filepath.Join(inner, name), nil, 0o600) }
	}
	for _, step := range []struct {
		do   func() error
		sign bool
	}{
		{func() error { return os.Mkdir(outer, 0o700) }, true},
		{func() error { return os.Mkdir(inner, 0o700) }, true},
		{file("other"), false},
		{file("socket"), true},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if step.sign {
			<-tries <- errors.ErrUnsupported
		}
	}
}

package input

import (
	"context"

	"nerva/wayland/internal/xkb"
)

// link holds the display from one request to the next: for the time of a request it belongs to whoever does that, and
// between two of them to its own goroutine.
type link struct {
	life context.Context
	*display
}

func (l *link) open(ctx context.Context) (err error) {
	if l.display != nil && l.take() {
		return nil
	}
	if l.display != nil {
		_ = l.conn.Close() // it is broken: the compositor is gone, and with it what it had of ours
	}
	if l.display, err = connect(ctx, l.life); err != nil {
		l.display = nil
	}
	return err
}

func (l *link) close() { l.release(l.life) }

// stop waits for the goroutine, which ends with life.
func (l *link) stop() {
	if l.display != nil {
		<-l.ended
		_ = l.conn.Close() // whatever was left of it
	}
}

// virtual is the compositor's virtual keyboard and pointer.
type virtual struct{ link }

func (v *virtual) name() string { return "virtual" }

func (v *virtual) open(ctx context.Context, n need) (via string, err error) {
	if err := v.link.open(ctx); err != nil {
		return "", err
	}
	if n == keys {
		via, err = "virtual keyboard", v.openKeyboard(ctx)
	} else {
		via, err = "virtual pointer", v.openPointer(ctx)
	}
	if err != nil {
		v.close()
	}
	return via, err
}

func (v *virtual) check(text []rune) error {
	_, err := v.parsed.Extend(text, xkb.State{})
	return err
}

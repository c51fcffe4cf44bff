// Package input types and points: it implements desk.Input by what the session has, the better way first. Text goes by
// the accessibility interface where what is focused can be edited by it; text and keys by a virtual keyboard with the user's own
// keymap, to which keys are added for what it lacks; pointing by a virtual pointer in the space that all outputs make. Where a
// compositor has neither it is the RemoteDesktop portal, and last /dev/uinput.
//
// An Input does one request at a time. What it has opened stays open until its context ends, owned by whoever does a
// request; in between a goroutine of its own reads what the compositor tells. No key is ever down between two messages to
// the compositor, so that none stays down where the process is killed. The package must not know who asks nor whether
// they may.
package input

import (
	"context"
	"unicode"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
)

// Windows is what the package asks of the compositor's list: which window has the focus.
type Windows interface {
	List(ctx context.Context) ([]desk.Window, error)
	Focus(ctx context.Context, id string) error
	Watch(ctx context.Context, changed func([]desk.Window)) error
}

// Editor writes into what has the focus, where that can be edited without keys.
type Editor interface {
	// Insert writes text at the caret in a window. It returns false, and nothing is written, where there is no such control.
	Insert(ctx context.Context, window, text string) (bool, error)
}

// Options go with New.
type Options struct {
	Windows Windows
	Editor  Editor // may be nil
	Portal  Portal // may be nil
	Bus     func() (*dbus.Conn, error)
	// Only names the one way to use, for tests: "virtual", "portal" or "uinput"; empty: the best that is there.
	Only string
}

// need is what a request needs of a way.
type need int

const (
	keys need = iota
	pointing
)

func (n need) String() string {
	if n == keys {
		return "type"
	}
	return "point"
}

// device is a way to the programs' windows.
type device interface {
	name() string
	// open makes it ready, for the time until close. An error of api.Unavailable sends on to the next one.
	open(ctx context.Context, n need) (via string, err error)
	close()
	// quiet waits while the user types, as far as that can be seen.
	quiet(ctx context.Context) error
	// check says what of the text can't be typed, before any of it is.
	check(text []rune) error
	// write types; before is called before each part, with how many characters have been typed, and stops it by an error.
	write(ctx context.Context, text []rune, before func(done int) error) error
	press(ctx context.Context, keys string) error
	point(ctx context.Context, steps ...step) error
	// stop gives back what it keeps from one request to the next.
	stop()
}

// Input implements desk.Input.
type Input struct {
	o       Options
	devices []device
	busy    chan struct{} // full while a request is done, and for good once life has ended
	ended   chan struct{}
	user    *user
}

// New returns an Input. It starts nothing; what it starts when it is used ends with life.
func New(life context.Context, o Options) *Input {
	i := &Input{o: o, busy: make(chan struct{}, 1), ended: make(chan struct{}), user: newUser()}
	for _, d := range []device{
		&virtual{link{life: life}},
		&remote{link: link{life: life}, portal: o.Portal, bus: o.Bus},
		&kernel{link: link{life: life}, make: file{}, leds: capsLocks},
	} {
		if o.Only == "" || o.Only == d.name() {
			i.devices = append(i.devices, d)
		}
	}
	context.AfterFunc(life, i.stop)
	return i
}

func (i *Input) stop() {
	i.busy <- struct{}{}
	for _, d := range i.devices {
		d.stop()
	}
	i.user.close()
	close(i.ended)
}

// Type implements desk.Input.
func (i *Input) Type(ctx context.Context, t desk.Typing) (string, error) {
	for _, r := range t.Text {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return "", api.Errorf(api.InvalidInput, "the text has the control character %U in it; only line ends and tabulators can be typed", r)
		}
	}
	text := []rune(t.Text)
	if via, done, err := i.insert(ctx, t); done || err != nil {
		return via, err
	}
	return i.do(ctx, keys, t.Window, func(d device, ready func() error) error {
		if err := d.check(text); err != nil {
			return err
		}
		typed := 0
		err := d.write(ctx, text, func(done int) error {
			typed = done
			return ready()
		})
		if err != nil && typed > 0 {
			err = api.Errorf(api.CodeOf(err), "after %d of %d characters: %w", typed, len(text), err)
		}
		return err
	})
}

// Press implements desk.Input.
func (i *Input) Press(ctx context.Context, c desk.Chord) (string, error) {
	return i.do(ctx, keys, c.Window, func(d device, ready func() error) error {
		if err := ready(); err != nil {
			return err
		}
		return d.press(ctx, c.Keys)
	})
}

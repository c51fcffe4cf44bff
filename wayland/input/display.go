package input

import (
	"context"
	"time"

	"golang.org/x/sys/unix"

	"nerva/core/api"
	"nerva/wayland/internal/wl"
	"nerva/wayland/internal/xkb"
)

// The requests and events that we use of the core protocol (wayland.xml, wl_seat and wl_keyboard of version 5),
// virtual-keyboard-unstable-v1 and wlr-virtual-pointer-unstable-v1, in the protocols' order.
const (
	seatGetKeyboard  = 1
	seatCapabilities = 0 // event

	hasPointer  = 1 // wl_seat.capability
	hasKeyboard = 2

	keyboardKeymap = 0 // event
	keymapFormat   = 1 // xkb_v1

	managerCreateKeyboard = 0
	virtualKeymap         = 0
	virtualKey            = 1
	virtualModifiers      = 2

	managerCreatePointer = 0
)

var (
	seatInterface     = &wl.Interface{Name: "wl_seat"}
	keyboardInterface = &wl.Interface{Name: "wl_keyboard", FDs: 1 << keyboardKeymap}
	keyboards         = &wl.Interface{Name: "zwp_virtual_keyboard_manager_v1"}
	virtualKeyboard   = &wl.Interface{Name: "zwp_virtual_keyboard_v1"}
	pointers          = &wl.Interface{Name: "zwlr_virtual_pointer_manager_v1"}
	virtualPointer    = &wl.Interface{Name: "zwlr_virtual_pointer_v1"}
)

// display is the connection to a compositor, which is kept from one request to the next: a virtual keyboard that comes
// and goes would have every client of the seat take a new keyboard each time. Between requests a goroutine reads, since
// the compositor tells of each change of the keymap.
type display struct {
	conn  *wl.Conn
	stop  context.CancelFunc // ends the goroutine
	ended chan struct{}      // closed by it
	err   error              // why it ended by itself; read after ended

	// The rest belongs to who reads.
	seat         *wl.Object
	capabilities uint32
	watched      *wl.Object // the seat's wl_keyboard
	keymap       string     // the user's, as it was last told; empty: none yet
	base         string     // what a request types with, and the same read
	parsed       *xkb.Keymap
	keyboard     *wl.Object
	loaded       string    // what the virtual keyboard has
	next         time.Time // when clients may have read what they were sent before; see pace
	pointer      *wl.Object
	clock        func() time.Time
	started      time.Time
	acted        time.Time // when we last did something
}

// connect dials the session's display and learns what the seat has. The connection ends with life.
func connect(ctx, life context.Context) (*display, error) {
	conn, err := wl.Connect(life)
	if err != nil {
		return nil, err
	}
	d := &display{conn: conn, clock: time.Now, started: time.Now()}
	d.seat = conn.BindFirst(seatInterface, 1, 5, d.seatEvent)
	if d.seat == nil {
		_ = conn.Close() // nothing was begun
		return nil, api.Errorf(api.Unavailable, "the compositor has no seat to type on: connect a keyboard or a pointer")
	}
	// The first answer has the capabilities, the second the keymap of the keyboard that they led to.
	for range 2 {
		if err := conn.Roundtrip(ctx); err != nil {
			_ = conn.Close()
			return nil, wl.Sentence(ctx, err)
		}
	}
	return d, nil
}

// release has a goroutine read until take; it begins and ends with the hold of a request.
func (d *display) release(life context.Context) {
	ctx, stop := context.WithCancel(life)
	d.stop, d.ended = stop, make(chan struct{})
	go func() {
		defer close(d.ended)
		if err := d.conn.Run(ctx); ctx.Err() == nil {
			d.err = err
		}
	}()
}

// take stops the goroutine that reads. It returns false where the connection is broken.
func (d *display) take() bool {
	d.stop()
	<-d.ended
	return d.err == nil
}

func (d *display) seatEvent(event uint16, a *wl.Args) {
	if event != seatCapabilities {
		return
	}
	d.capabilities = a.Uint()
	if d.watched == nil && d.capabilities&hasKeyboard != 0 {
		d.watched = d.seat.Create(seatGetKeyboard, keyboardInterface, d.keyboardEvent, wl.NewID{})
	}
}

func (d *display) keyboardEvent(event uint16, a *wl.Args) {
	if event != keyboardKeymap {
		return
	}
	format, fd, size := a.Uint(), a.FD(), a.Uint()
	defer func() { _ = unix.Close(fd) }()
	if text, ok := readKeymap(fd, size); ok && format == keymapFormat && !isOurs(text) {
		d.keymap = text
	}
}

// readKeymap reads as wl_keyboard.keymap prescribes: mapped privately, ending in a zero.
func readKeymap(fd int, size uint32) (string, bool) {
	if size == 0 || size > xkb.MaxText {
		return "", false
	}
	data, err := unix.Mmap(fd, 0, int(size), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return "", false
	}
	defer func() { _ = unix.Munmap(data) }()
	return unix.ByteSliceToString(data), true
}

func (d *display) now() uint32 { return uint32(d.clock().Sub(d.started).Milliseconds()) }

// done waits until the compositor has handled what we did.
func (d *display) done(ctx context.Context) error {
	d.acted = time.Now()
	return wl.Sentence(ctx, d.conn.Roundtrip(ctx))
}

// settle waits for the clients where the seat has just got what it had not: they must ask for the keyboard or pointer
// first, what is pressed before that is lost to them, and nobody can see when they have. It is needed on a seat
// without a keyboard only, and there once.
func (d *display) settle(ctx context.Context, had uint32) error {
	if had == d.capabilities {
		return nil
	}
	return sleep(ctx, 300*time.Millisecond)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Package wl is a small Wayland client: the wire format of wl_display, wl_registry and whatever its users bind
// (Wayland, "Wire Format"; wayland.xml). It knows no other protocol: opcodes and arguments are its users', who say
// beside each which protocol and version they are of.
//
// A Conn is one connection. Requests may be made from any goroutine; what arrives is read, and handlers are called,
// in the one goroutine that calls Roundtrip, Until or Run. The package must not know what its objects are for.
package wl

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/sockets"
)

// Conn is one connection to a display.
type Conn struct {
	socket *net.UnixConn
	stop   func() bool // forgets the context that the connection ends with; set before anybody else has it

	mu      sync.Mutex // holds what follows, and the order of what is written
	objects map[uint32]*Object
	next    uint32
	free    []uint32 // ids that the server has told to be free again
	broken  error    // the first thing that went wrong; nothing works after it
	held    *message // what Together gathers; nil outside of it

	registry *Object
	globals  []Global // from here on of the reading goroutine alone
	added    func(Global)
	removed  func(name uint32)
	buffer   []byte
	unread   []byte
	fds      []int // came with what is read, and belong to events to come
}

// Global is something that a compositor offers.
type Global struct {
	Name      uint32 // the registry's number for it
	Interface string
	Version   uint32
}

// Connect dials the session's display: see sockets.Display.
func Connect(ctx context.Context) (*Conn, error) {
	path := sockets.Display()
	if path == "" {
		return nil, api.Errorf(api.Unavailable, "no Wayland display is running: log in to a Wayland session and try again")
	}
	return Dial(ctx, path)
}

// Dial connects to the display's socket at path and reads the globals, in desk.Limit at most. The connection ends
// with ctx, unless it is kept. Its errors are api.Unavailable and api.Cancelled.
func Dial(ctx context.Context, path string) (*Conn, error) {
	socket, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		return nil, Sentence(ctx, fmt.Errorf("connect: %w", err))
	}
	c := &Conn{socket: socket.(*net.UnixConn), objects: map[uint32]*Object{}, next: 1, buffer: make([]byte, 64<<10)}
	c.stop = context.AfterFunc(ctx, func() { _ = c.shut() }) // whoever reads is told
	display := c.newObject(&Interface{Name: "wl_display"}, c.displayEvent)
	c.registry = display.Create(displayGetRegistry, &Interface{Name: "wl_registry"}, c.registryEvent, NewID{})
	if err := c.Roundtrip(ctx); err != nil {
		return nil, Sentence(ctx, errors.Join(err, c.Close()))
	}
	return c, nil
}

// Close ends the connection, and with it whatever reads from it. Everything the compositor kept for it is gone then.
func (c *Conn) Close() error {
	c.stop()
	return c.shut()
}

func (c *Conn) shut() error {
	c.fail(net.ErrClosed)
	return c.socket.Close()
}

// Keep has the connection outlive the context that it was dialled with, and end with life instead. It is for whoever
// has the connection to himself yet.
func (c *Conn) Keep(life context.Context) {
	if c.stop() {
		c.stop = context.AfterFunc(life, func() { _ = c.shut() })
	}
}

// Globals lists what the compositor offers now. It is for the goroutine that reads.
func (c *Conn) Globals() []Global { return c.globals }

// OnGlobal tells what comes and goes from now on. It is for the goroutine that reads.
func (c *Conn) OnGlobal(added func(Global), removed func(name uint32)) {
	c.added, c.removed = added, removed
}

// Bind makes an object of a global.
func (c *Conn) Bind(g Global, i *Interface, version uint32, on Handler) *Object {
	return c.registry.Create(registryBind, i, on, g.Name, i.Name, version, NewID{})
}

// First returns the first global of the interface; there is none where its name is empty.
func (c *Conn) First(i *Interface) Global {
	for _, g := range c.globals {
		if g.Interface == i.Name {
			return g
		}
	}
	return Global{}
}

// BindFirst binds the first global of the interface, in the version that both sides know. It returns nil where there
// is none, or one older than least.
func (c *Conn) BindFirst(i *Interface, least, most uint32, on Handler) *Object {
	g := c.First(i)
	if g.Interface == "" || g.Version < least {
		return nil
	}
	return c.Bind(g, i, min(g.Version, most), on)
}

// Roundtrip returns once the compositor has handled every request made before, and each event it sent until then has
// been dispatched. It takes desk.Limit at most.
func (c *Conn) Roundtrip(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	done := false
	c.Sync(func() { done = true })
	return c.Until(ctx, func() bool { return done })
}

// Sync has done called, in the goroutine that reads, once the compositor has handled every request made before. It
// may be asked for from any goroutine; done is never called where the connection ends first.
func (c *Conn) Sync(done func()) {
	c.display().Create(displaySync, &Interface{Name: "wl_callback"}, func(uint16, *Args) { done() }, NewID{})
}

// Until dispatches events until done says so. Where ctx ends first the connection stays usable.
func (c *Conn) Until(ctx context.Context, done func() bool) error {
	broken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = c.socket.SetReadDeadline(time.Unix(1, 0)) // only a closed one takes none
		close(broken)
	})
	defer func() {
		if !stop() {
			<-broken
			_ = c.socket.SetReadDeadline(time.Time{})
		}
	}()
	for !done() {
		if err := c.dispatch(); err != nil {
			return errors.Join(ctx.Err(), err)
		}
	}
	return nil
}

// Run dispatches events until the connection ends, and says why.
func (c *Conn) Run(ctx context.Context) error {
	return c.Until(ctx, func() bool { return false })
}

// Sentence makes one for a person of what went wrong with a connection; an error that has one already stays.
func Sentence(ctx context.Context, err error) error {
	var known *api.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(ctx.Err(), context.Canceled):
		return api.Errorf(api.Cancelled, "waiting for the compositor was stopped: %w", err)
	case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded):
		return api.Errorf(api.Unavailable, "the compositor did not answer in time: see whether it hangs, then try again: %w", err)
	}
	return api.Errorf(api.Unavailable, "the compositor broke off: try again, and see its log if this goes on: %w", err)
}

// Error is what a compositor accused its client of before it hung up (wl_display.error).
type Error struct {
	Interface string
	Code      uint32
	Message   string
}

func (e *Error) Error() string {
	return fmt.Sprintf("protocol error %d of %s: %s", e.Code, e.Interface, e.Message)
}

// The requests and events of wl_display and wl_registry (wayland.xml, version 1).
const (
	displaySync        = 0
	displayGetRegistry = 1
	registryBind       = 0

	displayError    = 0
	displayDeleteID = 1
	registryGlobal  = 0
	registryRemove  = 1
)

func (c *Conn) displayEvent(event uint16, a *Args) {
	switch event {
	case displayError:
		e := &Error{Interface: "an object that is gone"}
		if o := a.Object(); o != nil {
			e.Interface = o.kind.Name
		}
		e.Code, e.Message = a.Uint(), a.String()
		c.fail(e)
	case displayDeleteID:
		id := a.Uint()
		c.mu.Lock()
		defer c.mu.Unlock()
		if _, known := c.objects[id]; known && id < firstServerID {
			delete(c.objects, id)
			c.free = append(c.free, id)
		}
	}
}

func (c *Conn) registryEvent(event uint16, a *Args) {
	switch event {
	case registryGlobal:
		g := Global{a.Uint(), a.String(), a.Uint()}
		c.globals = append(c.globals, g)
		if c.added != nil {
			c.added(g)
		}
	case registryRemove:
		name := a.Uint()
		for i, g := range c.globals {
			if g.Name == name {
				c.globals = append(c.globals[:i:i], c.globals[i+1:]...)
				break
			}
		}
		if c.removed != nil {
			c.removed(name)
		}
	}
}

// order is the machine's: the wire format is that of the processor both sides run on.
var order = binary.NativeEndian

package wl

import (
	"errors"
	"fmt"
	"math"
	"time"

	"golang.org/x/sys/unix"

	"nerva/core/desk"
)

// Interface is one of a protocol, as far as events have to be told apart without knowing them.
type Interface struct {
	Name string
	// FDs has bit n set where event n carries a file descriptor.
	FDs uint32
}

// Handler is called for each event of an object. A descriptor that it does not take is closed.
type Handler func(event uint16, a *Args)

// Object is one on the server, by its id. Its methods may be called from any goroutine.
type Object struct {
	conn *Conn
	id   uint32
	kind *Interface
	on   Handler
	dead bool // destroyed by us: what was on its way then is dropped
}

// NewID is the argument that stands for the object that Create makes.
type NewID struct{}

// FD is an argument that is a file descriptor. It stays the caller's, who may close it once the request is made.
type FD int

// Fixed is a number with 8 bits after the point.
type Fixed int32

// FixedOf rounds f, which must fit into 24 bits.
func FixedOf(f float64) Fixed { return Fixed(math.Round(f * 256)) }

// Float is the number.
func (f Fixed) Float() float64 { return float64(f) / 256 }

// firstServerID begins the ids that a server gives (Wayland, "Wire Format").
const firstServerID = 0xff000000

func (c *Conn) newObject(kind *Interface, on Handler) *Object {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := &Object{conn: c, kind: kind, on: on}
	if n := len(c.free); n > 0 {
		o.id, c.free = c.free[n-1], c.free[:n-1]
	} else {
		o.id = c.next
		c.next++
	}
	c.objects[o.id] = o
	return o
}

func (c *Conn) display() *Object {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.objects[1]
}

// Request sends one. Arguments are int32, uint32, Fixed, string, []byte, FD and *Object (nil: none). What goes wrong
// is kept by the connection and comes from whatever reads next.
func (o *Object) Request(opcode uint16, args ...any) { o.send(opcode, nil, args) }

// Create sends a request that makes an object; NewID stands among args where its id goes.
func (o *Object) Create(opcode uint16, kind *Interface, on Handler, args ...any) *Object {
	made := o.conn.newObject(kind, on)
	o.send(opcode, made, args)
	return made
}

// Destroy sends a destructor. No event is handled after it.
func (o *Object) Destroy(opcode uint16, args ...any) {
	o.conn.mu.Lock()
	o.dead = true
	o.conn.mu.Unlock()
	o.send(opcode, nil, args)
}

func (o *Object) send(opcode uint16, made *Object, args []any) {
	m := message{data: order.AppendUint32(make([]byte, 0, 64), o.id)}
	m.data = order.AppendUint32(m.data, 0) // size and opcode, below
	for _, arg := range args {
		m.add(arg, made)
	}
	if len(m.data) > 0xffff { // the size has 16 bits
		o.conn.fail(fmt.Errorf("a request of %s has %d bytes, more than fit", o.kind.Name, len(m.data)))
		return
	}
	order.PutUint32(m.data[4:], uint32(len(m.data))<<16|uint32(opcode))
	o.conn.write(m)
}

// Together sends the requests that are made in it as one message of the socket, so that the compositor gets all of them or,
// where this process is killed meanwhile, none. They should be few: Linux queues up to 32 KiB at once or not at all (unix_stream_sendmsg).
func (c *Conn) Together(requests func()) {
	c.mu.Lock()
	c.held = &message{}
	c.mu.Unlock()
	requests()
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.held
	c.held = nil
	c.put(*m)
}

func (c *Conn) write(m message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held != nil {
		c.held.data, c.held.fds = append(c.held.data, m.data...), append(c.held.fds, m.fds...)
		return
	}
	c.put(m)
}

// put sends a message whole; c.mu is held. A compositor that takes nothing for desk.Limit is given up.
func (c *Conn) put(m message) {
	if c.broken != nil || len(m.data) == 0 {
		return
	}
	var rights []byte
	if len(m.fds) > 0 {
		rights = unix.UnixRights(m.fds...)
	}
	_ = c.socket.SetWriteDeadline(time.Now().Add(desk.Limit))
	n, _, err := c.socket.WriteMsgUnix(m.data, rights, nil)
	if err == nil && n < len(m.data) {
		_, err = c.socket.Write(m.data[n:])
	}
	// A compositor that accuses us hangs up: what it said is still to be read, and says more than the broken pipe.
	if err != nil && !errors.Is(err, unix.EPIPE) && !errors.Is(err, unix.ECONNRESET) {
		c.broken = fmt.Errorf("send to the compositor: %w", err)
		_ = c.socket.Close()
	}
}

// fail keeps the first error.
func (c *Conn) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken == nil {
		c.broken = err
	}
}

func (c *Conn) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.broken
}

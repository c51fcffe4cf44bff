package wl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// message is a request on its way.
type message struct {
	data []byte
	fds  []int
}

func (m *message) add(arg any, made *Object) {
	switch v := arg.(type) {
	case int32:
		m.data = order.AppendUint32(m.data, uint32(v))
	case uint32:
		m.data = order.AppendUint32(m.data, v)
	case Fixed:
		m.data = order.AppendUint32(m.data, uint32(v))
	case string:
		m.block(append([]byte(v), 0))
	case []byte:
		m.block(v)
	case FD:
		m.fds = append(m.fds, int(v))
	case NewID:
		m.data = order.AppendUint32(m.data, made.id)
	case *Object:
		var id uint32
		if v != nil {
			id = v.id
		}
		m.data = order.AppendUint32(m.data, id)
	default:
		panic(fmt.Sprintf("wl: %T is no argument", arg))
	}
}

// block adds bytes with their length before and padding to 32 bits after them.
func (m *message) block(b []byte) {
	m.data = order.AppendUint32(m.data, uint32(len(b)))
	m.data = append(m.data, b...)
	m.data = append(m.data, make([]byte, -len(b)&3)...)
}

// maxFDs is how many descriptors come with one read at most (libwayland sends no more).
const maxFDs = 28

// dispatch reads once and handles all events that are whole by then.
func (c *Conn) dispatch() error {
	err := c.failure()
	if err == nil {
		err = c.read()
	}
	for more := true; more && err == nil; {
		if more, err = c.event(); err == nil {
			err = c.failure()
		}
	}
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		c.fail(err)
		for _, fd := range c.fds {
			_ = unix.Close(fd)
		}
		c.fds = nil
	}
	return err
}

func (c *Conn) read() error {
	rights := make([]byte, unix.CmsgSpace(maxFDs*4))
	n, rightsLen, flags, _, err := c.socket.ReadMsgUnix(c.buffer, rights)
	if err == nil && n == 0 {
		err = io.EOF
	}
	c.take(rights[:rightsLen])
	if err == nil && flags&unix.MSG_CTRUNC != 0 {
		err = errors.New("the compositor sent more descriptors than fit")
	}
	if err != nil {
		if broken := c.failure(); broken != nil {
			return broken
		}
		return fmt.Errorf("read from the compositor: %w", err)
	}
	c.unread = append(c.unread, c.buffer[:n]...)
	return nil
}

// take keeps the descriptors of a read until the events that they belong to are handled.
func (c *Conn) take(rights []byte) {
	messages, err := unix.ParseSocketControlMessage(rights)
	if err != nil {
		return
	}
	for _, m := range messages {
		fds, err := unix.ParseUnixRights(&m)
		if err != nil {
			continue
		}
		for _, fd := range fds {
			unix.CloseOnExec(fd)
		}
		c.fds = append(c.fds, fds...)
	}
}

// event handles the first unread event, and says whether there was a whole one.
func (c *Conn) event() (bool, error) {
	if len(c.unread) < 8 {
		return false, nil
	}
	id, head := order.Uint32(c.unread), order.Uint32(c.unread[4:])
	size, opcode := int(head>>16), uint16(head)
	if size < 8 || size%4 != 0 {
		return false, fmt.Errorf("the compositor sent a message of %d bytes", size)
	}
	if len(c.unread) < size {
		return false, nil
	}
	a := &Args{conn: c, data: bytes.Clone(c.unread[8:size])}
	c.unread = c.unread[:copy(c.unread, c.unread[size:])]
	c.mu.Lock()
	o := c.objects[id]
	var dead bool
	if o != nil {
		dead = o.dead
	}
	c.mu.Unlock()
	if o == nil {
		return true, nil // its end and the event have crossed
	}
	if opcode < 32 && o.kind.FDs>>opcode&1 == 1 {
		if len(c.fds) == 0 {
			return false, fmt.Errorf("the compositor sent no descriptor with event %d of %s", opcode, o.kind.Name)
		}
		a.fd, c.fds = c.fds[0], c.fds[1:]
		a.hasFD = true
	}
	if !dead && o.on != nil {
		o.on(opcode, a)
	}
	if a.hasFD {
		_ = unix.Close(a.fd)
	}
	if a.err != nil {
		return false, fmt.Errorf("event %d of %s: %w", opcode, o.kind.Name, a.err)
	}
	return true, nil
}

// Args are an event's arguments, taken one after the other. What is not there reads as zero and ends the connection.
type Args struct {
	conn  *Conn
	data  []byte
	fd    int
	hasFD bool
	err   error
}

var errShort = errors.New("it is shorter than its arguments")

// Uint takes one of 32 bits.
func (a *Args) Uint() uint32 {
	if len(a.data) < 4 {
		a.err = errShort
		return 0
	}
	v := order.Uint32(a.data)
	a.data = a.data[4:]
	return v
}

// Int takes one of 32 bits.
func (a *Args) Int() int32 { return int32(a.Uint()) }

// Fixed takes one.
func (a *Args) Fixed() Fixed { return Fixed(a.Uint()) }

// Array takes bytes, which belong to the caller.
func (a *Args) Array() []byte {
	n := int64(a.Uint())
	padded := (n + 3) &^ 3
	if int64(len(a.data)) < padded {
		a.err = errShort
		return nil
	}
	v := a.data[:n:n]
	a.data = a.data[padded:]
	return v
}

// String takes one; none is the empty one.
func (a *Args) String() string {
	b := a.Array()
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// Object takes one that exists already; nil where there is none, or it is gone.
func (a *Args) Object() *Object {
	id := a.Uint()
	a.conn.mu.Lock()
	defer a.conn.mu.Unlock()
	return a.conn.objects[id]
}

// New takes an object that the server has made.
func (a *Args) New(kind *Interface, on Handler) *Object {
	o := &Object{conn: a.conn, id: a.Uint(), kind: kind, on: on}
	if o.id < firstServerID {
		a.err = fmt.Errorf("the server made an object with the client's id %d", o.id)
		return o
	}
	a.conn.mu.Lock()
	defer a.conn.mu.Unlock()
	a.conn.objects[o.id] = o
	return o
}

// FD takes the descriptor, which is the caller's then; -1 where the event carries none.
func (a *Args) FD() int {
	if !a.hasFD {
		return -1
	}
	a.hasFD = false
	return a.fd
}

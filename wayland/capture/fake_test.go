package capture

import (
	"encoding/binary"
	"net"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"nerva/wayland/internal/socktest"
)

// compositor is a Wayland compositor that knows ext-image-copy-capture, for which there is no other here, and does
// with it what a test says. One goroutine serves one client after the other.
type compositor struct {
	t      *testing.T
	offers []string // interfaces
	output struct{ transform, width, height uint32 }
	// size and formats are what a session wants of buffers.
	size    [2]uint32
	formats []uint32
	// transform is the frame's; fill writes its pixels, and false lets it fail.
	transform uint32
	fill      func(pixels []byte, stride int, format uint32) bool
	silent    bool // a capture is never answered

	conn    *net.UnixConn
	kinds   map[uint32]string
	pools   map[uint32][]byte
	buffers map[uint32]fakeBuffer
	fds     []int
}

type fakeBuffer struct {
	pixels         []byte
	stride, format uint32
}

// start makes it the session's display.
func (c *compositor) start() {
	listener := socktest.Listen(c.t, filepath.Join(socktest.RuntimeDir(c.t), "wayland-0"))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.AcceptUnix()
			if err != nil {
				return
			}
			c.serve(conn)
		}
	}()
	c.t.Cleanup(func() { listener.Close(); <-ended })
}

func (c *compositor) serve(conn *net.UnixConn) {
	defer conn.Close()
	c.conn, c.kinds = conn, map[uint32]string{1: "wl_display"}
	c.pools, c.buffers, c.fds = map[uint32][]byte{}, map[uint32]fakeBuffer{}, nil
	defer func() {
		for _, pool := range c.pools {
			_ = unix.Munmap(pool)
		}
	}()
	var unread []byte
	read, rights := make([]byte, 4096), make([]byte, unix.CmsgSpace(4*8))
	for {
		n, rightsLen, _, _, err := conn.ReadMsgUnix(read, rights)
		if err != nil || n == 0 {
			return
		}
		if messages, err := unix.ParseSocketControlMessage(rights[:rightsLen]); err == nil {
			for _, m := range messages {
				if fds, err := unix.ParseUnixRights(&m); err == nil {
					c.fds = append(c.fds, fds...)
				}
			}
		}
		unread = append(unread, read[:n]...)
		for len(unread) >= 8 {
			head := binary.NativeEndian.Uint32(unread[4:])
			size := int(head >> 16)
			if len(unread) < size {
				break
			}
			c.request(binary.NativeEndian.Uint32(unread), uint16(head), unread[8:size])
			unread = unread[size:]
		}
	}
}

func (c *compositor) event(id uint32, opcode uint16, args ...uint32) {
	m := binary.NativeEndian.AppendUint32(nil, id)
	m = binary.NativeEndian.AppendUint32(m, uint32(8+4*len(args))<<16|uint32(opcode))
	for _, a := range args {
		m = binary.NativeEndian.AppendUint32(m, a)
	}
	_, _ = c.conn.Write(m) // the client may be gone
}

// text is a string of the wire format.
func text(s string) []uint32 {
	b := append([]byte(s), 0)
	b = append(b, make([]byte, -len(b)&3)...)
	words := []uint32{uint32(len(s) + 1)}
	for ; len(b) > 0; b = b[4:] {
		words = append(words, binary.NativeEndian.Uint32(b))
	}
	return words
}

func (c *compositor) request(id uint32, opcode uint16, body []byte) {
	arg := func(n int) uint32 { return binary.NativeEndian.Uint32(body[4*n:]) }
	switch kind := c.kinds[id]; {
	case kind == "wl_display" && opcode == 0:
		c.event(arg(0), 0, 0)
		c.event(1, 1, arg(0))
	case kind == "wl_display":
		c.kinds[arg(0)] = "wl_registry"
		for i, name := range c.offers {
			c.event(arg(0), 0, append(append([]uint32{uint32(i + 1)}, text(name)...), 3)...)
		}
	case kind == "wl_registry":
		c.kinds[arg(len(body)/4-1)] = c.offers[arg(0)-1]
		if c.offers[arg(0)-1] == "wl_output" {
			c.describe(arg(len(body)/4 - 1))
		}
	case kind == "ext_output_image_capture_source_manager_v1":
		c.kinds[arg(0)] = "source"
	case kind == "ext_image_copy_capture_manager_v1":
		c.kinds[arg(0)] = "session"
		c.event(arg(0), 0, c.size[0], c.size[1])
		for _, format := range c.formats {
			c.event(arg(0), 1, format)
		}
		c.event(arg(0), 4)
	case kind == "session" && opcode == 0:
		c.kinds[arg(0)] = "frame"
	case kind == "frame":
		c.frame(id, opcode, arg)
	case kind == "wl_shm":
		c.kinds[arg(0)] = "pool"
		pool, err := unix.Mmap(c.fds[0], 0, int(arg(1)), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		if err != nil {
			c.t.Error(err)
		}
		_ = unix.Close(c.fds[0])
		c.pools[arg(0)], c.fds = pool, c.fds[1:]
	case kind == "pool" && opcode == 0:
		c.kinds[arg(0)] = "buffer"
		c.buffers[arg(0)] = fakeBuffer{c.pools[id][arg(1):], arg(4), arg(5)}
		if arg(2) != c.size[0] || arg(3) != c.size[1] {
			c.t.Errorf("a buffer of %d×%d", arg(2), arg(3))
		}
	}
}

// describe tells of the output as version 3 does: it has no name, and the scale 1.
func (c *compositor) describe(id uint32) {
	nobody := append(text(""), text("")...)
	c.event(id, 0, append(append([]uint32{0, 0, 0, 0, 0}, nobody...), c.output.transform)...)
	c.event(id, 1, 1, c.output.width, c.output.height, 60000)
	c.event(id, 2)
}

func (c *compositor) frame(id uint32, opcode uint16, arg func(int) uint32) {
	const attach, capture = 1, 3
	switch {
	case opcode == attach:
		c.buffers[id] = c.buffers[arg(0)]
	case opcode == capture && !c.silent:
		b := c.buffers[id]
		c.event(id, 0, c.transform)
		if c.fill(b.pixels, int(b.stride), b.format) {
			c.event(id, 3)
		} else {
			c.event(id, 4, 0)
		}
	}
}

package beside

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"nerva/wayland/internal/socktest"
)

// requests has the name of each request that the fake knows, and its arguments: a number, a string, a descriptor, an
// object, or a new one of a kind (the protocols' XML, in their order).
var requests = map[string]string{
	"wl_display 0": "sync new:wl_callback", "wl_display 1": "get_registry new:wl_registry",
	"wl_compositor 0": "create_surface new:wl_surface", "wl_compositor 1": "create_region new:wl_region",
	"wl_region 0": "destroy", "wl_region 1": "add n n n n", "wl_region 2": "subtract n n n n",
	"wl_surface 0": "destroy", "wl_surface 1": "attach o n n", "wl_surface 2": "damage n n n n",
	"wl_surface 5": "set_input_region o", "wl_surface 6": "commit",
	"wl_shm 0": "create_pool new:wl_shm_pool fd n", "wl_shm_pool 0": "create_buffer new:wl_buffer n n n n n", "wl_shm_pool 1": "destroy",
	"wl_seat 0": "get_pointer new:wl_pointer", "wl_seat 2": "get_touch new:wl_touch",
	"wl_pointer 1": "release", "wl_touch 0": "release",
	"zwlr_layer_shell_v1 0":               "get_layer_surface new:zwlr_layer_surface_v1 o o n s",
	"zwlr_layer_surface_v1 1":             "set_anchor n",
	"zwlr_layer_surface_v1 2":             "set_exclusive_zone n",
	"zwlr_layer_surface_v1 6":             "ack_configure n",
	"zwlr_layer_surface_v1 7":             "destroy",
	"wp_viewporter 1":                     "get_viewport new:wp_viewport o",
	"wp_viewport 0":                       "destroy",
	"wp_viewport 2":                       "set_destination n n",
	"wp_single_pixel_buffer_manager_v1 1": "create_u32_rgba_buffer new:wl_buffer n n n n",
	"wp_cursor_shape_manager_v1 1":        "get_pointer new:wp_cursor_shape_device_v1 o",
	"wp_cursor_shape_device_v1 0":         "destroy",
	"wp_cursor_shape_device_v1 1":         "set_shape n n",
}

// fake is a compositor for one client, which writes down what is asked of it. It answers nothing by itself but the
// beginning of a connection.
type fake struct {
	t     *testing.T
	lines chan string // the requests, such as "wl_region.add 0 0 1000 500"; an object is its kind

	mu    sync.Mutex
	conn  *net.UnixConn
	kinds map[uint32]string
}

// everything is what a compositor of today has.
var everything = []string{
	"wl_compositor", "wl_shm", "wl_seat", "zwlr_layer_shell_v1", "wp_viewporter", "wp_single_pixel_buffer_manager_v1", "wp_cursor_shape_manager_v1",
}

// without is everything but one.
func without(name string) []string {
	return slices.DeleteFunc(slices.Clone(everything), func(n string) bool { return n == name })
}

func newFake(t *testing.T, globals []string) *fake {
	t.Helper()
	f := &fake{t: t, lines: make(chan string, 1000)}
	listener := socktest.Listen(t, filepath.Join(socktest.RuntimeDir(t), "wayland-0"))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(f.lines)
		for {
			conn, err := listener.AcceptUnix()
			if err != nil {
				return
			}
			f.serve(conn, globals)
		}
	}()
	t.Cleanup(func() { listener.Close(); <-ended })
	return f
}

// serve writes "gone" down when the client has; who only looks whether somebody listens is none.
func (f *fake) serve(conn *net.UnixConn, globals []string) {
	defer conn.Close()
	f.mu.Lock()
	f.conn, f.kinds = conn, map[uint32]string{1: "wl_display"}
	f.mu.Unlock()
	for n := 0; ; n++ {
		head := make([]byte, 8)
		if _, err := io.ReadFull(conn, head); err != nil {
			if n > 0 {
				f.lines <- "gone"
			}
			return
		}
		body := make([]byte, binary.NativeEndian.Uint32(head[4:])>>16-8)
		if _, err := io.ReadFull(conn, body); err != nil {
			return
		}
		f.request(globals, binary.NativeEndian.Uint32(head), uint16(binary.NativeEndian.Uint32(head[4:])), body)
	}
}

func (f *fake) request(globals []string, id uint32, opcode uint16, body []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	number := func() uint32 {
		v := binary.NativeEndian.Uint32(body)
		body = body[4:]
		return v
	}
	words := func() string {
		n := number()
		s := string(body[:n-1])
		body = body[(n+3)&^3:]
		return s
	}
	if f.kinds[id] == "wl_registry" {
		number()
		kind := words()
		number()
		f.kinds[number()] = kind
		return
	}
	signature, known := requests[fmt.Sprint(f.kinds[id], " ", opcode)]
	if !known {
		f.t.Errorf("request %d of %s", opcode, f.kinds[id])
		return
	}
	name, arguments, _ := strings.Cut(signature, " ")
	line := f.kinds[id] + "." + name
	for _, a := range strings.Fields(arguments) {
		switch kind, made := strings.CutPrefix(a, "new:"); {
		case made:
			f.kinds[number()] = kind
		case a == "n":
			line += fmt.Sprint(" ", int32(number()))
		case a == "s":
			line += " " + words()
		case a == "o":
			line += " " + f.kinds[number()]
		}
	}
	switch name {
	case "sync":
		for callback, kind := range f.kinds {
			if kind == "wl_callback" {
				delete(f.kinds, callback)
				f.event(callback, 0, 0)
				f.event(1, 1, callback)
			}
		}
		return
	case "get_registry":
		for registry, kind := range f.kinds {
			for i, g := range globals {
				if kind == "wl_registry" {
					f.global(registry, uint32(i+1), g)
				}
			}
		}
		return
	case "destroy", "release":
		delete(f.kinds, id)
		f.event(1, 1, id)
	}
	f.lines <- line
}

func (f *fake) global(registry, name uint32, kind string) {
	b := binary.NativeEndian.AppendUint32(nil, name)
	b = binary.NativeEndian.AppendUint32(b, uint32(len(kind)+1))
	b = append(b, kind...)
	b = append(b, make([]byte, 4-len(kind)%4)...)
	f.send(registry, 0, binary.NativeEndian.AppendUint32(b, 9))
}

// event sends one of an object; mu is held.
func (f *fake) event(id uint32, opcode uint16, args ...uint32) {
	var b []byte
	for _, a := range args {
		b = binary.NativeEndian.AppendUint32(b, a)
	}
	f.send(id, opcode, b)
}

func (f *fake) send(id uint32, opcode uint16, body []byte) {
	b := binary.NativeEndian.AppendUint32(nil, id)
	b = binary.NativeEndian.AppendUint32(b, uint32(len(body)+8)<<16|uint32(opcode))
	if _, err := f.conn.Write(append(b, body...)); err != nil && !errors.Is(err, unix.EPIPE) { // it has gone
		f.t.Errorf("send: %v", err)
	}
}

// tell sends an event of the one object of a kind.
func (f *fake) tell(kind string, opcode uint16, args ...uint32) {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, k := range f.kinds {
		if k == kind {
			f.event(id, opcode, args...)
			return
		}
	}
	f.t.Fatalf("the client has no %s", kind)
}

// until returns the requests that come, up to and including the one that begins so.
func (f *fake) until(begin string) []string {
	f.t.Helper()
	var all []string
	for line := range f.lines {
		all = append(all, line)
		if strings.HasPrefix(line, begin) {
			return all
		}
	}
	f.t.Fatalf("the connection ended after %q, before %s", all, begin)
	return nil
}

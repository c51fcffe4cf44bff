package clipboard

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"nerva/wayland/internal/socktest"
)

// fake is a compositor with a clipboard, for one client. What another program copies is its foreign.
type fake struct {
	t        *testing.T
	globals  []string
	listener *net.UnixListener

	mu      sync.Mutex
	conn    *net.UnixConn
	kinds   map[uint32]string   // of objects, by their ids
	offers  map[uint32]any      // what an offer is of: a source's id, or a *foreign
	sources map[uint32][]string // the types
	device  uint32
	next    uint32 // id of an object of the server's
	holds   any    // what is on the clipboard, nil for nothing
	asked   int    // pipes
}

// foreign is a copy of another program: write fills the pipe, which is its own then.
type foreign struct {
	types []string
	write func(kind string, w *os.File)
}

func text(s string) *foreign {
	return &foreign{[]string{"text/plain"}, func(_ string, w *os.File) {
		_, _ = w.WriteString(s)
		_ = w.Close()
	}}
}

const ext, wlr = "ext_data_control_manager_v1", "zwlr_data_control_manager_v1"

// newFake starts a compositor with the globals; it ends with the test.
func newFake(t *testing.T, path string, globals ...string) *fake {
	t.Helper()
	f := &fake{t: t, globals: globals, listener: socktest.Listen(t, path)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := f.listener.AcceptUnix()
			if err != nil {
				return
			}
			f.serve(conn)
		}
	}()
	t.Cleanup(func() { f.stop(); <-ended })
	return f
}

// display makes a runtime folder and a compositor in it.
func display(t *testing.T, globals ...string) *fake {
	t.Helper()
	return newFake(t, filepath.Join(socktest.RuntimeDir(t), "wayland-0"), globals...)
}

func (f *fake) stop() {
	_ = f.listener.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.conn != nil {
		_ = f.conn.Close()
	}
}

// set puts something on the clipboard; nil clears it.
func (f *fake) set(what *foreign) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if what == nil {
		f.hold(nil)
		return
	}
	f.hold(what)
}

func (f *fake) hold(what any) {
	if id, ours := f.holds.(uint32); ours {
		f.event(id, sourceCancelled)
	}
	f.holds = what
	f.introduce()
}

// introduce tells the client what is on the clipboard.
func (f *fake) introduce() {
	if f.device == 0 {
		return
	}
	var types []string
	switch of := f.holds.(type) {
	case nil:
		f.event(f.device, deviceSelection, uint32(0))
		return
	case uint32:
		types = f.sources[of]
	case *foreign:
		types = of.types
	}
	f.next++
	id := 0xff000000 + f.next
	f.kinds[id], f.offers[id] = "offer", f.holds
	f.event(f.device, deviceDataOffer, id)
	for _, kind := range types {
		f.event(id, offerOffer, kind)
	}
	f.event(f.device, deviceSelection, id)
}

func (f *fake) serve(conn *net.UnixConn) {
	f.mu.Lock()
	f.conn, f.device, f.offers, f.sources = conn, 0, map[uint32]any{}, map[uint32][]string{}
	f.kinds = map[uint32]string{1: "display"}
	f.mu.Unlock()
	defer conn.Close()
	var data []byte
	var fds []int
	buffer, rights := make([]byte, 64<<10), make([]byte, unix.CmsgSpace(28*4))
	for {
		n, m, _, _, err := conn.ReadMsgUnix(buffer, rights)
		if err != nil || n == 0 {
			return
		}
		if messages, err := unix.ParseSocketControlMessage(rights[:m]); err == nil {
			for _, m := range messages {
				more, _ := unix.ParseUnixRights(&m)
				fds = append(fds, more...)
			}
		}
		data = append(data, buffer[:n]...)
		for len(data) >= 8 {
			size := int(binary.NativeEndian.Uint32(data[4:]) >> 16)
			if len(data) < size {
				break
			}
			f.mu.Lock()
			fds = f.request(binary.NativeEndian.Uint32(data), uint16(binary.NativeEndian.Uint32(data[4:])), data[8:size], fds)
			f.mu.Unlock()
			data = data[size:]
		}
	}
}

func (f *fake) request(id uint32, opcode uint16, body []byte, fds []int) []int {
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
	switch what := fmt.Sprint(f.kinds[id], opcode); what {
	case "display0":
		callback := number()
		f.event(callback, 0, uint32(0))
		f.event(1, 1, callback)
	case "display1":
		registry := number()
		f.kinds[registry] = "registry"
		for i, g := range f.globals {
			f.event(registry, 0, uint32(i+1), g, uint32(9))
		}
	case "registry0":
		number()
		name, version := words(), number()
		if name != "wl_seat" && version != 1 {
			f.t.Errorf("bound %s in version %d", name, version)
		}
		f.kinds[number()] = map[string]string{"wl_seat": "seat", ext: "manager", wlr: "manager"}[name]
	case "manager0":
		f.kinds[number()] = "source"
	case "manager1":
		f.device = number()
		f.kinds[f.device] = "device"
		f.introduce()
	case "source0":
		f.sources[id] = append(f.sources[id], words())
	case "device0":
		if source := number(); source != 0 {
			f.hold(source)
		} else {
			f.hold(nil)
		}
	case "offer0":
		kind, fd := words(), fds[0]
		fds = fds[1:]
		f.asked++
		f.receive(f.offers[id], kind, fd)
	case "source1", "offer1":
		delete(f.kinds, id)
		if id < 0xff000000 {
			f.event(1, 1, id)
		}
	default:
		f.t.Errorf("request %s of object %d", what, id)
	}
	return fds
}

func (f *fake) receive(of any, kind string, fd int) {
	switch of := of.(type) {
	case *foreign:
		go of.write(kind, os.NewFile(uintptr(fd), "copied"))
	case uint32:
		f.event(of, sourceSend, kind, fd)
		_ = unix.Close(fd)
	}
}

// event sends one; an int is a descriptor.
func (f *fake) event(id uint32, opcode uint16, args ...any) {
	b := binary.NativeEndian.AppendUint32(nil, id)
	b = binary.NativeEndian.AppendUint32(b, 0)
	var fds []int
	for _, a := range args {
		switch a := a.(type) {
		case uint32:
			b = binary.NativeEndian.AppendUint32(b, a)
		case string:
			b = binary.NativeEndian.AppendUint32(b, uint32(len(a)+1))
			b = append(b, a...)
			b = append(b, make([]byte, 4-len(a)%4)...)
		case int:
			fds = append(fds, a)
		}
	}
	binary.NativeEndian.PutUint32(b[4:], uint32(len(b))<<16|uint32(opcode))
	if _, _, err := f.conn.WriteMsgUnix(b, unix.UnixRights(fds...), nil); err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, unix.EPIPE) {
		f.t.Errorf("send: %v", err)
	}
}

// paste asks the client for what it has copied and gives the other end of the pipe.
func (f *fake) paste(kind string) *os.File {
	f.t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		f.t.Fatal(err)
	}
	defer w.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	id, ours := f.holds.(uint32)
	if !ours || !slices.Contains(f.sources[id], kind) {
		f.t.Fatalf("nobody offers %s", kind)
	}
	f.event(id, sourceSend, kind, int(w.Fd()))
	return r
}

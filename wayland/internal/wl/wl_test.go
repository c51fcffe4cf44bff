package wl

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nerva/core/api"
	"nerva/wayland/internal/socktest"
)

// server is the other end of a connection, which says exactly what a test wants said.
type server struct {
	t    *testing.T
	conn *net.UnixConn
}

// request reads one request.
func (s server) request() (body []byte) {
	head := make([]byte, 8)
	if _, err := io.ReadFull(s.conn, head); err != nil {
		return nil
	}
	size := order.Uint32(head[4:])
	body = make([]byte, size>>16-8)
	if _, err := io.ReadFull(s.conn, body); err != nil {
		s.t.Errorf("the rest of a request: %v", err)
	}
	return body
}

// event sends one, with descriptors.
func (s server) event(id uint32, opcode uint16, args ...any) { s.send(encode(id, opcode, args...)) }

func encode(id uint32, opcode uint16, args ...any) message {
	m := message{data: make([]byte, 8)}
	for _, a := range args {
		m.add(a, nil)
	}
	order.PutUint32(m.data, id)
	order.PutUint32(m.data[4:], uint32(len(m.data))<<16|uint32(opcode))
	return m
}

func (s server) send(m message) {
	if _, _, err := s.conn.WriteMsgUnix(m.data, unix.UnixRights(m.fds...), nil); err != nil {
		s.t.Errorf("send: %v", err)
	}
}

// callback answers a sync, the last request, and frees its id.
func (s server) callback(body []byte) {
	id := order.Uint32(body)
	// In one piece: a client that has its answer may hang up.
	s.send(message{data: append(encode(id, 0, uint32(0)).data, encode(1, displayDeleteID, id).data...)})
}

// serve accepts one client and offers it the globals, then plays what comes next.
func serve(t *testing.T, globals []Global, play func(server)) (path string) {
	t.Helper()
	path = filepath.Join(socktest.RuntimeDir(t), "wayland-0")
	listener := socktest.Listen(t, path)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		conn, err := listener.AcceptUnix()
		if err != nil {
			return
		}
		defer conn.Close()
		s := server{t, conn}
		body := s.request()
		for _, g := range globals {
			s.event(order.Uint32(body), registryGlobal, g.Name, g.Interface, g.Version)
		}
		body = s.request()
		s.callback(body)
		play(s)
	}()
	t.Cleanup(func() { listener.Close(); <-ended })
	return path
}

var things = &Interface{Name: "things", FDs: 1 << 1}

func connect(t *testing.T, play func(server)) *Conn {
	t.Helper()
	c, err := Dial(t.Context(), serve(t, []Global{{7, "other", 1}, {9, "things", 3}}, play))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestAGlobalIsBoundInTheVersionThatBothKnow(t *testing.T) {
	type bound struct{ id, name, version uint32 }
	got := make(chan bound, 1)
	c := connect(t, func(s server) {
		body := s.request()
		got <- bound{order.Uint32(body[len(body)-4:]), order.Uint32(body), order.Uint32(body[len(body)-8:])}
	})
	if o := c.BindFirst(things, 4, 9, nil); o != nil {
		t.Error("bound a global that is too old")
	}
	if o := c.BindFirst(&Interface{Name: "nothing"}, 1, 1, nil); o != nil {
		t.Error("bound what is not there")
	}
	o := c.BindFirst(things, 1, 9, nil)
	// 2 was the registry; 3 was the first callback's, and is free again.
	if b := <-got; b != (bound{3, 9, 3}) || o.id != 3 {
		t.Errorf("bound %+v as object %d", b, o.id)
	}
}

func TestEventsCarryWhatTheServerSent(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var dropped [2]int
	if err := unix.Pipe2(dropped[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(dropped[0])
	c := connect(t, func(s server) {
		s.request()
		s.event(3, 0, int32(-5), uint32(5), FixedOf(-1.5), "naïve", []byte{1, 2, 3}, (*Object)(nil))
		s.event(3, 1, FD(dropped[1])) // a descriptor that nobody takes
		unix.Close(dropped[1])
		s.event(3, 1, FD(w.Fd()))
		w.Close()
		s.event(3, 2, uint32(firstServerID)) // an object of the server's own
		s.event(firstServerID, 4, uint32(77))
	})
	var of uint32
	taken := 0
	on := func(event uint16, a *Args) {
		switch event {
		case 0:
			if i, u, f := a.Int(), a.Uint(), a.Fixed().Float(); i != -5 || u != 5 || f != -1.5 {
				t.Errorf("numbers %d %d %v", i, u, f)
			}
			if s, b, o := a.String(), a.Array(), a.Object(); s != "naïve" || !bytes.Equal(b, []byte{1, 2, 3}) || o != nil {
				t.Errorf("got %q %v %v", s, b, o)
			}
		case 1:
			if taken++; taken == 2 {
				f := os.NewFile(uintptr(a.FD()), "pipe")
				defer f.Close()
				if _, err := f.WriteString("through"); err != nil {
					t.Error(err)
				}
			}
		case 2:
			a.New(things, func(event uint16, a *Args) { of = uint32(event)<<16 | a.Uint() })
		}
	}
	c.BindFirst(things, 1, 1, on)
	if err := c.Until(t.Context(), func() bool { return of != 0 }); err != nil {
		t.Fatal(err)
	}
	if of != 4<<16|77 {
		t.Errorf("the new object's event is %x", of)
	}
	if said, err := io.ReadAll(r); string(said) != "through" || err != nil {
		t.Errorf("through the descriptor came %q, %v", said, err)
	}
	// Read ends at once only if every copy of the other end is closed.
	if n, err := unix.Read(dropped[0], make([]byte, 1)); n != 0 || err != nil {
		t.Errorf("a descriptor that nobody took stayed open: %d, %v", n, err)
	}
}

func TestNothingIsHandledAfterAnObjectIsDestroyed(t *testing.T) {
	c := connect(t, func(s server) {
		s.request()
		s.request()
		s.event(3, 0)
		s.event(1, displayDeleteID, uint32(3))
		body := s.request()
		s.callback(body)
	})
	o := c.BindFirst(things, 1, 1, func(uint16, *Args) { t.Error("an event after the end") })
	o.Destroy(0)
	if err := c.Roundtrip(t.Context()); err != nil {
		t.Fatal(err)
	}
	if again := c.Bind(Global{}, things, 1, nil); again.id > 4 {
		t.Errorf("a freed id was not used again: %d", again.id)
	}
}

func TestWhatWentWrongIsSaid(t *testing.T) {
	for _, test := range []struct {
		rule string
		play func(server)
		says string
	}{
		{"an accusation", func(s server) { s.event(1, displayError, uint32(1), uint32(3), "bad surface") }, "protocol error 3 of wl_display: bad surface"},
		{"the end", func(server) {}, "EOF"},
		{"an event that is too short", func(s server) { s.event(1, displayError, uint32(1)) }, "shorter than its arguments"},
		{"a size below the head's", func(s server) { s.send(message{data: make([]byte, 8)}) }, "a message of 0 bytes"},
		{"a missing descriptor", func(s server) { s.event(3, 1) }, "no descriptor with event 1 of things"},
		{"an id of the client's for an object of the server's", func(s server) { s.event(3, 2, uint32(12)) }, "client's id 12"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			c := connect(t, func(s server) { s.request(); test.play(s) })
			c.BindFirst(things, 1, 1, func(event uint16, a *Args) {
				if event == 2 {
					a.New(things, nil)
				}
			})
			err := Sentence(t.Context(), c.Run(t.Context()))
			if api.CodeOf(err) != api.Unavailable || !bytes.Contains([]byte(err.Error()), []byte(test.says)) {
				t.Errorf("error %v, want %q", err, test.says)
			}
			if again := c.Roundtrip(t.Context()); again == nil {
				t.Error("a broken connection works again")
			}
		})
	}
}

func TestAWaitThatIsStoppedLeavesTheConnectionWhole(t *testing.T) {
	c := connect(t, func(s server) {
		s.request()
		body := s.request()
		s.callback(body)
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Until(ctx, func() bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	c.BindFirst(things, 1, 1, nil)
	if err := c.Roundtrip(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestAKeptConnectionEndsWithItsOwnLife(t *testing.T) {
	request, done := context.WithCancel(t.Context())
	life, end := context.WithCancel(t.Context())
	c, err := Dial(request, serve(t, nil, func(s server) {
		body := s.request()
		s.callback(body)
		s.request() // until it hangs up
	}))
	if err != nil {
		t.Fatal(err)
	}
	c.Keep(life)
	done()
	if err := c.Roundtrip(t.Context()); err != nil {
		t.Errorf("after the request: %v", err)
	}
	end()
	if err := c.Run(t.Context()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after its life: %v", err)
	}
}

func TestADisplayThatHangsIsGivenUp(t *testing.T) {
	path := filepath.Join(socktest.RuntimeDir(t), "wayland-0")
	socktest.Listen(t, path)
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(time.Millisecond))
	defer cancel()
	if _, err := Dial(ctx, path); api.CodeOf(err) != api.Unavailable {
		t.Errorf("error %v", err)
	}
}

func TestWithoutADisplayTheErrorSaysWhatToDo(t *testing.T) {
	socktest.RuntimeDir(t)
	_, err := Connect(t.Context())
	if api.CodeOf(err) != api.Unavailable || err.Error() != "no Wayland display is running: log in to a Wayland session and try again" {
		t.Errorf("error %v", err)
	}
}

// FuzzEvents: whatever a compositor sends ends in an error or in nothing.
func FuzzEvents(f *testing.F) {
	f.Add(encode(1, displayError, uint32(1), uint32(3), "bad").data)
	f.Add(encode(2, registryGlobal, uint32(3), "wl_seat", uint32(9)).data)
	f.Add(encode(2, registryRemove, uint32(3)).data)
	f.Add(encode(3, 1).data)
	f.Add(encode(3, 2, uint32(firstServerID)).data)
	f.Fuzz(func(_ *testing.T, data []byte) {
		c := &Conn{objects: map[uint32]*Object{}, next: 1, unread: data}
		c.newObject(&Interface{Name: "wl_display"}, c.displayEvent)
		c.newObject(&Interface{Name: "wl_registry"}, c.registryEvent)
		c.newObject(things, func(event uint16, a *Args) {
			_, _, _, _ = a.String(), a.Array(), a.Object(), a.FD()
			if event == 2 {
				a.New(things, nil)
			}
		})
		for more, err := true, error(nil); more && err == nil; {
			more, err = c.event()
		}
	})
}

func TestWhatIsSentTogetherIsOneMessage(t *testing.T) {
	got := make(chan int, 1)
	c := connect(t, func(s server) {
		s.request()
		n, err := s.conn.Read(make([]byte, 1000))
		if err != nil {
			t.Errorf("read: %v", err)
		}
		got <- n
	})
	o := c.BindFirst(things, 1, 1, nil)
	c.Together(func() {
		o.Request(0, uint32(1))
		o.Request(1)
	})
	if n := <-got; n != 12+8 {
		t.Errorf("%d bytes came at once", n)
	}
	c.Together(func() {}) // nothing is sent, and nothing goes wrong
}

package swaytest

import (
	"testing"

	"nerva/wayland/internal/wl"
)

// Mouse is a pointer that somebody moves (wlr-virtual-pointer-unstable-v1, version 1), until its test ends.
type Mouse struct {
	t       *testing.T
	conn    *wl.Conn
	pointer *wl.Object
}

// NewMouse plugs one in.
func NewMouse(t *testing.T, s *Sway) Mouse {
	t.Helper()
	conn, err := wl.Dial(t.Context(), s.Display)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	manager := conn.BindFirst(&wl.Interface{Name: "zwlr_virtual_pointer_manager_v1"}, 1, 1, nil)
	seat := conn.BindFirst(&wl.Interface{Name: "wl_seat"}, 1, 1, nil)
	return Mouse{t, conn, manager.Create(0, &wl.Interface{Name: "zwlr_virtual_pointer_v1"}, nil, seat, wl.NewID{})}
}

// Move moves it by one pixel.
func (m Mouse) Move() {
	m.t.Helper()
	m.pointer.Request(0, uint32(0), wl.FixedOf(1), wl.FixedOf(1))
	m.frame()
	m.done()
}

// Click clicks with the left button at x and y of an output that is width by height.
func (m Mouse) Click(x, y, width, height uint32) {
	m.t.Helper()
	m.pointer.Request(1, uint32(0), x, y, width, height)
	m.frame()
	for _, state := range []uint32{1, 0} {
		m.pointer.Request(2, uint32(0), uint32(0x110), state)
		m.frame()
	}
	m.done()
}

func (m Mouse) frame() { m.pointer.Request(4) }

// done waits until the compositor has all of it.
func (m Mouse) done() {
	m.t.Helper()
	if err := m.conn.Roundtrip(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
}

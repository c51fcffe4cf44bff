package beside

import "nerva/wayland/internal/wl"

// The requests and events that we use of wl_seat, wl_pointer and wl_touch (wayland.xml, version 3) and of cursor-shape-v1, in the
// protocols' order.
const (
	seatGetPointer   = 0
	seatGetTouch     = 2
	seatCapabilities = 0 // event

	hasPointer = 1 // wl_seat.capability
	hasTouch   = 4

	pointerRelease = 1
	pointerEnter   = 0 // event
	pointerButton  = 3 // event
	statePressed   = 1 // wl_pointer.button_state

	touchRelease = 0
	touchDown    = 0 // event

	shapesGetPointer = 1
	shapeDestroy     = 0
	shapeSet         = 1
	shapeDefault     = 1 // wp_cursor_shape_device_v1.shape
)

var (
	seatInterface    = &wl.Interface{Name: "wl_seat"}
	pointerInterface = &wl.Interface{Name: "wl_pointer"}
	touchInterface   = &wl.Interface{Name: "wl_touch"}
	shapesInterface  = &wl.Interface{Name: "wp_cursor_shape_manager_v1"}
	shapeInterface   = &wl.Interface{Name: "wp_cursor_shape_device_v1"}
)

// seat is one person's devices; they come and go.
type seat struct {
	pressed               func()
	shapes                *wl.Object // nil: the compositor chooses the cursor
	self                  *wl.Object
	pointer, shape, touch *wl.Object
}

// followSeats has pressed called for each press on a surface of the connection, on whatever seat.
func followSeats(conn *wl.Conn, pressed func()) {
	shapes := conn.BindFirst(shapesInterface, 1, 1, nil)
	seats := map[uint32]*seat{}
	add := func(g wl.Global) {
		if g.Interface != seatInterface.Name || g.Version < 3 {
			return
		}
		s := &seat{pressed: pressed, shapes: shapes}
		s.self = conn.Bind(g, seatInterface, 3, s.event)
		seats[g.Name] = s
	}
	for _, g := range conn.Globals() {
		add(g)
	}
	conn.OnGlobal(add, func(name uint32) {
		if s := seats[name]; s != nil {
			delete(seats, name)
			s.has(0)
		}
	})
}

func (s *seat) event(event uint16, a *wl.Args) {
	if event == seatCapabilities {
		s.has(a.Uint())
	}
}

func (s *seat) has(capabilities uint32) {
	switch there := capabilities&hasPointer != 0; {
	case there && s.pointer == nil:
		s.pointer = s.self.Create(seatGetPointer, pointerInterface, s.pointerEvent, wl.NewID{})
		if s.shapes != nil {
			s.shape = s.shapes.Create(shapesGetPointer, shapeInterface, nil, wl.NewID{}, s.pointer)
		}
	case !there && s.pointer != nil:
		if s.shape != nil {
			s.shape.Destroy(shapeDestroy)
		}
		s.pointer.Destroy(pointerRelease)
		s.pointer, s.shape = nil, nil
	}
	switch there := capabilities&hasTouch != 0; {
	case there && s.touch == nil:
		s.touch = s.self.Create(seatGetTouch, touchInterface, s.touchEvent, wl.NewID{})
	case !there && s.touch != nil:
		s.touch.Destroy(touchRelease)
		s.touch = nil
	}
}

func (s *seat) pointerEvent(event uint16, a *wl.Args) {
	switch event {
	case pointerEnter:
		if s.shape != nil {
			s.shape.Request(shapeSet, a.Uint(), uint32(shapeDefault))
		}
	case pointerButton:
		_, _, _ = a.Uint(), a.Uint(), a.Uint() // serial, time and which one
		if a.Uint() == statePressed {
			s.pressed()
		}
	}
}

func (s *seat) touchEvent(event uint16, _ *wl.Args) {
	if event == touchDown {
		s.pressed()
	}
}

package input

import (
	"context"
	"fmt"
	"strings"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/outputs"
	"nerva/wayland/internal/wl"
)

// The requests of zwlr_virtual_pointer_v1 (wlr-virtual-pointer-unstable-v1, version 2).
const (
	pointerMotionAbsolute = 1
	pointerButton         = 2
	pointerFrame          = 4
	pointerAxisSource     = 5
	pointerAxisDiscrete   = 7

	sourceWheel = 0  // wl_pointer.axis_source
	notch       = 15 // a wheel's step as wl_pointer.axis has it, in logical pixels; libinput's angle
)

// buttons are the codes of linux/input-event-codes.h.
var buttons = map[desk.Button]uint32{"left": 0x110, "right": 0x111, "middle": 0x112}

// step is one thing that a pointer does.
type step struct {
	to     *desk.Point // moves there
	aim    bool        // only has to be able to
	button desk.Button // is pressed, or let go of
	down   bool
	dx, dy int // turns the wheel, by one step each at most
}

// openPointer makes the virtual pointer, once for a connection.
func (d *display) openPointer(ctx context.Context) error {
	if d.pointer != nil {
		return nil
	}
	manager := d.conn.BindFirst(pointers, 1, 2, nil)
	if manager == nil {
		return api.Errorf(api.Unavailable, "the compositor has no virtual pointers (zwlr_virtual_pointer_v1)")
	}
	had := d.capabilities
	d.pointer = manager.Create(managerCreatePointer, virtualPointer, nil, d.seat, wl.NewID{})
	if err := d.conn.Roundtrip(ctx); err != nil {
		return wl.Sentence(ctx, err)
	}
	return wl.Sentence(ctx, d.settle(ctx, had))
}

// point implements device. The steps arrive together or not at all.
func (d *display) point(ctx context.Context, steps ...step) error {
	var space space
	for _, s := range steps {
		if s.to == nil {
			continue
		}
		list, err := outputs.Read(ctx, d.conn)
		if err != nil {
			return err
		}
		outputs.Release(list)
		if space, err = spaceOf(list, *s.to); err != nil {
			return err
		}
	}
	d.conn.Together(func() {
		for _, s := range steps {
			d.act(space, s)
		}
	})
	return d.done(ctx)
}

func (d *display) act(space space, s step) {
	switch {
	case s.aim:
		return
	case s.to != nil:
		x, y, width, height := space.fraction(*s.to)
		d.pointer.Request(pointerMotionAbsolute, d.now(), x, y, width, height)
	case s.button != "":
		var state uint32
		if s.down {
			state = 1
		}
		d.pointer.Request(pointerButton, d.now(), buttons[s.button], state)
	default:
		for axis, n := range []int{s.dy, s.dx} { // wl_pointer.axis: vertical first
			if n != 0 {
				d.pointer.Request(pointerAxisSource, uint32(sourceWheel))
				d.pointer.Request(pointerAxisDiscrete, d.now(), uint32(axis), wl.FixedOf(float64(n*notch)), int32(n))
			}
		}
	}
	d.pointer.Request(pointerFrame)
}

// space is the rectangle that all outputs lie in, in logical pixels: motion_absolute is relative to it (wlroots maps to
// the whole layout, Hyprland to the box around its monitors).
type space struct {
	x, y, width, height int
}

// spaceOf returns it, or an error that names the outputs where the point lies on none of them.
func spaceOf(list []outputs.Output, p desk.Point) (space, error) {
	var all space
	var names []string
	on := false
	for i, o := range list {
		if i == 0 {
			all = space{o.X, o.Y, o.Width, o.Height}
		}
		right, bottom := max(all.x+all.width, o.X+o.Width), max(all.y+all.height, o.Y+o.Height)
		all.x, all.y = min(all.x, o.X), min(all.y, o.Y)
		all.width, all.height = right-all.x, bottom-all.y
		on = on || p.X >= o.X && p.X < o.X+o.Width && p.Y >= o.Y && p.Y < o.Y+o.Height
		names = append(names, fmt.Sprintf("%s from %d,%d to %d,%d", o.Name, o.X, o.Y, o.X+o.Width-1, o.Y+o.Height-1))
	}
	if !on {
		return space{}, api.Errorf(api.InvalidInput, "no output is at %d,%d; choose a point on %s", p.X, p.Y, strings.Join(names, ", or "))
	}
	return all, nil
}

// fraction gives the middle of the logical pixel, as a part of the extents: its edge belongs to another output after
// the slightest rounding.
func (s space) fraction(p desk.Point) (x, y, width, height uint32) {
	return uint32(2*(p.X-s.x) + 1), uint32(2*(p.Y-s.y) + 1), uint32(2 * s.width), uint32(2 * s.height)
}

// Dragging takes time: a program begins only when it has seen the pointer move while the button is down, asks the
// compositor to take over, and what it is dragged onto answers too, all of it before the button is let go of. Nothing tells
// when they have.
const (
	dragSteps = 12
	dragPause = 20 * time.Millisecond
)

// path returns the places on the way of a drag, its end last.
func path(from, to desk.Point) []desk.Point {
	list := make([]desk.Point, dragSteps)
	for i := range list {
		n := i + 1
		list[i] = desk.Point{X: from.X + (to.X-from.X)*n/dragSteps, Y: from.Y + (to.Y-from.Y)*n/dragSteps}
	}
	return list
}

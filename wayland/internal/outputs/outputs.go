// Package outputs reads where a compositor's outputs lie and how their pixels are to be understood: wl_output
// (wayland.xml, version 4) with zxdg_output_v1 (xdg-output-unstable-v1, version 3), which alone knows fractional
// scales and true positions.
//
// It owns no state: the objects that it binds belong to the connection. It must not know what outputs are wanted for.
package outputs

import (
	"context"
	"math"
	"slices"

	"nerva/core/api"
	"nerva/wayland/internal/wl"
)

// Output is one output as it was when it was read.
type Output struct {
	Name string // the connector's, such as "DP-1"; empty below version 4 of wl_output without xdg-output
	// X, Y, Width and Height are in logical pixels of the global space, after rotation.
	X, Y, Width, Height int
	// ModeWidth and ModeHeight are in physical pixels, before rotation.
	ModeWidth, ModeHeight int
	Scale                 float64 // physical pixels for a logical one, may be a fraction
	Transform             int     // wl_output.transform: quarter turns against the clock, and 4 for mirrored
	Global                wl.Global
	Object                *wl.Object // the wl_output, for requests of the same connection
}

// Turned says whether width and height of the mode change places on the way to the logical size.
func (o *Output) Turned() bool { return o.Transform&1 == 1 }

// The requests and events that we use, and those beside them, in the order of the protocols.
const (
	outputRelease = 0 // since version 3

	outputGeometry = 0
	outputMode     = 1
	outputScale    = 3
	outputName     = 4 // since version 4

	managerGetOutput = 1
	managerDestroy   = 0
	logicalDestroy   = 0

	logicalPosition = 0
	logicalSize     = 1
	logicalName     = 3

	modeCurrent = 1
)

var (
	outputInterface  = &wl.Interface{Name: "wl_output"}
	managerInterface = &wl.Interface{Name: "zxdg_output_manager_v1"}
	logicalInterface = &wl.Interface{Name: "zxdg_output_v1"}
)

// Read binds every output and returns them from left to right, then from top to bottom. It is for the goroutine that
// reads from the connection and leaves the outputs bound: see Release. An output without a mode, which shows nothing,
// is left out; where none is left the error is api.Unavailable.
func Read(ctx context.Context, conn *wl.Conn) ([]Output, error) {
	manager := conn.BindFirst(managerInterface, 1, 3, nil)
	var read []*Output
	var logical []*wl.Object
	for _, g := range conn.Globals() {
		if g.Interface != outputInterface.Name {
			continue
		}
		o := &Output{Global: g, Scale: 1}
		o.Object = conn.Bind(g, outputInterface, min(g.Version, 4), o.event)
		read = append(read, o)
		if manager != nil {
			logical = append(logical, manager.Create(managerGetOutput, logicalInterface, o.logicalEvent, wl.NewID{}, o.Object))
		}
	}
	err := conn.Roundtrip(ctx)
	for _, object := range logical {
		object.Destroy(logicalDestroy)
	}
	if manager != nil {
		manager.Destroy(managerDestroy)
	}
	if err != nil {
		return nil, wl.Sentence(ctx, err)
	}
	var list []Output
	for _, o := range read {
		if o.ModeWidth > 0 && o.ModeHeight > 0 {
			o.measure()
			list = append(list, *o)
		}
	}
	if len(list) == 0 {
		return nil, api.Errorf(api.Unavailable, "the compositor has no output: connect a screen or switch it on")
	}
	slices.SortStableFunc(list, func(a, b Output) int {
		if a.X != b.X {
			return a.X - b.X
		}
		return a.Y - b.Y
	})
	return list, nil
}

// Release gives the objects back. Without it they live as long as their connection.
func Release(list []Output) {
	for _, o := range list {
		if o.Global.Version >= 3 {
			o.Object.Destroy(outputRelease)
		}
	}
}

// BindNamed binds one output of those that a connection follows; named is told its name, at first and once more if it
// changes. It is nil where the compositor knows no names yet (below version 4).
func BindNamed(conn *wl.Conn, g wl.Global, named func(string)) *wl.Object {
	if g.Interface != outputInterface.Name || g.Version < 4 {
		return nil
	}
	return conn.Bind(g, outputInterface, 4, func(event uint16, a *wl.Args) {
		if event == outputName {
			named(a.String())
		}
	})
}

func (o *Output) event(event uint16, a *wl.Args) {
	switch event {
	case outputGeometry:
		x, y := a.Int(), a.Int()
		a.Int() // physical size, in millimetres
		a.Int()
		a.Int() // subpixels
		_, _ = a.String(), a.String()
		o.Transform = int(a.Int())
		if o.Width == 0 { // else it has been told exactly
			o.X, o.Y = int(x), int(y)
		}
	case outputMode:
		if a.Uint()&modeCurrent != 0 {
			o.ModeWidth, o.ModeHeight = int(a.Int()), int(a.Int())
		}
	case outputScale:
		o.Scale = max(float64(a.Int()), 1)
	case outputName:
		o.Name = a.String()
	}
}

func (o *Output) logicalEvent(event uint16, a *wl.Args) {
	switch event {
	case logicalPosition:
		o.X, o.Y = int(a.Int()), int(a.Int())
	case logicalSize:
		o.Width, o.Height = int(a.Int()), int(a.Int())
	case logicalName:
		o.Name = a.String()
	}
}

// measure makes the logical size of the mode, or the scale of both where the size was told: wl_output.scale has only
// whole numbers, rounded up.
func (o *Output) measure() {
	width, height := o.ModeWidth, o.ModeHeight
	if o.Turned() {
		width, height = height, width
	}
	if o.Width <= 0 || o.Height <= 0 {
		o.Width, o.Height = int(float64(width)/o.Scale), int(float64(height)/o.Scale)
		return
	}
	scale := float64(width) / float64(o.Width)
	if height > width {
		scale = float64(height) / float64(o.Height)
	}
	// The logical size is a rounded one, but compositors set scales in steps of the protocol's (fractional-scale-v1).
	o.Scale = math.Round(scale*120) / 120
}

package beside

import (
	"fmt"
	"math"

	"golang.org/x/sys/unix"

	"nerva/wayland/internal/wl"
)

// The requests and events that we use of the core protocol (wayland.xml, version 1), wlr-layer-shell-unstable-v1
// (version 1), viewporter and single-pixel-buffer-v1, in the protocols' order.
const (
	compositorCreateSurface = 0
	compositorCreateRegion  = 1

	surfaceDestroy        = 0
	surfaceAttach         = 1
	surfaceDamage         = 2
	surfaceSetInputRegion = 5
	surfaceCommit         = 6

	regionDestroy  = 0
	regionAdd      = 1
	regionSubtract = 2

	shmCreatePool    = 0
	poolCreateBuffer = 0
	poolDestroy      = 1
	formatARGB       = 0

	shellGetSurface = 0
	layerTop        = 2 // zwlr_layer_shell_v1.layer

	layerSetAnchor        = 1
	layerSetExclusiveZone = 2
	layerAckConfigure     = 6
	layerDestroy          = 7
	layerConfigure        = 0  // event
	layerClosed           = 1  // event
	allEdges              = 15 // zwlr_layer_surface_v1.anchor

	viewporterGetViewport = 1
	viewportDestroy       = 0
	viewportSetSize       = 2

	pixelCreateBuffer = 1
)

var (
	compositorInterface = &wl.Interface{Name: "wl_compositor"}
	surfaceInterface    = &wl.Interface{Name: "wl_surface"}
	regionInterface     = &wl.Interface{Name: "wl_region"}
	shmInterface        = &wl.Interface{Name: "wl_shm"}
	poolInterface       = &wl.Interface{Name: "wl_shm_pool"}
	bufferInterface     = &wl.Interface{Name: "wl_buffer"}
	shellInterface      = &wl.Interface{Name: "zwlr_layer_shell_v1"}
	layerInterface      = &wl.Interface{Name: "zwlr_layer_surface_v1"}
	viewporterInterface = &wl.Interface{Name: "wp_viewporter"}
	viewportInterface   = &wl.Interface{Name: "wp_viewport"}
	pixelInterface      = &wl.Interface{Name: "wp_single_pixel_buffer_manager_v1"}
)

// namespace is how compositors' own rules name the surface.
const namespace = "nerva-beside"

// link is one connection. All of it belongs to the goroutine that reads.
type link struct {
	compositor, shell, viewporter, pixel *wl.Object

	width   int        // of the middle; 0: no surface is wanted
	surface *wl.Object // nil: there is none
	layer   *wl.Object
	port    *wl.Object
	output  [2]uint32 // its size, as it was configured last
}

// open binds what is needed.
func open(conn *wl.Conn, pressed func()) (*link, error) {
	l := &link{
		compositor: conn.BindFirst(compositorInterface, 1, 1, nil),
		shell:      conn.BindFirst(shellInterface, 1, 1, nil),
		viewporter: conn.BindFirst(viewporterInterface, 1, 1, nil),
	}
	if l.compositor == nil || l.shell == nil || l.viewporter == nil {
		return nil, errUnsupported
	}
	var err error
	if l.pixel, err = transparent(conn); err != nil {
		return nil, err
	}
	followSeats(conn, pressed)
	return l, nil
}

// transparent makes a buffer of one pixel, for as long as the connection.
func transparent(conn *wl.Conn) (*wl.Object, error) {
	if pixels := conn.BindFirst(pixelInterface, 1, 1, nil); pixels != nil {
		return pixels.Create(pixelCreateBuffer, bufferInterface, nil, wl.NewID{}, uint32(0), uint32(0), uint32(0), uint32(0)), nil
	}
	shm := conn.BindFirst(shmInterface, 1, 1, nil)
	if shm == nil {
		return nil, errUnsupported
	}
	fd, err := unix.MemfdCreate("nerva-beside", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make a pixel: %w", err)
	}
	defer func() { _ = unix.Close(fd) }()
	const size = 4
	if err := unix.Ftruncate(fd, size); err != nil {
		return nil, fmt.Errorf("make a pixel: %w", err)
	}
	pool := shm.Create(shmCreatePool, poolInterface, nil, wl.NewID{}, wl.FD(fd), int32(size))
	pixel := pool.Create(poolCreateBuffer, bufferInterface, nil, wl.NewID{}, int32(0), int32(1), int32(1), int32(size), uint32(formatARGB))
	pool.Destroy(poolDestroy)
	return pixel, nil
}

// watch has the surface there, with width left out, or takes it away for 0.
func (l *link) watch(width int) {
	before := l.width
	l.width = width
	switch {
	case width == 0:
		l.close()
	case l.surface == nil:
		l.make()
	case width != before:
		l.draw()
	}
}

// make asks for a surface, which the compositor answers with its size.
func (l *link) make() {
	l.output = [2]uint32{}
	l.surface = l.compositor.Create(compositorCreateSurface, surfaceInterface, nil, wl.NewID{})
	l.port = l.viewporter.Create(viewporterGetViewport, viewportInterface, nil, wl.NewID{}, l.surface)
	l.layer = l.shell.Create(shellGetSurface, layerInterface, l.layerEvent, wl.NewID{}, l.surface, (*wl.Object)(nil), uint32(layerTop), namespace)
	l.layer.Request(layerSetAnchor, uint32(allEdges))
	l.layer.Request(layerSetExclusiveZone, int32(-1))
	l.surface.Request(surfaceCommit)
}

func (l *link) layerEvent(event uint16, a *wl.Args) {
	switch event {
	case layerConfigure:
		serial := a.Uint()
		l.output = [2]uint32{a.Uint(), a.Uint()}
		l.layer.Request(layerAckConfigure, serial)
		l.draw()
	case layerClosed: // the output has gone
		l.close()
	}
}

// draw gives the surface the size of the output, and the part to the left and right of the middle the clicks.
func (l *link) draw() {
	wide, high := int32(min(l.output[0], math.MaxInt32)), int32(min(l.output[1], math.MaxInt32))
	if wide == 0 || high == 0 {
		return // it isn't configured yet
	}
	region := l.compositor.Create(compositorCreateRegion, regionInterface, nil, wl.NewID{})
	region.Request(regionAdd, int32(0), int32(0), wide, high)
	if middle := int32(l.width); middle > 2 {
		// One less at each side: how a compositor rounds must leave no gap.
		region.Request(regionSubtract, (wide-middle)/2+1, int32(0), middle-2, high)
	}
	l.surface.Request(surfaceSetInputRegion, region)
	region.Destroy(regionDestroy)
	l.port.Request(viewportSetSize, wide, high)
	l.surface.Request(surfaceAttach, l.pixel, int32(0), int32(0))
	l.surface.Request(surfaceDamage, int32(0), int32(0), wide, high)
	l.surface.Request(surfaceCommit)
}

func (l *link) close() {
	if l.surface == nil {
		return
	}
	l.layer.Destroy(layerDestroy)
	l.port.Destroy(viewportDestroy)
	l.surface.Destroy(surfaceDestroy)
	l.surface, l.layer, l.port = nil, nil, nil
}

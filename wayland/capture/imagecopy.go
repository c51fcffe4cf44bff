package capture

import "nerva/wayland/internal/wl"

// The requests and events of ext-image-capture-source-v1 and ext-image-copy-capture-v1, version 1, that we use.
const (
	sourceOfOutput = 0

	imageCopySession = 0

	sessionFrame   = 0
	sessionSize    = 0
	sessionFormat  = 1
	sessionDone    = 4
	sessionStopped = 5

	frameAttach    = 1
	frameDamage    = 2
	frameCapture   = 3
	frameTransform = 0
	frameReady     = 3
	frameFailed    = 4
)

var (
	imageCopyInterface = &wl.Interface{Name: "ext_image_copy_capture_manager_v1"}
	sourcesInterface   = &wl.Interface{Name: "ext_output_image_capture_source_manager_v1"}
	sourceInterface    = &wl.Interface{Name: "ext_image_capture_source_v1"}
	sessionInterface   = &wl.Interface{Name: "ext_image_copy_capture_session_v1"}
	frameInterface     = &wl.Interface{Name: "ext_image_copy_capture_frame_v1"}
)

// imageCopy is ext-image-copy-capture with outputs as its sources.
type imageCopy struct{ manager, sources, shm *wl.Object }

func bindImageCopy(conn *wl.Conn, shm *wl.Object) protocol {
	manager, sources := conn.BindFirst(imageCopyInterface, 1, 1, nil), conn.BindFirst(sourcesInterface, 1, 1, nil)
	if manager == nil || sources == nil || shm == nil {
		return nil
	}
	return &imageCopy{manager, sources, shm}
}

func (*imageCopy) name() string { return "ext-image-copy-capture" }

func (p *imageCopy) copy(s *shot) {
	var session *wl.Object
	var size buffer
	var formats []uint32
	asked := false
	source := p.sources.Create(sourceOfOutput, sourceInterface, nil, wl.NewID{}, s.output.Object)
	session = p.manager.Create(imageCopySession, sessionInterface, func(event uint16, a *wl.Args) {
		switch event {
		case sessionSize:
			size.width, size.height = int(a.Uint()), int(a.Uint())
		case sessionFormat:
			formats = append(formats, a.Uint())
		case sessionDone:
			var known bool
			size.format, known = readable(formats)
			switch {
			case asked: // a later one says what has changed, and what is under way fails then
			case !known:
				s.fail("it shares no memory; nothing can be done about that here")
			default:
				p.begin(s, session, size)
			}
			asked = true
		case sessionStopped:
			if s.pending() {
				s.fail("it was stopped; see whether the output is still there")
			}
		}
	}, wl.NewID{}, source, uint32(0)) // without the pointer
}

func (p *imageCopy) begin(s *shot, session *wl.Object, size buffer) {
	size.stride = size.width * size.layout().bytes
	made := s.allocate(p.shm, size)
	if made == nil {
		return
	}
	frame := session.Create(sessionFrame, frameInterface, func(event uint16, a *wl.Args) {
		switch event {
		case frameTransform:
			s.transform = int(a.Uint())
		case frameReady:
			s.done = true
		case frameFailed:
			s.fail("try again, and see its log if this goes on")
		}
	}, wl.NewID{})
	frame.Request(frameAttach, made)
	frame.Request(frameDamage, int32(0), int32(0), int32(size.width), int32(size.height))
	frame.Request(frameCapture)
}

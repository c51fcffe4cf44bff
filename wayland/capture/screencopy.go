package capture

import "nerva/wayland/internal/wl"

// The requests and events of wlr-screencopy-unstable-v1, version 3, that we use.
const (
	screencopyOutput = 0
	screencopyCopy   = 0

	screencopyBuffer     = 0
	screencopyFlags      = 1
	screencopyReady      = 2
	screencopyFailed     = 3
	screencopyBufferDone = 6 // since version 3: before it there is one kind of buffer only

	screencopyInvert = 1
)

var (
	screencopyInterface = &wl.Interface{Name: "zwlr_screencopy_manager_v1"}
	screencopyFrame     = &wl.Interface{Name: "zwlr_screencopy_frame_v1"}
)

// screencopy is wlr-screencopy.
type screencopy struct {
	manager, shm *wl.Object
	version      uint32
}

func bindScreencopy(conn *wl.Conn, shm *wl.Object) protocol {
	const newest = 3
	manager := conn.BindFirst(screencopyInterface, 1, newest, nil)
	if manager == nil || shm == nil {
		return nil
	}
	return &screencopy{manager, shm, min(conn.First(screencopyInterface).Version, newest)}
}

func (*screencopy) name() string { return "screencopy" }

func (p *screencopy) copy(s *shot) {
	var frame *wl.Object
	var size buffer
	begin := func() {
		if made := s.allocate(p.shm, size); made != nil {
			frame.Request(screencopyCopy, made)
		}
	}
	frame = p.manager.Create(screencopyOutput, screencopyFrame, func(event uint16, a *wl.Args) {
		switch event {
		case screencopyBuffer:
			size = buffer{format: a.Uint(), width: int(a.Uint()), height: int(a.Uint()), stride: int(a.Uint())}
			if p.version < 3 {
				begin()
			}
		case screencopyBufferDone:
			begin()
		case screencopyFlags:
			s.flipped = a.Uint()&screencopyInvert != 0
		case screencopyReady:
			s.done = true
		case screencopyFailed:
			s.fail("try again, and see its log if this goes on")
		}
	}, wl.NewID{}, int32(0), s.output.Object) // without the pointer
}

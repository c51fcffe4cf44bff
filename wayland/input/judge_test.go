package input

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nerva/wayland/internal/outputs"
	"nerva/wayland/internal/wl"
)

// judge is an application of the tests' own: a window over the whole of each output, which keeps what the compositor
// tells it of keys and pointer. It shares nothing with what it judges but the wire format.
type judge struct {
	t      *testing.T
	conn   *wl.Conn
	global wl.Global // of the seat

	mu      sync.Mutex
	changed chan struct{} // closed and made anew with each event
	seen    seen
}

type seen struct {
	keys    []keyEvent
	mods    [4]uint32 // depressed, latched, locked, group, as they are now
	keymaps []string  // as they came; the last is that of now
	at      [2]float64
	on      string // the output that the pointer is on
	buttons []buttonEvent
	wheel   [2]int // steps, vertical first
	axis    int    // events of the wheel
	focus   string
}

type keyEvent struct {
	code uint32
	down bool
	mods uint32
}

type buttonEvent struct {
	button uint32
	down   bool
	at     [2]float64
}

// down lists the keys and buttons that are pressed now.
func (s *seen) down() (list []uint32) {
	for _, k := range s.keys {
		if k.down {
			list = append(list, k.code)
		} else {
			list = slices.DeleteFunc(list, func(c uint32) bool { return c == k.code })
		}
	}
	for _, b := range s.buttons {
		if b.down {
			list = append(list, b.button)
		} else {
			list = slices.DeleteFunc(list, func(c uint32) bool { return c == b.button })
		}
	}
	return list
}

// newJudge opens the windows and returns once one has the focus.
func newJudge(t *testing.T, display string) *judge {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	conn, err := wl.Dial(ctx, display)
	if err != nil {
		t.Fatal(err)
	}
	j := &judge{t: t, conn: conn, global: conn.First(seatInterface), changed: make(chan struct{})}
	list, err := outputs.Read(ctx, conn)
	if err != nil {
		t.Fatal(err)
	}
	w := &windows{judge: j, shown: map[*wl.Object]string{}}
	w.bind()
	if err := conn.Roundtrip(ctx); err != nil { // what the seat has
		t.Fatal(err)
	}
	for _, o := range list {
		w.open(o)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = conn.Run(ctx) // it ends with the test
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		_ = conn.Close()
	})
	j.await("a window of the judge's", func(*seen) bool { return w.mapped(len(list)) })
	return j
}

// await waits until what was seen is as wanted.
func (j *judge) await(what string, wanted func(*seen) bool) {
	j.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		j.mu.Lock()
		ok, changed := wanted(&j.seen), j.changed
		j.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-limit:
			j.mu.Lock()
			defer j.mu.Unlock()
			j.t.Fatalf("waited for %s; seen: keys %v, mods %v, %d keymaps, at %v on %s, buttons %v, wheel %v in %d", what,
				j.seen.keys, j.seen.mods, len(j.seen.keymaps), j.seen.at, j.seen.on, j.seen.buttons, j.seen.wheel, j.seen.axis)
		}
	}
}

// now returns what was seen until now.
func (j *judge) now() seen {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := j.seen
	s.keys, s.keymaps, s.buttons = slices.Clone(s.keys), slices.Clone(s.keymaps), slices.Clone(s.buttons)
	return s
}

func (j *judge) note(what func(*seen)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	what(&j.seen)
	close(j.changed)
	j.changed = make(chan struct{})
}

// windows are the judge's, for the goroutine that reads.
type windows struct {
	*judge
	compositor, shm, wm, seat *wl.Object
	keyboard, pointer         *wl.Object
	shown                     map[*wl.Object]string // the output's name by surface
	drawn                     int
}

func (w *windows) mapped(n int) bool {
	return w.drawn >= n && (w.keyboard == nil || w.seen.focus != "")
}

func (w *windows) bind() {
	must := func(name string, version uint32, on wl.Handler) *wl.Object {
		o := w.conn.BindFirst(&wl.Interface{Name: name}, 1, version, on)
		if o == nil {
			w.t.Fatalf("no %s", name)
		}
		return o
	}
	w.compositor = must("wl_compositor", 4, nil)
	w.shm = must("wl_shm", 1, nil)
	w.wm = must("xdg_wm_base", 1, func(_ uint16, a *wl.Args) { w.wm.Request(3, a.Uint()) }) // ping, pong
	w.seat = must("wl_seat", 7, func(event uint16, a *wl.Args) {
		if event != 0 {
			return
		}
		has := a.Uint()
		if has&1 != 0 && w.pointer == nil {
			w.pointer = w.seat.Create(0, &wl.Interface{Name: "wl_pointer"}, w.pointerEvent, wl.NewID{})
		}
		if has&2 != 0 && w.keyboard == nil {
			w.keyboard = w.seat.Create(1, &wl.Interface{Name: "wl_keyboard", FDs: 1}, w.keyboardEvent, wl.NewID{})
		}
	})
}

// open shows a window on the whole of an output.
func (w *windows) open(o outputs.Output) {
	surface := w.compositor.Create(0, &wl.Interface{Name: "wl_surface"}, nil, wl.NewID{})
	w.shown[surface] = o.Name
	var shell *wl.Object
	drawn := false
	shell = w.wm.Create(2, &wl.Interface{Name: "xdg_surface"}, func(_ uint16, a *wl.Args) {
		shell.Request(4, a.Uint()) // ack_configure
		if !drawn {
			surface.Request(1, w.buffer(o.Width, o.Height), int32(0), int32(0))
		}
		surface.Request(6) // commit
		if !drawn {
			drawn = true
			w.note(func(*seen) { w.drawn++ })
		}
	}, wl.NewID{}, surface)
	top := shell.Create(1, &wl.Interface{Name: "xdg_toplevel"}, nil, wl.NewID{})
	top.Request(3, "nerva-judge")
	top.Request(11, o.Object) // fullscreen
	surface.Request(6)
}

func (w *windows) buffer(width, height int) *wl.Object {
	size := width * height * 4
	fd, err := unix.MemfdCreate("judge", unix.MFD_CLOEXEC)
	if err != nil {
		w.t.Error(err)
		return nil
	}
	defer unix.Close(fd)
	if err := unix.Ftruncate(fd, int64(size)); err != nil {
		w.t.Error(err)
	}
	pool := w.shm.Create(0, &wl.Interface{Name: "wl_shm_pool"}, nil, wl.NewID{}, wl.FD(fd), int32(size))
	return pool.Create(0, &wl.Interface{Name: "wl_buffer"}, nil, wl.NewID{}, int32(0), int32(width), int32(height), int32(4*width), uint32(1))
}

func (w *windows) keyboardEvent(event uint16, a *wl.Args) {
	w.note(func(s *seen) {
		switch event {
		case 0:
			a.Uint()
			fd := a.FD()
			defer unix.Close(fd)
			text, _ := readKeymap(fd, a.Uint())
			s.keymaps = append(s.keymaps, text)
		case 1:
			a.Uint()
			s.focus = w.shown[a.Object()]
		case 2:
			s.focus = ""
		case 3:
			a.Uint()
			a.Uint()
			s.keys = append(s.keys, keyEvent{a.Uint(), a.Uint() == 1, s.mods[0]})
		case 4:
			a.Uint()
			for i := range s.mods {
				s.mods[i] = a.Uint()
			}
		}
	})
}

func (w *windows) pointerEvent(event uint16, a *wl.Args) {
	w.note(func(s *seen) {
		switch event {
		case 0:
			a.Uint()
			s.on = w.shown[a.Object()]
			s.at = [2]float64{a.Fixed().Float(), a.Fixed().Float()}
		case 1:
			s.on = ""
		case 2:
			a.Uint()
			s.at = [2]float64{a.Fixed().Float(), a.Fixed().Float()}
		case 3:
			a.Uint()
			a.Uint()
			s.buttons = append(s.buttons, buttonEvent{a.Uint(), a.Uint() == 1, s.at})
		case 8:
			axis := a.Uint()
			s.wheel[axis] += int(a.Int())
			s.axis++
		}
	})
}

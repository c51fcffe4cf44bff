package beside

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"nerva/wayland/internal/socktest"
	"nerva/wayland/internal/swaytest"
)

// run starts a Beside, which ends with the test, and gives its presses.
func run(t *testing.T, log *slog.Logger) (*Beside, <-chan bool) {
	t.Helper()
	presses := make(chan bool, 1000)
	b := New(log, func() { presses <- true })
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.Run(ctx)
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return b, presses
}

var quiet = slog.New(slog.DiscardHandler)

func TestTheSurfaceIsAPixelOverTheOutputAndItsMiddleIsLeftOut(t *testing.T) {
	for rule, test := range map[string]struct{ globals, pixel []string }{
		"of a compositor with such buffers": {everything, []string{"wp_single_pixel_buffer_manager_v1.create_u32_rgba_buffer 0 0 0 0"}},
		"of shared memory":                  {without("wp_single_pixel_buffer_manager_v1"), []string{"wl_shm.create_pool 4", "wl_shm_pool.create_buffer 0 1 1 4 0", "wl_shm_pool.destroy"}},
	} {
		t.Run(rule, func(t *testing.T) {
			f := newFake(t, test.globals)
			b, _ := run(t, quiet)
			b.Watch(300)
			want := append(slices.Clone(test.pixel), "wl_compositor.create_surface", "wp_viewporter.get_viewport wl_surface",
				"zwlr_layer_shell_v1.get_layer_surface wl_surface  2 nerva-beside", "zwlr_layer_surface_v1.set_anchor 15",
				"zwlr_layer_surface_v1.set_exclusive_zone -1", "wl_surface.commit")
			if got := f.until("wl_surface.commit"); !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			f.tell("zwlr_layer_surface_v1", layerConfigure, 7, 1000, 500)
			drawn := func(ack, middle string) []string {
				return []string{
					ack, "wl_compositor.create_region", "wl_region.add 0 0 1000 500", "wl_region.subtract " + middle + " 500",
					"wl_surface.set_input_region wl_region", "wl_region.destroy", "wp_viewport.set_destination 1000 500",
					"wl_surface.attach wl_buffer 0 0", "wl_surface.damage 0 0 1000 500", "wl_surface.commit",
				}
			}
			if got, want := f.until("wl_surface.commit"), drawn("zwlr_layer_surface_v1.ack_configure 7", "351 0 298"); !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			b.Watch(400)
			if got, want := f.until("wl_surface.commit"), drawn("", "301 0 398")[1:]; !slices.Equal(got, want) {
				t.Errorf("of another width: got  %q\nwant %q", got, want)
			}
			b.Ignore()
			if got, want := f.until("wl_surface"), []string{"zwlr_layer_surface_v1.destroy", "wp_viewport.destroy", "wl_surface.destroy"}; !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestButtonsAndFingersAreHeardWhenTheyGoDown(t *testing.T) {
	f := newFake(t, everything)
	b, presses := run(t, quiet)
	b.Watch(300)
	f.until("wl_surface.commit")
	f.tell("wl_seat", seatCapabilities, hasPointer|hasTouch)
	f.until("wl_seat.get_touch")
	f.tell("wl_pointer", pointerEnter, 3, 0, 0, 0)
	if got := f.until("wp_cursor_shape_device_v1"); !slices.Equal(got, []string{"wp_cursor_shape_device_v1.set_shape 3 1"}) {
		t.Errorf("the cursor: %q", got)
	}
	f.tell("wl_pointer", pointerButton, 4, 0, 0x111, 0) // it was pressed elsewhere
	f.tell("wl_touch", 1, 5, 0, 0)                      // up
	f.tell("wl_seat", seatCapabilities, hasTouch)
	if got, want := f.until("wl_pointer"), []string{"wp_cursor_shape_device_v1.destroy", "wl_pointer.release"}; !slices.Equal(got, want) {
		t.Errorf("the pointer that went: got %q, want %q", got, want)
	}
	if len(presses) > 0 {
		t.Error("what went up was heard")
	}
	f.tell("wl_touch", touchDown, 6, 0, 0, 0, 0, 0)
	<-presses
	f.tell("wl_seat", seatCapabilities, hasPointer)
	f.until("wl_touch.release")
	f.tell("wl_pointer", pointerButton, 7, 0, 0x112, statePressed)
	<-presses
}

// TestASurfaceThatTheCompositorClosesIsMadeAnewWhenItIsWantedNext: so it does when an output goes.
func TestASurfaceThatTheCompositorClosesIsMadeAnewWhenItIsWantedNext(t *testing.T) {
	f := newFake(t, everything)
	b, _ := run(t, quiet)
	b.Watch(300)
	f.until("wl_surface.commit")
	f.tell("zwlr_layer_surface_v1", layerClosed)
	f.until("wl_surface.destroy")
	b.Ignore()
	b.Watch(300)
	f.until("wl_surface.commit")
}

func TestWhatACompositorLacksIsSaid(t *testing.T) {
	for _, name := range []string{"wp_viewporter", "zwlr_layer_shell_v1"} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, without(name))
			log := &said{more: make(chan string, 10)}
			b, _ := run(t, slog.New(slog.NewTextHandler(log, nil)))
			b.Watch(300)
			if got := <-log.more; !strings.Contains(got, "not heard") || !strings.Contains(got, "wp_viewporter") {
				t.Errorf("got %s", got)
			}
			if got := f.until("gone"); len(got) > 1 {
				t.Errorf("requests %q", got)
			}
		})
	}
}

// said is a log that gives each of its lines.
type said struct{ more chan string }

func (s *said) Write(b []byte) (int, error) {
	s.more <- string(bytes.Clone(b))
	return len(b), nil
}

// mouse clicks on an output of 1000 by 500.
type mouse struct{ swaytest.Mouse }

func (m mouse) click(x uint32) { m.Click(x, 250, 1000, 500) }

// until clicks until that is heard: the surface comes in its own time.
func (m mouse) until(x uint32, presses <-chan bool) {
	for len(presses) == 0 {
		m.click(x)
	}
}

const setup = "output * mode --custom 1000x500@60Hz\nseat * hide_cursor 0"

func TestSwayTellsOfClicksBesideUntilTheyAreIgnored(t *testing.T) {
	socktest.RuntimeDir(t)
	sway := swaytest.Start(t, swaytest.Setup{Outputs: 1, Config: setup})
	m := mouse{swaytest.NewMouse(t, sway)}
	below, heardBelow := run(t, quiet)
	below.Watch(980)
	above, heard := run(t, quiet)
	above.Watch(300)
	m.until(20, heard)
	if len(heardBelow) > 0 {
		t.Error("a click in the middle is heard")
	}
	above.Ignore()
	m.until(2, heardBelow)
}

func TestTheNextCompositorTellsToo(t *testing.T) {
	socktest.RuntimeDir(t)
	b, heard := run(t, quiet)
	b.Watch(300) // the compositor comes later
	for range 2 {
		sway := swaytest.Start(t, swaytest.Setup{Outputs: 1, Config: setup})
		mouse{swaytest.NewMouse(t, sway)}.until(10, heard)
		sway.Kill()
	}
}

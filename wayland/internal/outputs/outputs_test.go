package outputs

import (
	"testing"

	"nerva/core/api"
	"nerva/wayland/internal/socktest"
	"nerva/wayland/internal/swaytest"
	"nerva/wayland/internal/wl"
)

func read(t *testing.T, display string) ([]Output, error) {
	t.Helper()
	conn, err := wl.Dial(t.Context(), display)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	list, err := Read(t.Context(), conn)
	if err == nil {
		Release(list)
		if err := conn.Roundtrip(t.Context()); err != nil {
			t.Errorf("after Release: %v", err)
		}
	}
	return list, err
}

// TestOutputsLieWhereTheCompositorPutThem on a real sway: the scale is a fraction, and a turned output's width is its
// mode's height (sway turns with the clock, wl_output against it).
func TestOutputsLieWhereTheCompositorPutThem(t *testing.T) {
	socktest.RuntimeDir(t)
	s := swaytest.Start(t, swaytest.Setup{Outputs: 3, Config: `
output HEADLESS-1 mode --custom 1920x1080@60Hz position 720 0 scale 1
output HEADLESS-2 mode --custom 1280x720@60Hz position 0 0 scale 1 transform 90
output HEADLESS-3 mode --custom 2560x1440@60Hz position 2640 100 scale 1.5`})
	list, err := read(t, s.Display)
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		list[i].Global, list[i].Object = wl.Global{}, nil
	}
	want := []Output{
		{Name: "HEADLESS-2", Width: 720, Height: 1280, ModeWidth: 1280, ModeHeight: 720, Scale: 1, Transform: 3},
		{Name: "HEADLESS-1", X: 720, Width: 1920, Height: 1080, ModeWidth: 1920, ModeHeight: 1080, Scale: 1},
		{Name: "HEADLESS-3", X: 2640, Y: 100, Width: 1706, Height: 960, ModeWidth: 2560, ModeHeight: 1440, Scale: 1.5},
	}
	for i := range want {
		if i >= len(list) {
			t.Fatalf("got %+v", list)
		}
		if list[i] != want[i] {
			t.Errorf("got %+v\nwant %+v", list[i], want[i])
		}
	}
	s.Command("output * disable")
	if _, err := read(t, s.Display); api.CodeOf(err) != api.Unavailable {
		t.Errorf("without outputs: %v", err)
	}
}

func TestTheLogicalSizeIsMadeOfTheModeWhereNobodyTellsIt(t *testing.T) {
	for _, test := range []struct {
		rule string
		o    Output
		want Output
	}{
		{
			"a whole scale",
			Output{ModeWidth: 3840, ModeHeight: 2160, Scale: 2},
			Output{ModeWidth: 3840, ModeHeight: 2160, Scale: 2, Width: 1920, Height: 1080},
		},
		{
			"a turned one",
			Output{ModeWidth: 1280, ModeHeight: 720, Scale: 1, Transform: 7},
			Output{ModeWidth: 1280, ModeHeight: 720, Scale: 1, Transform: 7, Width: 720, Height: 1280},
		},
		{
			"a told size has the true scale",
			Output{ModeWidth: 2560, ModeHeight: 1440, Scale: 2, Transform: 1, Width: 1152, Height: 2048},
			Output{ModeWidth: 2560, ModeHeight: 1440, Scale: 1.25, Transform: 1, Width: 1152, Height: 2048},
		},
	} {
		test.o.measure()
		if test.o != test.want {
			t.Errorf("%s: got %+v, want %+v", test.rule, test.o, test.want)
		}
	}
}

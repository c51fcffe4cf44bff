package input

import (
	"math"
	"math/rand/v2"
	"testing"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/outputs"
	"nerva/wayland/internal/wl"
)

// apart has two outputs: one of scale 2, and a turned one above it and left of 0, with a gap at its side.
const apart = `
output HEADLESS-1 mode --custom 1920x1080@60Hz position 0 0 scale 2
output HEADLESS-2 mode --custom 1280x720@60Hz position -720 -200 scale 1 transform 90`

func readOutputs(t *testing.T, display string) map[string]outputs.Output {
	t.Helper()
	conn, err := wl.Dial(t.Context(), display)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	list, err := outputs.Read(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]outputs.Output{}
	for _, o := range list {
		byName[o.Name] = o
	}
	return byName
}

func TestEveryPointIsHit(t *testing.T) {
	s := newSession(t, 2, apart)
	j := newJudge(t, s.Display)
	where := readOutputs(t, s.Display)
	random := rand.New(rand.NewPCG(1, 2))
	worst := 0.0
	hit := func(name string, x, y int) {
		o := where[name]
		want := desk.Point{X: o.X + x, Y: o.Y + y}
		via, err := s.input.Move(t.Context(), desk.Motion{To: want})
		if err != nil || via != "virtual pointer" {
			t.Fatalf("to %v via %s: %v", want, via, err)
		}
		off := 0.0
		j.await("the pointer", func(s *seen) bool {
			off = max(math.Abs(s.at[0]-float64(x)), math.Abs(s.at[1]-float64(y)))
			return s.on == name && off <= 1
		})
		worst = max(worst, off)
	}
	for name, o := range where {
		for _, corner := range [][2]int{{0, 0}, {o.Width - 1, 0}, {0, o.Height - 1}, {o.Width - 1, o.Height - 1}} {
			hit(name, corner[0], corner[1])
		}
	}
	for range 1000 {
		name := []string{"HEADLESS-1", "HEADLESS-2"}[random.IntN(2)]
		hit(name, random.IntN(where[name].Width), random.IntN(where[name].Height))
	}
	t.Logf("%v; at most %.2f logical pixels beside", where, worst)
	_, err := s.input.Move(t.Context(), desk.Motion{To: desk.Point{X: 500, Y: -100}}) // in the box around them, on neither
	if api.CodeOf(err) != api.InvalidInput {
		t.Errorf("beside the outputs: %v", err)
	}
}

func TestClicksDragsAndTheWheelArrive(t *testing.T) {
	s := newSession(t, 2, apart)
	j := newJudge(t, s.Display)
	// The point is on HEADLESS-1, whose corner is at 0,0, so that it is the same in the window.
	at := desk.Point{X: 100, Y: 50}
	if _, err := s.input.Click(t.Context(), desk.Click{At: &at, Button: "left", Count: 2}); err != nil {
		t.Fatal(err)
	}
	for _, b := range []desk.Button{"right", "middle"} {
		if _, err := s.input.Click(t.Context(), desk.Click{Button: b, Count: 1}); err != nil {
			t.Fatal(err)
		}
	}
	j.await("four clicks", func(s *seen) bool { return len(s.buttons) == 8 })
	for i, b := range j.now().buttons {
		want := buttonEvent{[]uint32{0x110, 0x110, 0x111, 0x112}[i/2], i%2 == 0, [2]float64{100.5, 50.5}}
		if b.button != want.button || b.down != want.down || math.Abs(b.at[0]-want.at[0])+math.Abs(b.at[1]-want.at[1]) > 1 {
			t.Errorf("event %d is %+v, want %+v", i, b, want)
		}
	}
	if _, err := s.input.Scroll(t.Context(), desk.Scroll{DX: -2, DY: 5}); err != nil {
		t.Fatal(err)
	}
	j.await("the wheel", func(s *seen) bool { return s.wheel == [2]int{5, -2} && s.axis == 7 })
	if _, err := s.input.Drag(t.Context(), desk.Drag{From: at, To: desk.Point{X: 300, Y: 90}, Button: "left"}); err != nil {
		t.Fatal(err)
	}
	j.await("the drag", func(s *seen) bool { return len(s.buttons) == 10 })
	if drag := j.now().buttons[8:]; math.Abs(drag[0].at[0]-100) > 1 || math.Abs(drag[1].at[0]-300) > 1 || math.Abs(drag[1].at[1]-90) > 1 || len(func() []uint32 { n := j.now(); return n.down() }()) > 0 {
		t.Errorf("the drag is %+v", drag)
	}
}

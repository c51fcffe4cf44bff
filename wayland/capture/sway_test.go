package capture

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/socktest"
	"nerva/wayland/internal/swaytest"
)

// The tests here are on a real sway, whose outputs show pictures of four fields: what a capture has at a place is
// compared with what is there.

// fields are the colours of an output, from the top left in the order of reading.
type fields [4]color.RGBA

func (f fields) at(x, y, width, height int) color.RGBA {
	i := 0
	if x >= width/2 {
		i++
	}
	if y >= height/2 {
		i += 2
	}
	return f[i]
}

// file makes a background of them.
func (f fields) file(t *testing.T) string {
	t.Helper()
	const side = 320
	m := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			m.SetRGBA(x, y, f.at(x, y, side, side))
		}
	}
	path := filepath.Join(t.TempDir(), "fields.png")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, m); err != nil {
		t.Fatal(err)
	}
	return path
}

// screenfuls are outputs of a test with what they show.
type screenful struct {
	place  image.Rectangle // logical
	fields fields
}

var (
	firstFields  = fields{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 0, 255}}
	secondFields = fields{{0, 255, 255, 255}, {255, 0, 255, 255}, {255, 255, 255, 255}, {64, 128, 192, 255}}
)

// twoOutputs are HEADLESS-1, at the right of which is HEADLESS-2, twice as fine and turned.
func twoOutputs(t *testing.T) *swaytest.Sway {
	t.Helper()
	socktest.RuntimeDir(t)
	for _, program := range []string{"swaybg", "grim"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(program + " is not installed; run by dev/enter")
		}
	}
	s := swaytest.Start(t, swaytest.Setup{Outputs: 2, Config: fmt.Sprintf(`
output HEADLESS-1 mode --custom 640x480@60Hz position 0 0 scale 1 bg %s stretch
output HEADLESS-2 mode --custom 800x600@60Hz position 640 -20 scale 2 bg %s stretch`,
		firstFields.file(t), secondFields.file(t))})
	t.Setenv("WAYLAND_DISPLAY", s.Display)
	return s
}

// turned says where they lie when the second one is turned.
func turned(s *swaytest.Sway, transform string) []screenful {
	s.Command("output HEADLESS-2 transform " + transform)
	second := image.Rect(640, -20, 640+400, -20+300)
	if strings.HasSuffix(transform, "90") || strings.HasSuffix(transform, "270") {
		second.Max = second.Min.Add(image.Pt(300, 400))
	}
	return []screenful{{image.Rect(0, 0, 640, 480), firstFields}, {second, secondFields}}
}

// shownAt is the colour at a logical place, away from the edges of fields.
func shownAt(shown []screenful, at image.Point) color.RGBA {
	for _, s := range shown {
		if p := at.Sub(s.place.Min); at.In(s.place) {
			return s.fields.at(p.X, p.Y, s.place.Dx(), s.place.Dy())
		}
	}
	return color.RGBA{A: 255}
}

// wrongAt looks at places all over a picture, some pixels away from the edges of outputs and of fields, which swaybg blurs
// as it makes them larger.
func wrongAt(p desk.Picture, shown []screenful) error {
	scale := float64(p.Image.Rect.Dx()) / float64(p.Area.Width)
	for y := p.Area.Y; y < p.Area.Y+p.Area.Height; y += 7 {
		for x := p.Area.X; x < p.Area.X+p.Area.Width; x += 7 {
			want, edge := shownAt(shown, image.Pt(x, y)), false
			for _, near := range []image.Point{{-4, -4}, {4, -4}, {-4, 4}, {4, 4}} {
				edge = edge || shownAt(shown, image.Pt(x, y).Add(near)) != want
			}
			if edge || want == (color.RGBA{A: 255}) { // nobody promises how nothing looks
				continue
			}
			got := p.Image.RGBAAt(int((float64(x-p.Area.X)+0.5)*scale), int((float64(y-p.Area.Y)+0.5)*scale))
			if got != want {
				return fmt.Errorf("%s has %v at %d,%d, want %v (%v at scale %g)", p.Via, got, x, y, want, p.Area, scale)
			}
		}
	}
	return nil
}

// ready waits until the backgrounds are there: frame by frame, each capture being of the next one.
func ready(t *testing.T, s *Screen, shown []screenful) {
	t.Helper()
	for limit := time.Now().Add(30 * time.Second); ; {
		p, err := s.copy(t.Context(), part{})
		if err == nil {
			err = wrongAt(p, shown)
		}
		if err == nil {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("the backgrounds are not there: %v", err)
		}
	}
}

// TestEveryWayShowsWhatIsThere on two outputs with different scales, in all turns of the second.
func TestEveryWayShowsWhatIsThere(t *testing.T) {
	sway := twoOutputs(t)
	s := New(t.TempDir(), fakePortal{}, fakePlaces{})
	for _, transform := range []string{"normal", "90", "180", "270", "flipped", "flipped-90", "flipped-180", "flipped-270"} {
		t.Run(transform, func(t *testing.T) {
			shown := turned(sway, transform)
			ready(t, s, shown)
			second := shown[1].place
			for _, test := range []struct {
				what string
				part part
				area image.Rectangle
				size image.Point
			}{
				{"everything", part{}, shown[0].place.Union(second), shown[0].place.Union(second).Size().Mul(2)},
				{"the coarse output", part{output: "HEADLESS-1"}, shown[0].place, image.Pt(640, 480)},
				{"the fine output", part{output: "HEADLESS-2"}, second, second.Size().Mul(2)},
				{"a region of the coarse output", region(20, 30, 331, 211), image.Rect(20, 30, 351, 241), image.Pt(331, 211)},
				{"a region of the fine output", region(660, 31, 201, 101), image.Rect(660, 31, 861, 132), image.Pt(402, 202)},
				{"a region across the seam", region(501, 101, 280, 130), image.Rect(501, 101, 781, 231), image.Pt(560, 260)},
			} {
				for _, way := range []func() (desk.Picture, error){
					func() (desk.Picture, error) { return s.copy(t.Context(), test.part) },
					func() (desk.Picture, error) {
						c, err := s.viaGrim(t.Context(), test.part)
						return s.load(t.Context(), test.part, c, err)
					},
				} {
					p, err := way()
					if err != nil {
						t.Fatalf("%s: %v", test.what, err)
					}
					if err := wrongAt(p, shown); err != nil {
						t.Errorf("%s: %v", test.what, err)
					}
					if rectangle(p.Area) != test.area || p.Image.Rect.Size() != test.size {
						t.Errorf("%s by %s: %v in %v pixels, want %v in %v", test.what, p.Via, p.Area, p.Image.Rect.Size(), test.area, test.size)
					}
				}
			}
		})
	}
}

func region(x, y, width, height int) part {
	return part{region: &desk.Region{X: x, Y: y, Width: width, Height: height}}
}

// TestWhatLiesBeyondTheOutputsIsLeftOut, or a region could have any number of pixels.
func TestWhatLiesBeyondTheOutputsIsLeftOut(t *testing.T) {
	shown := turned(twoOutputs(t), "90")
	s := New(t.TempDir(), fakePortal{}, fakePlaces{})
	ready(t, s, shown)
	p, err := s.Picture(t.Context(), desk.CaptureRequest{Region: &desk.Region{X: -1 << 30, Y: 100, Width: 1<<30 + 50, Height: 1 << 30}})
	if want := image.Rect(0, 100, 50, 480); err != nil || rectangle(p.Area) != want || p.Via != "screencopy" {
		t.Errorf("got %v by %s, %v, want %v", p.Area, p.Via, err, want)
	}
	if err := wrongAt(p, shown); err != nil {
		t.Error(err)
	}
	for _, test := range []struct {
		request desk.CaptureRequest
		code    api.Code
	}{
		{desk.CaptureRequest{Output: "NOWHERE-1"}, api.NotFound},
		{desk.CaptureRequest{Region: &desk.Region{X: 9999, Width: 5, Height: 5}}, api.InvalidInput},
		{desk.CaptureRequest{Region: &desk.Region{X: 100, Y: -10, Width: 5, Height: 5}}, api.InvalidInput},
	} {
		if p, err := s.Picture(t.Context(), test.request); api.CodeOf(err) != test.code || p.Image != nil {
			t.Errorf("%+v: %v, want %q", test.request, err, test.code)
		}
	}
}

// TestAPictureOfAWindowIsThatOfItsPlace is of a place that the test makes up.
func TestAPictureOfAWindowIsThatOfItsPlace(t *testing.T) {
	shown := turned(twoOutputs(t), "270")
	s := New(t.TempDir(), fakePortal{}, fakePlaces{})
	ready(t, s, shown)
	c, err := s.Capture(t.Context(), desk.CaptureRequest{Window: "1"})
	if err != nil || c.Via != "screencopy" || c.Why != "" || c.Width != 290 || c.Height != 200 {
		t.Fatalf("got %+v, %v", c, err)
	}
	if info, err := os.Lstat(c.Path); err != nil || info.Mode() != 0o600 {
		t.Errorf("its file: %v, %v", info, err)
	}
	p := desk.Picture{Area: desk.Region{X: 0, Y: 20, Width: 290, Height: 200}, Via: c.Via}
	if p.Image, err = read(c); err != nil {
		t.Fatal(err)
	}
	if err := wrongAt(p, shown); err != nil {
		t.Error(err)
	}
}

func TestACopyThatNobodyWaitsForIsGivenUp(t *testing.T) {
	twoOutputs(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := New(t.TempDir(), fakePortal{}, fakePlaces{}).Picture(ctx, desk.CaptureRequest{})
	if api.CodeOf(err) != api.Cancelled {
		t.Errorf("error %v", err)
	}
}

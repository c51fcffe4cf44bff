package capture

import (
	"encoding/binary"
	"image"
	"image/color"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/desk"
)

var copies = []string{"wl_shm", "wl_output", "ext_output_image_capture_source_manager_v1", "ext_image_copy_capture_manager_v1"}

// threeByTwo is a compositor whose output has three pixels by two, each of another colour, in memory as they are written
// here: red, green, blue and their doubles.
func threeByTwo(t *testing.T, put func(pixel []byte, format uint32, c color.RGBA)) *compositor {
	c := &compositor{t: t, offers: copies, size: [2]uint32{3, 2}, formats: []uint32{0}}
	c.output.width, c.output.height = 3, 2
	c.fill = func(pixels []byte, stride int, format uint32) bool {
		for i, colour := range sixColours {
			put(pixels[i/3*stride+i%3*layouts[format].bytes:], format, colour)
		}
		return true
	}
	return c
}

var sixColours = []color.RGBA{
	{255, 0, 0, 255},
	{0, 255, 0, 255},
	{0, 0, 255, 255},
	{16, 32, 48, 255},
	{255, 254, 253, 255},
	{1, 2, 3, 255},
}

func colours(m *image.RGBA) []color.RGBA {
	var all []color.RGBA
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			all = append(all, m.RGBAAt(x, y))
		}
	}
	return all
}

// TestEachFormatIsReadAsTheProtocolDefinesIt writes pixels as drm_fourcc.h describes them, bit by bit.
func TestEachFormatIsReadAsTheProtocolDefinesIt(t *testing.T) {
	word := func(red, green, blue, bits int) func([]byte, uint32, color.RGBA) {
		return func(pixel []byte, _ uint32, c color.RGBA) {
			wide := func(v byte) uint32 { return uint32(v) << (bits - 8) }
			binary.LittleEndian.PutUint32(pixel, wide(c.R)<<red|wide(c.G)<<green|wide(c.B)<<blue)
		}
	}
	for _, test := range []struct {
		format string
		number uint32
		put    func([]byte, uint32, color.RGBA)
	}{
		{"[31:0] A:R:G:B 8:8:8:8", 0, word(16, 8, 0, 8)},
		{"[31:0] x:R:G:B 8:8:8:8", 1, word(16, 8, 0, 8)},
		{"[31:0] x:B:G:R 8:8:8:8", 0x34324258, word(0, 8, 16, 8)},
		{"[31:0] R:G:B:x 8:8:8:8", 0x34325852, word(24, 16, 8, 8)},
		{"[31:0] B:G:R:x 8:8:8:8", 0x34325842, word(8, 16, 24, 8)},
		{"[31:0] x:R:G:B 2:10:10:10", 0x30335258, word(20, 10, 0, 10)},
		{"[31:0] x:B:G:R 2:10:10:10", 0x30334258, word(0, 10, 20, 10)},
		{"[23:0] R:G:B 8:8:8", 0x34324752, func(p []byte, _ uint32, c color.RGBA) { p[2], p[1], p[0] = c.R, c.G, c.B }},
		{"[23:0] B:G:R 8:8:8", 0x34324742, func(p []byte, _ uint32, c color.RGBA) { p[2], p[1], p[0] = c.B, c.G, c.R }},
	} {
		t.Run(test.format, func(t *testing.T) {
			c := threeByTwo(t, test.put)
			c.formats = []uint32{0x36314752, test.number, 1} // the first one is RG16, which is not read
			c.start()
			p, err := New(t.TempDir(), fakePortal{}, fakePlaces{}).Picture(t.Context(), desk.CaptureRequest{})
			if err != nil {
				t.Fatal(err)
			}
			want := desk.Region{Width: 3, Height: 2}
			if p.Via != "ext-image-copy-capture" || p.Why != "" || p.Area != want {
				t.Errorf("by %s (%s) of %v", p.Via, p.Why, p.Area)
			}
			if got := colours(p.Image); !equal(got, sixColours) {
				t.Errorf("got %v, want %v", got, sixColours)
			}
		})
	}
}

func equal(a, b []color.RGBA) bool {
	for i := range a {
		if len(a) != len(b) || a[i] != b[i] {
			return false
		}
	}
	return true
}

// TestTheFramesOwnTransformCounts: what is in the buffer may be turned otherwise than the output is.
func TestTheFramesOwnTransformCounts(t *testing.T) {
	c := threeByTwo(t, func(p []byte, _ uint32, c color.RGBA) { p[0], p[1], p[2] = c.B, c.G, c.R })
	c.output.width, c.output.height = 2, 3
	c.transform = 4 // mirrored
	c.start()
	p, err := New(t.TempDir(), fakePortal{}, fakePlaces{}).Picture(t.Context(), desk.CaptureRequest{})
	if err != nil {
		t.Fatal(err)
	}
	// Three columns into the two of the output: the first and the last, seen from the other side.
	if got := p.Image.RGBAAt(1, 0); got != sixColours[0] {
		t.Errorf("the upper right is %v", got)
	}
	if got := p.Image.RGBAAt(0, 2); got != sixColours[5] {
		t.Errorf("the lower left is %v", got)
	}
}

func TestACopyThatCantBeMadeSaysWhy(t *testing.T) {
	fine := func([]byte, int, uint32) bool { return true }
	for _, test := range []struct {
		rule  string
		spoil func(*compositor)
		says  string
	}{
		{"no protocol", func(c *compositor) { c.offers = []string{"wl_shm", "wl_output"} }, "lets no program copy its screen"},
		{"no memory to share", func(c *compositor) { c.offers = copies[1:] }, "lets no program copy its screen"},
		{"no output", func(c *compositor) { c.output.width = 0 }, "has no output"},
		{"another format", func(c *compositor) { c.formats = []uint32{0x36314752} }, "pixels of the format RG16, which nerva can't read"},
		{"no format", func(c *compositor) { c.formats = nil }, "shares no memory"},
		{"a size that can't be", func(c *compositor) { c.size = [2]uint32{1 << 31, 1 << 31} }, "which can't be"},
		{"a copy that fails", func(c *compositor) { c.fill = func([]byte, int, uint32) bool { return false } }, "could not copy the output"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			c := &compositor{t: t, offers: copies, size: [2]uint32{3, 2}, formats: []uint32{0}, fill: fine}
			c.output.width, c.output.height = 3, 2
			test.spoil(c)
			c.start()
			_, err := New(t.TempDir(), fakePortal{}, fakePlaces{}).copy(t.Context(), part{})
			if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want %q", err, test.says)
			}
		})
	}
}

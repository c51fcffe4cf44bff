package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"reflect"
	"testing"
)

func filled(width, height int, at func(x, y int) color.RGBA) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.SetRGBA(x, y, at(x, y))
		}
	}
	return m
}

func TestAPixelOfASmallerPictureIsTheAverageOfWhatItCovers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		from, to image.Point
	}{
		{image.Pt(1920, 1080), image.Pt(1456, 819)},
		{image.Pt(3840, 2160), image.Pt(1456, 819)},
		{image.Pt(1080, 1920), image.Pt(819, 1456)},
		{image.Pt(1093, 1092), image.Pt(1092, 1092)},
		{image.Pt(3000, 1000), image.Pt(1568, 523)},
		{image.Pt(1569, 200), image.Pt(1568, 200)},
		{image.Pt(7, 20000), image.Pt(1, 1568)},
		{image.Pt(40000, 1), image.Pt(1568, 1)},
	} {
		m := filled(c.from.X, c.from.Y, func(int, int) color.RGBA {
			return color.RGBA{byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32()), 255}
		})
		got := fit(m)
		if got.Rect.Size() != c.to {
			t.Fatalf("%v became %v, want %v", c.from, got.Rect.Size(), c.to)
		}
		for range 300 {
			x, y := r.IntN(c.to.X), r.IntN(c.to.Y)
			if want, have := average(m, c.to, x, y), got.RGBAAt(x, y); apart(want, have) > 1 {
				t.Fatalf("%v to %v: %d,%d is %v, want %v", c.from, c.to, x, y, have, want)
			}
		}
	}
}

// average is by the definition, in floating point.
func average(m *image.RGBA, to image.Point, x, y int) color.RGBA {
	fx, fy := float64(m.Rect.Dx())/float64(to.X), float64(m.Rect.Dy())/float64(to.Y)
	var sum [3]float64
	for j := int(float64(y) * fy); float64(j) < float64(y+1)*fy && j < m.Rect.Dy(); j++ {
		for i := int(float64(x) * fx); float64(i) < float64(x+1)*fx && i < m.Rect.Dx(); i++ {
			w := min(float64(i+1), float64(x+1)*fx) - max(float64(i), float64(x)*fx)
			h := min(float64(j+1), float64(y+1)*fy) - max(float64(j), float64(y)*fy)
			c := m.RGBAAt(i, j)
			sum[0] += float64(c.R) * w * h
			sum[1] += float64(c.G) * w * h
			sum[2] += float64(c.B) * w * h
		}
	}
	area := fx * fy
	return color.RGBA{byte(sum[0]/area + 0.5), byte(sum[1]/area + 0.5), byte(sum[2]/area + 0.5), 255}
}

func apart(a, b color.RGBA) int {
	d := func(x, y byte) int { return max(int(x)-int(y), int(y)-int(x)) }
	return max(d(a.R, b.R), d(a.G, b.G), d(a.B, b.B), d(a.A, b.A))
}

func TestOneColourStaysThatColour(t *testing.T) {
	for _, c := range []color.RGBA{{255, 255, 255, 255}, {0, 0, 0, 255}, {1, 128, 254, 255}} {
		m := fit(filled(1999, 777, func(int, int) color.RGBA { return c }))
		for i := 0; i < len(m.Pix); i += 4 {
			if got := (color.RGBA{m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3]}); got != c {
				t.Fatalf("%v became %v", c, got)
			}
		}
	}
}

func TestWhatAModelIsSentCanBeDecodedAndIsNoLargerThanItTakes(t *testing.T) {
	for _, c := range []struct {
		from, to image.Point
		kind     string
	}{
		{image.Pt(3000, 1000), image.Pt(1568, 523), "jpeg"},
		{image.Pt(600, 400), image.Pt(600, 400), "jpeg"},
		{image.Pt(100, 40), image.Pt(100, 40), "png"},
	} {
		m := filled(c.from.X, c.from.Y, func(x, y int) color.RGBA { return color.RGBA{byte(x), byte(y), 0, 255} })
		e, err := ForModel(m)
		if err != nil || e.Type != "image/"+c.kind {
			t.Fatalf("%v: %s, %v", c.from, e.Type, err)
		}
		got, kind, err := image.Decode(bytes.NewReader(e.Data))
		if err != nil || kind != c.kind || got.Bounds().Size() != c.to {
			t.Errorf("%v: %s of %v, %v, want %v", c.from, kind, got.Bounds().Size(), err, c.to)
		}
	}
}

func TestAPictureEncodedInTwoHalvesIsThatOfOnePiece(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, size := range []image.Point{{300, 200}, {1456, 819}, {17, 33}, {16, 32}, {40, 16}, {2000, 1}, {129, 257}, {65535, 40}} {
		m := filled(size.X, size.Y, func(x, y int) color.RGBA {
			return color.RGBA{byte(x + r.IntN(40)), byte(y * 3), byte(x * y), 255}
		})
		one, err := encodeJPEG(m)
		if err != nil {
			t.Fatal(err)
		}
		two, err := asJPEG(m)
		if err != nil {
			t.Fatal(err)
		}
		want, err := jpeg.Decode(bytes.NewReader(one))
		if err != nil {
			t.Fatal(err)
		}
		got, err := jpeg.Decode(bytes.NewReader(two))
		if err != nil {
			t.Fatalf("%v: %v", size, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%v: the halves make another picture", size)
		}
		if both := size.Y > 16; both == bytes.Equal(one, two) {
			t.Errorf("%v: in halves %v", size, both)
		}
	}
}

func BenchmarkForModel(b *testing.B) {
	m := filled(1920, 1080, func(x, y int) color.RGBA { return color.RGBA{byte(x), byte(y), byte(x * y), 255} })
	for b.Loop() {
		if _, err := ForModel(m); err != nil {
			b.Fatal(err)
		}
	}
}

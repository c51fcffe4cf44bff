package capture

import (
	"encoding/binary"
	"image"
	"image/draw"
	"math"
	"sync"

	"nerva/core/desk"
	"nerva/wayland/internal/outputs"
)

// canvas is a picture of an area, black so far. It has as many pixels for a logical one as the finest of the outputs.
type canvas struct {
	*image.RGBA
	area  desk.Region
	scale float64
}

// blank makes a canvas. All of it is written to, so that the kernel has found its memory before it is drawn on.
func blank(list []outputs.Output, area desk.Region) canvas {
	c := canvas{area: area}
	for _, o := range list {
		c.scale = max(c.scale, o.Scale)
	}
	c.RGBA = image.NewRGBA(image.Rect(0, 0, max(c.at(area.Width), 1), max(c.at(area.Height), 1)))
	draw.Draw(c.RGBA, c.Rect, image.Black, image.Point{}, draw.Src)
	return c
}

func (c canvas) at(logical int) int { return int(math.Round(float64(logical) * c.scale)) }

// compose lays the outputs on. What is coarser than the canvas is made larger by repeating pixels, so that a single output
// comes out exactly as it is.
func (c canvas) compose(shots []*shot) {
	for _, s := range shots {
		x, y := s.output.X-c.area.X, s.output.Y-c.area.Y
		s.draw(c.RGBA, image.Rect(c.at(x), c.at(y), c.at(x+s.output.Width), c.at(y+s.output.Height)))
	}
}

// draw lays the whole output into a place of a picture, whose edges may cut it.
func (s *shot) draw(into *image.RGBA, place image.Rectangle) {
	w := s.walk()
	seen := place.Intersect(into.Rect)
	// The pixel of the output in whose middle, or nearest to it, the middle of each column lies.
	columns := make([]int, seen.Dx())
	for i := range columns {
		columns[i] = nearest(seen.Min.X-place.Min.X+i, place.Dx(), w.width) * w.right
	}
	halves(seen.Min.Y, seen.Max.Y, func(from, to int) {
		for y := from; y < to; y++ {
			row := w.start + nearest(y-place.Min.Y, place.Dy(), w.height)*w.down
			s.drawRow(into.Pix[into.PixOffset(seen.Min.X, y):][:4*len(columns)], row, columns)
		}
	})
}

func (s *shot) drawRow(out []byte, row int, columns []int) {
	l := s.memory.layout()
	for i, column := range columns {
		binary.LittleEndian.PutUint32(out[4*i:4*i+4], l.colours(binary.LittleEndian.Uint32(s.memory.pixels[row+column:])))
	}
}

// halves has two processors do from ≤ n < to.
func halves(from, to int, do func(from, to int)) {
	var other sync.WaitGroup
	middle := (from + to) / 2
	other.Go(func() { do(from, middle) })
	do(middle, to)
	other.Wait()
}

// nearest is which of n pixels is at the place of the i-th of all.
func nearest(i, all, n int) int { return (2*i + 1) * n / (2 * all) }

// walk is a way through a buffer that sees it as a person sees the output: where its first pixel is, and how many
// bytes it is to the next one at the right and below.
type walk struct{ width, height, start, right, down int }

// walk undoes what wl_output.transform says was done to the content: turned against the clock by a quarter, twice and
// three times, and before that mirrored from left to right (wayland.xml, wl_output.transform).
func (s *shot) walk() walk {
	m := &s.memory
	x, y, start := m.layout().bytes, m.stride, 0
	if s.flipped {
		start, y = (m.height-1)*m.stride, -m.stride
	}
	w := walk{m.width, m.height, start, x, y}
	endX, endY := (m.width-1)*x, (m.height-1)*y
	switch s.transform & 3 {
	case 1:
		w = walk{m.height, m.width, start + endY, -y, x}
	case 2:
		w = walk{m.width, m.height, start + endX + endY, -x, -y}
	case 3:
		w = walk{m.height, m.width, start + endX, y, -x}
	}
	if s.transform&4 != 0 {
		w.start, w.right = w.start+(w.width-1)*w.right, -w.right
	}
	return w
}

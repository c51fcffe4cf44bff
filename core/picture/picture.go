// Package picture makes of a picture of the screen what a model is sent: small enough, and encoded.
//
// It owns no state but memory to use again; any goroutine may use it. It must not know models, nor where a picture is from.
package picture

import (
	"bytes"
	"image"
	"image/png"
	"math"
	"sync"
)

const (
	// longest is how many pixels the longer side of a picture has at most, for a model, and most how many there are of them
	// in all: the models in use make what is larger smaller themselves, before they look. 1092×1092 are 39×39 of the
	// patches of 28×28 pixels that Claude takes up to 1568 of; a screen of 16:9 becomes 1456×819.
	// https://platform.claude.com/docs/en/build-with-claude/vision
	longest = 1568
	most    = 1092 * 1092
	quality = 85 // of JPEG; small letters are still clear
	// small is up to how many pixels a picture is a PNG, which keeps each of them: a JPEG would hardly be shorter.
	small = 128 * 128
)

// Encoded is a picture as it is sent.
type Encoded struct {
	Type string // its MIME type
	Data []byte
}

// ForModel encodes a picture for a model, made smaller where it has to be.
func ForModel(m *image.RGBA) (Encoded, error) {
	if smaller := fit(m); smaller != m {
		m = smaller
		defer encoded.Put(smaller)
	}
	if size := m.Rect.Size(); size.X*size.Y <= small {
		var b bytes.Buffer
		err := png.Encode(&b, m)
		return Encoded{"image/png", b.Bytes()}, err
	}
	data, err := asJPEG(m)
	return Encoded{"image/jpeg", data}, err
}

// encoded has pictures that were made smaller and are of no use any more: who looks at a screen looks again soon, and new
// memory takes longer to find than the picture to shrink. The garbage collector takes what is not used again.
var encoded sync.Pool

func scratch(r image.Rectangle) *image.RGBA {
	if m, ok := encoded.Get().(*image.RGBA); ok && m.Rect == r {
		return m
	}
	return image.NewRGBA(r)
}

// fit returns m, which is opaque, such that it is no larger than longest and most say: m itself, or a smaller one in which
// each pixel is the average of the area that it covers in m.
func fit(m *image.RGBA) *image.RGBA {
	size := m.Rect.Size()
	to := fitting(size)
	if to == size {
		return m
	}
	made := scratch(image.Rectangle{Max: to})
	across, down := spans(size.X, made.Rect.Dx()), spans(size.Y, made.Rect.Dy())
	var other sync.WaitGroup // a second processor has the upper half
	middle := len(down) / 2
	other.Go(func() { shrink(made, m, across, down, 0, middle) })
	shrink(made, m, across, down, middle, len(down))
	other.Wait()
	return made
}

// fitting is the size that a picture of a size is made.
func fitting(size image.Point) image.Point {
	x, y := float64(size.X), float64(size.Y)
	by := min(1, longest/max(x, y), math.Sqrt(most/(x*y)))
	scaled := func(n float64) int { return max(int(math.Round(n*by)), 1) }
	return image.Pt(scaled(x), scaled(y))
}

// shrink makes the rows from ≤ y < to.
func shrink(made, m *image.RGBA, across, down []span, from, to int) {
	wide := made.Rect.Dx() * 3
	row, sum := make([]uint32, wide), make([]uint32, wide)
	narrowed := -1 // the row of m that row has, made narrower
	for y := from; y < to; y++ {
		clear(sum)
		for i, weight := range down[y].weights {
			if below := down[y].first + i; below != narrowed { // neighbours share the row between them
				narrowed = below
				narrow(row, m.Pix[m.PixOffset(m.Rect.Min.X, m.Rect.Min.Y+below):], across)
			}
			for x, v := range row {
				sum[x] += v * weight
			}
		}
		write(made.Pix[y*made.Stride:][:made.Rect.Dx()*4], sum)
	}
}

// write rounds what the two passes have summed up: each has multiplied by unit, and the first has taken half of that away.
func write(out []byte, sum []uint32) {
	for len(out) >= 4 && len(sum) >= 3 {
		out[0] = byte((sum[0] + half) >> shift)
		out[1] = byte((sum[1] + half) >> shift)
		out[2] = byte((sum[2] + half) >> shift)
		out[3] = 0xff
		out, sum = out[4:], sum[3:]
	}
}

const (
	unit  = 1 << 12          // the weights of a span make this together
	shift = 12 + keptBits    // of a sum of both passes
	half  = 1 << (shift - 1) // rounds
	// keptBits are those below a colour's 8 that a row keeps between the passes: 8+8+12 bits fit into 32.
	keptBits = 8
)

// narrow makes a row of pixels narrower: three colours for each span.
func narrow(row []uint32, pixels []byte, across []span) {
	for x, s := range across {
		var r, g, b uint32
		from := pixels[4*s.first:][:4*len(s.weights)]
		for i, weight := range s.weights {
			r += uint32(from[4*i]) * weight
			g += uint32(from[4*i+1]) * weight
			b += uint32(from[4*i+2]) * weight
		}
		row[3*x], row[3*x+1], row[3*x+2] = r>>(12-keptBits), g>>(12-keptBits), b>>(12-keptBits)
	}
}

// span is the pixels that one of the smaller picture covers, and how much of each.
type span struct {
	first   int
	weights []uint32
}

// spans cuts n pixels into m of one length; m is not greater than n.
func spans(n, m int) []span {
	all := make([]span, m)
	for i := range all {
		// In n·m steps a pixel of the n has m of them, and one of the m has n.
		from, to := i*n, (i+1)*n
		s := span{first: from / m}
		left := uint32(unit)
		for p := s.first; p*m < to; p++ {
			covered := min(to, (p+1)*m) - max(from, p*m)
			weight := uint32(covered * unit / n)
			s.weights = append(s.weights, weight)
			left -= weight
		}
		s.weights[len(s.weights)/2] += left // what rounding has lost
		all[i] = s
	}
	return all
}

package main

import (
	"encoding/binary"
	"image/color"
	"testing"
)

// xwd makes a file of one row with these pixels, each blue, green, red, nothing.
func xwd(pixels ...[4]byte) []byte {
	header := make([]byte, 100)
	for word, value := range map[int]int{0: 100, 1: 7, 4: len(pixels), 5: 1, 11: 32, 12: 4 * len(pixels), 19: 1} {
		binary.BigEndian.PutUint32(header[4*word:], uint32(value))
	}
	data := append(header, make([]byte, 12)...) // one colour
	for _, p := range pixels {
		data = append(data, p[:]...)
	}
	return data
}

func TestAPictureOfTheXServerHasItsColours(t *testing.T) {
	p, err := decodeXWD(xwd([4]byte{1, 2, 3, 0}, [4]byte{255, 0, 0, 9}))
	if err != nil {
		t.Fatal(err)
	}
	if got := drawn(p); got != p.Rect {
		t.Errorf("drawn is %v", got)
	}
	for x, want := range []color.RGBA{{3, 2, 1, 255}, {0, 0, 255, 255}} {
		if got := p.At(x, 0); got != want {
			t.Errorf("pixel %d is %v, want %v", x, got, want)
		}
	}
}

func FuzzAPictureThatIsNoneIsAnError(f *testing.F) {
	f.Add(xwd([4]byte{1, 2, 3, 0}))
	f.Add(xwd()[:50])
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = decodeXWD(data) })
}

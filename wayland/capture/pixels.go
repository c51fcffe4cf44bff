package capture

import (
	"fmt"
	"slices"
)

// layout is a pixel as a little-endian number: its size, and how far its three colours, the upper 8 bits of each, are
// to be shifted down. Zero bytes: not known. What is transparent on a screen is of no interest.
type layout struct{ bytes, red, green, blue int }

// colours are those of a pixel as image.RGBA has them, opaque. The shifts are below 32, which spares asking.
func (l layout) colours(pixel uint32) uint32 {
	return pixel>>(l.red&31)&0xff | pixel>>(l.green&31)&0xff<<8 | pixel>>(l.blue&31)&0xff<<16 | 0xff<<24
}

// layouts has the formats of wl_shm: two by numbers of their own, the others by drm_fourcc.h, where "XR24" names the
// colours from the top down.
var layouts = map[uint32]layout{
	0: {4, 16, 8, 0}, 1: {4, 16, 8, 0}, // argb8888, xrgb8888
	fourcc("AB24"): {4, 0, 8, 16}, fourcc("XB24"): {4, 0, 8, 16},
	fourcc("RA24"): {4, 24, 16, 8}, fourcc("RX24"): {4, 24, 16, 8},
	fourcc("BA24"): {4, 8, 16, 24}, fourcc("BX24"): {4, 8, 16, 24},
	fourcc("AR30"): {4, 22, 12, 2}, fourcc("XR30"): {4, 22, 12, 2},
	fourcc("AB30"): {4, 2, 12, 22}, fourcc("XB30"): {4, 2, 12, 22},
	fourcc("RG24"): {3, 16, 8, 0}, fourcc("BG24"): {3, 0, 8, 16},
}

func fourcc(c string) uint32 {
	return uint32(c[0]) | uint32(c[1])<<8 | uint32(c[2])<<16 | uint32(c[3])<<24
}

// code is a format for a person.
func code(format uint32) string {
	b := []byte{byte(format), byte(format >> 8), byte(format >> 16), byte(format >> 24)}
	if slices.ContainsFunc(b, func(c byte) bool { return c < ' ' || c > '~' }) {
		return fmt.Sprintf("%#x", format)
	}
	return string(b)
}

func (b buffer) layout() layout { return layouts[b.format] }

// readable is the first format that can be read, or the first one of all, for the sentence; false: there is none.
func readable(formats []uint32) (uint32, bool) {
	for _, f := range formats {
		if layouts[f].bytes > 0 {
			return f, true
		}
	}
	if len(formats) == 0 {
		return 0, false
	}
	return formats[0], true
}

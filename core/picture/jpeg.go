package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"sync"
)

// The markers of a JPEG file that its two halves are put together by (ITU-T T.81, table B.1).
const (
	markerSize    = 0xc0 // SOF0: a baseline frame
	markerScan    = 0xda // SOS: what follows its segment is the picture
	markerEvery   = 0xdd // DRI: after how many blocks a restart marker stands
	markerRestart = 0xd0 // RST0
	markerBytes   = 2
	block         = 16 // the sides of a block, in pixels: colours have half of the brightness's resolution
)

// asJPEG encodes a picture on two processors, which takes half of the time: its upper and its lower half by themselves, and a
// restart marker between them. At one of those a decoder begins anew, as the lower half did (T.81, F.1.1.5), so that each
// pixel comes out as that of a picture that was encoded in one piece.
func asJPEG(m *image.RGBA) ([]byte, error) {
	size := m.Rect.Size()
	rows := (blocks(size.Y) + 1) / 2 // the lower half has no more: a second restart would be due in it
	middle := m.Rect.Min.Y + rows*block
	if middle >= m.Rect.Max.Y || rows*blocks(size.X) > 0xffff {
		return encodeJPEG(m)
	}
	var upper, lower []byte
	var failed error
	var other sync.WaitGroup
	other.Go(func() {
		upper, failed = encodeJPEG(m.SubImage(image.Rect(m.Rect.Min.X, m.Rect.Min.Y, m.Rect.Max.X, middle)))
	})
	lower, err := encodeJPEG(m.SubImage(image.Rect(m.Rect.Min.X, middle, m.Rect.Max.X, m.Rect.Max.Y)))
	other.Wait()
	if failed != nil || err != nil {
		return encodeJPEG(m)
	}
	// Both are what image/jpeg writes: their headers are the same but for the height.
	scan := segment(upper, markerScan)
	below := segment(lower, markerScan)
	below += markerBytes + int(binary.BigEndian.Uint16(lower[below+markerBytes:]))
	binary.BigEndian.PutUint16(upper[segment(upper, markerSize)+markerBytes+3:], uint16(size.Y))

	whole := make([]byte, 0, len(upper)+len(lower))
	whole = append(whole, upper[:scan]...)
	whole = append(whole, 0xff, markerEvery, 0, 4)
	whole = binary.BigEndian.AppendUint16(whole, uint16(rows*blocks(size.X)))
	whole = append(whole, upper[scan:len(upper)-markerBytes]...) // without its end marker
	whole = append(whole, 0xff, markerRestart)
	return append(whole, lower[below:]...), nil
}

// blocks is how many of them a side has.
func blocks(pixels int) int { return (pixels + block - 1) / block }

func encodeJPEG(m image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

// segment is where in a file of image/jpeg a marker stands that is before the picture.
func segment(file []byte, marker byte) int {
	at := markerBytes // the start of the file
	for file[at+1] != marker {
		at += markerBytes + int(binary.BigEndian.Uint16(file[at+markerBytes:]))
	}
	return at
}

package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// screen is an X server that only memory has: what QEMU draws with OpenGL needs one. Its file has the picture, in
// the format of xwd (XWDFile.h).
type screen struct {
	display string
	server  *exec.Cmd
	picture string
}

// serverSize has room for QEMU's window, which SDL puts into the middle when it is 640x480 and lets grow to the right
// and downwards with the machine's 1280x800.
const serverSize = "1920x1120x24"

func startScreen(ctx context.Context, dir string) (*screen, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	s := &screen{picture: filepath.Join(dir, "Xvfb_screen0")}
	s.server = exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", serverSize, "-fbdir", dir, "-nolisten", "tcp", "-noreset")
	s.server.ExtraFiles = []*os.File{w}
	s.server.SysProcAttr = withUs()
	err = s.server.Start()
	_ = w.Close() // the server has its own
	if err != nil {
		return nil, err
	}
	if err := r.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return s, err
	}
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		return s, fmt.Errorf("the X server did not start: %w", errors.Join(err, ctx.Err()))
	}
	s.display = ":" + strings.TrimSpace(line)
	return s, nil
}

func (s *screen) stop() error {
	if s.server == nil || s.server.Process == nil {
		return nil
	}
	err := s.server.Process.Kill()
	_ = s.server.Wait() // it was killed
	return err
}

// save puts what the screen shows into a PNG file.
func (s *screen) save(path string) error {
	data, err := os.ReadFile(s.picture)
	if err != nil {
		return err
	}
	whole, err := decodeXWD(data)
	if err != nil {
		return err
	}
	picture := whole.SubImage(drawn(whole))
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(f, picture), f.Close())
}

// decodeXWD reads the one kind that Xvfb writes at 24 bits: a header of big-endian words, colours, then four bytes a
// pixel, blue first.
func decodeXWD(data []byte) (*image.RGBA, error) {
	const headerSize, version, width, height, bits, lineBytes, colours = 0, 1, 4, 5, 11, 12, 19
	const colourBytes = 12
	if len(data) < 100 {
		return nil, errors.New("the X server's picture has no header")
	}
	word := func(i int) int { return int(binary.BigEndian.Uint32(data[4*i:])) }
	if word(version) != 7 || word(bits) != 32 {
		return nil, fmt.Errorf("the X server's picture is of version %d with %d bits a pixel", word(version), word(bits))
	}
	const most = 1 << 14 // pixels a side
	w, h, line, begin := word(width), word(height), word(lineBytes), word(headerSize)+colourBytes*word(colours)
	if w > most || h > most || line > 4*most || line < 4*w || len(data) < begin+line*h {
		return nil, errors.New("the X server's picture is cut off")
	}
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		row := data[begin+y*line:]
		for x := range w {
			p.SetRGBA(x, y, color.RGBA{row[4*x+2], row[4*x+1], row[4*x], 255})
		}
	}
	return p, nil
}

// drawn is the part that is not as black as an X server on which nothing has been drawn.
func drawn(p *image.RGBA) image.Rectangle {
	var r image.Rectangle
	for y := range p.Rect.Dy() {
		for x := range p.Rect.Dx() {
			if c := p.RGBAAt(x, y); c.R|c.G|c.B != 0 {
				r = r.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if r.Empty() {
		return p.Rect
	}
	return r
}

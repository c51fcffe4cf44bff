package capture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"

	"nerva/core/api"
	"nerva/core/desk"
)

// newFile makes the file that a picture is written to, so that it is private before there is anything in it.
func (s *Screen) newFile() (*os.File, error) {
	f, err := os.CreateTemp(s.dir, "screen-*.png") // 0600
	if err != nil {
		return nil, s.unkept(err)
	}
	return f, nil
}

func (s *Screen) unkept(err error) error {
	return api.Errorf(api.Failed, "the picture can't be kept: make room in %s or correct its permissions: %w", s.dir, err)
}

// save writes a picture to a file of its own.
func (s *Screen) save(p desk.Picture, err error) (desk.Capture, error) {
	if err != nil {
		return desk.Capture{}, err
	}
	f, err := s.newFile()
	if err != nil {
		return desk.Capture{}, err
	}
	// The default takes five times as long, for a third less.
	err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(f, p.Image)
	if err := errors.Join(err, f.Close()); err != nil {
		return desk.Capture{}, errors.Join(s.unkept(err), os.Remove(f.Name()))
	}
	size := p.Image.Bounds().Size()
	return desk.Capture{Path: f.Name(), Width: size.X, Height: size.Y, Via: p.Via}, nil
}

// measure fills in the size of the picture at c.Path, and removes the file if it is no picture.
func measure(c desk.Capture) (desk.Capture, error) {
	f, err := os.Open(c.Path)
	if err != nil {
		return desk.Capture{}, fmt.Errorf("open the picture: %w", err)
	}
	defer f.Close()
	config, err := png.DecodeConfig(f)
	if err != nil {
		return desk.Capture{}, errors.Join(noPicture(c.Via, err), os.Remove(c.Path))
	}
	c.Width, c.Height = config.Width, config.Height
	return c, nil
}

func noPicture(via string, err error) error {
	return api.Errorf(api.Failed, "%s made no picture: try again: %w", via, err)
}

// load takes a picture out of its file, which is gone then.
func (s *Screen) load(ctx context.Context, p part, c desk.Capture, err error) (desk.Picture, error) {
	if err != nil {
		return desk.Picture{}, err
	}
	made := desk.Picture{Via: c.Via}
	if made.Image, err = read(c); err == nil {
		made.Area, err = p.area(ctx)
	}
	if err = errors.Join(err, os.Remove(c.Path)); err != nil {
		return desk.Picture{}, err
	}
	return made, nil
}

func read(c desk.Capture) (*image.RGBA, error) {
	f, err := os.Open(c.Path)
	if err != nil {
		return nil, fmt.Errorf("open the picture: %w", err)
	}
	defer f.Close()
	decoded, err := png.Decode(f)
	if err != nil {
		return nil, noPicture(c.Via, err)
	}
	made := image.NewRGBA(image.Rectangle{Max: decoded.Bounds().Size()})
	draw.Draw(made, made.Rect, decoded, decoded.Bounds().Min, draw.Src)
	return made, nil
}

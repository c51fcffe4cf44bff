package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"strings"
)

// read reads the text of a picture: as scattered words, which finds what stands beside something larger, and as one
// block, which finds what is close together.
func read(ctx context.Context, path string) (string, error) {
	picture, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer picture.Close()
	p, err := png.Decode(picture)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	var large bytes.Buffer
	if err := png.Encode(&large, doubled(p)); err != nil {
		return "", err
	}
	var text []string
	for _, segmentation := range []string{"11", "6"} {
		c := exec.CommandContext(ctx, "tesseract", "-", "-", "--psm", segmentation)
		c.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1") // more threads are slower on two processors
		c.Stdin = bytes.NewReader(large.Bytes())
		out, err := c.Output()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("tesseract: %s", exit.Stderr)
		}
		if err != nil {
			return "", err
		}
		text = append(text, strings.Fields(string(out))...)
	}
	return strings.Join(text, " "), nil
}

// doubled is the picture in grey and twice as large, as tesseract likes letters of a screen.
func doubled(p image.Image) *image.Gray {
	b := p.Bounds()
	large := image.NewGray(image.Rect(0, 0, 2*b.Dx(), 2*b.Dy()))
	for y := range large.Rect.Dy() {
		for x := range large.Rect.Dx() {
			large.SetGray(x, y, color.GrayModel.Convert(p.At(b.Min.X+x/2, b.Min.Y+y/2)).(color.Gray))
		}
	}
	return large
}

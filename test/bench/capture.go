package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"nerva/core/desk"
	"nerva/core/llm"
	"nerva/core/picture"
	"nerva/wayland"
)

// textured is a screenful of what screens are full of: rows of letters, a gradient, and plain ground.
func textured(width, height int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{46, 52, 64, 255}
			switch letter := x/9*31 + y/20*17; {
			case y < height/3:
				c = color.RGBA{byte(x * 255 / width), byte(y * 3 * 255 / height), 128, 255}
			case y%20 < 12 && x < width*2/3 && letter%7 != 0 && (x%9*(letter%5+1)+y%20*(letter%3+2))%7 < 3:
				c = color.RGBA{216, 222, 233, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

// measureCapture times the way from a screen of 1920×1080 to the first byte of the body of the model's request: the
// copy, the picture made smaller and encoded, and the request with the picture in it. Beside it stands what the picture as
// a PNG of the default level takes alone.
func measureCapture(ctx context.Context, r *report) error {
	dir, err := os.MkdirTemp("", "nerva-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	shown := textured(1920, 1080)
	end, err := background(ctx, shown, filepath.Join(dir, "shown.png"))
	if err != nil {
		return err
	}
	defer end()

	begun := make(chan time.Time, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		_, err := io.ReadFull(q.Body, make([]byte, 1))
		at := time.Now()
		if err != nil {
			at = time.Time{}
		}
		_, _ = io.Copy(io.Discard, q.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, `data: {"choices":[{"index":0,"delta":{"content":"seen"},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n")
		begun <- at
	}))
	defer server.Close()
	client, err := llm.NewOpenAI(llm.Config{Provider: llm.OpenAI, Model: "bench", BaseURL: server.URL})
	if err != nil {
		return err
	}
	defer client.Close()
	screen := wayland.Desk(ctx, slog.New(slog.DiscardHandler)).Screen

	if err := settled(ctx, screen, shown); err != nil {
		return err
	}
	var whole, copied, encoded []float64
	for range 100 {
		start := time.Now()
		shot, err := screen.Picture(ctx, desk.CaptureRequest{})
		if err != nil {
			return err
		}
		if size := shot.Image.Rect.Size(); size != image.Pt(1920, 1080) || shot.Why != "" {
			return fmt.Errorf("the picture by %s has %v: %s", shot.Via, size, shot.Why)
		}
		copied = append(copied, milliseconds(time.Since(start)))
		at := time.Now()
		p, err := picture.ForModel(shot.Image)
		if err != nil {
			return err
		}
		encoded = append(encoded, milliseconds(time.Since(at)))
		_, err = client.Turn(ctx, llm.Request{Messages: []llm.Message{{
			Role: llm.User, Text: "What does this show?", Pictures: []llm.Picture{{Type: p.Type, Data: p.Data}},
		}}}, nil)
		if err != nil {
			return err
		}
		whole = append(whole, milliseconds((<-begun).Sub(start)))
	}
	s := r.add("1080p capture to request body", whole)
	r.add("  of it the copy of the screen", copied)
	r.add("  of it smaller and encoded", encoded)
	var plain []float64
	for range 20 {
		start := time.Now()
		if err := png.Encode(io.Discard, shown); err != nil {
			return err
		}
		plain = append(plain, milliseconds(time.Since(start)))
	}
	r.add("a PNG of the same, default level, alone", plain)
	r.atMost("1080p capture to request body, p95", "ms", s.P95, 120)
	return nil
}

// background has the desktop show a picture until end.
func background(ctx context.Context, m *image.RGBA, path string) (end func(), err error) {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		return nil, err
	}
	show := exec.CommandContext(ctx, "swaybg", "--mode", "fill", "--image", path)
	if err := show.Start(); err != nil {
		return nil, err
	}
	return func() {
		_ = show.Process.Kill()
		_ = show.Wait() // "signal: killed"
	}, nil
}

// settled waits until the screen shows m, frame by frame.
func settled(ctx context.Context, screen desk.Screen, m *image.RGBA) error {
	for limit := time.Now().Add(30 * time.Second); time.Now().Before(limit); {
		shot, err := screen.Picture(ctx, desk.CaptureRequest{})
		if err != nil {
			return err
		}
		if shot.Image.RGBAAt(1000, 100) == m.RGBAAt(1000, 100) {
			return nil
		}
	}
	return errors.New("the desktop does not show the picture")
}

package e2e

import (
	"encoding/json"
	"fmt"
	"image"
	_ "image/png" // what grim writes
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stripes is an icon that is black and white by turns when it is drawn with 56 pixels, and grey with 28.
func stripes() string {
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" width="56" height="56"><rect width="56" height="56" fill="#fff"/>`)
	for x := 0; x < 56; x += 2 {
		fmt.Fprintf(&b, `<rect x="%d" width="1" height="56" fill="#000"/>`, x)
	}
	b.WriteString(`</svg>`)
	return b.String()
}

// TestIconsHaveThePixelsOfTheOutput: the overlay starts on an output of scale 2, where an icon of 28 logical
// pixels has 56.
func TestIconsHaveThePixelsOfTheOutput(t *testing.T) {
	s := start(t, offline)
	s.write(filepath.Join(s.data, "icons", "hicolor", "scalable", "apps", "org.test.Stripes.svg"), stripes())
	s.application("org.test.Stripes", "Name=Stripes\nExec=true\nIcon=org.test.Stripes\n")
	var outputs []struct {
		Rect struct{ Width, Height int }
	}
	s.must(json.Unmarshal([]byte(s.output("swaymsg", "-r", "-t", "get_outputs")), &outputs))
	before := outputs[0].Rect
	s.output("swaymsg", "output * mode --custom 1920x1200 scale 2")
	s.Cleanup(func() {
		s.output("swaymsg", fmt.Sprintf("output * mode --custom %dx%d scale 1", before.Width, before.Height))
	})
	s.nervad()
	s.overlay()
	s.summon()
	s.typing("stripes")
	s.eventually("the icon shows each of its lines", func() bool { return longestComb(t, s.screenshot()) >= 50 })
}

// longestComb is the longest run of pixels in a row that are dark and light by turns.
func longestComb(t *testing.T, path string) int {
	t.Helper()
	picture := decode(t, path)
	longest := 0
	for y := range picture.Bounds().Dy() {
		run, before := 0, uint32(0)
		for x := range picture.Bounds().Dx() {
			_, green, _, _ := picture.At(x, y).RGBA()
			if max(green, before)-min(green, before) > 0x8000 {
				run++
			} else {
				run = 0
			}
			longest, before = max(longest, run), green
		}
	}
	return longest
}

func decode(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// Package ocr reads the text in pictures of the screen, by tesseract.
//
// A Reader has no state; a program that it runs has ended when it returns, and pictures go to it by its standard input:
// none is written to a disk. The package must not know where a picture is from.
package ocr

import (
	"bytes"
	"context"
	"image"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/tool"
)

const (
	limit    = 50 * time.Second // tesseract needs some seconds for a large screen full of text
	maxText  = 4 << 20          // bytes of its answer: a large screen of small letters has a tenth
	maxFine  = 6 << 20          // pixels: from here on letters are large enough as they are, or there is too much to read
	enlarged = 2                // letters of 10 pixels are the least that it reads well, and screens have smaller ones
)

// Reader implements desk.Reader.
type Reader struct{}

// New returns a Reader.
func New() Reader { return Reader{} }

// Read implements desk.Reader. The languages are English and that of the session, where tesseract has it.
func (Reader) Read(ctx context.Context, picture *image.RGBA) ([]desk.Word, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	languages, err := languages(ctx)
	if err != nil {
		return nil, err
	}
	times := enlarged
	if size := picture.Rect.Size(); size.X*size.Y*times*times > maxFine*times*times {
		times = 1
	}
	said, err := run(ctx, grey(picture, times), "stdin", "stdout", "-l", languages, "--dpi", strconv.Itoa(96*times), "--psm", "11", "-c", "tessedit_create_tsv=1")
	if err != nil {
		return nil, err
	}
	return words(said, times)
}

// run runs tesseract. It starts a thread for each processor and has them wait for each other, which takes longer than
// one alone.
func run(ctx context.Context, stdin []byte, args ...string) (string, error) {
	return tool.Run(ctx, tool.Command{
		Argv: append([]string{"tesseract"}, args...), Package: "tesseract-ocr (in nixpkgs tesseract)", Most: maxText,
		Env: append(os.Environ(), "OMP_THREAD_LIMIT=1", "LC_ALL=C.UTF-8"), Stdin: bytes.NewReader(stdin),
	})
}

// languages are those to read in, in tesseract's form: "eng+deu".
func languages(ctx context.Context) (string, error) {
	said, err := run(ctx, nil, "--list-langs")
	if err != nil {
		return "", err
	}
	installed := map[string]bool{}
	for line := range strings.Lines(said) {
		installed[strings.TrimSpace(line)] = true
	}
	var chosen []string
	for _, l := range []string{"eng", session()} {
		if l != "" && installed[l] && (len(chosen) == 0 || chosen[0] != l) {
			chosen = append(chosen, l)
		}
	}
	if len(chosen) == 0 {
		return "", api.Errorf(api.Unavailable, "tesseract knows no language that nerva could read: install the package tesseract-ocr-eng")
	}
	return strings.Join(chosen, "+"), nil
}

// session is the language of the session, as tesseract calls it: by ISO 639-2, but Chinese by its script.
func session() string {
	for _, variable := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		locale, _, _ := strings.Cut(os.Getenv(variable), ".")
		if locale == "" {
			continue
		}
		tag, err := language.Parse(locale)
		if err != nil {
			return "" // C, POSIX
		}
		base, _ := tag.Base()
		if base.String() != "zh" {
			return base.ISO3()
		}
		if script, _ := tag.Script(); script.String() == "Hant" {
			return "chi_tra"
		}
		return "chi_sim"
	}
	return ""
}

// grey is a picture as a portable graymap (netpbm, pgm(5)), each pixel so many times across and down.
func grey(picture *image.RGBA, times int) []byte {
	size := picture.Rect.Size()
	width := size.X * times
	out := []byte("P5 " + strconv.Itoa(width) + " " + strconv.Itoa(size.Y*times) + " 255\n")
	head := len(out)
	out = append(out, make([]byte, width*size.Y*times)...)
	for y := range size.Y {
		first := out[head+y*times*width:][:width]
		pixels := picture.Pix[picture.PixOffset(picture.Rect.Min.X, picture.Rect.Min.Y+y):]
		for x := range size.X {
			// What each colour adds to the brightness (ITU-R BT.601), in 256ths.
			v := byte((77*uint(pixels[4*x]) + 150*uint(pixels[4*x+1]) + 29*uint(pixels[4*x+2])) >> 8)
			for i := range times {
				first[x*times+i] = v
			}
		}
		for i := 1; i < times; i++ {
			copy(out[head+(y*times+i)*width:], first)
		}
	}
	return out
}

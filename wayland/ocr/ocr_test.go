package ocr

import (
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/desk"
)

var _ desk.Reader = Reader{}

const heading = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"

func TestWordsAreReadWithTheirPlaces(t *testing.T) {
	const tsv = heading +
		"1\t1\t0\t0\t0\t0\t0\t0\t640\t480\t-1\t\n" +
		"4\t1\t1\t1\t1\t0\t36\t92\t582\t269\t-1\t\n" +
		"5\t1\t1\t1\t1\t1\t36\t93\t61\t24\t96.063751\tSave\n" +
		"5\t1\t1\t1\t1\t2\t100\t92\t10\t10\t12.5\t|\n" + // an edge
		"5\t1\t1\t1\t1\t3\t120\t93\t30\t25\t30\tas…\n" +
		"5\t1\t1\t1\t2\t1\t36\t120\t30\t25\t95\ta\tb\r\n" +
		"5\t1\t1\t1\t2\t2\t66\t120\t30\t25\t95\t \n" +
		"5\t1\t2\t1\t1\t1\t300\t5\t7\t9\t80\t\xff!\n"
	got, err := words(tsv, 2)
	if err != nil {
		t.Fatal(err)
	}
	want := []desk.Word{
		{Text: "Save", Box: image.Rect(18, 46, 49, 59), Block: 1, Line: 1},
		{Text: "as…", Box: image.Rect(60, 46, 75, 59), Block: 1, Line: 1},
		{Text: "a\tb", Box: image.Rect(18, 60, 33, 73), Block: 1, Line: 2},
		{Text: "\uFFFD!", Box: image.Rect(150, 2, 154, 7), Block: 2, Line: 3},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got, err := words("", 1); err != nil || len(got) > 0 {
		t.Errorf("of nothing: %v, %v", got, err)
	}
	if _, err := words(heading+"5\t1\t1\t1\t1\t1\tleft\t93\t61\t24\t96\tSave\n", 1); api.CodeOf(err) != api.Failed {
		t.Errorf("of another table: %v", err)
	}
}

func FuzzWords(f *testing.F) {
	f.Add(heading + "5\t1\t1\t1\t1\t1\t36\t93\t61\t24\t96.06\tSave\n")
	f.Add("\n5\t1\t1\t1\t1\t1\t-1\t93\t999999999\t24\tNaN\tx\ty")
	f.Fuzz(func(t *testing.T, tsv string) {
		list, err := words(tsv, 2)
		for _, w := range list {
			if err != nil || w.Text == "" || w.Block < 1 || w.Line < w.Block || w.Box.Min.X > w.Box.Max.X {
				t.Fatalf("%+v, %v", w, err)
			}
		}
	})
}

// fakeTesseract knows some languages, keeps its arguments and answers with the file tsv.
func fakeTesseract(t *testing.T, tsv string, languages ...string) (arguments string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tsv"), []byte(tsv), 0o600); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\nif [ \"$1\" = --list-langs ]; then printf 'List of available languages:\\n" + strings.Join(languages, `\n`) +
		"\\n'; exit; fi\necho \"$@\" >" + dir + "/arguments\ncat >" + dir + "/picture\ncat " + dir + "/tsv\n"
	if err := os.WriteFile(filepath.Join(dir, "tesseract"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return filepath.Join(dir, "arguments")
}

func TestTheLanguagesAreEnglishAndThatOfTheSession(t *testing.T) {
	for _, test := range []struct {
		locale    string
		installed []string
		want      string
	}{
		{"C.UTF-8", []string{"deu", "eng", "osd"}, "eng"},
		{"de_DE.UTF-8", []string{"deu", "eng"}, "eng+deu"},
		{"de_DE.UTF-8", []string{"eng"}, "eng"},
		{"de_DE.UTF-8", []string{"deu"}, "deu"},
		{"en_GB.UTF-8", []string{"eng"}, "eng"},
		{"zh_TW.UTF-8", []string{"eng", "chi_sim", "chi_tra"}, "eng+chi_tra"},
		{"zh_CN", []string{"eng", "chi_sim", "chi_tra"}, "eng+chi_sim"},
	} {
		t.Run(test.locale+" with "+strings.Join(test.installed, " "), func(t *testing.T) {
			t.Setenv("LC_ALL", test.locale)
			arguments := fakeTesseract(t, heading, test.installed...)
			if _, err := New().Read(t.Context(), image.NewRGBA(image.Rect(0, 0, 4, 3))); err != nil {
				t.Fatal(err)
			}
			said, _ := os.ReadFile(arguments)
			if !strings.Contains(string(said), " -l "+test.want+" --dpi 192 ") {
				t.Errorf("its arguments are %q", said)
			}
		})
	}
}

func TestWithoutTesseractItIsSaidWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := New().Read(t.Context(), image.NewRGBA(image.Rect(0, 0, 4, 3)))
	if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "tesseract-ocr") {
		t.Errorf("error %v", err)
	}
	fakeTesseract(t, heading, "osd")
	_, err = New().Read(t.Context(), image.NewRGBA(image.Rect(0, 0, 4, 3)))
	if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "tesseract-ocr-eng") {
		t.Errorf("error %v", err)
	}
}

func TestGreyHasTheBrightnessOfEachPixel(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 2, 1))
	m.SetRGBA(0, 0, color.RGBA{255, 255, 255, 255})
	m.SetRGBA(1, 0, color.RGBA{255, 0, 0, 255})
	if got := grey(m, 2); string(got) != "P5 4 2 255\n\xff\xffLL\xff\xffLL" {
		t.Errorf("got %q", got)
	}
}

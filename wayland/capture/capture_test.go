package capture

import (
	"context"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/socktest"
)

var _ desk.Screen = (*Screen)(nil)

// fakePortal makes a picture of 4×3 or fails.
type fakePortal struct{ err, forbidden error }

func (p fakePortal) Screenshot(_ context.Context, dir string) (string, error) {
	if p.err != nil {
		return "", p.err
	}
	path := filepath.Join(dir, "portal.png")
	return path, os.WriteFile(path, picture(4, 3), 0o600)
}

func (p fakePortal) Forbidden(context.Context) error { return p.forbidden }

// fakePlaces knows window 1, which is shown, and window 2, which is not.
type fakePlaces struct{}

func (fakePlaces) Place(_ context.Context, id string) (desk.Region, bool, error) {
	if id != "1" && id != "2" {
		return desk.Region{}, false, api.Errorf(api.NotFound, "there is no window %s", id)
	}
	return desk.Region{X: -10, Y: 20, Width: 300, Height: 200}, id == "1", nil
}

func picture(width, height int) []byte {
	var b strings.Builder
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		panic(err)
	}
	return []byte(b.String())
}

// fakeGrim is a grim that writes its arguments to a file and does what body says; $last is the last one.
func fakeGrim(t *testing.T, body string) (argumentsFile string) {
	t.Helper()
	dir := t.TempDir()
	argumentsFile = filepath.Join(dir, "arguments")
	if err := os.WriteFile(filepath.Join(dir, "5x6.png"), picture(5, 6), 0o600); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\necho \"$@\" >" + argumentsFile + "\nfor last; do :; done\ncd " + dir + "\n" + body + "\n"
	if err := os.WriteFile(filepath.Join(dir, "grim"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return argumentsFile
}

const works = `cp 5x6.png "$last"`

func TestCapture(t *testing.T) {
	broken := fakePortal{err: api.Errorf(api.Unavailable, "no portal")}
	for _, test := range []struct {
		rule      string
		portal    fakePortal
		grim      string
		request   desk.CaptureRequest
		via, why  string
		arguments string // of grim, before the path
	}{
		{"the portal is the first choice", fakePortal{}, works, desk.CaptureRequest{}, "portal", "", ""},
		{"grim is the second", broken, works, desk.CaptureRequest{}, "grim", "used grim", "-l 1 --"},
		{"an output", fakePortal{}, works, desk.CaptureRequest{Output: "DP-1"}, "grim", "lets no program copy its screen", "-l 1 -o DP-1 --"},
		{
			"a region",
			fakePortal{},
			works,
			desk.CaptureRequest{Region: &desk.Region{X: 1, Y: -2, Width: 30, Height: 40}},
			"grim", "lets no program copy its screen", "-l 1 -g 1,-2 30x40 --",
		},
		{"a window", fakePortal{}, works, desk.CaptureRequest{Window: "1"}, "grim", "lets no program copy its screen", "-l 1 -g -10,20 300x200 --"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			(&compositor{t: t}).start()
			file := fakeGrim(t, test.grim)
			dir := filepath.Join(t.TempDir(), "new")
			got, err := New(dir, test.portal, fakePlaces{}).Capture(t.Context(), test.request)
			if err != nil {
				t.Fatal(err)
			}
			width, height := 4, 3
			if test.via == "grim" {
				width, height = 5, 6
			}
			if got.Via != test.via || !strings.Contains(got.Why, test.why) || got.Width != width || got.Height != height {
				t.Errorf("got %+v", got)
			}
			for path, mode := range map[string]os.FileMode{dir: os.ModeDir | 0o700, got.Path: 0o600} {
				if info, err := os.Lstat(path); err != nil || info.Mode() != mode {
					t.Errorf("%s: %v, %v, want mode %v", path, info.Mode(), err, mode)
				}
			}
			arguments, _ := os.ReadFile(file)
			if want := test.arguments; want != "" && string(arguments) != want+" "+got.Path+"\n" || want == "" && len(arguments) > 0 {
				t.Errorf("grim's arguments %q, want %q and the path", arguments, want)
			}
		})
	}
}

func TestCaptureFails(t *testing.T) {
	broken := fakePortal{err: api.Errorf(api.Unavailable, "no portal")}
	for _, test := range []struct {
		rule    string
		portal  fakePortal
		grim    string
		request desk.CaptureRequest
		code    api.Code
		says    string
	}{
		// A person's word is not got round by another program.
		{"cancelled by the user", fakePortal{err: api.Errorf(api.Cancelled, "cancelled")}, works, desk.CaptureRequest{}, api.Cancelled, "cancelled"},
		{"forbidden for good", fakePortal{forbidden: api.Errorf(api.Denied, "forbidden")}, works, desk.CaptureRequest{Output: "DP-1"}, api.Denied, "forbidden"},
		{"forbidden by the user", fakePortal{err: api.Errorf(api.Denied, "forbidden")}, works, desk.CaptureRequest{}, api.Denied, "forbidden"},
		{"neither works", broken, "echo broken >&2; exit 1", desk.CaptureRequest{}, api.Unavailable, "install grim"},
		{"grim makes nothing", broken, "exit 0", desk.CaptureRequest{}, api.Unavailable, "made no picture"},
		{"two at once", fakePortal{}, works, desk.CaptureRequest{Output: "DP-1", Window: "1"}, api.InvalidInput, "give one of them"},
		{"an empty region", fakePortal{}, works, desk.CaptureRequest{Region: &desk.Region{Width: 5}}, api.InvalidInput, "above 0"},
		{"no such window", fakePortal{}, works, desk.CaptureRequest{Window: "99"}, api.NotFound, "no window 99"},
		{"a hidden window", fakePortal{}, works, desk.CaptureRequest{Window: "2"}, api.Unavailable, "focus it first"},
		{"no such output", fakePortal{}, `echo "unknown output 'X'" >&2; exit 1`, desk.CaptureRequest{Output: "X"}, api.NotFound, `no output "X"`},
		{
			"outside",
			fakePortal{},
			`echo "supplied geometry did not intersect with any outputs" >&2; exit 1`,
			desk.CaptureRequest{Region: &desk.Region{X: 9999, Width: 1, Height: 1}},
			api.InvalidInput, "outside every output",
		},
	} {
		t.Run(test.rule, func(t *testing.T) {
			(&compositor{t: t}).start()
			fakeGrim(t, test.grim)
			dir := t.TempDir()
			got, err := New(dir, test.portal, fakePlaces{}).Capture(t.Context(), test.request)
			if api.CodeOf(err) != test.code || !strings.Contains(err.Error(), test.says) || got != (desk.Capture{}) {
				t.Errorf("got %+v, %v, want code %q and %q", got, err, test.code, test.says)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// TestAPictureThatAnotherProgramHasTakenLeavesNoFile, and shows what the compositor says that its outputs have.
func TestAPictureThatAnotherProgramHasTakenLeavesNoFile(t *testing.T) {
	broken := fakePortal{err: api.Errorf(api.Unavailable, "no portal")}
	for _, test := range []struct {
		rule     string
		portal   fakePortal
		request  desk.CaptureRequest
		via, why string
		size     image.Point
		area     desk.Region
	}{
		{"the portal's", fakePortal{}, desk.CaptureRequest{}, "portal", "lets no program copy its screen: install its portal backend; used portal", image.Pt(4, 3), desk.Region{Width: 8, Height: 6}},
		{"grim's", broken, desk.CaptureRequest{}, "grim", "; portal: no portal; used grim", image.Pt(5, 6), desk.Region{Width: 8, Height: 6}},
		{"a window's", fakePortal{}, desk.CaptureRequest{Window: "1"}, "grim", "used grim", image.Pt(5, 6), desk.Region{X: -10, Y: 20, Width: 300, Height: 200}},
	} {
		t.Run(test.rule, func(t *testing.T) {
			c := &compositor{t: t, offers: []string{"wl_output"}}
			c.output.width, c.output.height = 8, 6
			c.start()
			fakeGrim(t, works)
			dir := t.TempDir()
			p, err := New(dir, test.portal, fakePlaces{}).Picture(t.Context(), test.request)
			if err != nil {
				t.Fatal(err)
			}
			if p.Via != test.via || !strings.HasSuffix(p.Why, test.why) || p.Image.Rect.Size() != test.size || p.Area != test.area {
				t.Errorf("got %v of %v by %s: %s", p.Image.Rect, p.Area, p.Via, p.Why)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestCaptureWithoutDisplay(t *testing.T) {
	socktest.RuntimeDir(t)
	fakeGrim(t, works)
	_, err := New(t.TempDir(), fakePortal{}, fakePlaces{}).Capture(t.Context(), desk.CaptureRequest{Output: "DP-1"})
	if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "no Wayland display is running") {
		t.Errorf("error %v", err)
	}
}

func TestCaptureCancelled(t *testing.T) {
	(&compositor{t: t}).start()
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	ready := filepath.Join(t.TempDir(), "ready")
	if err := syscall.Mkfifo(ready, 0o600); err != nil {
		t.Fatal(err)
	}
	fakeGrim(t, "echo >"+ready+"; sleep 300")
	go func() {
		if _, err := os.ReadFile(ready); err != nil { // grim runs
			t.Error(err)
		}
		cancel()
	}()
	_, err := New(dir, fakePortal{}, fakePlaces{}).Capture(ctx, desk.CaptureRequest{Output: "DP-1"})
	if api.CodeOf(err) != api.Cancelled {
		t.Errorf("error %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

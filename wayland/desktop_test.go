package wayland

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/capture"
)

// The tests here are on a real desktop: a compositor, portals, a notification daemon.

// realDesk returns the desktop that the test runs on, with the pictures in a folder of the test's own.
func realDesk(t *testing.T) desk.Desk {
	t.Helper()
	if os.Getenv("WAYLAND_DISPLAY") == "" {
		t.Skip("no WAYLAND_DISPLAY; run by dev/desktop")
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	return Desk(t.Context(), slog.New(slog.NewTextHandler(t.Output(), nil)))
}

// need skips the test where a program of the desktop is missing.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("%s is not installed", p)
		}
	}
}

// watcher reports the lists of d's windows until the test ends.
func watcher(t *testing.T, d desk.Desk) <-chan []desk.Window {
	t.Helper()
	lists := make(chan []desk.Window)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = d.Windows.Watch(ctx, func(list []desk.Window) { // its error is ctx's
			select {
			case lists <- list:
			case <-ctx.Done():
			}
		})
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return lists
}

// await returns the first list that is as wanted.
func await(t *testing.T, lists <-chan []desk.Window, what string, wanted func([]desk.Window) bool) []desk.Window {
	t.Helper()
	limit := time.After(20 * time.Second)
	var last []desk.Window
	for {
		select {
		case last = <-lists:
			if wanted(last) {
				return last
			}
		case <-limit:
			t.Fatalf("waited for %s; the windows are %+v", what, last)
		}
	}
}

func find(list []desk.Window, appID string) *desk.Window {
	i := slices.IndexFunc(list, func(w desk.Window) bool { return w.AppID == appID })
	if i < 0 {
		return nil
	}
	return &list[i]
}

// foot opens a terminal window and returns a function that closes it.
func foot(t *testing.T, appID, title string) (end func()) {
	t.Helper()
	cmd := exec.Command("foot", "--app-id="+appID, "--title="+title, "--override=locked-title=yes", "sleep", "300")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	end = func() {
		if !ended {
			ended = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait() // "signal: killed"
		}
	}
	t.Cleanup(end)
	return end
}

func TestDesktopWindows(t *testing.T) {
	d := realDesk(t)
	need(t, "foot")
	lists := watcher(t, d)
	foot(t, "nerva-one", `First "window" <1>`)
	await(t, lists, "the first window", func(l []desk.Window) bool { return find(l, "nerva-one") != nil })
	end := foot(t, "nerva-two", "second")
	list := await(t, lists, "the focus on the second window", func(l []desk.Window) bool { return len(l) > 0 && l[0].AppID == "nerva-two" && l[0].Focused })
	first := find(list, "nerva-one")
	if first == nil || first.Title != `First "window" <1>` || first.PID == 0 || first.Workspace == "" || first.Output == "" || first.Focused {
		t.Errorf("the first window: %+v", first)
	}
	if err := d.Windows.Focus(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	await(t, lists, "the focus on the first window", func(l []desk.Window) bool { return l[0].ID == first.ID && l[0].Focused })
	asked, err := d.Windows.List(t.Context())
	if err != nil || asked[0].ID != first.ID {
		t.Errorf("List: %+v, %v", asked, err)
	}
	second := find(asked, "nerva-two").ID
	end()
	await(t, lists, "the end of the second window", func(l []desk.Window) bool { return find(l, "nerva-two") == nil })
	if err := d.Windows.Focus(t.Context(), second); api.CodeOf(err) != api.NotFound {
		t.Errorf("focus on a closed window: %v", err)
	}
}

// check reads a picture back as its consumer would.
func check(t *testing.T, c desk.Capture) image.Image {
	t.Helper()
	info, err := os.Lstat(c.Path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("%s: %v, %v, want mode 0600", c.Path, info.Mode(), err)
	}
	b, err := os.ReadFile(c.Path)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if size := picture.Bounds().Size(); size != image.Pt(c.Width, c.Height) || c.Width == 0 {
		t.Errorf("the picture has %v, reported are %d×%d", size, c.Width, c.Height)
	}
	return picture
}

func TestDesktopScreenByPortal(t *testing.T) {
	d := realDesk(t)
	got, err := d.Screen.Capture(t.Context(), desk.CaptureRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Via != "portal" || got.Why != "" {
		t.Errorf("via %s: %s", got.Via, got.Why)
	}
	check(t, got)
	if _, err := os.Lstat("/tmp/out.png"); err == nil {
		t.Error("the portal's own file is still there for everybody")
	}
}

func TestDesktopScreenWithoutPortal(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	got, err := realDesk(t).Screen.Capture(t.Context(), desk.CaptureRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Via != "screencopy" || !strings.Contains(got.Why, "no session bus") {
		t.Errorf("via %s: %s", got.Via, got.Why)
	}
	check(t, got)
}

func TestDesktopPartsOfTheScreen(t *testing.T) {
	d := realDesk(t)
	need(t, "foot")
	lists := watcher(t, d)
	foot(t, "nerva-shown", "shown")
	foot(t, "nerva-beside", "beside") // sway gives an only window the whole output
	list := await(t, lists, "both windows", func(l []desk.Window) bool {
		return find(l, "nerva-shown") != nil && find(l, "nerva-beside") != nil
	})
	window := find(list, "nerva-shown")

	whole, err := d.Screen.Capture(t.Context(), desk.CaptureRequest{Output: window.Output})
	if err != nil {
		t.Fatal(err)
	}
	check(t, whole)
	part, err := d.Screen.Capture(t.Context(), desk.CaptureRequest{Window: window.ID})
	if err != nil {
		t.Fatal(err)
	}
	check(t, part)
	if part.Width > whole.Width || part.Height > whole.Height || part.Width*part.Height == whole.Width*whole.Height {
		t.Errorf("the window has %d×%d of the output's %d×%d", part.Width, part.Height, whole.Width, whole.Height)
	}
	region, err := d.Screen.Capture(t.Context(), desk.CaptureRequest{Region: &desk.Region{X: 10, Y: 10, Width: 64, Height: 48}})
	if err != nil {
		t.Fatal(err)
	}
	check(t, region)
	for rule, test := range map[string]struct {
		request desk.CaptureRequest
		code    api.Code
	}{
		"no such output": {desk.CaptureRequest{Output: "NOWHERE-1"}, api.NotFound},
		"no such window": {desk.CaptureRequest{Window: "999999"}, api.NotFound},
		"outside":        {desk.CaptureRequest{Region: &desk.Region{X: 99999, Y: 0, Width: 5, Height: 5}}, api.InvalidInput},
	} {
		if _, err := d.Screen.Capture(t.Context(), test.request); api.CodeOf(err) != test.code {
			t.Errorf("%s: %v, want code %q", rule, err, test.code)
		}
	}
}

// TestDesktopTextIsFoundWhereItIs: words of a window, read off the whole screen and off the window's place alone.
func TestDesktopTextIsFoundWhereItIs(t *testing.T) {
	d := realDesk(t)
	need(t, "foot", "tesseract")
	lists := watcher(t, d)
	cmd := exec.Command("foot", "--app-id=nerva-text", "--override=font=monospace:size=20", "sh", "-c", `printf '\033[?25l\n  Seven quick words\n  rest down here\n'; sleep 300`)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // "signal: killed"
	})
	window := find(await(t, lists, "the window", func(l []desk.Window) bool { return find(l, "nerva-text") != nil }), "nerva-text")
	place, _, err := d.Windows.(capture.Places).Place(t.Context(), window.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []desk.CaptureRequest{{}, {Region: &place}} {
		var words []desk.Word
		var shot desk.Picture
		for limit := time.Now().Add(60 * time.Second); len(words) < 6; { // until the terminal has drawn them
			if shot, err = d.Screen.Picture(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			if words, err = d.Reader.Read(t.Context(), shot.Image); err != nil {
				t.Fatal(err)
			}
			if time.Now().After(limit) {
				t.Fatalf("read %+v", words)
			}
		}
		var got []string
		inside := image.Rect(place.X, place.Y, place.X+place.Width, place.Y+place.Height).Sub(image.Pt(shot.Area.X, shot.Area.Y))
		for _, w := range words {
			got = append(got, w.Text)
			if !w.Box.In(inside) || w.Box.Dy() < 8 || w.Box.Dy() > 60 { // the output has the scale 1
				t.Errorf("%s lies at %v, the window at %v", w.Text, w.Box, inside)
			}
		}
		if text := strings.Join(got, " "); text != "Seven quick words rest down here" {
			t.Errorf("read %q", text)
		}
	}
}

func TestDesktopNotification(t *testing.T) {
	d := realDesk(t)
	need(t, "makoctl")
	const title, body = "nerva & <test>", `<b>not bold</b>`
	shown, err := d.Notifier.Notify(t.Context(), desk.Notification{Title: title, Body: body})
	if err != nil || shown.ID == 0 {
		t.Fatalf("got %v, %v", shown, err)
	}
	out, err := exec.Command("makoctl", "list").CombinedOutput()
	if err != nil || !strings.Contains(string(out), title) {
		t.Errorf("mako shows %s, %v", out, err)
	}
}

func TestDesktopClipboard(t *testing.T) {
	d := realDesk(t)
	need(t, "wl-copy", "wl-paste")
	for _, text := range []string{"first", "second\n--clear \"$(id)\" ü"} {
		if err := d.Clipboard.SetText(t.Context(), text); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("wl-paste", "--no-newline").Output()
		if err != nil || string(out) != text {
			t.Errorf("pasted %q, %v, want %q", out, err, text)
		}
	}
	if err := d.Clipboard.SetText(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("wl-paste", "--no-newline").Output(); err == nil {
		t.Errorf("pasted %q from an empty clipboard", out)
	}
}

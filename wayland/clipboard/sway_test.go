package clipboard

import (
	"bytes"
	"crypto/sha256"
	"image"
	"image/png"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"nerva/core/desk"
	"nerva/wayland/internal/socktest"
	"nerva/wayland/internal/swaytest"
)

// The tests here are on a real sway. The other side is wl-clipboard.

// realSway starts a sway on which wl-clipboard speaks.
func realSway(t *testing.T) *swaytest.Sway {
	t.Helper()
	for _, program := range []string{"wl-copy", "wl-paste"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed; run by dev/enter", program)
		}
	}
	sway := swaytest.Start(t, swaytest.Setup{Outputs: 1})
	t.Setenv("WAYLAND_DISPLAY", sway.Display)
	return sway
}

// wlCopy has another program copy data. It returns once that is offered.
func wlCopy(t *testing.T, data []byte, args ...string) {
	t.Helper()
	c := exec.Command("wl-copy", args...) // it forks, and its child stays until something else is copied
	c.Stdin = bytes.NewReader(data)
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
}

func wlPaste(t *testing.T, args ...string) []byte {
	t.Helper()
	out, err := exec.Command("wl-paste", append([]string{"--no-newline"}, args...)...).Output()
	if err != nil {
		t.Fatalf("wl-paste %q: %v", args, err)
	}
	return out
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 640, 480))); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), bytes.Repeat([]byte{0, 0xff, '\n'}, 100_000)...)
}

func TestSwayPastesWhatIsCopiedHere(t *testing.T) {
	socktest.RuntimeDir(t)
	realSway(t)
	c := open(t)
	shot := picture(t)
	if err := c.Copy(t.Context(), desk.Form{Type: "image/png", Data: shot}, desk.Form{Type: "text/plain", Data: []byte("naïve \x00 $(id)")}); err != nil {
		t.Fatal(err)
	}
	types := strings.Fields(string(wlPaste(t, "--list-types")))
	slices.Sort(types)
	if want := []string{"STRING", "TEXT", "UTF8_STRING", "image/png", "text/plain", "text/plain;charset=utf-8"}; !slices.Equal(types, want) {
		t.Errorf("types %q, want %q", types, want)
	}
	if got := wlPaste(t, "--type", "image/png"); sha256.Sum256(got) != sha256.Sum256(shot) {
		t.Errorf("the picture of %d bytes came as %d others", len(shot), len(got))
	}
	for _, kind := range desk.TextTypes {
		if got := wlPaste(t, "--type", kind); string(got) != "naïve \x00 $(id)" {
			t.Errorf("as %s: %q", kind, got)
		}
	}
	if err := c.SetText(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("wl-paste").Output(); err == nil {
		t.Errorf("pasted %q from an empty clipboard", out)
	}
}

func TestSwayTellsWhatOthersCopy(t *testing.T) {
	socktest.RuntimeDir(t)
	realSway(t)
	offers := watch(t, open(t))
	if o := <-offers; o != nil {
		t.Errorf("at first there is %q", o.Types())
	}
	wlCopy(t, []byte("grüße\n"))
	o := <-offers
	if got := read(t, o, desk.TextType(o.Types())); got != "grüße\n" {
		t.Errorf("read %q of %q", got, o.Types())
	}
	shot := picture(t)
	wlCopy(t, shot, "--type", "image/png")
	for o = range offers { // wl-copy's earlier self clears before it ends
		if o != nil {
			break
		}
	}
	if got := read(t, o, "image/png"); !slices.Equal(o.Types(), []string{"image/png"}) || sha256.Sum256([]byte(got)) != sha256.Sum256(shot) {
		t.Errorf("the picture came as %d bytes of %q", len(got), o.Types())
	}
	wlCopy(t, []byte("secret"), "--type", desk.SecretHint)
	for o = range offers {
		if o != nil {
			break
		}
	}
	if !slices.Equal(o.Types(), []string{desk.SecretHint}) {
		t.Errorf("types %q", o.Types())
	}
	wlCopy(t, nil, "--clear")
	for o != nil {
		o = <-offers
	}
}

func TestSwayIsRestarted(t *testing.T) {
	socktest.RuntimeDir(t)
	sway := realSway(t)
	c := open(t)
	if err := c.SetText(t.Context(), "kept"); err != nil {
		t.Fatal(err)
	}
	offers := watch(t, c)
	<-offers
	sway.Kill()
	realSway(t)
	for o := range offers {
		if o != nil {
			break
		}
	}
	if got := wlPaste(t); string(got) != "kept" {
		t.Errorf("pasted %q from the second sway", got)
	}
	wlCopy(t, []byte("theirs"))
	for o := range offers {
		if o != nil && read(t, o, desk.TextType(o.Types())) == "theirs" {
			break
		}
	}
}

func TestSwayAThousandTimes(t *testing.T) {
	socktest.RuntimeDir(t)
	realSway(t)
	one, two := open(t), open(t) // two programs, as far as sway can tell
	offers := watch(t, two)
	<-offers
	round := func(i int) {
		from := one
		if i%2 == 1 {
			from = two
		}
		want := strings.Repeat("x", i)
		if err := from.SetText(t.Context(), want+"."); err != nil {
			t.Fatal(err)
		}
		for o := range offers {
			if o != nil {
				if got := read(t, o, "TEXT"); got != want+"." {
					t.Fatalf("change %d: read %d bytes", i, len(got))
				}
				return
			}
		}
	}
	for i := range 4 {
		round(i)
	}
	descriptors, goroutines := used(t)
	for i := range 1000 {
		round(i)
	}
	for range maxWriters {
		one.writers <- struct{}{}
		two.writers <- struct{}{}
	}
	moreDescriptors, moreGoroutines := used(t)
	if moreDescriptors > descriptors || moreGoroutines > goroutines+2 {
		t.Errorf("%d descriptors became %d, %d goroutines %d", descriptors, moreDescriptors, goroutines, moreGoroutines)
	}
}

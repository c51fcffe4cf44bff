package clipboard

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/socktest"
)

// open gives a Clipboard that has ended before the test's compositor does.
func open(t *testing.T) *Clipboard {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c := New(ctx, slog.New(slog.NewTextHandler(t.Output(), nil)))
	t.Cleanup(func() {
		cancel()
		c.start.Do(func() { close(c.ended) })
		<-c.ended
	})
	return c
}

func offered(t *testing.T, c *Clipboard) desk.Offer {
	t.Helper()
	o, err := c.Offered(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func read(t *testing.T, o desk.Offer, kind string) string {
	t.Helper()
	b, err := o.Read(t.Context(), kind)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// watch gives each thing that is copied.
func watch(t *testing.T, c *Clipboard) <-chan desk.Offer {
	t.Helper()
	offers := make(chan desk.Offer)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- c.Watch(ctx, func(o desk.Offer) {
			select {
			case offers <- o:
			case <-ctx.Done():
			}
		})
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return offers
}

func TestWhatOthersCopyIsReadInItsTypes(t *testing.T) {
	for _, manager := range []string{ext, wlr} {
		t.Run(manager, func(t *testing.T) {
			f := display(t, "wl_seat", manager)
			c := open(t)
			if o := offered(t, c); o != nil {
				t.Errorf("an empty clipboard offers %v", o.Types())
			}
			offers := watch(t, c)
			<-offers
			f.set(&foreign{[]string{"text/html", "image/png"}, func(kind string, w *os.File) {
				_, _ = w.WriteString(kind + strings.Repeat("x", 300_000))
				_ = w.Close()
			}})
			o := <-offers
			if got := o.Types(); !slices.Equal(got, []string{"text/html", "image/png"}) {
				t.Errorf("types %q", got)
			}
			if got := read(t, o, "image/png"); got != "image/png"+strings.Repeat("x", 300_000) {
				t.Errorf("read %d bytes: %.20q", len(got), got)
			}
			if _, err := o.Read(t.Context(), "text/plain"); api.CodeOf(err) != api.NotFound {
				t.Errorf("a type that is not offered: %v", err)
			}
			f.set(nil)
			if o := <-offers; o != nil {
				t.Errorf("a cleared clipboard offers %v", o.Types())
			}
		})
	}
}

func TestWhatIsCopiedHereIsOffered(t *testing.T) {
	f := display(t, "wl_seat", wlr, ext)
	c := open(t)
	html := desk.Form{Type: "text/html", Data: []byte("<b>naïve</b>")}
	if err := c.Copy(t.Context(), desk.Form{Type: "text/plain;charset=utf-8", Data: []byte("naïve")}, html); err != nil {
		t.Fatal(err)
	}
	o := offered(t, c)
	if want := append(slices.Clone(desk.TextTypes), "text/html"); !slices.Equal(o.Types(), want) {
		t.Errorf("types %q, want %q", o.Types(), want)
	}
	for _, kind := range desk.TextTypes {
		if got := read(t, o, kind); got != "naïve" {
			t.Errorf("as %s: %q", kind, got)
		}
	}
	if got := read(t, o, "text/html"); got != string(html.Data) {
		t.Errorf("as text/html: %q", got)
	}
	if err := c.SetText(t.Context(), ""); err != nil || offered(t, c) != nil {
		t.Errorf("the empty text does not clear: %v", err)
	}
	f.set(text("x"))
}

func TestWhatIsReplacedIsNotRead(t *testing.T) {
	f := display(t, "wl_seat", ext)
	c := open(t)
	offers := watch(t, c)
	<-offers
	writing := make(chan *os.File, 1)
	f.set(&foreign{[]string{"text/plain"}, func(_ string, w *os.File) { writing <- w }})
	o := <-offers
	got := make(chan error, 1)
	go func() {
		_, err := o.Read(t.Context(), "text/plain")
		got <- err
	}()
	w := <-writing // it is read, and its source sends nothing
	defer w.Close()
	f.set(text("new"))
	if err := <-got; api.CodeOf(err) != api.NotFound || !strings.Contains(err.Error(), "something else was copied") {
		t.Errorf("while it was replaced: %v", err)
	}
	if _, err := o.Read(t.Context(), "text/plain"); api.CodeOf(err) != api.NotFound {
		t.Errorf("after it was replaced: %v", err)
	}
	if got := read(t, <-offers, "text/plain"); got != "new" {
		t.Errorf("read %q", got)
	}
}

func TestASourceThatSendsNothingIsGivenUp(t *testing.T) {
	f := display(t, "wl_seat", ext)
	c := open(t)
	f.set(&foreign{[]string{"text/plain"}, func(_ string, w *os.File) { t.Cleanup(func() { w.Close() }) }})
	_, err := offered(t, c).Read(t.Context(), "text/plain")
	if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "does not hand it over") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := offered(t, c).Read(ctx, "text/plain"); api.CodeOf(err) != api.Cancelled {
		t.Errorf("stopped: %v", err)
	}
}

func TestTooMuchIsNotRead(t *testing.T) {
	f := display(t, "wl_seat", ext)
	f.set(&foreign{[]string{"image/png"}, func(_ string, w *os.File) {
		_, _ = w.Write(make([]byte, 1<<20+1))
		_ = w.Close()
	}})
	c := open(t)
	c.limit = 1 << 20
	if _, err := offered(t, c).Read(t.Context(), "image/png"); api.CodeOf(err) != api.Failed {
		t.Errorf("error %v", err)
	}
}

// TestReadersThatNeverRead: they hold no more than their pipes, and others paste all the same.
func TestReadersThatNeverRead(t *testing.T) {
	f := display(t, "wl_seat", ext)
	c := open(t)
	large := strings.Repeat("x", 1<<20)
	if err := c.SetText(t.Context(), large); err != nil {
		t.Fatal(err)
	}
	for range maxWriters {
		defer f.paste("TEXT").Close()
	}
	refused := f.paste("TEXT")
	if b, err := io.ReadAll(refused); len(b) > 0 || err != nil {
		t.Errorf("one too many got %d bytes, %v", len(b), err)
	}
	if err := c.SetText(t.Context(), "next"); err != nil {
		t.Errorf("copying beside readers that hang: %v", err)
	}
	for range maxWriters {
		c.writers <- struct{}{} // each of the others has been given up
	}
	if b, err := io.ReadAll(f.pasteFree(c)); string(b) != "next" || err != nil {
		t.Errorf("pasted %q, %v", b, err)
	}
}

// pasteFree is paste where a test holds all places of writers.
func (f *fake) pasteFree(c *Clipboard) *os.File {
	<-c.writers
	return f.paste("text/plain")
}

func TestWhatIsCopiedOutlivesTheCompositor(t *testing.T) {
	path := filepath.Join(socktest.RuntimeDir(t), "wayland-0")
	first := newFake(t, path, "wl_seat", ext)
	c := open(t)
	if err := c.SetText(t.Context(), "kept"); err != nil {
		t.Fatal(err)
	}
	offers := watch(t, c)
	<-offers
	first.mu.Lock()
	first.event(first.holds.(uint32), sourceCancelled) // as wlroots says when it ends
	first.mu.Unlock()
	first.stop()
	newFake(t, strings.TrimSuffix(path, "0")+"1", "wl_seat", wlr)
	for o := range offers {
		if o != nil {
			if got := read(t, o, "UTF8_STRING"); got != "kept" {
				t.Errorf("the second compositor has %q", got)
			}
			return
		}
	}
}

func TestWhatOthersCopiedIsNotOfferedAnew(t *testing.T) {
	path := filepath.Join(socktest.RuntimeDir(t), "wayland-0")
	first := newFake(t, path, "wl_seat", ext)
	c := open(t)
	offers := watch(t, c)
	<-offers
	if err := c.SetText(t.Context(), "old"); err != nil {
		t.Fatal(err)
	}
	<-offers
	first.set(text("newer"))
	<-offers
	first.stop()
	newFake(t, strings.TrimSuffix(path, "0")+"1", "wl_seat", ext)
	if o := <-offers; o != nil {
		t.Errorf("the second compositor has %q", o.Types())
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	t.Run("no display", func(t *testing.T) {
		socktest.RuntimeDir(t)
		mustSay(t, open(t), "no Wayland display is running")
	})
	t.Run("no protocol", func(t *testing.T) {
		display(t, "wl_seat")
		mustSay(t, open(t), "copy and paste by hand")
	})
	t.Run("no seat", func(t *testing.T) {
		display(t, ext)
		mustSay(t, open(t), "has no seat")
	})
	t.Run("the end", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		mustSay(t, New(ctx, slog.New(slog.DiscardHandler)), "nerva is ending")
	})
}

func mustSay(t *testing.T, c *Clipboard, what string) {
	t.Helper()
	if err := c.SetText(t.Context(), "x"); api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), what) {
		t.Errorf("error %v, want %q", err, what)
	}
}

func TestAThousandChangesLeaveNothingBehind(t *testing.T) {
	f := display(t, "wl_seat", ext)
	c := open(t)
	offers := watch(t, c)
	<-offers
	round := func() {
		f.set(text("theirs"))
		if got := read(t, <-offers, "text/plain"); got != "theirs" {
			t.Fatalf("read %q", got)
		}
		if err := c.SetText(t.Context(), "mine"); err != nil {
			t.Fatal(err)
		}
		if got := read(t, <-offers, "TEXT"); got != "mine" {
			t.Fatalf("read %q", got)
		}
	}
	round()
	descriptors, goroutines := used(t)
	for range 500 {
		round()
	}
	for range maxWriters {
		c.writers <- struct{}{} // until the last writer has ended
	}
	moreDescriptors, moreGoroutines := used(t)
	if moreDescriptors > descriptors || moreGoroutines > goroutines+2 {
		t.Errorf("%d descriptors became %d, %d goroutines %d", descriptors, moreDescriptors, goroutines, moreGoroutines)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.link.introduced); n > 0 {
		t.Errorf("%d offers are kept", n)
	}
}

func used(t *testing.T) (descriptors, goroutines int) {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list), runtime.NumGoroutine()
}

func FuzzTypes(f *testing.F) {
	f.Add("text/plain;charset=UTF-8\nTEXT")
	f.Fuzz(func(t *testing.T, types string) {
		var forms []desk.Form
		for kind := range strings.SplitSeq(types, "\n") {
			forms = append(forms, desk.Form{Type: kind, Data: []byte(kind)})
		}
		contents, order := byType(forms)
		if len(order) != len(contents) {
			t.Errorf("%q offers %q twice", types, order)
		}
		for _, form := range forms {
			if contents[form.Type] == nil {
				t.Errorf("%q lost", form.Type)
			}
		}
	})
}

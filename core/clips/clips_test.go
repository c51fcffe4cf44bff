package clips

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/core/store"
)

// thing is something that another program has copied.
type thing struct {
	forms []desk.Form
	slow  map[string]error // what reading a type ends with
	asked []string
}

func (o *thing) Types() (types []string) {
	for _, f := range o.forms {
		types = append(types, f.Type)
	}
	return types
}

func (o *thing) Read(_ context.Context, kind string) ([]byte, error) {
	o.asked = append(o.asked, kind)
	for _, f := range o.forms {
		if f.Type == kind {
			return f.Data, o.slow[kind]
		}
	}
	return nil, api.Errorf(api.NotFound, "not offered")
}

// copies makes a thing of types and contents.
func copies(pairs ...string) *thing {
	o := &thing{slow: map[string]error{}}
	for i := 0; i < len(pairs); i += 2 {
		o.forms = append(o.forms, desk.Form{Type: pairs[i], Data: []byte(pairs[i+1])})
	}
	return o
}

// room is a Keeper with a clipboard and windows of the test's.
type room struct {
	*Keeper
	t       *testing.T
	limits  Limits
	windows []desk.Window
	noList  error
	now     time.Time
	list    []Entry // as the last change told it
	offered desk.Offer
	set     []desk.Form
	log     bytes.Buffer
}

func (r *room) List(context.Context) ([]desk.Window, error) { return r.windows, r.noList }
func (r *room) SetText(ctx context.Context, text string) error {
	return r.Copy(ctx, desk.Form{Data: []byte(text)})
}
func (r *room) Copy(_ context.Context, forms ...desk.Form) error { r.set = forms; return nil }
func (r *room) Offered(context.Context) (desk.Offer, error)      { return r.offered, nil }
func (r *room) Watch(_ context.Context, changed func(desk.Offer)) error {
	changed(r.offered)
	return nil
}

func newRoom(t *testing.T) *room {
	t.Helper()
	r := &room{t: t, now: time.Unix(1e9, 0), limits: Limits{
		History: true, Entries: 10, Bytes: 1 << 20, Age: time.Hour,
		Denied: func(app string) bool { return app == "org.keepassxc.KeePassXC" },
	}}
	r.open(filepath.Join(t.TempDir(), "nerva.db"))
	return r
}

func (r *room) open(path string) {
	r.t.Helper()
	db, err := store.Open(r.t.Context(), path)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = db.Close() })
	r.Keeper, err = Open(r.t.Context(), db, Options{
		Clipboard: r, Windows: r, Limits: func() Limits { return r.limits },
		Secret:  func(text string) bool { return strings.Contains(text, "hunter2") },
		Changed: func(list []Entry) { r.list = list }, Log: slog.New(slog.NewTextHandler(&r.log, nil)),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.Keeper.now = func() time.Time { return r.now }
}

// copy has somebody copy something.
func (r *room) copy(o *thing) {
	r.t.Helper()
	r.offered = o
	if err := r.Run(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) titles() (titles []string) {
	for _, e := range r.list {
		titles = append(titles, e.Title)
	}
	return titles
}

func (r *room) want(titles ...string) {
	r.t.Helper()
	if got := r.titles(); !slices.Equal(got, titles) {
		r.t.Errorf("remembered are %q, want %q; the log: %s", got, titles, r.log.String())
	}
}

const plain = "text/plain;charset=utf-8"

func picture(t testing.TB) string {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 7, 5))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWhatIsCopiedComesBackInItsForms(t *testing.T) {
	r := newRoom(t)
	shot := picture(t)
	for _, c := range []struct {
		rule  string
		thing *thing
		title string
		want  []desk.Form
	}{
		{"a text has one name, and its other forms", copies("TEXT", "a\tb\n\nc", plain, "a\tb\n\nc", "text/html", "<b>a</b>", "image/png", shot), "a b", copies(plain, "a\tb\n\nc", "text/html", "<b>a</b>").forms},
		{"a picture", copies("image/bmp", "x", "image/png", shot), "Image, 7×5", copies("image/png", shot).forms},
		{"a picture of another kind", copies("image/tiff", "II*"), "Image", copies("image/tiff", "II*").forms},
		{"files", copies("text/uri-list", "file:///a%20b\r\n", "application/x-other", "x"), "file:///a%20b", copies("text/uri-list", "file:///a%20b\r\n").forms},
		{"bytes that are no text", copies("STRING", "caf\xe9"), "caf", copies(plain, "caf\xe9").forms},
	} {
		t.Run(c.rule, func(t *testing.T) {
			r.copy(c.thing)
			if len(r.list) == 0 || r.list[0].Title != c.title || !utf8.ValidString(r.list[0].Text) {
				t.Fatalf("the newest of %q is not %q", r.titles(), c.title)
			}
			if err := r.Keeper.Copy(t.Context(), r.list[0].ID); err != nil {
				t.Fatal(err)
			}
			if got, want := fmt.Sprintf("%q", r.set), fmt.Sprintf("%q", c.want); got != want {
				t.Errorf("copied again is %.200s, want %.200s", got, want)
			}
		})
	}
}

func TestWhatIsNotRemembered(t *testing.T) {
	for _, c := range []struct {
		rule  string
		thing *thing
	}{
		{"the hint of a password manager", copies(plain, "correct horse", "X-KDE-passwordmanagerhint", "secret")},
		{"the hint alone", copies(desk.SecretHint, "secret")},
		{"what looks like a secret", copies(plain, "the password is hunter2")},
		{"white space", copies(plain, " \n\t")},
		{"nothing", copies()},
		{"a type that nobody knows", copies("application/x-part", "x")},
		{"a long text", copies(plain, strings.Repeat("x", textLimit+1))},
		{"a large picture", copies("image/png", strings.Repeat("x", entryLimit+1))},
		{"more than all entries may have", copies("image/png", strings.Repeat("x", 1<<20+1))},
		{"what is replaced while it is read", func() *thing {
			o := copies(plain, "x", "text/html", "y")
			o.slow["text/html"] = api.Errorf(api.NotFound, "something else was copied")
			return o
		}()},
		{"what is not handed over", func() *thing {
			o := copies(plain, "x")
			o.slow[plain] = api.Errorf(api.Unavailable, "it hangs")
			return o
		}()},
	} {
		t.Run(c.rule, func(t *testing.T) {
			r := newRoom(t)
			r.copy(copies(plain, "before"))
			r.copy(c.thing)
			r.want("before")
			for _, word := range []string{"horse", "hunter2"} {
				if strings.Contains(r.log.String(), word) {
					t.Errorf("the log has it: %s", r.log.String())
				}
			}
		})
	}
}

func TestAFormThatIsSecretOrMissingIsLeftOut(t *testing.T) {
	r := newRoom(t)
	o := copies(plain, "a", "text/html", `<a data-token="hunter2">`, "text/rtf", "x", "text/uri-list", "file:///a")
	o.slow["text/rtf"] = api.Errorf(api.Unavailable, "it hangs")
	r.copy(o)
	r.want("a")
	forms, err := r.forms(t.Context(), r.list[0].ID)
	if got := fmt.Sprintf("%q", forms); err != nil || got != fmt.Sprintf("%q", copies(plain, "a", "text/uri-list", "file:///a").forms) {
		t.Errorf("forms %s, %v", got, err)
	}
}

func TestASecretIsNotEvenRead(t *testing.T) {
	r := newRoom(t)
	o := copies(plain, "correct horse", desk.SecretHint, "secret")
	r.copy(o)
	if text, err := r.Text(t.Context()); api.CodeOf(err) != api.Denied || text != "" || strings.Contains(err.Error(), "horse") {
		t.Errorf("read %q, %v", text, err)
	}
	if len(o.asked) > 0 {
		t.Errorf("asked for %q", o.asked)
	}
}

func TestWhatIsCopiedInADeniedApplicationIsKeptApart(t *testing.T) {
	manager, editor := desk.Window{AppID: "org.keepassxc.KeePassXC"}, desk.Window{AppID: "org.gnome.TextEditor"}
	focused := func(w desk.Window) []desk.Window { w.Focused = true; return []desk.Window{manager, w} }
	for _, c := range []struct {
		rule   string
		before func(r *room)
		apart  bool
	}{
		{"it has the focus", func(r *room) { r.SetWindows(focused(manager)); r.windows = focused(manager) }, true},
		{"its getting the focus has not been told yet", func(r *room) { r.SetWindows(focused(editor)); r.windows = focused(manager) }, true},
		{"it had the focus a moment ago", func(r *room) {
			r.SetWindows(focused(manager))
			r.SetWindows(focused(editor))
			r.windows, r.now = focused(editor), r.now.Add(lag-1)
		}, true},
		{"it had the focus long ago", func(r *room) {
			r.SetWindows(focused(manager))
			r.SetWindows(focused(editor))
			r.windows, r.now = focused(editor), r.now.Add(lag)
		}, false},
		{"it is open", func(r *room) { r.SetWindows(focused(editor)); r.windows = focused(editor) }, false},
		{"the compositor does not answer, and it had the focus last", func(r *room) {
			r.SetWindows(focused(manager))
			r.noList = context.DeadlineExceeded
		}, true},
		{"nobody knows who has the focus", func(r *room) { r.noList = context.DeadlineExceeded }, false},
	} {
		t.Run(c.rule, func(t *testing.T) {
			r := newRoom(t)
			c.before(r)
			r.copy(copies(plain, "x"))
			// Who has the focus afterwards changes nothing.
			r.windows, r.now = focused(editor), r.now.Add(time.Minute)
			r.SetWindows(r.windows)
			text, err := r.Text(t.Context())
			if c.apart != (api.CodeOf(err) == api.Denied) || c.apart != (text == "") || c.apart != (len(r.list) == 0) {
				t.Errorf("read %q, %v; remembered are %q", text, err, r.titles())
			}
		})
	}
}

func TestTextIsOfWhatIsCopiedNow(t *testing.T) {
	r := newRoom(t)
	for _, c := range []struct {
		rule string
		o    desk.Offer
		text string
		code api.Code
	}{
		{"nothing", nil, "", api.NotFound},
		{"a text", copies("text/html", "<b>", "text/plain", "b\xff"), "b\uFFFD", ""},
		{"a picture", copies("image/png", "x"), "", api.NotFound},
	} {
		r.offered = c.o
		if text, err := r.Text(t.Context()); text != c.text || api.CodeOf(err) != c.code {
			t.Errorf("%s: %q, %v", c.rule, text, err)
		}
	}
}

func TestTheSameMovesToTheTop(t *testing.T) {
	r := newRoom(t)
	r.copy(copies(plain, "one"))
	id := r.list[0].ID
	r.copy(copies(plain, "two"))
	r.now = r.now.Add(-time.Minute) // a clock that goes back changes no order
	r.copy(copies("UTF8_STRING", "one", "text/html", "<i>one</i>"))
	r.want("one", "two")
	if forms, err := r.forms(t.Context(), id); err != nil || len(forms) != 2 {
		t.Errorf("forms %q, %v", forms, err)
	}
}

func TestLimits(t *testing.T) {
	r := newRoom(t)
	for i := range 12 {
		r.copy(copies(plain, fmt.Sprint(i)))
	}
	r.want("11", "10", "9", "8", "7", "6", "5", "4", "3", "2")
	r.limits.Entries = 3
	if err := r.Trim(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want("11", "10", "9")
	r.limits.Bytes = 3
	r.copy(copies(plain, "x"))
	r.want("x", "11")
	r.now = r.now.Add(time.Hour + time.Millisecond)
	r.copy(copies(plain, "y"))
	r.want("y")
	r.limits.History = false
	r.copy(copies(plain, "z"))
	r.want("y")
	if err := r.Trim(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want()
}

func TestWhatIsForgottenIsGone(t *testing.T) {
	r := newRoom(t)
	for _, text := range []string{"one", "two", "three"} {
		r.copy(copies(plain, text))
	}
	id := r.list[1].ID
	if err := r.Forget(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	r.want("three", "one")
	if err := r.Keeper.Copy(t.Context(), id); api.CodeOf(err) != api.NotFound {
		t.Errorf("copied again: %v", err)
	}
	if err := r.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want()
	var n int
	if err := r.db.QueryRow(`SELECT count(*) FROM clip_forms`).Scan(&n); err != nil || n > 0 {
		t.Errorf("%d forms are left, %v", n, err)
	}
	r.copy(copies(plain, "four"))
	if r.list[0].ID <= id {
		t.Errorf("the id %d is given again", r.list[0].ID)
	}
}

func TestItIsRememberedAcrossARestart(t *testing.T) {
	r := newRoom(t)
	r.limits.Age = 0 // the clock of the test is no other's
	path := filepath.Join(t.TempDir(), "nerva.db")
	r.open(path)
	r.copy(copies(plain, "kept"))
	_ = r.db.Close()
	r.list = nil
	r.open(path)
	r.want("kept")
}

func FuzzDescribe(f *testing.F) {
	f.Add("image/png", []byte(picture(f)))
	f.Add("image/jpeg", []byte{0xff, 0xd8})
	f.Add(plain, []byte("\x00\n a\u2028b\xff"))
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		e := describe([]desk.Form{{Type: kind, Data: data}}, "", time.Time{})
		if e.Title == "" || !utf8.ValidString(e.Title) || strings.ContainsAny(e.Title, "\n\r\x00") || !utf8.ValidString(e.Text) {
			t.Errorf("%q %q: %+v", kind, data, e)
		}
	})
}

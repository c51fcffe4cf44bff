package notices

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/godbus/dbus/v5"
	"github.com/google/go-cmp/cmp"

	"nerva/core/api"
	corebus "nerva/core/bus/bustest"
	"nerva/core/desk"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/notify"
	"nerva/wayland/sessionbus"
)

var _ desk.Notices = (*Notices)(nil)

// server is a notification service.
type server struct{}

func (server) Notify(string, uint32, string, string, string, []string, map[string]dbus.Variant, int32) (uint32, *dbus.Error) {
	return 1, nil
}

func (server) GetCapabilities() ([]string, *dbus.Error) { return []string{"body", "body-markup"}, nil }

func (s server) export(t *testing.T, conn *dbus.Conn) {
	t.Helper()
	if err := conn.Export(s, objectPath, busName); err != nil {
		t.Fatal(err)
	}
}

// following gives what is told, and a bus that is nerva's.
func following(t *testing.T) (<-chan desk.Notice, *sessionbus.Bus) {
	t.Helper()
	told := make(chan desk.Notice, 64)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	bus := sessionbus.New(ctx)
	n := New(bus.Private, bus.Conn, slog.New(slog.DiscardHandler))
	go func() { ended <- n.FollowNotices(ctx, func(n desk.Notice) { told <- n }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("FollowNotices returned %v", err)
		}
	})
	return told, bus
}

// program is one that sends notifications.
type program struct {
	*testing.T
	conn *dbus.Conn
}

func (p program) notify(to, app, title, body string, hints map[string]any) {
	p.Helper()
	of := map[string]dbus.Variant{}
	for name, v := range hints {
		of[name] = dbus.MakeVariant(v)
	}
	if err := p.conn.Object(to, objectPath).Call(busName+".Notify", 0, app, uint32(0), "", title, body, []string{}, of, int32(-1)).Err; err != nil {
		p.Fatal(err)
	}
}

// heard sends until something is told, and leaves out all of that.
func (p program) heard(told <-chan desk.Notice) {
	p.Helper()
	for {
		p.notify(busName, "probe", "there?", "", nil)
		select {
		case <-told:
			p.notify(busName, "probe", "good", "", nil)
			for n := range told {
				if n.Title == "good" {
					return
				}
			}
		default:
		}
	}
}

func start(t *testing.T) (*dbus.Conn, program) {
	t.Helper()
	service := bustest.Own(t, busName)
	server{}.export(t, service)
	return service, program{t, bustest.Own(t, "org.example.Program")}
}

func TestNotificationsOfOthersAreTold(t *testing.T) {
	bustest.Start(t)
	service, p := start(t)
	told, _ := following(t)
	p.heard(told)
	p.notify(busName, "Mail", "A letter", "from <b>Ann</b> &amp; Bob", map[string]any{
		"desktop-entry": "org.example.Mail", "category": "email.arrived", "urgency": byte(2), "image-data": make([]byte, 1<<20),
	})
	p.notify(service.Names()[0], "nerva", "two\nlines", "1 < 2", map[string]any{"urgency": byte(0)}) // who calls himself so
	for _, want := range []desk.Notice{
		{App: "org.example.Mail", Title: "A letter", Body: "from Ann & Bob", Category: "email.arrived", Urgency: "critical"},
		{App: "nerva", Title: "two lines", Body: "1 < 2", Urgency: "low"},
	} {
		if diff := cmp.Diff(want, <-told); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestWhatIsNoNotificationOfOthersIsLeftOut(t *testing.T) {
	bustest.Start(t)
	_, p := start(t)
	told, bus := following(t)
	p.heard(told)
	if _, err := notify.New(bus.Conn).Notify(t.Context(), desk.Notification{Title: "nerva's own"}); err != nil {
		t.Fatal(err)
	}
	other := bustest.Own(t, "org.example.Other")
	server{}.export(t, other) // which is not the service
	p.notify("org.example.Other", "x", "to another name", "", nil)
	p.notify(other.Names()[0], "x", "to another program", "", nil)
	object := p.conn.Object(busName, objectPath)
	_ = object.Call(busName+".Notify", 0, "x", "of another form").Err
	_ = object.Call("org.example.Other.Notify", 0, "x", uint32(0), "", "of another interface", "", []string{}, map[string]dbus.Variant{}, int32(0)).Err
	_ = object.Call(busName+".CloseNotification", 0, uint32(1)).Err
	p.notify(busName, "x", "last", "", nil)
	if got := <-told; got.Title != "last" {
		t.Errorf("told of %+v", got)
	}
}

// TestTheServiceMayComeAndGo: what is sent to it by its own name is heard of the one that runs now.
func TestTheServiceMayComeAndGo(t *testing.T) {
	bustest.Start(t)
	first, p := start(t)
	told, _ := following(t)
	p.heard(told)
	if _, err := first.ReleaseName(busName); err != nil {
		t.Fatal(err)
	}
	second := bustest.Own(t, busName)
	server{}.export(t, second)
	p.notify(first.Names()[0], "x", "to the old one", "", nil)
	p.notify(second.Names()[0], "x", "to the new one", "", nil)
	if got := <-told; got.Title != "to the new one" {
		t.Errorf("told of %+v", got)
	}
}

// TestANotificationThatStartsTheServiceIsToldOnce: the bus keeps it until the service is there.
func TestANotificationThatStartsTheServiceIsToldOnce(t *testing.T) {
	b := corebus.Start(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", b.Address)
	entry := "[D-BUS Service]\nName=" + busName + "\nExec=/bin/sleep 10\n"
	if err := os.WriteFile(filepath.Join(b.Services, busName+".service"), []byte(entry), 0o600); err != nil {
		t.Fatal(err)
	}
	p := program{t, bustest.Own(t, "org.example.Program")}
	if err := p.conn.BusObject().Call(theBus+".ReloadConfig", 0).Err; err != nil {
		t.Fatal(err)
	}
	first := bustest.Own(t, "org.example.First")
	server{}.export(t, first)
	if _, err := first.RequestName(busName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	told, _ := following(t)
	p.heard(told)
	if _, err := first.ReleaseName(busName); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.notify(busName, "x", "first", "", nil)
	}()
	if got := <-told; got.Title != "first" {
		t.Errorf("told of %+v", got)
	}
	if _, err := first.RequestName(busName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	<-done
	p.notify(busName, "x", "second", "", nil)
	if got := <-told; got.Title != "second" {
		t.Errorf("told again of %+v", got)
	}
}

func TestFollowNoticesReturnsWhereItCannotListen(t *testing.T) {
	stop := bustest.Start(t)
	_, p := start(t)
	bus := sessionbus.New(t.Context())
	n := New(bus.Private, bus.Conn, slog.New(slog.DiscardHandler))
	told, ended := make(chan desk.Notice, 1024), make(chan error, 1)
	go func() { ended <- n.FollowNotices(t.Context(), func(n desk.Notice) { told <- n }) }()
	p.heard(told)
	stop()
	if err := <-ended; api.CodeOf(err) != api.Unavailable {
		t.Errorf("the bus ended: %v", err)
	}
	if err := n.FollowNotices(t.Context(), nil); api.CodeOf(err) != api.Unavailable {
		t.Errorf("no bus: %v", err)
	}
}

func TestTheArgumentsOfNotify(t *testing.T) {
	args := func(hints map[string]dbus.Variant) []any {
		return []any{"App", uint32(0), "icon", "Title", "Body", []string{}, hints, int32(0)}
	}
	for rule, test := range map[string]struct {
		args []any
		want desk.Notice
		ok   bool
	}{
		"no hints":             {args(map[string]dbus.Variant{}), desk.Notice{App: "App", Title: "Title", Body: "Body", Urgency: "normal"}, true},
		"an entry's file":      {args(map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant("a.desktop")}), desk.Notice{App: "a", Title: "Title", Body: "Body", Urgency: "normal"}, true},
		"hints of other types": {args(map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant(1), "category": {}, "urgency": dbus.MakeVariant("high")}), desk.Notice{App: "App", Title: "Title", Body: "Body", Urgency: "normal"}, true},
		"an urgency to come":   {args(map[string]dbus.Variant{"urgency": dbus.MakeVariant(byte(9))}), desk.Notice{App: "App", Title: "Title", Body: "Body", Urgency: "normal"}, true},
		"none":                 {nil, desk.Notice{}, false},
		"a number for a title": {append([]any{"App", uint32(0), "icon", 5}, args(nil)[4:]...), desk.Notice{}, false},
	} {
		if got, ok := noticeOf(test.args); ok != test.ok || got != test.want {
			t.Errorf("%s: %+v, %v", rule, got, ok)
		}
	}
	long := args(map[string]dbus.Variant{"category": dbus.MakeVariant(strings.Repeat("c", 1<<20))})
	long[0], long[3], long[4] = strings.Repeat("a", 1<<20), strings.Repeat("t", 1<<20), strings.Repeat("ü", 1<<20)
	if got, _ := noticeOf(long); len(got.App)+len(got.Category) > 1000 || len(got.Title) > 4*titleLimit || len(got.Body) != bodyLimit {
		t.Errorf("%d, %d, %d and %d bytes", len(got.App), len(got.Category), len(got.Title), len(got.Body))
	}
}

func TestMarkupIsTakenOut(t *testing.T) {
	for body, want := range map[string]string{
		"<b>bold</b>, <I>italic</I>":             "bold, italic",
		`<a href="https://x.org/?a=b&c">x</a>`:   "x",
		`a<br/>b<br>c`:                           "a\nb\nc",
		`<img src="/a.png" alt="a &lt;cat&gt;">`: "a <cat>",
		`<img src='/a.png'/>x`:                   "x",
		"1 < 2 && 3 > 2":                         "1 < 2 && 3 > 2",
		"a &lt;b&gt; &amp;amp; &#39;c&#x27;":     "a <b> &amp; 'c'",
		"https://x.org/?a=1&copy=2&lt=3":         "https://x.org/?a=1&copy=2&lt=3",
		"if (a<b>c)":                             "if (ac)", // nobody can tell
		"<script>x</script> <bold>":              "<script>x</script> <bold>",
		"<b <i>x</i>":                            "<b x",
		"":                                       "",
	} {
		if got := withoutMarkup(body); got != want {
			t.Errorf("%q gives %q, want %q", body, got, want)
		}
	}
}

func FuzzWithoutMarkup(f *testing.F) {
	for _, s := range []string{"<b>x</b>", `<img alt="&lt;b&gt;">`, "&#0;&#xD800;", "<a href='", "<<b>b>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := withoutMarkup(s)
		if utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("%q gives %q", s, got)
		}
		if !strings.ContainsAny(s, "<&") && got != s {
			t.Errorf("%q gives %q", s, got)
		}
		if len(got) > 4*len(s)+8 {
			t.Errorf("%d bytes give %d", len(s), len(got))
		}
	})
}

// TestItEndsInAFlood: the library panics where a connection that is listened in on is closed by another goroutine than its own.
func TestItEndsInAFlood(t *testing.T) {
	bustest.Start(t)
	_, p := start(t)
	flooding, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for flooding.Err() == nil {
			p.notify(busName, "flood", "x", "", nil)
		}
	}()
	bus := sessionbus.New(t.Context())
	for range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		err := New(bus.Private, bus.Conn, slog.New(slog.DiscardHandler)).FollowNotices(ctx, func(desk.Notice) { cancel() })
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("it ended with %v", err)
		}
	}
	stop()
	<-ended
}

package input

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/portal"
	"nerva/wayland/sessionbus"
)

// fakeDesktop is a portal on the test's own bus that allows everything.
type fakeDesktop struct {
	conn *dbus.Conn
	mu   sync.Mutex
	did  []string
	over bool // the desktop has ended the session
}

type options = map[string]dbus.Variant

func (f *fakeDesktop) note(format string, args ...any) *dbus.Error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over {
		return dbus.NewError("org.freedesktop.DBus.Error.AccessDenied", []any{"Invalid session"})
	}
	f.did = append(f.did, fmt.Sprintf(format, args...))
	return nil
}

// answer does what a Request object does.
func (f *fakeDesktop) answer(sender dbus.Sender, o, results options) (dbus.ObjectPath, *dbus.Error) {
	path := dbus.ObjectPath(portalPath + "/request/" + strings.ReplaceAll(string(sender)[1:], ".", "_") + "/" + o["handle_token"].Value().(string))
	if err := f.conn.Emit(path, "org.freedesktop.portal.Request.Response", uint32(0), results); err != nil {
		return "", dbus.MakeFailedError(err)
	}
	return path, nil
}

func (f *fakeDesktop) CreateSession(s dbus.Sender, o options) (dbus.ObjectPath, *dbus.Error) {
	return f.answer(s, o, options{"session_handle": dbus.MakeVariant("/session/1")})
}

func (f *fakeDesktop) SelectDevices(s dbus.Sender, session dbus.ObjectPath, o options) (dbus.ObjectPath, *dbus.Error) {
	f.note("devices %v of %s", o["types"].Value(), session)
	return f.answer(s, o, options{})
}

func (f *fakeDesktop) SelectSources(s dbus.Sender, session dbus.ObjectPath, o options) (dbus.ObjectPath, *dbus.Error) {
	f.note("sources %v of %s", o["types"].Value(), session)
	return f.answer(s, o, options{})
}

func (f *fakeDesktop) Start(s dbus.Sender, session dbus.ObjectPath, _ string, o options) (dbus.ObjectPath, *dbus.Error) {
	type pair struct{ A, B int32 }
	type stream struct {
		Node       uint32
		Properties options
	}
	at := func(x, y, w, h int32) options {
		return options{"position": dbus.MakeVariant(pair{x, y}), "size": dbus.MakeVariant(pair{w, h})}
	}
	return f.answer(s, o, options{"devices": dbus.MakeVariant(uint32(3)), "streams": dbus.MakeVariant([]stream{
		{7, at(0, 0, 100, 100)}, {8, at(-200, 50, 200, 100)}, {9, options{}},
	})})
}

func (f *fakeDesktop) NotifyKeyboardKeysym(_ dbus.ObjectPath, _ options, sym int32, state uint32) *dbus.Error {
	return f.note("sym %x %d", sym, state)
}

func (f *fakeDesktop) NotifyKeyboardKeycode(_ dbus.ObjectPath, _ options, code int32, state uint32) *dbus.Error {
	return f.note("code %d %d", code, state)
}

func (f *fakeDesktop) NotifyPointerMotionAbsolute(_ dbus.ObjectPath, _ options, stream uint32, x, y float64) *dbus.Error {
	return f.note("to %v,%v on %d", x, y, stream)
}

func (f *fakeDesktop) NotifyPointerButton(_ dbus.ObjectPath, _ options, button int32, state uint32) *dbus.Error {
	return f.note("button %x %d", button, state)
}

func (f *fakeDesktop) NotifyPointerAxisDiscrete(_ dbus.ObjectPath, _ options, axis uint32, n int32) *dbus.Error {
	return f.note("axis %d %d", axis, n)
}

func TestThePortalTypesAndPoints(t *testing.T) {
	bustest.Start(t)
	f := &fakeDesktop{conn: bustest.Own(t, portalName)}
	for _, name := range []string{"org.freedesktop.portal.RemoteDesktop", "org.freedesktop.portal.ScreenCast"} {
		if err := f.conn.Export(f, portalPath, name); err != nil {
			t.Fatal(err)
		}
	}
	bus := sessionbus.New(t.Context()).Conn
	p := &remote{portal: portal.New(bus), bus: bus}
	ctx := t.Context()
	if err := p.begin(ctx); err != nil {
		t.Fatal(err)
	}
	if err := p.write(ctx, []rune("aж\n"), func(int) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := p.held(ctx, "NotifyKeyboardKeycode", 29, 46); err != nil {
		t.Fatal(err)
	}
	err := p.point(ctx, step{to: &desk.Point{X: -200, Y: 149}}, step{button: "right", down: true}, step{button: "right"}, step{dy: 1}, step{dx: -1})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"devices 3 of /session/1", "sources 1 of /session/1", "sym 61 1", "sym 61 0", "sym 1000436 1", "sym 1000436 0", "sym ff0d 1", "sym ff0d 0",
		"code 29 1", "code 46 1", "code 46 0", "code 29 0", "to 0.5,99.5 on 8", "button 111 1", "button 111 0", "axis 0 1", "axis 1 -1",
	}
	f.mu.Lock()
	if !slices.Equal(f.did, want) {
		t.Errorf("did %q\nwant %q", f.did, want)
	}
	f.mu.Unlock()
	if err := p.point(ctx, step{to: &desk.Point{X: 50, Y: 120}}); api.CodeOf(err) != api.InvalidInput {
		t.Errorf("beside the outputs: %v", err)
	}
	f.mu.Lock()
	f.over = true
	f.mu.Unlock()
	if err := p.write(ctx, []rune("a"), func(int) error { return nil }); api.CodeOf(err) != api.Denied || p.session != "" {
		t.Errorf("after the end of the session: %v", err)
	}
}

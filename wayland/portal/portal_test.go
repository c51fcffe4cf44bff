package portal

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/sessionbus"
)

const screenshot = "org.freedesktop.portal.Screenshot.Screenshot"

func newPortal(t *testing.T) *Portal { return New(sessionbus.New(t.Context()).Conn) }

func TestRequestAnswered(t *testing.T) {
	results := map[string]dbus.Variant{"uri": dbus.MakeVariant("file:///x")}
	for _, test := range []struct {
		rule     string
		oldPaths bool
		answer   []any
		code     api.Code
		says     string
	}{
		{"done, answered before the method returned", false, []any{uint32(0), results}, "", ""},
		{"done, on a path of the portal's own", true, []any{uint32(0), results}, "", ""},
		{"cancelled by the user", false, []any{uint32(1), map[string]dbus.Variant{}}, api.Cancelled, "cancelled in the desktop's dialog"},
		{"ended otherwise", false, []any{uint32(2), map[string]dbus.Variant{}}, api.Failed, "response 2"},
		{"an unknown code", false, []any{uint32(77), map[string]dbus.Variant{}}, api.Failed, "response 77"},
		{"of another form", false, []any{"yes"}, api.Failed, "wrong form"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			bustest.Start(t)
			p := &fakePortal{oldPaths: test.oldPaths}
			p.answer = func(path dbus.ObjectPath) {
				p.respond(path+"0", uint32(2), map[string]dbus.Variant{}) // somebody else's request
				p.respond(path, test.answer...)
			}
			p.start(t)
			got, err := newPortal(t).Request(t.Context(), screenshot, map[string]dbus.Variant{"interactive": dbus.MakeVariant(false)}, "")
			if api.CodeOf(err) != test.code || (err != nil && !strings.Contains(err.Error(), test.says)) {
				t.Fatalf("error %v, want code %q and %q", err, test.code, test.says)
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			if err == nil && got["uri"].Value() != "file:///x" {
				t.Errorf("results %v", got)
			}
			if token, _ := p.options["handle_token"].Value().(string); !strings.HasPrefix(token, "nerva_") || len(token) < 20 {
				t.Errorf("handle_token %q", token)
			}
			if p.options["interactive"].Value() != false {
				t.Errorf("options %v", p.options)
			}
		})
	}
}

// TestRequestEnded: whoever waits no longer takes the portal's dialog away.
func TestRequestEnded(t *testing.T) {
	for _, test := range []struct {
		rule string
		end  func(ctx context.Context) (context.Context, context.CancelFunc, func())
		code api.Code
	}{
		{"timed out", func(ctx context.Context) (context.Context, context.CancelFunc, func()) {
			ctx, cancel := context.WithTimeout(ctx, 200_000_000) // 0.2 s
			return ctx, cancel, func() {}
		}, api.Unavailable},
		{"cancelled", func(ctx context.Context) (context.Context, context.CancelFunc, func()) {
			ctx, cancel := context.WithCancel(ctx)
			return ctx, cancel, cancel
		}, api.Cancelled},
	} {
		t.Run(test.rule, func(t *testing.T) {
			bustest.Start(t)
			p := &fakePortal{}
			ctx, cancel, end := test.end(t.Context())
			defer cancel()
			asked := make(chan dbus.ObjectPath, 1)
			p.answer = func(path dbus.ObjectPath) {
				asked <- path
				end()
			}
			p.start(t)
			_, err := newPortal(t).Request(ctx, screenshot, nil, "")
			if api.CodeOf(err) != test.code {
				t.Errorf("error %v, want code %q", err, test.code)
			}
			if path, closed := <-asked, <-p.closed; path != closed {
				t.Errorf("closed %s, want %s", closed, path)
			}
		})
	}
}

func TestRequestIsNotAnsweredByOthers(t *testing.T) {
	bustest.Start(t)
	p := &fakePortal{}
	forger := bustest.Own(t, "org.example.Forger")
	p.answer = func(path dbus.ObjectPath) {
		if err := forger.Emit(path, requestType+".Response", uint32(1), map[string]dbus.Variant{}); err != nil {
			t.Error(err)
		}
		// The same bytes straight to the asking connection, past its match rules.
		sender := ":" + strings.ReplaceAll(strings.Split(string(path), "/")[6], "_", ".")
		message := &dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldDestination: dbus.MakeVariant(sender),
			dbus.FieldPath:        dbus.MakeVariant(path),
			dbus.FieldInterface:   dbus.MakeVariant(requestType),
			dbus.FieldMember:      dbus.MakeVariant("Response"),
			dbus.FieldSignature:   dbus.MakeVariant(dbus.SignatureOf(uint32(0), map[string]dbus.Variant{})),
		}, Body: []any{uint32(1), map[string]dbus.Variant{}}}
		forger.Send(message, nil)
		if err := forger.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil { // it has gone out
			t.Error(err)
		}
		p.respond(path, uint32(0), map[string]dbus.Variant{})
	}
	p.start(t)
	if _, err := newPortal(t).Request(t.Context(), screenshot, nil, ""); err != nil {
		t.Errorf("the forged answer counted: %v", err)
	}
}

func TestRequestFails(t *testing.T) {
	for _, test := range []struct {
		rule string
		fail *dbus.Error // nil: no portal at all
		code api.Code
		says string
	}{
		{"no portal", nil, api.Unavailable, "install xdg-desktop-portal and the backend"},
		{"no backend", dbus.NewError("org.freedesktop.DBus.Error.UnknownMethod", []any{"No such interface"}), api.Unavailable, "the backend of this desktop"},
		{"not allowed", dbus.NewError("org.freedesktop.portal.Error.NotAllowed", []any{"no"}), api.Denied, "privacy settings"},
		{"anything else", dbus.NewError("org.freedesktop.portal.Error.Failed", []any{"broken"}), api.Failed, "broken"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			bustest.Start(t)
			if test.fail != nil {
				(&fakePortal{fail: test.fail}).start(t)
			}
			_, err := newPortal(t).Request(t.Context(), screenshot, nil, "")
			if api.CodeOf(err) != test.code || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want code %q and %q", err, test.code, test.says)
			}
		})
	}
}

func TestRequestWithoutBus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	_, err := newPortal(t).Request(t.Context(), screenshot, nil, "")
	if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "no session bus") {
		t.Errorf("error %v", err)
	}
}

func TestRequestWhenTheBusGoes(t *testing.T) {
	stop := bustest.Start(t)
	p := &fakePortal{answer: func(dbus.ObjectPath) { stop() }}
	p.start(t)
	if _, err := newPortal(t).Request(t.Context(), screenshot, nil, ""); err == nil {
		t.Error("no error")
	}
}

func TestScreenshot(t *testing.T) {
	bustest.Start(t)
	p := &fakePortal{}
	original := picture(t, t.TempDir(), 0o644)
	p.answer = func(path dbus.ObjectPath) {
		p.respond(path, uint32(0), map[string]dbus.Variant{"uri": dbus.MakeVariant(fileURI(original))})
	}
	p.start(t)
	dir := t.TempDir()
	path, err := newPortal(t).Screenshot(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	mustBePrivate(t, path, dir)
	if _, err := os.Lstat(original); !os.IsNotExist(err) {
		t.Errorf("the original is still there: %v", err)
	}
}

// TestScreenshotForbidden: the portal reports a stored "no" like any failure, but it is a person's word.
func TestScreenshotForbidden(t *testing.T) {
	for permission, code := range map[string]api.Code{"no": api.Denied, "yes": api.Failed} {
		t.Run(permission, func(t *testing.T) {
			bustest.Start(t)
			p := &fakePortal{}
			p.answer = func(path dbus.ObjectPath) { p.respond(path, uint32(2), map[string]dbus.Variant{}) }
			p.start(t)
			store := bustest.Own(t, "org.freedesktop.impl.portal.PermissionStore")
			if err := store.Export(permissionStore{permission}, "/org/freedesktop/impl/portal/PermissionStore",
				"org.freedesktop.impl.portal.PermissionStore"); err != nil {
				t.Fatal(err)
			}
			if _, err := newPortal(t).Screenshot(t.Context(), t.TempDir()); api.CodeOf(err) != code {
				t.Errorf("error %v, want code %q", err, code)
			}
		})
	}
}

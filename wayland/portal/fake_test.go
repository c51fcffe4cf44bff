package portal

import (
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"

	"nerva/wayland/internal/bustest"
)

// fakePortal is a portal on the test's own bus.
type fakePortal struct {
	conn *dbus.Conn
	// answer is called before the method returns.
	answer func(path dbus.ObjectPath)
	// oldPaths has the portal name requests as those before 0.9 did.
	oldPaths bool
	// fail is what the method returns instead of a request.
	fail *dbus.Error

	mu      sync.Mutex
	options map[string]dbus.Variant // of the last call
	closed  chan dbus.ObjectPath
}

// start takes the portal's name; what the portal does must be set by then.
func (p *fakePortal) start(t *testing.T) {
	t.Helper()
	p.conn, p.closed = bustest.Own(t, busName), make(chan dbus.ObjectPath, 1)
	if err := p.conn.Export(p, desktopPath, "org.freedesktop.portal.Screenshot"); err != nil {
		t.Fatal(err)
	}
}

// Screenshot is the portal's method.
func (p *fakePortal) Screenshot(sender dbus.Sender, _ string, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return "", p.fail
	}
	p.options = options
	token := options["handle_token"].Value().(string)
	path := dbus.ObjectPath(requestPath + "/" + strings.ReplaceAll(string(sender)[1:], ".", "_") + "/" + token)
	if p.oldPaths {
		path = requestPath + "/1234567"
	}
	if err := p.conn.Export(fakeRequest{p, path}, path, requestType); err != nil {
		return "", dbus.MakeFailedError(err)
	}
	if p.answer != nil {
		p.answer(path)
	}
	return path, nil
}

// respond emits the Response signal of a request.
func (p *fakePortal) respond(path dbus.ObjectPath, arguments ...any) {
	if err := p.conn.Emit(path, requestType+".Response", arguments...); err != nil {
		panic(err)
	}
}

type fakeRequest struct {
	p    *fakePortal
	path dbus.ObjectPath
}

// Close is the request's method.
func (r fakeRequest) Close() *dbus.Error {
	r.p.closed <- r.path
	return nil
}

// permissionStore answers for every table and id with what is stored for unsandboxed programs.
type permissionStore struct{ permission string }

func (s permissionStore) Lookup(table, id string) (map[string][]string, dbus.Variant, *dbus.Error) {
	if table != "screenshot" || id != "screenshot" {
		return nil, dbus.Variant{}, dbus.NewError("org.freedesktop.portal.Error.NotFound", nil)
	}
	return map[string][]string{"": {s.permission}, "org.example.App": {"yes"}}, dbus.MakeVariant(byte(0)), nil
}

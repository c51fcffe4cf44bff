package main

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"

	"nerva/core/bus/bustest"
	"nerva/core/shortcut"
)

const portalPath = "/org/freedesktop/portal/desktop"

// keyPortal is a desktop's portal that asks the person before it binds a key, who says no unless agreed is set; then the
// key is pressed at once.
type keyPortal struct {
	*dbus.Conn
	agreed   bool
	listed   chan bool // it was asked what it knows
	mu       sync.Mutex
	apps     []string
	triggers []string
}

func (p *keyPortal) Register(app string, _ map[string]dbus.Variant) *dbus.Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.apps = append(p.apps, app)
	return nil
}

func (p *keyPortal) CreateSession(sender dbus.Sender, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	return p.answer(sender, options, 0, map[string]dbus.Variant{"session_handle": dbus.MakeVariant(session(sender))})
}

func session(sender dbus.Sender) string {
	return portalPath + "/session/" + strings.ReplaceAll(string(sender)[1:], ".", "_") + "/s"
}

func (p *keyPortal) ListShortcuts(sender dbus.Sender, _ dbus.ObjectPath, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	p.listed <- true
	return p.answer(sender, options, 0, nil)
}

func (p *keyPortal) BindShortcuts(sender dbus.Sender, _ dbus.ObjectPath, list []struct {
	ID      string
	Details map[string]dbus.Variant
}, _ string, options map[string]dbus.Variant,
) (dbus.ObjectPath, *dbus.Error) {
	p.mu.Lock()
	p.triggers = append(p.triggers, list[0].Details["preferred_trigger"].Value().(string))
	p.mu.Unlock()
	if !p.agreed {
		return p.answer(sender, options, 1, nil)
	}
	path, fault := p.answer(sender, options, 0, nil)
	token := map[string]dbus.Variant{"activation_token": dbus.MakeVariant("T1")}
	if err := p.Emit(portalPath, "org.freedesktop.portal.GlobalShortcuts.Activated",
		dbus.ObjectPath(session(sender)), list[0].ID, uint64(1), token); err != nil {
		return "", dbus.MakeFailedError(err)
	}
	return path, fault
}

func (p *keyPortal) answer(sender dbus.Sender, options map[string]dbus.Variant, code uint32, results map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	path := dbus.ObjectPath(portalPath + "/request/" + strings.ReplaceAll(string(sender)[1:], ".", "_") + "/" + options["handle_token"].Value().(string))
	if err := p.Emit(path, "org.freedesktop.portal.Request.Response", code, results); err != nil {
		return "", dbus.MakeFailedError(err)
	}
	return path, nil
}

func startPortal(t *testing.T, agreed bool) *keyPortal {
	t.Helper()
	bus := bustest.Start(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	conn, err := dbus.Connect(bus.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	p := &keyPortal{Conn: conn, agreed: agreed, listed: make(chan bool)}
	for _, iface := range []string{"org.freedesktop.portal.GlobalShortcuts", "org.freedesktop.host.portal.Registry"} {
		if err := conn.Export(p, portalPath, iface); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := conn.RequestName("org.freedesktop.portal.Desktop", 0); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheDesktopsKeyTogglesTheOverlayWithItsToken(t *testing.T) {
	startPortal(t, true)
	ctx, stop := context.WithCancel(t.Context())
	token := ""
	keepShortcut(ctx, "SUPER+SPACE", t.TempDir(), slog.New(slog.NewTextHandler(t.Output(), nil)), func(got string) {
		token = got
		stop()
	})
	if token != "T1" {
		t.Errorf("token %q", token)
	}
}

// TestARefusedKeyIsNotAskedForAtTheNextStart plays two starts with one key, and one with another.
func TestARefusedKeyIsNotAskedForAtTheNextStart(t *testing.T) {
	p := startPortal(t, false)
	state := t.TempDir()
	start := func(ctx context.Context, key string) {
		keepShortcut(ctx, key, state, slog.New(slog.NewTextHandler(t.Output(), nil)), func(string) {})
	}
	start(t.Context(), "")
	start(t.Context(), "SUPER+SPACE")
	if refused, err := shortcut.Refused(state, "SUPER+SPACE"); !refused || err != nil {
		t.Fatalf("the refusal was not kept: %v", err)
	}
	second, stop := context.WithCancel(t.Context())
	go func() {
		<-p.listed // and what it knows is nothing
		stop()
	}()
	start(second, "SUPER+SPACE")
	start(t.Context(), "ALT+SPACE")
	p.mu.Lock()
	defer p.mu.Unlock()
	if got := strings.Join(p.triggers, " "); got != "LOGO+space ALT+space" {
		t.Errorf("asked for %s", got)
	}
	if got := strings.Join(p.apps, " "); got != strings.Repeat(" org.nerva.Overlay1", 3)[1:] {
		t.Errorf("as %s", got)
	}
	if _, err := os.Stat(shortcut.RefusalPath(state)); err != nil {
		t.Error(err)
	}
}

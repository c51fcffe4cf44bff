package portal

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/wayland/internal/bustest"
)

// keyPortal is a portal that binds keys, on the test's own bus. What it is asked for goes to its channels.
type keyPortal struct {
	conn *dbus.Conn
	// strict has it refuse a session to whom it does not know, as 1.21 does; registry is whether it has one.
	strict, registry bool
	refused          bool     // by the person who is asked
	knows            []listed // from earlier sessions
	busy             bool     // no answer to BindShortcuts

	asked chan listed // for BindShortcuts

	mu    sync.Mutex
	apps  map[dbus.Sender]string
	paths []dbus.ObjectPath // of sessions
	bound map[string]bool   // by sender: each may once
}

func (p *keyPortal) start(t *testing.T) {
	t.Helper()
	conn, err := dbus.Connect(os.Getenv("DBUS_SESSION_BUS_ADDRESS")) // the name comes last: it is waited for
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	p.conn, p.asked = conn, make(chan listed, 8)
	p.apps, p.bound = map[dbus.Sender]string{}, map[string]bool{}
	exports := map[string]any{shortcuts: keyMethods{p}}
	if p.registry {
		exports["org.freedesktop.host.portal.Registry"] = keyRegistry{p}
	}
	for iface, methods := range exports {
		if err := p.conn.Export(methods, desktopPath, iface); err != nil {
			t.Fatal(err)
		}
	}
	if reply, err := p.conn.RequestName(busName, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("own %s: %v, %v", busName, reply, err)
	}
}

func (p *keyPortal) bus() *dbus.Conn  { return p.conn }
func (p *fakePortal) bus() *dbus.Conn { return p.conn }

type keyRegistry struct{ *keyPortal }

// Register is the registry's method; each connection may call it once, and first of all.
func (p keyRegistry) Register(sender dbus.Sender, app string, _ map[string]dbus.Variant) *dbus.Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, again := p.apps[sender]; again {
		return dbus.NewError("org.freedesktop.portal.Error.Failed", nil)
	}
	p.apps[sender] = app
	return nil
}

type keyMethods struct{ *keyPortal }

func (p keyMethods) CreateSession(sender dbus.Sender, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.strict && p.apps[sender] != "org.example.App" {
		return "", dbus.NewError("org.freedesktop.portal.Error.NotAllowed", []any{"An app id is required"})
	}
	session := sessionPath + "/" + element(sender) + "/" + options["session_handle_token"].Value().(string)
	p.paths = append(p.paths, dbus.ObjectPath(session))
	return p.answer(sender, options, 0, map[string]dbus.Variant{"session_handle": dbus.MakeVariant(session)}), nil
}

func (p keyMethods) ListShortcuts(sender dbus.Sender, _ dbus.ObjectPath, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	return p.answer(sender, options, 0, map[string]dbus.Variant{"shortcuts": dbus.MakeVariant(p.knows)}), nil
}

func (p keyMethods) BindShortcuts(
	sender dbus.Sender, session dbus.ObjectPath, all []listed, _ string, options map[string]dbus.Variant,
) (dbus.ObjectPath, *dbus.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bound[string(session)] {
		return "", dbus.NewError("org.freedesktop.portal.Error.Failed", []any{"a session may bind once"})
	}
	p.bound[string(session)] = true
	p.asked <- all[0]
	switch {
	case p.busy:
		return p.request(sender, options), nil
	case p.refused:
		return p.answer(sender, options, 1, nil), nil
	}
	return p.answer(sender, options, 0, map[string]dbus.Variant{"shortcuts": dbus.MakeVariant(all)}), nil
}

func (p *keyPortal) request(sender dbus.Sender, options map[string]dbus.Variant) dbus.ObjectPath {
	return dbus.ObjectPath(requestPath + "/" + element(sender) + "/" + options["handle_token"].Value().(string))
}

func (p *keyPortal) answer(sender dbus.Sender, options map[string]dbus.Variant, code uint32, results map[string]dbus.Variant) dbus.ObjectPath {
	path := p.request(sender, options)
	if err := p.conn.Emit(path, requestType+".Response", code, results); err != nil {
		panic(err)
	}
	return path
}

func element(sender dbus.Sender) string { return strings.ReplaceAll(string(sender)[1:], ".", "_") }

// press sends Activated for the newest session.
func (p *keyPortal) press(t *testing.T, conn *dbus.Conn, id string, options map[string]dbus.Variant) {
	t.Helper()
	p.mu.Lock()
	session := p.paths[len(p.paths)-1]
	p.mu.Unlock()
	if err := conn.Emit(desktopPath, shortcuts+".Activated", session, id, uint64(1), options); err != nil {
		t.Fatal(err)
	}
}

// kept is a KeepShortcut that runs.
type kept struct {
	tokens chan string
	told   chan error
	ended  chan error
	stop   context.CancelFunc
}

func keep(t *testing.T, known bool) kept {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	k := kept{make(chan string, 8), make(chan error, 8), make(chan error, 1), cancel}
	p := newPortal(t)
	go func() {
		s := Shortcut{App: "org.example.App", ID: "toggle", Description: "Open", Trigger: "LOGO+space", Known: known}
		k.ended <- p.KeepShortcut(ctx, s, func(token string) { k.tokens <- token }, func(err error) { k.told <- err })
	}()
	t.Cleanup(cancel)
	return k
}

// receive waits for what comes, far longer than it takes.
func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func token(s string) map[string]dbus.Variant {
	return map[string]dbus.Variant{"activation_token": dbus.MakeVariant(s)}
}

func TestAShortcutIsBoundAndUsed(t *testing.T) {
	for rule, p := range map[string]*keyPortal{
		"by a portal that wants to know who asks": {strict: true, registry: true},
		"by one that has no registry":             {},
	} {
		t.Run(rule, func(t *testing.T) {
			bustest.Start(t)
			p.start(t)
			k := keep(t, false)
			asked := receive(t, p.asked)
			if asked.ID != "toggle" || asked.Details["preferred_trigger"].Value() != "LOGO+space" || asked.Details["description"].Value() != "Open" {
				t.Errorf("asked for %+v", asked)
			}
			if err := receive(t, k.told); err != nil {
				t.Fatal(err)
			}
			p.press(t, p.conn, "other", token("no"))
			p.press(t, p.conn, "toggle", token("T1"))
			p.press(t, p.conn, "toggle", nil)
			for _, want := range []string{"T1", ""} {
				if got := receive(t, k.tokens); got != want {
					t.Errorf("token %q, want %q", got, want)
				}
			}
			k.stop()
			if err := receive(t, k.ended); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
}

func TestOnlyThePortalPressesTheKey(t *testing.T) {
	bustest.Start(t)
	p := &keyPortal{}
	p.start(t)
	k := keep(t, false)
	if err := receive(t, k.told); err != nil {
		t.Fatal(err)
	}
	// A signal to its receiver alone passes the match rules.
	forger := bustest.Own(t, "org.example.Forger")
	p.mu.Lock()
	session := p.paths[0]
	p.mu.Unlock()
	receiver := ":" + strings.ReplaceAll(strings.Split(string(session), "/")[6], "_", ".")
	forger.Send(&dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldDestination: dbus.MakeVariant(receiver), dbus.FieldPath: dbus.MakeVariant(dbus.ObjectPath(desktopPath)),
		dbus.FieldInterface: dbus.MakeVariant(shortcuts), dbus.FieldMember: dbus.MakeVariant("Activated"),
		dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(session, "", uint64(0), token(""))),
	}, Body: []any{session, "toggle", uint64(1), token("forged")}}, nil)
	if err := forger.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil { // it has gone out
		t.Fatal(err)
	}
	p.press(t, p.conn, "toggle", token("T1"))
	if got := receive(t, k.tokens); got != "T1" {
		t.Errorf("the first token is %q", got)
	}
}

func TestARefusalIsNotAskedAboutAgain(t *testing.T) {
	bustest.Start(t)
	p := &keyPortal{refused: true}
	p.start(t)
	k := keep(t, false)
	if err := receive(t, k.ended); api.CodeOf(err) != api.Cancelled {
		t.Errorf("ended with %v", err)
	}
	if len(p.asked) != 1 {
		t.Errorf("asked %d times", len(p.asked))
	}
}

func TestWhatWasRefusedIsBoundOnlyWhereTheDesktopKnowsIt(t *testing.T) {
	for rule, c := range map[string]struct {
		knows []listed
		code  api.Code
		asked int
	}{
		"nothing":      {nil, api.Denied, 0},
		"another":      {[]listed{{"other", map[string]dbus.Variant{}}}, api.Denied, 0},
		"the shortcut": {[]listed{{"toggle", map[string]dbus.Variant{}}}, "", 1},
	} {
		t.Run(rule, func(t *testing.T) {
			bustest.Start(t)
			p := &keyPortal{knows: c.knows}
			p.start(t)
			k := keep(t, true)
			if err := receive(t, k.told); api.CodeOf(err) != c.code || len(p.asked) != c.asked {
				t.Errorf("%v after %d questions, want code %q after %d", err, len(p.asked), c.code, c.asked)
			}
		})
	}
}

func TestAPortalThatBindsNoKeysIsSaidAndWaitedFor(t *testing.T) {
	type portal interface {
		start(t *testing.T)
		bus() *dbus.Conn
	}
	for rule, c := range map[string]struct {
		portal portal
		code   api.Code
	}{
		"without the interface":         {&fakePortal{}, api.Unavailable},
		"that knows no such program":    {&keyPortal{strict: true}, api.Denied},
		"that a person has not decided": {&keyPortal{busy: true}, ""},
	} {
		t.Run(rule, func(t *testing.T) {
			bustest.Start(t)
			c.portal.start(t)
			k := keep(t, false)
			if c.code == "" {
				receive(t, c.portal.(*keyPortal).asked)
			} else if err := receive(t, k.told); api.CodeOf(err) != c.code {
				t.Errorf("told %v, want code %q", err, c.code)
			}
			if _, err := c.portal.bus().ReleaseName(busName); err != nil {
				t.Fatal(err)
			}
			better := &keyPortal{strict: true, registry: true}
			better.start(t)
			if err := receive(t, k.told); err != nil {
				t.Error(err)
			}
			better.press(t, better.conn, "toggle", token("T2"))
			if got := receive(t, k.tokens); got != "T2" {
				t.Errorf("token %q", got)
			}
		})
	}
}

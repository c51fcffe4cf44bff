package overlay_test

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"

	"nerva/core/bus/bustest"
	"nerva/core/bus/overlay"
	"nerva/core/bus/sessionbus"
)

func connect(t *testing.T, b bustest.Bus) *dbus.Conn {
	t.Helper()
	conn, err := sessionbus.Connect(t.Context(), b.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// serve starts an overlay that tells what it was called for.
func serve(t *testing.T, b bustest.Bus) <-chan string {
	t.Helper()
	calls := make(chan string, 1)
	err := overlay.Serve(connect(t, b), overlay.Handler{
		Toggle: func(token string) { calls <- "toggle " + token },
		Show:   func(token, text string) { calls <- "show " + token + "/" + text },
		Hide:   func() { calls <- "hide" },

		Visible: func() bool { return true },
	})
	if err != nil {
		t.Fatal(err)
	}
	return calls
}

type options = map[string]dbus.Variant

func TestEveryWayInReachesTheHandler(t *testing.T) {
	b := bustest.Start(t)
	calls, object := serve(t, b), connect(t, b).Object(overlay.Name, overlay.Path)
	token := options{"activation-token": dbus.MakeVariant("T")}
	const app = "org.freedesktop.Application."
	for _, c := range []struct {
		method string
		args   []any
		want   string
	}{
		{overlay.Interface + ".Toggle", []any{token}, "toggle T"},
		{overlay.Interface + ".Show", []any{options{"text": dbus.MakeVariant("x"), "activation-token": dbus.MakeVariant("T")}}, "show T/x"},
		{overlay.Interface + ".Hide", nil, "hide"},
		{app + "Activate", []any{token}, "show T/"},
		{app + "Activate", []any{options{"desktop-startup-id": dbus.MakeVariant("S"), "other": dbus.MakeVariant(1)}}, "show S/"},
		{app + "Open", []any{[]string{"file:///x"}, token}, "show T/"},
		{app + "ActivateAction", []any{"new", []dbus.Variant{}, token}, "show T/"},
	} {
		if err := object.Call(c.method, 0, c.args...).Err; err != nil {
			t.Errorf("%s: %v", c.method, err)
			continue
		}
		if got := <-calls; got != c.want {
			t.Errorf("%s: %q, want %q", c.method, got, c.want)
		}
	}
}

func TestWrongOptionsAreNamed(t *testing.T) {
	b := bustest.Start(t)
	serve(t, b)
	object := connect(t, b).Object(overlay.Name, overlay.Path)
	for _, c := range []struct {
		method string
		o      options
		want   string
	}{
		{"Toggle", options{"text": dbus.MakeVariant("x")}, `there is no option "text"; known options are [activation-token]`},
		{"Show", options{"text": dbus.MakeVariant(true)}, `option "text" must be of D-Bus type s, not b`},
	} {
		err := object.Call(overlay.Interface+"."+c.method, 0, c.o).Err
		var e dbus.Error
		if !errors.As(err, &e) || e.Name != "org.nerva.Error.InvalidInput" || e.Error() != c.want {
			t.Errorf("%s: %v", c.method, err)
		}
	}
}

func TestVisibleIsAReadOnlyProperty(t *testing.T) {
	b := bustest.Start(t)
	serve(t, b)
	object := connect(t, b).Object(overlay.Name, overlay.Path)
	v, err := object.GetProperty(overlay.Interface + ".Visible")
	if err != nil || v.Value() != true {
		t.Errorf("Visible: %v, %v", v, err)
	}
	for name, call := range map[string]func() error{
		"UnknownProperty":  func() error { _, err := object.GetProperty(overlay.Interface + ".Colour"); return err },
		"UnknownInterface": func() error { _, err := object.GetProperty("org.nerva.Other.Visible"); return err },
		"PropertyReadOnly": func() error { return object.SetProperty(overlay.Interface+".Visible", dbus.MakeVariant(false)) },
	} {
		var e dbus.Error
		if err := call(); !errors.As(err, &e) || e.Name != "org.freedesktop.DBus.Error."+name {
			t.Errorf("want %s, got %v", name, err)
		}
	}
}

func TestIntrospectionIsWhatIsServed(t *testing.T) {
	b := bustest.Start(t)
	serve(t, b)
	n, err := introspect.Call(connect(t, b).Object(overlay.Name, overlay.Path))
	if err != nil {
		t.Fatal(err)
	}
	var members []string
	for _, i := range n.Interfaces {
		for _, m := range i.Methods {
			signature := ""
			for _, a := range m.Args {
				signature += a.Type
			}
			members = append(members, strings.TrimPrefix(i.Name, "org.")+"."+m.Name+"("+signature+")")
		}
	}
	for _, want := range []string{
		"nerva.Overlay1.Toggle(a{sv})", "nerva.Overlay1.Show(a{sv})", "nerva.Overlay1.Hide()", "freedesktop.Application.Activate(a{sv})",
		"freedesktop.Application.Open(asa{sv})", "freedesktop.Application.ActivateAction(sava{sv})",
	} {
		if !slices.Contains(members, want) {
			t.Errorf("%s is missing in %v", want, members)
		}
	}
}

func TestAbsentOverlayIsTold(t *testing.T) {
	b := bustest.Start(t)
	conn := connect(t, b)
	if err := overlay.Call(t.Context(), conn, overlay.Toggle, overlay.Options{}); !errors.Is(err, overlay.ErrAbsent) {
		t.Errorf("Call: %v", err)
	}
	if err := overlay.Start(t.Context(), conn); !errors.Is(err, overlay.ErrAbsent) {
		t.Errorf("Start: %v", err)
	}
	serve(t, b)
	if err := overlay.Serve(conn, overlay.Handler{}); !errors.Is(err, overlay.ErrRunning) {
		t.Errorf("a second overlay: %v", err)
	}
}

// TestASandboxedPeerMayNotMoveTheOverlay asks for every member that introspection names.
func TestASandboxedPeerMayNotMoveTheOverlay(t *testing.T) {
	gdbus, err := exec.LookPath("gdbus")
	if err != nil {
		t.Skip("gdbus is not installed; install the package libglib2.0-bin to run this test")
	}
	b := bustest.Start(t)
	calls := serve(t, b)
	n, err := introspect.Call(connect(t, b).Object(overlay.Name, overlay.Path))
	if err != nil {
		t.Fatal(err)
	}
	dummies := map[string]string{"s": "'x'", "a{sv}": "{}", "as": "['x']", "av": "[]", "v": "<'x'>"}
	for _, i := range n.Interfaces {
		for _, m := range i.Methods {
			if i.Name == "org.freedesktop.DBus.Introspectable" || i.Name == "org.freedesktop.DBus.Peer" {
				continue // tell what anybody may know
			}
			args := []string{"call", "--session", "-d", overlay.Name, "-o", string(overlay.Path), "-m", i.Name + "." + m.Name}
			for _, a := range m.Args {
				if a.Direction == "in" {
					args = append(args, dummies[a.Type])
				}
			}
			cmd := bustest.Sandboxed(t, true, append([]string{gdbus}, args...)...)
			cmd.Env = append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS="+b.Address)
			if out, _ := cmd.CombinedOutput(); !strings.Contains(string(out), "org.freedesktop.DBus.Error.AccessDenied") {
				t.Errorf("%s.%s: %s", i.Name, m.Name, out)
			}
			if len(calls) > 0 {
				t.Errorf("%s.%s reached the overlay: %s", i.Name, m.Name, <-calls)
			}
		}
	}
}

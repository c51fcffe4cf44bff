package sessionbus

import (
	"context"
	"os"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/wayland/internal/bustest"
)

func TestConn(t *testing.T) {
	bustest.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	bus := New(ctx)
	first, err := bus.Conn()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := bus.Conn(); err != nil || again != first {
		t.Errorf("a second connection: %p, %v, want %p", again, err, first)
	}
	first.Close() // as when the bus is lost
	second, err := bus.Conn()
	if err != nil || second == first || !second.Connected() {
		t.Errorf("after the loss: %p, %v", second, err)
	}
	cancel()
	<-second.Context().Done()
	if _, err := bus.Conn(); err == nil {
		t.Error("a connection after the context ended")
	}
}

func TestConnWithoutBus(t *testing.T) {
	for rule, address := range map[string]string{
		"nobody listens": "unix:path=/nonexistent/bus",
		"no address":     "nonsense",
	} {
		t.Run(rule, func(t *testing.T) {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
			conn, err := New(t.Context()).Conn()
			if conn != nil || api.CodeOf(err) != api.Unavailable || !strings.HasPrefix(err.Error(), "no session bus can be reached") {
				t.Errorf("got %v, %v", conn, err)
			}
			if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != address {
				t.Error("a bus was started")
			}
		})
	}
}

func TestTheSystemBusIsAnother(t *testing.T) {
	bustest.Start(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
	conn, err := NewSystem(t.Context()).Conn()
	if conn != nil || api.CodeOf(err) != api.Unavailable || !strings.HasPrefix(err.Error(), "the system bus can't be reached") {
		t.Errorf("got %v, %v", conn, err)
	}
	bustest.System(t)
	if conn, err := NewSystem(t.Context()).Conn(); err != nil || !conn.Connected() {
		t.Errorf("got %v, %v", conn, err)
	}
}

func TestAPrivateConnectionIsTheCallers(t *testing.T) {
	bustest.Start(t)
	bus := New(t.Context())
	shared, err := bus.Conn()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	own, err := bus.Private(ctx)
	if err != nil || own == shared || own.Names()[0] == shared.Names()[0] {
		t.Fatalf("got %v, %v", own, err)
	}
	if own.SupportsUnixFDs() {
		t.Error("file descriptors may come over it")
	}
	var id string
	if err := own.BusObject().Call("org.freedesktop.DBus.GetId", 0).Store(&id); err != nil || id == "" {
		t.Errorf("it can't be spoken on: %q, %v", id, err)
	}
	cancel()
	<-own.Context().Done()
	if !shared.Connected() {
		t.Error("it took the shared one with it")
	}
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
	if _, err := NewSystem(t.Context()).Private(t.Context()); api.CodeOf(err) != api.Unavailable || !strings.HasPrefix(err.Error(), "the system bus can't be reached") {
		t.Errorf("got %v", err)
	}
}

func TestTheSocketOfAnAddress(t *testing.T) {
	for address, want := range map[string]string{
		"unix:path=/run/user/1000/bus":       "/run/user/1000/bus",
		"unix:guid=0123,path=/tmp/a%20b":     "/tmp/a b",
		"unix:abstract=/tmp/dbus-x,guid=0":   "@/tmp/dbus-x",
		"unix:path=/a%zz":                    "",
		"unix:tmpdir=/tmp":                   "",
		"tcp:host=localhost,port=1,path=/no": "",
		"":                                   "",
	} {
		if got, ok := socketOf(address); got != want || ok != (want != "") {
			t.Errorf("%q gives %q, %v", address, got, ok)
		}
	}
}

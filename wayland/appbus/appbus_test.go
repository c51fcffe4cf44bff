package appbus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/sessionbus"
)

// app is an application on the bus.
type app struct {
	calls chan string
	hang  chan struct{} // Activate waits for it where it is not nil
}

func (a *app) Activate(platform map[string]dbus.Variant) *dbus.Error {
	if a.hang != nil {
		<-a.hang
	}
	a.calls <- fmt.Sprintf("Activate %v", platform)
	return nil
}

func (a *app) Open(uris []string, platform map[string]dbus.Variant) *dbus.Error {
	a.calls <- fmt.Sprintf("Open %v %v", uris, platform)
	return nil
}

func (a *app) ActivateAction(name string, parameter []dbus.Variant, platform map[string]dbus.Variant) *dbus.Error {
	if name == "bad" {
		return dbus.NewError("org.x.Error.Bad", []any{"no such thing"})
	}
	a.calls <- fmt.Sprintf("ActivateAction %s %v %v", name, parameter, platform)
	return nil
}

func start(t *testing.T, a *app, name string, path dbus.ObjectPath) *Bus {
	bustest.Start(t)
	if err := bustest.Own(t, name).Export(a, path, application); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	return New(sessionbus.New(ctx).Conn)
}

func TestActivate(t *testing.T) {
	a := &app{calls: make(chan string, 1)}
	b := start(t, a, "org.x.My-App", "/org/x/My_App") // dots become slashes, dashes underscores
	const platform = `map[activation-token:"tok" desktop-startup-id:"tok"]`
	for rule, c := range map[string]struct {
		call desk.AppCall
		want string
	}{
		"nothing to open":    {desk.AppCall{Token: "tok"}, "Activate " + platform},
		"without a token":    {desk.AppCall{}, "Activate map[]"},
		"URIs":               {desk.AppCall{URIs: []string{"file:///a", "x:b"}, Token: "tok"}, "Open [file:///a x:b] " + platform},
		"an action":          {desk.AppCall{Action: "new", Token: "tok"}, "ActivateAction new [] " + platform},
		"the action refuses": {desk.AppCall{Action: "bad"}, "Failed: org.x.My-App refused: no such thing; see its log"},
		"an action of files": {desk.AppCall{Action: "new", URIs: []string{"x:"}}, "InvalidInput: an action of org.x.My-App takes no files; start it without"},
	} {
		t.Run(rule, func(t *testing.T) {
			c.call.Name = "org.x.My-App"
			var got string
			if err := b.Activate(context.Background(), c.call); err != nil {
				got = fmt.Sprintf("%s: %v", api.CodeOf(err), err)
			} else {
				got = <-a.calls
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// What lets the launcher fall back to Exec.
func TestActivateNotFound(t *testing.T) {
	b := start(t, &app{}, "org.x.Other", "/elsewhere")
	for rule, name := range map[string]string{
		"nobody has the name":            "org.x.Missing",
		"the owner is no application":    "org.x.Other",
		"an id without a dot is no name": "firefox",
		"an element begins with a digit": "org.7zip.X",
		"an empty element":               "org..x",
		"not ASCII":                      "org.x.Ä",
		"too long":                       "org." + strings.Repeat("x", 300),
		"nothing":                        "",
	} {
		t.Run(rule, func(t *testing.T) {
			if err := b.Activate(context.Background(), desk.AppCall{Name: name}); api.CodeOf(err) != api.NotFound {
				t.Errorf("got %s: %v", api.CodeOf(err), err)
			}
		})
	}
}

func TestActivateEndsWithItsContext(t *testing.T) {
	a := &app{calls: make(chan string, 1), hang: make(chan struct{})}
	b := start(t, a, "org.x.Hangs", "/org/x/Hangs")
	defer close(a.hang)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := b.Activate(ctx, desk.AppCall{Name: "org.x.Hangs"}); api.CodeOf(err) != api.Cancelled {
		t.Errorf("got %s: %v", api.CodeOf(err), err)
	}
}

func TestActivateWithoutBus(t *testing.T) {
	none := api.Errorf(api.Unavailable, "no session bus")
	b := New(func() (*dbus.Conn, error) { return nil, none })
	if err := b.Activate(context.Background(), desk.AppCall{Name: "org.x.Y"}); !errors.Is(err, none) {
		t.Error(err)
	}
}

package opener

import (
	"context"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/google/go-cmp/cmp"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/portal"
	"nerva/wayland/sessionbus"
)

// OpenURI is the portal's method.
func (p *fakePortal) OpenURI(sender dbus.Sender, _, address string, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	if options["ask"].Value() != false {
		address += " and asks"
	}
	return p.answer(sender, opened{address, options["activation_token"].Value()}, options)
}

func TestOpenURL(t *testing.T) {
	const none = 99 // no portal
	const page = "https://example.org/?q=a&b=$(id)"
	for _, test := range []struct {
		rule, address, token string
		code                 uint32
		want                 api.Code
		says                 string
		spawned              []desk.Command
	}{
		{"by the portal", page, "tok", 0, "", "", nil},
		{"the chooser was closed", page, "", 1, api.Cancelled, "cancelled", nil},
		{"the portal can't", page, "", 2, "", "", []desk.Command{{AppID: "xdg-open", Argv: []string{"xdg-open", page}}}},
		{"no portal", page, "tok", none, "", "", []desk.Command{
			{AppID: "xdg-open", Argv: []string{"xdg-open", page}, Env: []string{"XDG_ACTIVATION_TOKEN=tok"}},
		}},
		{"no portal and no mail program", "mailto:a@b", "", none, api.Unavailable, "no application is set for x-scheme-handler/mailto", nil},
		{"a file", "file:///etc/passwd", "", none, api.InvalidInput, "is no address", nil},
		{"no scheme", "--help", "", none, api.InvalidInput, "is no address", nil},
		{"broken", "https://%zz", "", none, api.InvalidInput, "is no address", nil},
	} {
		t.Run(test.rule, func(t *testing.T) {
			bustest.Start(t)
			xdgMime(t)
			p := &fakePortal{code: test.code, opened: make(chan opened, 1)}
			if test.code != none {
				p.start(t)
			}
			var spawner fakeSpawner
			err := New(portal.New(sessionbus.New(t.Context()).Conn), &spawner).OpenURL(t.Context(), test.address, test.token)
			if api.CodeOf(err) != test.want || (err != nil && !strings.Contains(err.Error(), test.says)) {
				t.Fatalf("error %v, want code %q and %q", err, test.want, test.says)
			}
			if test.code != none {
				want := opened{test.address, nil}
				if test.token != "" {
					want.Token = test.token
				}
				if diff := cmp.Diff(want, <-p.opened); diff != "" {
					t.Errorf("the portal was asked (-want +got):\n%s", diff)
				}
			}
			if diff := cmp.Diff(test.spawned, spawner.started); diff != "" {
				t.Errorf("started (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOpenURLTimedOutTriesNothingElse(t *testing.T) {
	var spawner fakeSpawner
	err := New(slowPortal{}, &spawner).OpenURL(t.Context(), "https://example.org", "")
	if err == nil || len(spawner.started) > 0 {
		t.Errorf("got %v, started %v", err, spawner.started)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := New(absentPortal{}, &spawner).OpenURL(ended, "https://example.org", ""); err == nil || len(spawner.started) > 0 {
		t.Errorf("cancelled: %v, started %v", err, spawner.started)
	}
}

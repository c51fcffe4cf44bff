package notify

import (
	"context"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/google/go-cmp/cmp"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/sessionbus"
)

var _ desk.Notifier = (*Notifier)(nil)

// server is a notification service on the test's own bus.
type server struct {
	capabilities []string
	fail         *dbus.Error
	shown        chan shown
	closed       chan uint32
	conn         *dbus.Conn
}

type shown struct {
	App      string
	Replaces uint32
	Icon     string
	Title    string
	Body     string
	Actions  []string
	Entry    any
	Tag      any
	Expire   int32
}

func (s *server) GetCapabilities() ([]string, *dbus.Error) { return s.capabilities, nil }

func (s *server) Notify(app string, replaces uint32, icon, title, body string, actions []string, hints map[string]dbus.Variant, expire int32) (uint32, *dbus.Error) {
	if s.fail != nil {
		return 0, s.fail
	}
	s.shown <- shown{app, replaces, icon, title, body, actions, hints["desktop-entry"].Value(), hints["x-dunst-stack-tag"].Value(), expire}
	return 7, nil
}

func (s *server) CloseNotification(id uint32) *dbus.Error {
	s.closed <- id
	return nil
}

func start(t *testing.T, s *server) *Notifier {
	t.Helper()
	bustest.Start(t)
	s.export(t)
	// The connection ends after everything that uses it.
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	return New(sessionbus.New(ctx).Conn)
}

// export makes s the service, from now on.
func (s *server) export(t *testing.T) {
	t.Helper()
	s.shown, s.closed = make(chan shown, 1), make(chan uint32, 1)
	s.conn = bustest.Own(t, busName)
	if err := s.conn.Export(s, objectPath, busName); err != nil {
		t.Fatal(err)
	}
}

func (s *server) emit(t *testing.T, member string, body ...any) {
	t.Helper()
	if err := s.conn.Emit(objectPath, busName+"."+member, body...); err != nil {
		t.Fatal(err)
	}
}

func TestNotify(t *testing.T) {
	for _, test := range []struct {
		rule         string
		capabilities []string
		body, want   string
	}{
		{"markup is shown as it stands", []string{"actions", "body", "body-markup"}, `<b>1 < 2 && "x"</b>`, `&lt;b&gt;1 &lt; 2 &amp;&amp; "x"&lt;/b&gt;`},
		{"a server without markup takes plain text", []string{"body"}, "<b>1 < 2</b>", "<b>1 < 2</b>"},
		{"what D-Bus can't carry", nil, "a\x00b\xffc", "ab�c"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			s := &server{capabilities: test.capabilities}
			got, err := start(t, s).Notify(t.Context(), desk.Notification{Title: "A & B", Body: test.body, Icon: "dialog-information"})
			if err != nil || got.ID != 7 || got.By == "" {
				t.Fatalf("got %v, %v", got, err)
			}
			want := shown{"nerva", 0, "dialog-information", "A & B", test.want, []string{}, "org.nerva.Overlay1", nil, -1}
			if diff := cmp.Diff(want, <-s.shown); diff != "" {
				t.Errorf("shown (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNotifyFails(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		n := start(t, &server{fail: dbus.NewError("org.example.Error.Full", []any{"too many"})})
		_, err := n.Notify(t.Context(), desk.Notification{Title: "x"})
		if api.CodeOf(err) != api.Failed || !strings.Contains(err.Error(), "too many") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("no server", func(t *testing.T) {
		bustest.Start(t)
		_, err := New(sessionbus.New(t.Context()).Conn).Notify(t.Context(), desk.Notification{Title: "x"})
		if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "start one, such as mako or dunst") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("no bus", func(t *testing.T) {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
		_, err := New(sessionbus.New(t.Context()).Conn).Notify(t.Context(), desk.Notification{Title: "x"})
		if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "no session bus") {
			t.Errorf("error %v", err)
		}
	})
}

package logind

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/sessionbus"
)

var _ desk.Power = (*Logind)(nil)

// fakeManager is a login manager whose every answer is can or fail.
type fakeManager struct {
	can  string
	fail *dbus.Error // of all but the questions and GetSession
	lost *dbus.Error // of GetSession

	mu  sync.Mutex
	did []string
}

func (m *fakeManager) note(what string) *dbus.Error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.did = append(m.did, what)
	return m.fail
}

func (m *fakeManager) CanSuspend() (string, *dbus.Error)   { return m.can, nil }
func (m *fakeManager) CanHibernate() (string, *dbus.Error) { return m.can, nil }
func (m *fakeManager) CanReboot() (string, *dbus.Error)    { return m.can, nil }
func (m *fakeManager) CanPowerOff() (string, *dbus.Error)  { return m.can, nil }

func (m *fakeManager) verb(name string, interactive bool) *dbus.Error {
	if interactive {
		name += " with a dialog"
	}
	return m.note(name)
}

func (m *fakeManager) Suspend(i bool) *dbus.Error   { return m.verb("Suspend", i) }
func (m *fakeManager) Hibernate(i bool) *dbus.Error { return m.verb("Hibernate", i) }
func (m *fakeManager) Reboot(i bool) *dbus.Error    { return m.verb("Reboot", i) }
func (m *fakeManager) PowerOff(i bool) *dbus.Error  { return m.verb("PowerOff", i) }

func (m *fakeManager) GetSession(id string) (dbus.ObjectPath, *dbus.Error) {
	if id != "auto" {
		return "", dbus.MakeFailedError(context.Canceled)
	}
	return objectPath + "/session/_32", m.lost
}

type fakeSession struct{ m *fakeManager }

func (s fakeSession) Lock() *dbus.Error      { return s.m.note("Lock") }
func (s fakeSession) Terminate() *dbus.Error { return s.m.note("Terminate") }

func start(t *testing.T, m *fakeManager) {
	t.Helper()
	bustest.Start(t)
	bustest.System(t)
	conn := bustest.Own(t, busName)
	if err := conn.Export(m, objectPath, managerType); err != nil {
		t.Fatal(err)
	}
	if err := conn.Export(fakeSession{m}, objectPath+"/session/_32", sessionType); err != nil {
		t.Fatal(err)
	}
}

func do(ctx context.Context, action desk.PowerAction) error {
	return New(sessionbus.NewSystem(ctx).Conn).Do(ctx, action)
}

func named(name string) *dbus.Error { return dbus.NewError(name, []any{"no\x1b\n"}) }

func TestDo(t *testing.T) {
	const denied, blocked = "without a password", "systemd-inhibit --list"
	for _, test := range []struct {
		rule   string
		action desk.PowerAction
		m      *fakeManager
		did    string
		code   api.Code
		says   string
	}{
		{"suspend", "suspend", &fakeManager{can: "yes"}, "Suspend", "", ""},
		{"hibernate", "hibernate", &fakeManager{can: "yes"}, "Hibernate", "", ""},
		{"reboot", "reboot", &fakeManager{can: "yes"}, "Reboot", "", ""},
		{"poweroff", "poweroff", &fakeManager{can: "yes"}, "PowerOff", "", ""},
		{"lock", "lock", &fakeManager{}, "Lock", "", ""},
		{"logout", "logout", &fakeManager{}, "Terminate", "", ""},
		{"the hardware can't", "hibernate", &fakeManager{can: "na"}, "", api.Unavailable, "this computer can't hibernate"},
		{"forbidden", "reboot", &fakeManager{can: "no"}, "", api.Denied, denied},
		{"it would ask for a password", "poweroff", &fakeManager{can: "challenge"}, "", api.Denied, denied},
		{"held off", "suspend", &fakeManager{can: "inhibitor-blocked"}, "", api.Busy, blocked},
		{"polkit says no", "suspend", &fakeManager{can: "yes", fail: named("org.freedesktop.DBus.Error.InteractiveAuthorizationRequired")}, "Suspend", api.Denied, denied},
		{"polkit says no to the session", "logout", &fakeManager{fail: named("org.freedesktop.DBus.Error.AccessDenied")}, "Terminate", api.Denied, denied},
		{"held off after the question", "reboot", &fakeManager{can: "yes", fail: named("org.freedesktop.login1.BlockedByInhibitorLock")}, "Reboot", api.Busy, blocked},
		{"under way", "reboot", &fakeManager{can: "yes", fail: named("org.freedesktop.login1.OperationInProgress")}, "Reboot", api.Busy, "wait for it"},
		{"no session", "lock", &fakeManager{lost: named("org.freedesktop.login1.NoSuchSession")}, "", api.Unavailable, "knows no session"},
		{"an error of its own", "suspend", &fakeManager{can: "yes", fail: named("org.example.Broken")}, "Suspend", api.Failed, "the login manager refused: no:"},
		{"a word of its own", "suspend", &fakeManager{can: strings.Repeat("maybe", 1<<16)}, "Suspend", "", ""},
		{"no such action", "explode", &fakeManager{can: "yes"}, "", api.InvalidInput, "say one of [lock suspend"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			m := test.m
			start(t, m)
			err := do(t.Context(), test.action)
			if api.CodeOf(err) != test.code || (err != nil && !strings.Contains(err.Error(), test.says)) {
				t.Errorf("error %v, want %q and %q", err, test.code, test.says)
			}
			m.mu.Lock()
			defer m.mu.Unlock()
			if did := strings.Join(m.did, " "); did != test.did {
				t.Errorf("did %q, want %q", did, test.did)
			}
		})
	}
}

// other answers in another form than logind's; hanging in none.
type other struct{}

func (other) CanSuspend() (map[string]uint32, *dbus.Error) { return nil, nil }
func (other) GetSession(string) (string, *dbus.Error)      { return "not a path", nil }

type hanging struct{ ctx context.Context }

func (h hanging) CanSuspend() (string, *dbus.Error) {
	<-h.ctx.Done()
	return "", nil
}

func TestAnotherManager(t *testing.T) {
	bustest.Start(t)
	bustest.System(t)
	for _, action := range []desk.PowerAction{"suspend", "lock"} {
		if err := do(t.Context(), action); api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "systemd-logind") {
			t.Errorf("%s without a manager: %v", action, err)
		}
	}
	conn := bustest.Own(t, busName)
	if err := conn.Export(other{}, objectPath, managerType); err != nil {
		t.Fatal(err)
	}
	for _, action := range []desk.PowerAction{"suspend", "lock"} {
		if err := do(t.Context(), action); api.CodeOf(err) != api.Failed {
			t.Errorf("%s of another form: %v", action, err)
		}
	}
	if err := conn.Export(hanging{t.Context()}, objectPath, managerType); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200_000_000) // 0.2 s
	defer cancel()
	if err := New(sessionbus.NewSystem(t.Context()).Conn).Do(ctx, "suspend"); api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "did not answer in time") {
		t.Errorf("hanging: %v", err)
	}
}

package units

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/godbus/dbus/v5"
	"github.com/google/go-cmp/cmp"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/sessionbus"
)

var _ desk.Units = (*Units)(nil)

// manager stands in for systemd.
type manager struct {
	conn *dbus.Conn

	mu         sync.Mutex
	subscribed chan struct{}
	units      []listed
	lists      int
}

func (m *manager) Subscribe() *dbus.Error {
	m.subscribed <- struct{}{}
	return nil
}

func (m *manager) ListUnits() ([]listed, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lists++
	return m.units, nil
}

// properties of a unit; a name is "Interface.Property".
type values map[string]any

func (v values) Get(of, name string) (dbus.Variant, *dbus.Error) {
	if value, ok := v[strings.TrimPrefix(of, systemd+".")+"."+name]; ok {
		return dbus.MakeVariant(value), nil
	}
	return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", nil)
}

// busy tells of a unit while it is asked for it.
type busy struct {
	values
	first func()
}

func (b busy) Get(of, name string) (dbus.Variant, *dbus.Error) {
	if name == "ActiveState" {
		b.first()
	}
	return b.values.Get(of, name)
}

func startManager(t *testing.T, units ...listed) *manager {
	t.Helper()
	m := &manager{conn: bustest.Own(t, "org.example.Starting"), subscribed: make(chan struct{}, 8), units: units}
	if err := m.conn.Export(m, objectPath, managerAPI); err != nil {
		t.Fatal(err)
	}
	m.own(t)
	return m
}

func (m *manager) own(t *testing.T) {
	t.Helper()
	if reply, err := m.conn.RequestName(systemd, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("%v, %v", reply, err)
	}
}

func pathOf(name string) dbus.ObjectPath {
	var b strings.Builder
	for _, c := range []byte(name) {
		if c >= 'a' && c <= 'z' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "_%02x", c)
		}
	}
	return unitPath + "/" + dbus.ObjectPath(b.String())
}

func of(name, state string) listed {
	return listed{Name: name, Active: state, Path: pathOf(name), JobPath: "/"}
}

func (m *manager) has(t *testing.T, name string, v any) {
	t.Helper()
	if err := m.conn.Export(v, pathOf(name), properties); err != nil {
		t.Fatal(err)
	}
}

func (m *manager) emit(t *testing.T, path dbus.ObjectPath, member string, body ...any) {
	t.Helper()
	if err := m.conn.Emit(path, member, body...); err != nil {
		t.Fatal(err)
	}
}

func (m *manager) becomes(t *testing.T, name, state string) {
	t.Helper()
	m.emit(t, pathOf(name), properties+".PropertiesChanged", unitAPI,
		map[string]dbus.Variant{"ActiveState": dbus.MakeVariant(state), "SubState": dbus.MakeVariant("x")}, []string{"Job"})
}

func (m *manager) tells(t *testing.T, member, name string) {
	t.Helper()
	m.emit(t, objectPath, managerAPI+"."+member, name, pathOf(name))
}

func following(t *testing.T, system bool) <-chan desk.UnitChange {
	t.Helper()
	changes := make(chan desk.UnitChange, 16)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	u := New(sessionbus.New(ctx).Private, sessionbus.NewSystem(ctx).Private, slog.New(slog.DiscardHandler))
	go func() { ended <- u.FollowUnits(ctx, system, func(c desk.UnitChange) { changes <- c }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("FollowUnits returned %v", err)
		}
	})
	return changes
}

func await(t *testing.T, changes <-chan desk.UnitChange, want desk.UnitChange) {
	t.Helper()
	if diff := cmp.Diff(want, <-changes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// listed tells that what comes from now on is newer than the list.
func (m *manager) listed(t *testing.T, changes <-chan desk.UnitChange) {
	t.Helper()
	<-m.subscribed
	for n := 0; ; n++ {
		state := fmt.Sprint("probe", n)
		m.becomes(t, "probe.service", state)
		var list []string // which takes a moment, or there would be thousands of probes
		if err := m.conn.BusObject().Call("org.freedesktop.DBus.ListNames", 0).Store(&list); err != nil {
			t.Fatal(err)
		}
		select {
		case <-changes:
			m.becomes(t, "probe.service", "ready")
			for c := range changes {
				if c.State == "ready" {
					return
				}
			}
		default:
		}
	}
}

func TestChangesOfUnitsAreTold(t *testing.T) {
	for _, system := range []bool{false, true} {
		t.Run(fmt.Sprint("system=", system), func(t *testing.T) {
			bustest.Start(t)
			if system {
				bustest.System(t)
			}
			m := startManager(t, of("a@b-1.service", "active"), of("x.timer", "inactive"))
			m.has(t, "a@b-1.service", values{"Unit.Description": "The A\n of B", "Service.Result": "exit-code"})
			m.has(t, "x.timer", values{"Unit.Description": uint32(5), "Timer.Result": "resources"})
			changes := following(t, system)
			m.listed(t, changes)
			m.becomes(t, "a@b-1.service", "active") // as it was: another property changed
			m.becomes(t, "a@b-1.service", "failed")
			await(t, changes, desk.UnitChange{Unit: "a@b-1.service", Description: "The A of B", State: "failed", Was: "active", Result: "exit-code"})
			m.becomes(t, "x.timer", "failed")
			await(t, changes, desk.UnitChange{Unit: "x.timer", State: "failed", Was: "inactive", Result: "resources"})
			m.becomes(t, "x.timer", "inactive")
			await(t, changes, desk.UnitChange{Unit: "x.timer", State: "inactive", Was: "failed"})
			m.tells(t, "UnitRemoved", "x.timer") // nothing changes by that
			m.tells(t, "UnitRemoved", "a@b-1.service")
			await(t, changes, desk.UnitChange{Unit: "a@b-1.service", Description: "The A of B", State: "inactive", Was: "failed"})
			m.becomes(t, "never-seen.mount", "active")
			await(t, changes, desk.UnitChange{Unit: "never-seen.mount", State: "active"})
			if m.lists != 1 {
				t.Errorf("the whole list was read %d times", m.lists)
			}
		})
	}
}

func TestANewUnitIsAskedForItsState(t *testing.T) {
	bustest.Start(t)
	m := startManager(t)
	changes := following(t, false)
	m.listed(t, changes)
	m.has(t, "run.service", values{"Unit.ActiveState": "active", "Unit.Description": "Run"})
	m.has(t, "idle.service", values{"Unit.ActiveState": "inactive"})
	m.has(t, "odd.service", values{"Unit.ActiveState": uint32(1)})
	for _, name := range []string{"gone.service", "odd.service", "idle.service", "run.service"} {
		m.tells(t, "UnitNew", name)
	}
	await(t, changes, desk.UnitChange{Unit: "run.service", Description: "Run", State: "active", Was: "inactive"})
	m.emit(t, pathOf("idle.service"), properties+".PropertiesChanged", unitAPI, map[string]dbus.Variant{}, []string{"ActiveState"})
	m.has(t, "idle.service", values{"Unit.ActiveState": "activating"})
	m.emit(t, pathOf("idle.service"), properties+".PropertiesChanged", unitAPI, map[string]dbus.Variant{}, []string{"ActiveState"})
	await(t, changes, desk.UnitChange{Unit: "idle.service", State: "activating", Was: "inactive"})
}

// TestWhatWasSaidBeforeAnAnswerIsOlder: the states that a new unit went through while it was asked for are left out, and not told
// after the one that it has.
func TestWhatWasSaidBeforeAnAnswerIsOlder(t *testing.T) {
	bustest.Start(t)
	m := startManager(t)
	changes := following(t, false)
	m.listed(t, changes)
	m.has(t, "quick.service", busy{values{"Unit.ActiveState": "active"}, func() {
		m.becomes(t, "quick.service", "activating")
		m.becomes(t, "quick.service", "active")
	}})
	m.tells(t, "UnitNew", "quick.service")
	await(t, changes, desk.UnitChange{Unit: "quick.service", State: "active", Was: "inactive"})
	m.becomes(t, "quick.service", "failed")
	await(t, changes, desk.UnitChange{Unit: "quick.service", State: "failed", Was: "active"})
}

func TestWhatIsNoChangeOfAUnitIsLeftOut(t *testing.T) {
	bustest.Start(t)
	m := startManager(t, of("a.service", "active"))
	changes := following(t, false)
	m.listed(t, changes)
	const changed = properties + ".PropertiesChanged"
	active := map[string]dbus.Variant{"ActiveState": dbus.MakeVariant("inactive")}
	m.emit(t, pathOf("a.service"), changed, systemd+".Service", active, []string{})
	m.emit(t, pathOf("a.service"), changed, unitAPI, map[string]dbus.Variant{"ActiveState": dbus.MakeVariant(uint32(1))}, []string{})
	m.emit(t, pathOf("a.service"), changed, unitAPI, "no dictionary", []string{})
	m.emit(t, unitPath+"/a_2", changed, unitAPI, active, []string{})
	m.emit(t, objectPath, managerAPI+".UnitRemoved", "a.service")
	m.emit(t, objectPath, managerAPI+".UnitRemoved", "a.service", dbus.ObjectPath("/elsewhere"))
	stranger := bustest.Own(t, "org.example.Stranger")
	if err := stranger.Emit(pathOf("a.service"), changed, unitAPI, active, []string{}); err != nil {
		t.Fatal(err)
	}
	if err := stranger.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil { // it has been served
		t.Fatal(err)
	}
	m.becomes(t, "a.service", "reloading")
	await(t, changes, desk.UnitChange{Unit: "a.service", State: "reloading", Was: "active"})
}

// TestSystemdMayComeLaterAndComeBack: what changed while it was away is told.
func TestSystemdMayComeLaterAndComeBack(t *testing.T) {
	bustest.Start(t)
	changes := following(t, false)
	m := startManager(t, of("a.service", "active"), of("b.service", "active"))
	m.listed(t, changes)
	if _, err := m.conn.ReleaseName(systemd); err != nil {
		t.Fatal(err)
	}
	m.mu.Lock()
	m.units = []listed{of("a.service", "failed"), of("b.service", "active"), of("c.service", "active")}
	m.mu.Unlock()
	m.own(t)
	await(t, changes, desk.UnitChange{Unit: "a.service", State: "failed", Was: "active"})
	m.listed(t, changes)
	m.becomes(t, "c.service", "failed")
	await(t, changes, desk.UnitChange{Unit: "c.service", State: "failed", Was: "active"})
}

func TestFollowUnitsReturnsWhereItCannotListen(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent")
	u := New(sessionbus.New(t.Context()).Private, sessionbus.NewSystem(t.Context()).Private, slog.New(slog.DiscardHandler))
	if err := u.FollowUnits(t.Context(), true, nil); api.CodeOf(err) != api.Unavailable {
		t.Errorf("got %v", err)
	}
}

func FuzzNameOf(f *testing.F) {
	for _, name := range []string{"dbus.service", "a@b-1.service", `dev-disk-by\x2duuid.device`, "ü.slice", ""} {
		f.Add(string(pathOf(name)))
	}
	f.Add(string(unitPath) + "/a_2")
	f.Fuzz(func(t *testing.T, path string) {
		name := nameOf(dbus.ObjectPath(path))
		if len(name) > nameLimit || !utf8.ValidString(name) || strings.ContainsAny(name, "\n\x00/") {
			t.Errorf("%q gives %q", path, name)
		}
		if name != "" && nameOf(pathOf(name)) != name {
			t.Errorf("%q is not what %q says", name, pathOf(name))
		}
	})
}

package spawn

import (
	"context"
	"log/slog"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/sessionbus"
)

// systemd1 stands in for the manager of a user: it keeps what it was asked for and ends the job at once.
type systemd1 struct {
	conn   *dbus.Conn
	result string // of the start job
	units  chan unit
	pid    uint32 // of the main process of services
}

type unit struct {
	name, mode string
	properties map[string]dbus.Variant
}

func (s *systemd1) Subscribe() *dbus.Error {
	return dbus.NewError("org.freedesktop.systemd1.AlreadySubscribed", nil)
}

func (s *systemd1) StartTransientUnit(name, mode string, properties []property, aux []struct {
	Name       string
	Properties []property
},
) (dbus.ObjectPath, *dbus.Error) {
	u := unit{name, mode, map[string]dbus.Variant{}}
	for _, p := range properties {
		u.properties[p.Name] = p.Value
	}
	s.units <- u
	const job = dbus.ObjectPath("/org/freedesktop/systemd1/job/2")
	// Before the reply, and after a job that is somebody else's.
	for id, result := range map[uint32]string{1: "failed", 2: s.result} {
		path := dbus.ObjectPath("/org/freedesktop/systemd1/job/" + strconv.Itoa(int(id)))
		if err := s.conn.Emit(systemPath, managerAPI+".JobRemoved", id, path, name, result); err != nil {
			return "", dbus.MakeFailedError(err)
		}
	}
	return job, nil
}

func (s *systemd1) GetUnit(string) (dbus.ObjectPath, *dbus.Error) { return systemPath + "/unit/x", nil }

func (s *systemd1) Get(iface, name string) (dbus.Variant, *dbus.Error) {
	switch iface + "." + name {
	case managerAPI + ".Environment":
		return dbus.MakeVariant([]string{"FROM_MANAGER=1"}), nil
	case systemd + ".Service.MainPID":
		return dbus.MakeVariant(s.pid), nil
	}
	return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", nil)
}

func startSystemd(t *testing.T, result string) (*Spawner, *systemd1) {
	bustest.Start(t)
	conn := bustest.Own(t, systemd)
	s := &systemd1{conn: conn, result: result, units: make(chan unit, 1), pid: 4711}
	for path, iface := range map[dbus.ObjectPath]string{systemPath: managerAPI, systemPath + "/unit/x": "x.y"} {
		for _, i := range []string{iface, "org.freedesktop.DBus.Properties"} {
			if err := conn.Export(s, path, i); err != nil {
				t.Fatal(err)
			}
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	return New(sessionbus.New(ctx).Conn, slog.New(slog.DiscardHandler)), s
}

func (u unit) expect(t *testing.T, want map[string]string) {
	t.Helper()
	var extra []string
	for name, v := range u.properties {
		w, ok := want[name]
		if !ok {
			extra = append(extra, name)
		} else if got := v.Signature().String() + " " + v.String(); got != w {
			t.Errorf("%s is %s, want %s", name, got, w)
		}
		delete(want, name)
	}
	if u.mode != "fail" || len(extra)+len(want) > 0 {
		t.Errorf("mode %s, unexpected %v, missing %v", u.mode, extra, want)
	}
}

func TestScope(t *testing.T) {
	s, manager := startSystemd(t, "done")
	s.confined = func() bool { return false }
	p, text := report(t, s, desk.Command{AppID: "org.x-y"})
	u := <-manager.units
	if u.name != p.Unit || !regexp.MustCompile(`^app-nerva-org\.x\\x2dy-[0-9a-f]{16}\.scope$`).MatchString(u.name) {
		t.Errorf("unit %q, told %q", u.name, p.Unit)
	}
	if !strings.Contains(text, "FROM_MANAGER=1\n") || !strings.Contains(text, "pid="+strconv.Itoa(p.PID)+" ") {
		t.Errorf("the program %d saw\n%s", p.PID, text)
	}
	u.expect(t, map[string]string{
		"Description": `s "org.x-y"`, "Slice": `s "app.slice"`, "CollectMode": `s "inactive-or-failed"`,
		"PIDs": "au @au [" + strconv.Itoa(p.PID) + "]",
	})
}

// A program without a scope is better than none.
func TestScopeRefused(t *testing.T) {
	s, _ := startSystemd(t, "failed")
	s.confined = func() bool { return false }
	if p, _ := report(t, s, desk.Command{}); p.Unit != "" || p.PID == 0 {
		t.Errorf("got %+v", p)
	}
}

func TestServiceWhereConfined(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "secret")
	s, manager := startSystemd(t, "done")
	s.confined = func() bool { return true }
	dir := t.TempDir()
	p, err := s.Spawn(context.Background(), desk.Command{AppID: "x", Argv: []string{"sh", "$HOME", "%i", "${A}"}, Dir: dir, Env: []string{"XDG_ACTIVATION_TOKEN=fresh"}})
	if err != nil {
		t.Fatal(err)
	}
	u := <-manager.units
	if p.PID != 4711 || p.Unit != u.name || !strings.HasPrefix(u.name, "app-nerva-x@") || !strings.HasSuffix(u.name, ".service") {
		t.Errorf("got %+v, asked for %s", p, u.name)
	}
	env, _ := u.properties["Environment"].Value().([]string)
	unset, _ := u.properties["UnsetEnvironment"].Value().([]string)
	if !slices.Contains(env, "XDG_ACTIVATION_TOKEN=fresh") || !slices.Contains(env, "PWD="+dir) || slices.Contains(env, "OPENAI_API_KEY=secret") {
		t.Errorf("environment %q", env)
	}
	if slices.Contains(unset, "XDG_ACTIVATION_TOKEN") || !slices.Contains(unset, "OPENAI_API_KEY") {
		t.Errorf("unset %q", unset)
	}
	delete(u.properties, "Environment")
	delete(u.properties, "UnsetEnvironment")
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	u.expect(t, map[string]string{
		"Description": `s "x"`, "Slice": `s "app.slice"`, "CollectMode": `s "inactive-or-failed"`,
		"Type": `s "exec"`, "ExitType": `s "cgroup"`, "WorkingDirectory": `s "` + dir + `"`,
		"ExecStartEx": `a(sasas) [["` + sh + `", ["sh", "$HOME", "%i", "${A}"], ["no-env-expand"]]]`,
	})
}

func TestServiceFails(t *testing.T) {
	s, _ := startSystemd(t, "failed")
	s.confined = func() bool { return true }
	_, err := s.Spawn(context.Background(), desk.Command{Argv: []string{"sh"}})
	if api.CodeOf(err) != api.Failed || !strings.Contains(err.Error(), `ended as "failed"; see journalctl --user -u 'app-nerva-sh@`) {
		t.Error(err)
	}
	_, err = s.Spawn(context.Background(), desk.Command{Argv: []string{"sh", "\xff"}})
	if api.CodeOf(err) != api.InvalidInput {
		t.Errorf("not UTF-8: %v", err)
	}
}

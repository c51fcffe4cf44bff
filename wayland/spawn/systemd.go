package spawn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
)

const (
	systemd    = "org.freedesktop.systemd1"
	systemPath = dbus.ObjectPath("/org/freedesktop/systemd1")
	managerAPI = systemd + ".Manager"
)

// manager is the user's systemd, org.freedesktop.systemd1(5). A nil one does not run.
type manager struct{ conn *dbus.Conn }

// manager returns nil where no systemd serves the session bus now; it is never started by the question.
func (s *Spawner) manager(ctx context.Context) *manager {
	conn, err := s.conn()
	if err != nil {
		return nil // no bus, so no systemd: programs start all the same
	}
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	var runs bool
	err = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, systemd).Store(&runs)
	if err != nil || !runs {
		return nil
	}
	return &manager{conn}
}

func (m *manager) object() dbus.BusObject { return m.conn.Object(systemd, systemPath) }

// environment is what the manager gives to services; none where it does not answer.
func (m *manager) environment(ctx context.Context) []string {
	if m == nil {
		return nil
	}
	var list []string
	if err := m.get(ctx, systemPath, managerAPI, "Environment", &list); err != nil {
		return nil
	}
	return list
}

func (m *manager) get(ctx context.Context, path dbus.ObjectPath, iface, property string, value any) error {
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	return m.conn.Object(systemd, path).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, iface, property).Store(value)
}

// property is one element of the a(sv) of StartTransientUnit.
type property struct {
	Name  string
	Value dbus.Variant
}

func prop(name string, value any) property { return property{name, dbus.MakeVariant(value)} }

// common are the properties of all units: collected as soon as they end, whether well or not.
func common(c desk.Command) []property {
	return []property{
		prop("Description", appID(c)),
		prop("Slice", "app.slice"),
		prop("CollectMode", "inactive-or-failed"),
	}
}

// startScope puts a running process into a scope.
func (m *manager) startScope(ctx context.Context, c desk.Command, pid int) (unit string, err error) {
	name := scopeName(c)
	if err := m.start(ctx, name, append(common(c), prop("PIDs", []uint32{uint32(pid)}))); err != nil {
		return "", err
	}
	return name, nil
}

// command is one element of the a(sasas) of ExecStartEx: path, argv, flags.
type command struct {
	Path  string
	Argv  []string
	Flags []string
}

// startService has systemd itself start the program. Percent signs need no care: systemd escapes
// specifiers in what it is given over D-Bus. Dollar signs do, it would expand variables in arguments at
// execution: that is what the flag no-env-expand is against, which only ExecStartEx has (systemd 243).
// Type=exec makes the job fail where execve fails; ExitType=cgroup lets a program fork and its first
// process end (systemd 250).
func (m *manager) startService(ctx context.Context, c desk.Command, program string, env environ) (desk.Process, error) {
	// The bus hangs up on a client that sends anything else as a string.
	for _, arg := range slices.Concat(c.Argv, []string{program, c.Dir}) {
		if !utf8.ValidString(arg) {
			return desk.Process{}, api.Errorf(api.InvalidInput, "%q is not UTF-8, so systemd can't be told to start it; rename the file", arg)
		}
	}
	name := serviceName(c)
	err := m.start(ctx, name, append(common(c),
		prop("Type", "exec"),
		prop("ExitType", "cgroup"),
		prop("WorkingDirectory", c.Dir),
		prop("Environment", slices.DeleteFunc(env.list(), func(v string) bool { return !utf8.ValidString(v) })),
		prop("UnsetEnvironment", env.unset()),
		prop("ExecStartEx", []command{{program, c.Argv, []string{"no-env-expand"}}}),
	))
	if err != nil {
		return desk.Process{}, api.Errorf(api.Failed, "systemd did not start %s: %w; see journalctl --user -u '%s'", c.Argv[0], err, name)
	}
	// One that has ended already is collected and has no PID: that is no error.
	var unit dbus.ObjectPath
	var pid uint32
	if err := m.object().CallWithContext(ctx, managerAPI+".GetUnit", 0, name).Store(&unit); err == nil {
		_ = m.get(ctx, unit, systemd+".Service", "MainPID", &pid)
	}
	return desk.Process{PID: int(pid), Unit: name}, nil
}

// start makes a transient unit and waits for the end of its start job. The signal is subscribed to first,
// since the job may be done before the reply that names it is read.
func (m *manager) start(ctx context.Context, name string, properties []property) error {
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	match := []dbus.MatchOption{
		dbus.WithMatchSender(systemd), dbus.WithMatchObjectPath(systemPath),
		dbus.WithMatchInterface(managerAPI), dbus.WithMatchMember("JobRemoved"),
	}
	if err := m.conn.AddMatchSignalContext(ctx, match...); err != nil {
		return err
	}
	defer func() { _ = m.conn.RemoveMatchSignal(match...) }() // fails only with the connection
	signals := make(chan *dbus.Signal, 16)
	m.conn.Signal(signals)
	defer m.conn.RemoveSignal(signals)
	// The manager sends no signal before somebody subscribes; that it has been done already is no error.
	var refused dbus.Error
	if err := m.object().CallWithContext(ctx, managerAPI+".Subscribe", 0).Err; err != nil && !errors.As(err, &refused) {
		return err
	}
	type auxiliary struct {
		Name       string
		Properties []property
	}
	var job dbus.ObjectPath
	err := m.object().CallWithContext(ctx, managerAPI+".StartTransientUnit", 0, name, "fail", properties, []auxiliary{}).Store(&job)
	if err != nil {
		return err
	}
	return waitJob(ctx, signals, job)
}

func waitJob(ctx context.Context, signals <-chan *dbus.Signal, job dbus.ObjectPath) error {
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("its start job did not end: %w", ctx.Err())
		case s, open := <-signals:
			if !open {
				return dbus.ErrClosed
			}
			var (
				id           uint32
				path         dbus.ObjectPath
				unit, result string
			)
			if s.Name != managerAPI+".JobRemoved" || dbus.Store(s.Body, &id, &path, &unit, &result) != nil || path != job {
				continue
			}
			if result != "done" {
				return fmt.Errorf("its start job ended as %q", result)
			}
			return nil
		}
	}
}

package atspi

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/service"
)

const (
	registry = "org.a11y.atspi.Registry"
	rootPath = dbus.ObjectPath("/org/a11y/atspi/accessible/root") // of the registry and of each application
	// comeLimit is how long applications have that were called: Qt takes some milliseconds, a program that has just begun on a
	// busy machine more than a second.
	comeLimit = 2 * time.Second
	// maxApps bounds how many are looked at; any program may connect without end.
	maxApps = 64
)

// application is one on the bus.
type application struct {
	ref
	name string
	pid  uint32
	// title is that of the one window to look at; empty: all of them.
	title string
	// only says that nothing else can be looked at: the compositor does not tell the window's process.
	only bool
}

// applications gives those that a query is about. Qt, unlike GTK, comes to the bus only once somebody has said that
// assistive technology is there; that is said for a moment where the application of a window is missing, and taken back,
// because it is kept in the user's settings and slows some applications down. Who has come stays.
func (t *Tree) applications(ctx context.Context, l look, q desk.ControlQuery) ([]application, error) {
	windows, err := t.list(ctx, q)
	if err != nil {
		return nil, err
	}
	apps, err := l.registered(ctx)
	if err != nil {
		return nil, err
	}
	asked := slices.DeleteFunc(slices.Clone(windows), func(w desk.Window) bool {
		return q.Window != "" && w.ID != q.Window || q.App != "" && !strings.EqualFold(w.AppID, q.App)
	})
	if len(asked) > 0 {
		windows = asked // or any may be of the application that is named
	}
	if len(t.missing(windows, apps)) > 0 {
		if apps, err = t.call(ctx, l, windows, apps); err != nil {
			return nil, err
		}
	}
	if q.Window == "" && q.App == "" {
		return apps, nil
	}
	unknown := q.Window != "" && asked[0].PID == 0
	apps = slices.DeleteFunc(apps, func(a application) bool {
		return (q.App == "" || !strings.EqualFold(a.name, q.App)) && !slices.ContainsFunc(asked, a.shows) && !unknown
	})
	if len(apps) == 0 {
		return nil, api.Errorf(api.NotFound, "no application offers the controls of %.64q; look with list_windows whether it is open, or use it by keyboard", q.Window+q.App)
	}
	if q.Window != "" {
		for i := range apps {
			apps[i].title, apps[i].only = service.Line(asked[0].Title), unknown
		}
	}
	return apps, nil
}

// shows says whether a window is the application's.
func (a application) shows(w desk.Window) bool { return w.PID != 0 && uint32(w.PID) == a.pid }

// list gives the compositor's windows. Without a compositor there are none, and applications are found by name.
func (t *Tree) list(ctx context.Context, q desk.ControlQuery) ([]desk.Window, error) {
	windows, err := t.windows.List(ctx)
	if q.Window == "" {
		if err != nil {
			windows = nil
		}
		return windows, nil
	}
	if err == nil && !slices.ContainsFunc(windows, func(w desk.Window) bool { return w.ID == q.Window }) {
		err = api.Errorf(api.NotFound, "there is no window %.64q; take its id from list_windows", q.Window)
	}
	return windows, err
}

// registered gives the applications on the bus, but nerva's own and those that don't say their name.
func (l look) registered(ctx context.Context) ([]application, error) {
	s := service.Service{Name: "the accessibility registry", Missing: "install at-spi2-core and log in again", Object: l.conn.Object(registry, rootPath)}
	var refs []ref
	if err := s.Call(ctx, accessible+".GetChildren", nil, &refs); err != nil {
		return nil, err
	}
	refs = refs[:min(len(refs), maxApps)]
	limited, cancel := context.WithTimeout(ctx, comeLimit)
	defer cancel()
	calls := make([]*dbus.Call, len(refs))
	for i, r := range refs {
		calls[i] = l.property(limited, ref{r.Bus, rootPath}, accessible, "Name")
	}
	var apps []application
	for i, r := range refs {
		name, named := text(calls[i])
		pid, err := l.guard.pid(ctx, r.Bus)
		if named && err == nil {
			apps = append(apps, application{ref: ref{r.Bus, rootPath}, name: name, pid: pid})
		}
	}
	return apps, nil
}

// missing gives the windows whose application is not there and has not been called in vain.
func (t *Tree) missing(windows []desk.Window, apps []application) []desk.Window {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(windows), func(w desk.Window) bool {
		return w.PID == 0 || t.silent[w.ID] || slices.ContainsFunc(apps, func(a application) bool { return a.shows(w) })
	})
}

// call has the applications of windows come to the bus, and remembers those that don't.
func (t *Tree) call(ctx context.Context, l look, windows []desk.Window, apps []application) ([]application, error) {
	came := make(chan *dbus.Signal, maxApps)
	l.conn.Signal(came)
	defer l.conn.RemoveSignal(came)
	match := []dbus.MatchOption{dbus.WithMatchInterface("org.a11y.atspi.Event.Object"), dbus.WithMatchMember("ChildrenChanged"), dbus.WithMatchObjectPath(rootPath)}
	if err := l.conn.AddMatchSignalContext(ctx, match...); err != nil {
		return nil, api.Errorf(api.Failed, "the accessibility bus can't be listened to: %w; log in again", err)
	}
	defer func() { _ = l.conn.RemoveMatchSignal(match...) }() // fails where the connection has ended, and the match with it
	off, err := t.enable(ctx)
	if err != nil {
		return nil, err
	}
	defer off()
	limited, cancel := context.WithTimeout(ctx, comeLimit)
	defer cancel()
	for len(t.missing(windows, apps)) > 0 {
		select {
		case <-came:
			if apps, err = l.registered(ctx); err != nil {
				return nil, err
			}
		case <-limited.Done():
			t.gaveUp(t.missing(windows, apps))
		}
	}
	return apps, nil
}

// enable says that assistive technology is there, where nobody has said so; off takes that back.
func (t *Tree) enable(ctx context.Context) (off func(), err error) {
	session, err := t.session()
	if err != nil {
		return nil, err
	}
	const status, property = "org.a11y.Status", "IsEnabled"
	s := service.Service{Name: "the accessibility service", Missing: "install at-spi2-core and log in again", Object: session.Object("org.a11y.Bus", "/org/a11y/bus")}
	set := func(ctx context.Context, on bool) error {
		return s.Call(ctx, "org.freedesktop.DBus.Properties.Set", []any{status, property, dbus.MakeVariant(on)})
	}
	v, err := s.Property(ctx, status, property)
	if err != nil {
		return nil, err
	}
	if on, _ := v.(bool); on {
		return func() {}, nil
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), comeLimit)
		defer cancel()
		_ = set(ctx, false) // fails where the service is gone, and what it was told with it
	}, set(ctx, true)
}

func (t *Tree) gaveUp(windows []desk.Window) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, w := range windows {
		t.silent[w.ID] = true
	}
}

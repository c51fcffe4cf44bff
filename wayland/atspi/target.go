package atspi

import (
	"context"
	"strings"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/service"
)

// identified reads the control that a query names by its address.
func (l look) identified(ctx context.Context, q desk.ControlQuery) (control, error) {
	r, ok := parse(q.ID)
	if !ok {
		return control{}, api.Errorf(api.InvalidInput, "%.64q is no id of a control; take it from list_ui", q.ID)
	}
	if _, err := l.guard.pid(ctx, r.Bus); err != nil {
		return control{}, err
	}
	c, ok := l.at(ctx, r)
	if !ok || q.Role != "" && c.Role != q.Role || q.App != "" && !strings.EqualFold(c.App, q.App) || !contains(c.Name, q.Name) {
		return control{}, api.Errorf(api.NotFound, "there is no such control at this id by now; look with list_ui what there is")
	}
	return c, nil
}

// at reads one control.
func (l look) at(ctx context.Context, r ref) (control, bool) {
	w := walk{look: l, seen: map[ref]bool{}, names: map[string]string{}}
	roots := w.from(ctx, r)
	if len(roots) == 0 || !roots[0].control() {
		return control{}, false
	}
	list := w.describe(ctx, roots)
	if len(list) == 0 {
		return control{}, false
	}
	return list[0], true
}

func parse(id string) (r ref, ok bool) {
	name, path, ok := strings.Cut(id, "/")
	r = ref{name, dbus.ObjectPath("/" + path)}
	return r, ok && r.Path.IsValid()
}

// target is what is acted on. What its application says when it refuses is left out of the errors: a model may read them, and
// nobody has agreed to what they say.
type target struct{ service.Service }

func (l look) target(role desk.ControlRole, r ref) target {
	return target{service.Service{Name: "the " + string(role), Missing: "its application has ended", Object: l.conn.Object(r.Bus, r.Path)}}
}

func (t target) Call(ctx context.Context, method string, args []any, results ...any) error {
	return t.without(t.Service.Call(ctx, method, args, results...))
}

func (t target) Property(ctx context.Context, of, name string) (any, error) {
	v, err := t.Service.Property(ctx, of, name)
	return v, t.without(err)
}

func (t target) without(err error) error {
	if err == nil || service.ErrorName(err) == "" {
		return err
	}
	return api.Errorf(api.CodeOf(err), "%s could not be used: %w; look with list_ui what there is", t.Name, refused{err})
}

// refused has a D-Bus error without its words.
type refused struct{ error }

func (refused) Error() string   { return "its application refused" }
func (r refused) Unwrap() error { return r.error }

package bus

import (
	"context"
	"fmt"
	"strings"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"

	"nerva/core/api"
)

// The methods of D-Bus' own interfaces: Introspectable and Properties.

// shownRuns is how many runs are listed as children of the runs' folder; older ones still answer.
const shownRuns = 100

func (s *Server) introspect(c *call) ([]any, error) {
	o, _ := s.tree.LookupObject(c.path)
	node := &introspect.Node{}
	for _, i := range o.(object).interfaces {
		node.Interfaces = append(node.Interfaces, i.describe())
	}
	children, err := s.children(c.path)
	if err != nil {
		return nil, err
	}
	for _, name := range children {
		node.Children = append(node.Children, introspect.Node{Name: name})
	}
	return []any{string(introspect.NewIntrospectable(node))}, nil
}

func (s *Server) children(path dbus.ObjectPath) ([]string, error) {
	if name, ok := folders[path]; ok {
		return []string{name}, nil
	}
	switch path {
	case Path:
		return []string{"run"}, nil
	case runsPath:
		return s.runNames()
	}
	_, err := s.snapshot(path)
	return nil, err
}

func (s *Server) runNames() ([]string, error) {
	ctx, done := context.WithTimeout(s.ctx, answerLimit)
	defer done()
	runs, err := s.svc.Agent.Runs(ctx, shownRuns)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(runs))
	for _, r := range runs {
		names = append(names, strings.TrimPrefix(string(RunPath(r.ID)), string(runsPath)+"/"))
	}
	return names, nil
}

func (s *Server) getProperties(c *call) ([]any, error) {
	d, err := s.propertiesOf(c)
	return []any{d}, err
}

func (s *Server) getProperty(c *call) ([]any, error) {
	d, err := s.propertiesOf(c)
	if err != nil {
		return nil, err
	}
	v, ok := d[c.text(1)]
	if !ok {
		return nil, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", []any{
			fmt.Sprintf("%s has no property %q", c.text(0), c.text(1)),
		})
	}
	return []any{v}, nil
}

func (s *Server) setProperty(*call) ([]any, error) {
	return nil, dbus.NewError("org.freedesktop.DBus.Error.PropertyReadOnly", []any{"every property of nerva is read-only"})
}

// propertiesOf gives the properties of the object and interface that a call names; an empty interface
// means all, and those without properties have none (D-Bus specification, "org.freedesktop.DBus.Properties").
func (s *Server) propertiesOf(c *call) (dict, error) {
	name := c.text(0)
	o, _ := s.tree.LookupObject(c.path)
	if _, ok := o.LookupInterface(name); !ok {
		return nil, dbus.NewError("org.freedesktop.DBus.Error.UnknownInterface", []any{
			fmt.Sprintf("%s has no interface %q", c.path, name),
		})
	}
	switch {
	case c.path == Path && (name == "" || name == ManagerInterface):
		return dict{"Version": dbus.MakeVariant(s.version)}, nil
	case c.path != Path && (name == "" || name == RunInterface):
		r, err := s.snapshot(c.path)
		return encode(propertiesOf(r)), err
	}
	return dict{}, nil
}

// snapshot is the present state of the run at a path.
func (s *Server) snapshot(path dbus.ObjectPath) (api.Run, error) {
	id, err := ParseRunPath(path)
	if err != nil {
		return api.Run{}, err
	}
	ctx, done := context.WithTimeout(s.ctx, answerLimit)
	defer done()
	// The relay comes first, so that every signal that follows from here on is one of its own.
	if err := s.relay(id); err != nil {
		return api.Run{}, err
	}
	r, _, err := s.svc.Agent.Watch(ctx, id)
	return r, err
}

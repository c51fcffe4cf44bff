package bus

import (
	"context"
	"fmt"
	"strings"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"

	"nerva/core/api"
)

// tree hands godbus the objects. It stands in for godbus' own exports for two reasons: those convert
// arguments of wrong types instead of refusing them (an i of -1 becomes a u of 4294967295), and their map
// of objects may not be read by calls while it changes.
type tree struct {
	server               *Server
	folder, service, run []iface
}

func newTree(s *Server) tree {
	return tree{
		server:  s,
		folder:  []iface{introspectable},
		service: []iface{launcherInterface, agentInterface, skillsInterface, managerInterface, properties, introspectable},
		run:     []iface{runInterface, properties, introspectable},
	}
}

// object is one object, looked up for one call.
type object struct {
	server     *Server
	path       dbus.ObjectPath
	interfaces []iface
}

var folders = map[dbus.ObjectPath]string{"/": "org", "/org": "nerva", "/org/nerva": "Nerva1"}

// LookupObject implements dbus.Handler. Whether a run exists shows when a method of it is called.
func (t tree) LookupObject(path dbus.ObjectPath) (dbus.ServerObject, bool) {
	o := object{server: t.server, path: path}
	_, isFolder := folders[path]
	_, noRun := ParseRunPath(path)
	switch {
	case path == Path:
		o.interfaces = t.service
	case isFolder || path == runsPath:
		o.interfaces = t.folder
	case noRun == nil:
		o.interfaces = t.run
	default:
		return nil, false
	}
	return o, true
}

// LookupInterface implements dbus.ServerObject. The interface of a call is optional (D-Bus specification,
// "Message Format"); without one the first method of that name is meant.
func (o object) LookupInterface(name string) (dbus.Interface, bool) {
	if name == "" {
		return o, true
	}
	for _, i := range o.interfaces {
		if i.name == name {
			return object{o.server, o.path, []iface{i}}, true
		}
	}
	return nil, false
}

// LookupMethod implements dbus.Interface.
func (o object) LookupMethod(name string) (dbus.Method, bool) {
	for _, i := range o.interfaces {
		for _, m := range i.methods {
			if m.name == name {
				return &call{server: o.server, method: m, path: o.path}, true
			}
		}
	}
	return nil, false
}

// call is one call of a method; it lives in the goroutine that godbus gives the call.
type call struct {
	server *Server
	method method
	path   dbus.ObjectPath
	sender string
	args   []any
	svc    Service
}

// DecodeArguments implements dbus.ArgumentDecoder; it takes just the signature that introspection gives.
func (c *call) DecodeArguments(_ *dbus.Conn, sender string, m *dbus.Message, args []any) ([]any, error) {
	var want strings.Builder
	for _, a := range c.method.in {
		want.WriteString(a.Type)
	}
	signature, _ := m.Headers[dbus.FieldSignature].Value().(dbus.Signature)
	if signature.String() != want.String() {
		return nil, dbus.NewError("org.freedesktop.DBus.Error.InvalidArgs", []any{
			fmt.Sprintf("%s takes arguments of signature %q, not %q", c.method.name, want.String(), signature.String()),
		})
	}
	c.sender, c.args = sender, args
	return args, nil
}

// Call implements dbus.Method.
func (c *call) Call(...any) ([]any, error) {
	if err := c.server.begin(); err != nil {
		return nil, toBus(err)
	}
	defer c.server.end()
	svc, err := c.server.service()
	if err != nil {
		return nil, toBus(err)
	}
	c.svc = svc
	out, err := c.method.do(c.server, c)
	if err != nil {
		return nil, toBus(err)
	}
	return out, nil
}

// The rest of dbus.Method serves godbus' own decoder, which DecodeArguments replaces.

func (c *call) NumArguments() int     { return len(c.method.in) }
func (c *call) NumReturns() int       { return len(c.method.out) }
func (c *call) ArgumentValue(int) any { return nil }
func (c *call) ReturnValue(int) any   { return nil }

func (c *call) text(i int) string  { return c.args[i].(string) }
func (c *call) options(i int) dict { return c.args[i].(dict) }

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

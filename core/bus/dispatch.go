package bus

import (
	"fmt"
	"strings"

	"github.com/godbus/dbus/v5"

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
		service: []iface{launcherInterface, agentInterface, skillsInterface, policyInterface, watchersInterface, workflowsInterface, managerInterface, properties, introspectable},
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
				return &call{server: o.server, iface: i.name, method: m, path: o.path}, true
			}
		}
	}
	return nil, false
}

// call is one call of a method; it lives in the goroutine that godbus gives the call.
type call struct {
	server    *Server
	iface     string
	method    method
	path      dbus.ObjectPath
	sender    string
	signature string
	args      []any
	by        api.Caller // who calls; empty for the member that is open to everybody
	trusted   bool       // the caller of that member is in no sandbox
	svc       Service
}

// DecodeArguments implements dbus.ArgumentDecoder. What is wrong with the arguments is said in Call, to those alone
// who may call.
func (c *call) DecodeArguments(_ *dbus.Conn, sender string, m *dbus.Message, args []any) ([]any, error) {
	signature, _ := m.Headers[dbus.FieldSignature].Value().(dbus.Signature)
	c.sender, c.signature, c.args = sender, signature.String(), args
	return args, nil
}

// fits takes just the signature that introspection gives.
func (c *call) fits() error {
	var want strings.Builder
	for _, a := range c.method.in {
		want.WriteString(a.Type)
	}
	if c.signature != want.String() {
		return dbus.NewError("org.freedesktop.DBus.Error.InvalidArgs", []any{
			fmt.Sprintf("%s takes arguments of signature %q, not %q", c.method.name, want.String(), c.signature),
		})
	}
	return nil
}

// Call implements dbus.Method.
func (c *call) Call(...any) ([]any, error) {
	if err := c.server.begin(); err != nil {
		return nil, toBus(err)
	}
	defer c.server.end()
	if err := c.admit(); err != nil {
		return nil, toBus(err)
	}
	if err := c.fits(); err != nil {
		return nil, toBus(err)
	}
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

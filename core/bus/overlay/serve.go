package overlay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/bus/peer"
)

// admitLimit bounds the question to the bus who calls.
const admitLimit = 5 * time.Second

// Handler is what the overlay does; no field is nil. The functions are called from any goroutine and must
// not wait for the person in front of the screen.
type Handler struct {
	Toggle func(token string)
	Show   func(token, text string)
	Hide   func()
	// Visible says whether the overlay is on the screen.
	Visible func() bool
}

// ErrRunning is in the chain of Serve's error where another overlay has the name.
var ErrRunning = errors.New("another nerva-overlay is running")

// Serve exports Interface and org.freedesktop.Application and takes Name, without queueing for it: the
// name is what makes the overlay single. It serves until conn closes.
func Serve(conn *dbus.Conn, h Handler) error {
	exports := map[string]any{
		Interface:                             service{conn, h},
		appInterface:                          application{service{conn, h}},
		"org.freedesktop.DBus.Introspectable": introspectable{},
		"org.freedesktop.DBus.Properties":     properties{service{conn, h}},
	}
	for iface, v := range exports {
		if err := conn.Export(v, Path, iface); err != nil {
			return fmt.Errorf("export %s: %w", iface, err)
		}
	}
	reply, err := conn.RequestName(Name, dbus.NameFlagDoNotQueue)
	if err != nil {
		return fmt.Errorf("take the bus name %s: %w", Name, err)
	}
	if reply != dbus.RequestNameReplyPrimaryOwner && reply != dbus.RequestNameReplyAlreadyOwner {
		return fmt.Errorf("%w: it owns the bus name %s; `nerva-ui` shows it", ErrRunning, Name)
	}
	return nil
}

type service struct {
	conn *dbus.Conn
	h    Handler
}

// admit turns peers in a sandbox away: who may show the overlay takes the keyboard, can put words into the entry, and
// could hide a question. Only what introspection says is for everybody. nerva-ui's socket lies in a folder that no
// sandbox has unless the user has given it away.
func (s service) admit(sender dbus.Sender, method string) *dbus.Error {
	ctx, done := context.WithTimeout(s.conn.Context(), admitLimit)
	defer done()
	if seen, _ := peer.Look(ctx, s.conn, string(sender)); seen.Sandboxed { // as is whoever can't be looked at
		return peer.Denied(method)
	}
	return nil
}

func (s service) Toggle(sender dbus.Sender, options map[string]dbus.Variant) *dbus.Error {
	if err := s.admit(sender, Toggle); err != nil {
		return err
	}
	token, _, err := parse(options, OptionToken)
	if err == nil {
		s.h.Toggle(token)
	}
	return err
}

func (s service) Show(sender dbus.Sender, options map[string]dbus.Variant) *dbus.Error {
	if err := s.admit(sender, Show); err != nil {
		return err
	}
	token, text, err := parse(options, OptionToken, OptionText)
	if err == nil {
		s.h.Show(token, text)
	}
	return err
}

func (s service) Hide(sender dbus.Sender) *dbus.Error {
	if err := s.admit(sender, Hide); err != nil {
		return err
	}
	s.h.Hide()
	return nil
}

// parse reads the options, of which only the allowed ones may be there, each a string.
func parse(options map[string]dbus.Variant, allowed ...string) (token, text string, fault *dbus.Error) {
	values := map[string]string{}
	for key, v := range options {
		known := false
		for _, a := range allowed {
			known = known || a == key
		}
		if !known {
			return "", "", invalid(fmt.Sprintf("there is no option %q; known options are %v", key, allowed))
		}
		value, ok := v.Value().(string)
		if !ok {
			return "", "", invalid(fmt.Sprintf("option %q must be of D-Bus type s, not %s", key, v.Signature()))
		}
		values[key] = value
	}
	return values[OptionToken], values[OptionText], nil
}

func invalid(sentence string) *dbus.Error {
	return dbus.NewError("org.nerva.Error.InvalidInput", []any{sentence})
}

// application is org.freedesktop.Application (Desktop Entry Specification, "D-Bus Activation"): how the
// .desktop file's DBusActivatable=true reaches the overlay. Every way in shows it.
type application struct{ s service }

func (a application) Activate(sender dbus.Sender, platform map[string]dbus.Variant) *dbus.Error {
	if err := a.s.admit(sender, "Activate"); err != nil {
		return err
	}
	token, _ := platform[OptionToken].Value().(string)
	if token == "" {
		token, _ = platform["desktop-startup-id"].Value().(string)
	}
	a.s.h.Show(token, "")
	return nil
}

func (a application) Open(sender dbus.Sender, _ []string, platform map[string]dbus.Variant) *dbus.Error {
	return a.Activate(sender, platform)
}

func (a application) ActivateAction(sender dbus.Sender, _ string, _ []dbus.Variant, platform map[string]dbus.Variant) *dbus.Error {
	return a.Activate(sender, platform)
}

// properties is org.freedesktop.DBus.Properties (D-Bus Specification, "Standard Interfaces"). The one
// property is for scripts that wait for the overlay.
type properties struct{ s service }

func (p properties) Get(sender dbus.Sender, iface, name string) (dbus.Variant, *dbus.Error) {
	all, err := p.GetAll(sender, iface)
	if err != nil {
		return dbus.Variant{}, err
	}
	v, ok := all[name]
	if !ok {
		return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty",
			[]any{fmt.Sprintf("%s has no property %q; its property is %s", Interface, name, PropertyVisible)})
	}
	return v, nil
}

func (p properties) GetAll(sender dbus.Sender, iface string) (map[string]dbus.Variant, *dbus.Error) {
	if err := p.s.admit(sender, "Properties"); err != nil {
		return nil, err
	}
	if iface != Interface {
		return nil, dbus.NewError("org.freedesktop.DBus.Error.UnknownInterface",
			[]any{fmt.Sprintf("there are no properties of %q here, only of %s", iface, Interface)})
	}
	return map[string]dbus.Variant{PropertyVisible: dbus.MakeVariant(p.s.h.Visible())}, nil
}

func (p properties) Set(sender dbus.Sender, _, name string, _ dbus.Variant) *dbus.Error {
	if err := p.s.admit(sender, "Properties"); err != nil {
		return err
	}
	return dbus.NewError("org.freedesktop.DBus.Error.PropertyReadOnly",
		[]any{fmt.Sprintf("the property %q can only be read; call Show or Hide", name)})
}

type introspectable struct{}

func (introspectable) Introspect() (string, *dbus.Error) { return introspection, nil }

const introspection = `<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
<node>
 <interface name="org.nerva.Overlay1">
  <method name="Toggle"><arg name="options" type="a{sv}" direction="in"/></method>
  <method name="Show"><arg name="options" type="a{sv}" direction="in"/></method>
  <method name="Hide"/>
  <property name="Visible" type="b" access="read">
   <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="false"/>
  </property>
 </interface>
 <interface name="org.freedesktop.Application">
  <method name="Activate"><arg name="platform_data" type="a{sv}" direction="in"/></method>
  <method name="Open">
   <arg name="uris" type="as" direction="in"/><arg name="platform_data" type="a{sv}" direction="in"/>
  </method>
  <method name="ActivateAction">
   <arg name="action_name" type="s" direction="in"/><arg name="parameter" type="av" direction="in"/>
   <arg name="platform_data" type="a{sv}" direction="in"/>
  </method>
 </interface>
 <interface name="org.freedesktop.DBus.Properties">
  <method name="Get">
   <arg name="interface" type="s" direction="in"/><arg name="property" type="s" direction="in"/>
   <arg name="value" type="v" direction="out"/>
  </method>
  <method name="GetAll">
   <arg name="interface" type="s" direction="in"/><arg name="properties" type="a{sv}" direction="out"/>
  </method>
  <method name="Set">
   <arg name="interface" type="s" direction="in"/><arg name="property" type="s" direction="in"/>
   <arg name="value" type="v" direction="in"/>
  </method>
 </interface>
 <interface name="org.freedesktop.DBus.Introspectable">
  <method name="Introspect"><arg name="xml" type="s" direction="out"/></method>
 </interface>
 <interface name="org.freedesktop.DBus.Peer">
  <method name="Ping"/>
  <method name="GetMachineId"><arg name="machine_uuid" type="s" direction="out"/></method>
 </interface>
</node>
`

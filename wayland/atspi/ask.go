package atspi

import (
	"context"

	"github.com/godbus/dbus/v5"

	"nerva/wayland/internal/service"
)

// ask calls a method and does not wait for the answer.
func (l look) ask(ctx context.Context, r ref, method string, args ...any) *dbus.Call {
	return l.conn.Object(r.Bus, r.Path).GoWithContext(ctx, method, 0, make(chan *dbus.Call, 1), args...)
}

func (l look) property(ctx context.Context, r ref, of, name string) *dbus.Call {
	return l.ask(ctx, r, "org.freedesktop.DBus.Properties.Get", of, name)
}

// answer waits for a call, which its context bounds.
func answer(c *dbus.Call, results ...any) error {
	<-c.Done
	return c.Store(results...)
}

// number is a property's, of whatever type, and nil where there is none.
func number(c *dbus.Call) any {
	var v dbus.Variant
	if answer(c, &v) != nil {
		return nil
	}
	return v.Value()
}

// text is a property's, made one short line.
func text(c *dbus.Call) (line string, ok bool) {
	var v dbus.Variant
	if answer(c, &v) != nil {
		return "", false
	}
	s, ok := v.Value().(string)
	return service.Line(s), ok
}

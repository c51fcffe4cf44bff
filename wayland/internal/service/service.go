// Package service is what the clients of the desktop's D-Bus services have in common: their properties, read without
// trust in what they hold, and a sentence for what goes wrong.
//
// It owns no state. It must not know any one service.
package service

import (
	"context"
	"errors"
	"math"
	"strings"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
)

// maxText bounds a text, in runes: it becomes part of one line.
const maxText = 200

// Service is one peer as the user knows it.
type Service struct {
	// Name stands in sentences: "the player firefox".
	Name string
	// Missing is what to do where it does not run.
	Missing string
	Object  dbus.BusObject
}

// Call calls a method, named in full, and stores what it returns.
func (s Service) Call(ctx context.Context, method string, args []any, results ...any) error {
	err := s.Object.CallWithContext(ctx, method, 0, args...).Store(results...)
	if err != nil {
		return s.sentence(ctx, err)
	}
	return nil
}

// Properties gives all properties of an interface.
func (s Service) Properties(ctx context.Context, of string) (Properties, error) {
	var p map[string]dbus.Variant
	err := s.Call(ctx, "org.freedesktop.DBus.Properties.GetAll", []any{of}, &p)
	return p, err
}

// Property gives the value of one property, of whatever type.
func (s Service) Property(ctx context.Context, of, name string) (any, error) {
	var v dbus.Variant
	err := s.Call(ctx, "org.freedesktop.DBus.Properties.Get", []any{of, name}, &v)
	return v.Value(), err
}

// sentence keeps the dbus.Error in the chain: a service has errors of its own, which its client knows better.
func (s Service) sentence(ctx context.Context, err error) error {
	var e dbus.Error
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return api.Errorf(api.Unavailable, "%s did not answer in time: see whether it hangs, then try again: %w", s.Name, ctx.Err())
	case ctx.Err() != nil:
		return api.Errorf(api.Cancelled, "%s was not waited for: %w", s.Name, ctx.Err())
	case errors.As(err, &e) && (missing[e.Name] || strings.HasPrefix(e.Name, "org.freedesktop.DBus.Error.Spawn.")):
		return api.Errorf(api.Unavailable, "%s is not running: %s: %w", s.Name, s.Missing, named(e.Name))
	case errors.As(err, &e):
		return api.Errorf(api.Failed, "%s refused: %s: see its log: %w", s.Name, Line(e.Error()), named(e.Name))
	default:
		return api.Errorf(api.Failed, "%s gave an answer of another form than it should: update it: %w", s.Name, err)
	}
}

// missing are the bus's own answers in the place of a service that is gone.
var missing = map[string]bool{
	"org.freedesktop.DBus.Error.ServiceUnknown": true,
	"org.freedesktop.DBus.Error.NameHasNoOwner": true,
	"org.freedesktop.DBus.Error.NoReply":        true, // it died while it was asked
}

// named is the name of a D-Bus error without its text, which is the service's and may be anything.
type named string

func (n named) Error() string { return string(n) }

// ErrorName gives the name of the D-Bus error in err's chain, empty where there is none.
func ErrorName(err error) string {
	var n named
	errors.As(err, &n)
	return string(n)
}

// Properties are the values of an interface's properties, or another dictionary of variants. A value that is missing
// or of another type is not there.
type Properties map[string]dbus.Variant

// Text gives a string as Line does, empty where it is none.
func (p Properties) Text(key string) string {
	s, _ := p[key].Value().(string)
	return Line(s)
}

// Bool gives a truth value.
func (p Properties) Bool(key string) (value, ok bool) {
	value, ok = p[key].Value().(bool)
	return value, ok
}

// Int gives an integer of any width, as services don't agree on one; one out of range counts as missing.
func (p Properties) Int(key string) (value int64, ok bool) {
	switch v := p[key].Value().(type) {
	case int32:
		return int64(v), true
	case uint32:
		return int64(v), true
	case int64:
		return v, true
	case uint64:
		return int64(v), v <= math.MaxInt64
	}
	return 0, false
}

// Float gives a number that JSON can hold.
func (p Properties) Float(key string) (value float64, ok bool) {
	value, ok = p[key].Value().(float64)
	return value, ok && !math.IsNaN(value) && !math.IsInf(value, 0)
}

// Line makes one short line of a text that anybody may have written.
func Line(s string) string { return api.OneLine(s, maxText) }

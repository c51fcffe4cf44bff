package atspi

import (
	"context"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/service"
)

// Write implements desk.Accessibility. It goes by what the application says is there afterwards: some take a text and
// change it.
func (t *Tree) Write(ctx context.Context, c desk.Control, text string, replace bool) error {
	limited, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	l, n, err := t.same(limited, c)
	if err != nil {
		return err
	}
	s := l.target(n.Role, n.ref)
	if number, err := strconv.ParseFloat(text, 64); err == nil && replace && n.has(valued) && n.is(stateSensitive) {
		return move(limited, s, number)
	}
	switch {
	case !n.has(editable) || !n.is(stateSensitive):
		return api.Errorf(api.InvalidInput, "%s can't be written into; choose one that list_ui calls editable, or for a slider give a number", s.Name)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) && (!n.is(stateMultiLine) || !onlyLines(text)):
		return api.Errorf(api.InvalidInput, "the text has characters that %s can't hold, such as the end of a line; leave them out", s.Name)
	}
	f := field{s, n.role == rolePassword, l.units(limited, n.Bus)}
	if replace {
		return f.replace(limited, text)
	}
	return f.insert(limited, text)
}

// move sets what is a number, such as a slider's.
func move(ctx context.Context, s target, to float64) error {
	if err := s.Call(ctx, "org.freedesktop.DBus.Properties.Set", []any{valued, "CurrentValue", dbus.MakeVariant(to)}); err != nil {
		return err
	}
	now, err := s.Property(ctx, valued, "CurrentValue")
	if err != nil {
		return err
	}
	if now != to {
		return api.Errorf(api.Failed, "%s did not go to %v, but to %v; look what it allows", s.Name, to, now)
	}
	return nil
}

func onlyLines(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' })
}

// units says how a program counts: of a text's length, which the specification leaves open, and of places in it.
type units struct {
	length, place func(string) int
}

// units: Qt counts both in its own letters of 16 bits (and would make up what is missing to a greater length); who uses ATK, and
// GTK 4, takes the length in bytes and places in characters.
func (l look) units(ctx context.Context, name string) units {
	if kit, _ := text(l.property(ctx, ref{name, rootPath}, "org.a11y.atspi.Application", "ToolkitName")); kit == "Qt" {
		letters := func(s string) int { return len(utf16.Encode([]rune(s))) }
		return units{letters, letters}
	}
	return units{func(s string) int { return len(s) }, utf8.RuneCountInString}
}

// field is something that can be written into.
type field struct {
	target
	secret bool
	units
}

func (f field) insert(ctx context.Context, text string) error {
	before, err := f.number(ctx, "CharacterCount")
	if err != nil {
		return err
	}
	caret, err := f.number(ctx, "CaretOffset")
	if err != nil {
		return err
	}
	if caret < 0 || caret > before { // GTK 4 has none before it was in there
		caret = before
	}
	if err := f.call(ctx, "InsertText", caret, text, int32(f.length(text))); err != nil {
		return err
	}
	if err := f.check(ctx, text, before, caret); err != nil {
		return err
	}
	// An entry of GTK 4 leaves its caret before what was inserted. Its text view refuses this call, and has moved it.
	var moved bool
	if err := f.Call(ctx, textual+".SetCaretOffset", []any{caret + int32(f.place(text))}, &moved); err != nil && service.ErrorName(err) == "" {
		return err
	}
	return nil
}

func (f field) replace(ctx context.Context, text string) error {
	if err := f.call(ctx, "SetTextContents", text); err != nil {
		return err
	}
	return f.check(ctx, text, 0, 0)
}

func (f field) call(ctx context.Context, method string, args ...any) error {
	var done bool
	if err := f.Call(ctx, editable+"."+method, args, &done); err != nil {
		return err
	}
	if !done {
		return api.Errorf(api.Failed, "%s did not take the text; see whether it can be written into now", f.Name)
	}
	return nil
}

// check: what is in a password is not read, only counted.
func (f field) check(ctx context.Context, text string, before, caret int32) error {
	long := int32(f.place(text))
	after, err := f.number(ctx, "CharacterCount")
	if err != nil {
		return err
	}
	now := text
	if !f.secret {
		if err := f.Call(ctx, textual+".GetText", []any{caret, caret + long}, &now); err != nil {
			return err
		}
	}
	if now != text || after != before+long {
		return api.Errorf(api.Failed, "%s has made something else of the text; look at what is in it now", f.Name)
	}
	return nil
}

func (f field) number(ctx context.Context, of string) (int32, error) {
	p, err := f.Property(ctx, textual, of)
	if err != nil {
		return 0, err
	}
	n, ok := p.(int32)
	if !ok {
		return 0, api.Errorf(api.Failed, "%s does not say its %s; write into it by hand", f.Name, of)
	}
	return n, nil
}

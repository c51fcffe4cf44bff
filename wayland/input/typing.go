package input

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/wl"
	"nerva/wayland/internal/xkb"
)

// layout is a keymap with what it can type of a text.
type layout struct {
	text    string
	strokes map[rune]xkb.Stroke
}

// layout makes one for as much of the text as fits into a keymap, its first character at least.
func (d *display) layout(text []rune) (layout, error) {
	e, err := d.parsed.Extend(text, xkb.State{})
	if err != nil {
		return layout{}, err
	}
	if _, ok := e.Strokes[text[0]]; !ok {
		return layout{}, api.Errorf(api.Failed, "the keymap has no room for the character %q", text[0])
	}
	if e.Text != d.base {
		e.Text = marked(e.Text)
	}
	return layout{e.Text, e.Strokes}, nil
}

// restore gives the virtual keyboard the user's own keymap again.
func (d *display) restore(ctx context.Context) error {
	if d.loaded == d.keymap {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), desk.Limit)
	defer cancel()
	d.upload(d.keymap)
	return wl.Sentence(ctx, d.conn.Roundtrip(ctx))
}

// write implements device.
func (d *display) write(ctx context.Context, text []rune, before func(done int) error) (err error) {
	defer func() { err = errors.Join(err, d.restore(ctx)) }()
	var l layout
	for done := 0; done < len(text); {
		if _, ok := l.strokes[text[done]]; !ok {
			if l, err = d.layout(text[done:]); err != nil {
				return err
			}
		}
		var strokes []xkb.Stroke
		for _, r := range text[done:min(done+chunk, len(text))] {
			s, ok := l.strokes[r]
			if !ok {
				break
			}
			strokes = append(strokes, s)
		}
		if err := d.turn(ctx); err != nil {
			return err
		}
		if err := before(done); err != nil {
			return err
		}
		d.upload(l.text)
		d.sent(len(strokes))
		d.conn.Together(func() { d.strike(strokes) })
		if err := d.done(ctx); err != nil {
			return err
		}
		done += len(strokes)
	}
	return nil
}

// press implements device.
func (d *display) press(ctx context.Context, keys string) (err error) {
	defer func() { err = errors.Join(err, d.restore(ctx)) }()
	text := d.base
	stroke, err := d.parsed.Chord(keys, xkb.State{})
	if last, _ := utf8.DecodeLastRuneInString(keys); api.CodeOf(err) == api.NotFound && (utf8.RuneCountInString(keys) == 1 || strings.HasSuffix(keys, "+"+string(last))) {
		stroke, text, err = d.added(keys, last)
	}
	if err != nil {
		return err
	}
	if err := d.turn(ctx); err != nil {
		return err
	}
	d.upload(text)
	d.sent(1)
	d.conn.Together(func() { d.strike([]xkb.Stroke{stroke}) })
	return d.done(ctx)
}

// added is for a chord whose key the layout lacks.
func (d *display) added(keys string, last rune) (xkb.Stroke, string, error) {
	l, err := d.layout([]rune{last})
	if err != nil {
		return xkb.Stroke{}, "", err
	}
	extended, err := xkb.Parse(l.text)
	if err != nil {
		return xkb.Stroke{}, "", err
	}
	stroke, err := extended.Chord(keys, xkb.State{})
	return stroke, l.text, err
}

// strike presses each key and lets go of it. Modifiers go as masks: no key of theirs is pressed that could stay down.
func (d *display) strike(strokes []xkb.Stroke) {
	var mods, group uint32
	set := func(m, g uint32) {
		if m != mods || g != group {
			mods, group = m, g
			d.keyboard.Request(virtualModifiers, mods, uint32(0), uint32(0), group)
		}
	}
	for _, s := range strokes {
		set(uint32(s.Mods), uint32(s.Group))
		d.keyboard.Request(virtualKey, d.now(), uint32(s.Code), uint32(1))
		d.keyboard.Request(virtualKey, d.now(), uint32(s.Code), uint32(0))
	}
	set(0, 0)
}

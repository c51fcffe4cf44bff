package input

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/outputs"
	"nerva/wayland/internal/xkb"
)

// strokes finds the keys for a character: the same in each of the layouts, since nobody tells which is in use.
func (k *kernel) strokes(r rune) ([]xkb.Stroke, error) {
	var all []xkb.Stroke
	for group := range max(1, len(k.parsed.Layouts())) {
		found, ok := k.parsed.Sequence(r, xkb.State{Group: group})
		if !ok || slices.ContainsFunc(found, beyond) {
			return nil, api.Errorf(api.InvalidInput, "the keyboard layout %s has no %q, so nothing was typed: leave it out, or paste the text by clipboard_write",
				strings.Join(k.parsed.Layouts(), ", "), r)
		}
		if group > 0 && !slices.EqualFunc(found, all, same) {
			return nil, api.Errorf(api.InvalidInput, "%q is on another key in each of the layouts %s, and it can't be seen which one is in use, so nothing was typed: "+
				"paste the text by clipboard_write", r, strings.Join(k.parsed.Layouts(), ", "))
		}
		if group == 0 {
			all = found
		}
	}
	return all, nil
}

// beyond says that the library has no such key; the euro of the kernel's own is one.
func beyond(s xkb.Stroke) bool { return s.Code > maxKey }

func same(a, b xkb.Stroke) bool { return a.Code == b.Code && slices.Equal(a.Hold, b.Hold) }

func (k *kernel) check(text []rune) error {
	paths, _ := filepath.Glob(k.leds) // the pattern is right
	for _, path := range paths {
		if lit, err := os.ReadFile(path); err == nil && strings.TrimSpace(string(lit)) != "0" {
			return api.Errorf(api.Busy, "CapsLock is on, and would change what is typed: switch it off and try again")
		}
	}
	for _, r := range text {
		if _, err := k.strokes(r); err != nil {
			return err
		}
	}
	return nil
}

// write types a few characters between two looks at the compositor, lest the kernel's buffer runs over.
func (k *kernel) write(ctx context.Context, text []rune, before func(done int) error) error {
	for done, r := range text {
		if done%chunk == 0 {
			if err := before(done); err != nil {
				return err
			}
		}
		strokes, err := k.strokes(r)
		if err != nil {
			return err
		}
		for _, s := range strokes {
			if err := k.strike(s); err != nil {
				return err
			}
		}
		if done%4 == 3 || done == len(text)-1 {
			if err := k.seen(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// strike presses a key while others are held, and lets go of all of them, whatever happens.
func (k *kernel) strike(s xkb.Stroke) (err error) {
	for _, code := range append(slices.Clone(s.Hold), s.Code) {
		defer func() { err = errors.Join(err, k.keyboard.KeyUp(int(code))) }()
		if err := k.keyboard.KeyDown(int(code)); err != nil {
			return cannot(err)
		}
	}
	return nil
}

func (k *kernel) press(ctx context.Context, keys string) error {
	var stroke xkb.Stroke
	for group := range max(1, len(k.parsed.Layouts())) {
		found, err := k.parsed.Chord(keys, xkb.State{Group: group})
		if err != nil {
			return err
		}
		if group > 0 && !same(found, stroke) {
			return api.Errorf(api.InvalidInput, "%s is on other keys in each of the layouts %s, and it can't be seen which one is in use, so nothing was pressed",
				keys, strings.Join(k.parsed.Layouts(), ", "))
		}
		stroke = found
	}
	if err := k.strike(stroke); err != nil {
		return err
	}
	return k.seen(ctx)
}

func (k *kernel) point(ctx context.Context, steps ...step) error {
	for _, s := range steps {
		if err := k.act(ctx, s); err != nil {
			return err
		}
		if err := k.seen(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (k *kernel) act(ctx context.Context, s step) error {
	switch {
	case s.to != nil:
		return k.move(ctx, *s.to, s.aim)
	case s.button != "":
		return k.button(s.button, s.down)
	}
	return errors.Join(k.turn(true, s.dx), k.turn(false, -s.dy)) // the kernel's wheel counts upwards
}

func (k *kernel) turn(horizontal bool, n int) error {
	if n == 0 {
		return nil
	}
	return k.mouse.Wheel(horizontal, int32(n))
}

func (k *kernel) button(b desk.Button, down bool) error {
	press, release := k.mouse.LeftPress, k.mouse.LeftRelease
	switch b {
	case "right":
		press, release = k.mouse.RightPress, k.mouse.RightRelease
	case "middle":
		press, release = k.mouse.MiddlePress, k.mouse.MiddleRelease
	}
	if down {
		return press()
	}
	return release()
}

// move needs a pad of the size that all outputs have together.
func (k *kernel) move(ctx context.Context, to desk.Point, aim bool) error {
	list, err := outputs.Read(ctx, k.conn)
	if err != nil {
		return err
	}
	outputs.Release(list)
	box, err := spaceOf(list, to)
	if err != nil || aim {
		return err
	}
	if k.pad == nil || k.box != box {
		if k.pad != nil {
			_ = k.pad.Close() // its size is wrong now
		}
		if k.pad, err = k.make.pad(box); err != nil {
			k.pad = nil
			return cannot(err)
		}
		k.box = box
		if err := born(ctx); err != nil {
			return err
		}
	}
	x, y, _, _ := box.fraction(to)
	return k.pad.MoveTo(int32(x), int32(y))
}

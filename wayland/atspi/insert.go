package atspi

import (
	"context"

	"nerva/core/desk"
)

// Insert writes text at the caret of the control in a window that the keyboard writes to. It returns false, and nothing
// was written, where keys do it better: where no such control says so, where something is selected, which keys would
// replace, and where the program takes nothing this way, as Chromium's pages do.
func (t *Tree) Insert(ctx context.Context, window, text string) (bool, error) {
	c, err := t.Focused(ctx, window)
	if err != nil || !c.Editable {
		return false, ctx.Err() // why it can't be told is of no concern to keys
	}
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	l, n, err := t.same(ctx, c)
	if err != nil || !n.is(stateSensitive) {
		return false, ctx.Err()
	}
	f := field{l.target(n.Role, n.ref), n.role == rolePassword, l.units(ctx, n.Bus)}
	var selections int32
	if err := f.Call(ctx, textual+".GetNSelections", nil, &selections); err != nil || selections > 0 {
		return false, ctx.Err()
	}
	before, err := f.number(ctx, "CharacterCount")
	if err != nil {
		return false, ctx.Err()
	}
	err = f.insert(ctx, text)
	if err == nil {
		return true, nil
	}
	if after, unread := f.number(ctx, "CharacterCount"); unread == nil && after == before {
		return false, ctx.Err()
	}
	return true, err
}

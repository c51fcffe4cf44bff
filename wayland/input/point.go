package input

import (
	"context"
	"slices"

	"nerva/core/api"
	"nerva/core/desk"
)

// Move implements desk.Input.
func (i *Input) Move(ctx context.Context, m desk.Motion) (string, error) {
	return i.point(ctx, m.Window, step{to: &m.To})
}

// Click implements desk.Input.
func (i *Input) Click(ctx context.Context, c desk.Click) (string, error) {
	var steps []step
	if c.At != nil {
		steps = append(steps, step{to: c.At})
	}
	for range c.Count {
		steps = append(steps, step{button: c.Button, down: true}, step{button: c.Button})
	}
	return i.point(ctx, c.Window, steps...)
}

// Scroll implements desk.Input. Each step of the wheel is an event of its own, as a wheel makes them.
func (i *Input) Scroll(ctx context.Context, s desk.Scroll) (string, error) {
	var steps []step
	for n := range max(s.DX, -s.DX, s.DY, -s.DY) {
		steps = append(steps, step{dx: unit(s.DX, n), dy: unit(s.DY, n)})
	}
	return i.point(ctx, s.Window, steps...)
}

// unit is the direction of d as long as there are steps left.
func unit(d, n int) int {
	switch {
	case d > n:
		return 1
	case -d > n:
		return -1
	}
	return 0
}

func (i *Input) point(ctx context.Context, window string, steps ...step) (string, error) {
	return i.do(ctx, pointing, window, func(d device, ready func() error) error {
		if err := ready(); err != nil {
			return err
		}
		for part := range slices.Chunk(steps, chunk) {
			if ctx.Err() != nil {
				return stopped(ctx)
			}
			if err := d.point(ctx, part...); err != nil {
				return err
			}
		}
		return nil
	})
}

// Drag implements desk.Input. The button is let go of however it ends.
func (i *Input) Drag(ctx context.Context, g desk.Drag) (string, error) {
	return i.do(ctx, pointing, g.Window, func(d device, ready func() error) (err error) {
		if err := ready(); err != nil {
			return err
		}
		way := path(g.From, g.To)
		if err := d.point(ctx, step{to: &g.To, aim: true}, step{to: &g.From}, step{button: g.Button, down: true}); err != nil {
			return err
		}
		defer func() {
			free, cancel := context.WithTimeout(context.WithoutCancel(ctx), desk.Limit)
			defer cancel()
			if letGo := d.point(free, step{button: g.Button}); err == nil {
				err = letGo
			}
		}()
		for _, p := range way {
			if err := d.point(ctx, step{to: &p}); err != nil {
				return err
			}
			if err := sleep(ctx, dragPause); err != nil {
				return api.Errorf(api.Cancelled, "dragging was stopped on the way: %w", err)
			}
		}
		return nil
	})
}

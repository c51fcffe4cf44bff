package input

import (
	"context"
	"strings"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
)

// focusLimit bounds the wait until a window that was given the focus has it.
const focusLimit = 3 * time.Second

// insert writes a text where that needs no keys. A line's end and a tabulator are keys: they may mean more than
// themselves.
func (i *Input) insert(ctx context.Context, t desk.Typing) (via string, done bool, err error) {
	if i.o.Editor == nil || i.o.Only != "" || strings.ContainsAny(t.Text, "\n\t") {
		return "", false, nil
	}
	release, err := i.take(ctx)
	if err != nil {
		return "", false, err
	}
	defer release()
	window, err := i.target(ctx, keys, t.Window)
	if err != nil {
		return "", false, err
	}
	if err := i.ready(ctx, window); err != nil {
		return "", false, err
	}
	done, err = i.o.Editor.Insert(ctx, window, t.Text)
	return "accessibility", done, err
}

// take waits for the turn of a request.
func (i *Input) take(ctx context.Context) (release func(), err error) {
	select {
	case i.busy <- struct{}{}:
		return func() { <-i.busy }, nil
	case <-ctx.Done():
		return nil, stopped(ctx)
	}
}

// do has act done by the first way that is there, for a window that has the focus. act calls ready before each part of
// what it does.
func (i *Input) do(ctx context.Context, n need, window string, act func(d device, ready func() error) error) (via string, err error) {
	release, err := i.take(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	var why []string
	for _, d := range i.devices {
		via, err := d.open(ctx, n)
		if api.CodeOf(err) == api.Unavailable {
			why = append(why, err.Error())
			continue
		}
		if err != nil {
			return "", err
		}
		defer d.close()
		window, err := i.target(ctx, n, window)
		if err != nil {
			return via, err
		}
		if err := d.quiet(ctx); err != nil {
			return via, err
		}
		return via, act(d, func() error { return i.ready(ctx, window) })
	}
	return "", api.Errorf(api.Unavailable, "nothing here can %s: %s", n, strings.Join(why, "; "))
}

func stopped(ctx context.Context) error {
	return api.Errorf(api.Cancelled, "it was stopped: %w", context.Cause(ctx))
}

// target returns the window to act in, which has the focus by then.
func (i *Input) target(ctx context.Context, n need, id string) (string, error) {
	list, err := i.o.Windows.List(ctx)
	if err != nil {
		return "", err
	}
	now := focused(list)
	switch {
	case id != "" && id != now:
		return id, i.focus(ctx, id)
	case now == "" && n == keys:
		return "", api.Errorf(api.NotFound, "no window has the focus: name one that list_windows gives, or click into it")
	}
	return now, nil
}

// focus gives a window the focus and waits until it has it.
func (i *Input) focus(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, focusLimit)
	defer cancel()
	if err := i.o.Windows.Focus(ctx, id); err != nil {
		return err
	}
	watch, stop := context.WithCancel(ctx)
	defer stop()
	got := false
	_ = i.o.Windows.Watch(watch, func(list []desk.Window) { // its error is the context's
		if focused(list) == id {
			got = true
			stop()
		}
	})
	switch {
	case got:
		return nil
	case ctx.Err() == context.Canceled:
		return stopped(ctx)
	}
	return api.Errorf(api.Busy, "the window %s does not get the focus: close what is above it, such as nerva's overlay or a menu, and try again", id)
}

// ready looks whether the next part may be done: the request goes on, its window has the focus, and the user's hands are off the keys.
func (i *Input) ready(ctx context.Context, window string) error {
	if ctx.Err() != nil {
		return stopped(ctx)
	}
	if err := i.user.wait(ctx); err != nil {
		return err
	}
	if window == "" {
		return nil
	}
	list, err := i.o.Windows.List(ctx)
	if err != nil {
		return err
	}
	if focused(list) != window {
		return api.Errorf(api.Busy, "the window %s has lost the focus, so it was stopped: see what has it now before you go on", window)
	}
	return nil
}

// focused is the window that keys go to. While a layer surface has the keyboard it is none.
func focused(list []desk.Window) string {
	for _, w := range list {
		if w.Focused && !w.Behind {
			return w.ID
		}
	}
	return ""
}

package clips

import (
	"context"
	"slices"
	"strings"
	"time"

	"nerva/core/desk"
)

const (
	// lag is for how long after a denied application has lost the focus it may still have been what was copied from: the
	// list of windows and the clipboard come by different ways, and a password manager that closes itself after copying
	// is gone from the one before it is seen on the other.
	lag = time.Second
	// lookLimit bounds the look at the windows; without an answer their last list counts.
	lookLimit = time.Second
)

// focus is what the list of windows says.
type focus struct {
	app    string
	denied bool
	left   time.Time // when a denied application lost it
}

// SetWindows tells the list of windows, at each change.
func (k *Keeper) SetWindows(list []desk.Window) {
	app := ""
	if i := slices.IndexFunc(list, func(w desk.Window) bool { return w.Focused }); i >= 0 {
		app = list[i].AppID
	}
	denied := app != "" && k.o.Limits().Denied(app)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.focus.denied && !denied {
		k.focus.left = k.now()
	}
	k.focus.app, k.focus.denied = app, denied
}

// keptApart judges an offer, once: whoever has the focus later did not copy it.
func (k *Keeper) keptApart(ctx context.Context, o desk.Offer) bool {
	k.judging.Lock()
	defer k.judging.Unlock()
	if k.judged != o {
		secret := slices.ContainsFunc(o.Types(), func(kind string) bool { return strings.EqualFold(kind, desk.SecretHint) })
		k.judged, k.private = o, secret || k.deniedNow(ctx)
	}
	return k.private
}

// deniedNow says whether a denied application has the focus, or had it a moment ago: only the one that has it can copy
// (Wayland, wl_data_device.set_selection).
func (k *Keeper) deniedNow(ctx context.Context) bool {
	k.mu.Lock()
	denied := k.focus.denied || k.now().Sub(k.focus.left) < lag
	k.mu.Unlock()
	if denied {
		return true
	}
	// The list may be older than what was copied.
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	list, err := k.o.Windows.List(ctx)
	if err != nil {
		return false // no compositor that tells: the hint alone counts
	}
	k.SetWindows(list)
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.focus.denied
}

func (k *Keeper) focusedApp() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.focus.app
}

// Package ui is the overlay: it puts the model, the view and the daemon's client together.
//
// The state belongs to the GTK thread, which is the one that called Run. Events of widgets reduce it there
// and then; events of goroutines come over ui/loop. It must not know how the daemon is reached or hosted.
package ui

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync/atomic"
	"time"

	coreglib "github.com/diamondburned/gotk4/pkg/core/glib"
	"github.com/diamondburned/gotk4/pkg/glib/v2"

	"nerva/ui/client"
	"nerva/ui/loop"
	"nerva/ui/model"
	"nerva/ui/style"
	"nerva/ui/view"
)

// Options go with Run.
type Options struct {
	Daemon client.Daemon
	Theme  style.Theme
	// Beside hears clicks to the left and right of the overlay; nil for nobody.
	Beside view.Beside
	// Show has the overlay open at once.
	Show bool
	// Started is called, on the GTK thread, when the window is built; what it starts must not wait there.
	Started func(*Overlay)
	// Absent is called, from a goroutine, each time there is no daemon.
	Absent func()
	Log    *slog.Logger
}

// Overlay is the overlay that runs. Its methods may be called from any goroutine but the GTK thread's, and wait
// for a frame at most.
type Overlay struct {
	loop   *loop.Loop
	client *client.Client
	view   *view.View
	log    *slog.Logger
	shown  atomic.Bool

	// Of the GTK thread:
	state   model.State
	dirty   bool
	ticking bool
}

// ErrDaemonGone is Run's error where the connection to the bus has ended.
var ErrDaemonGone = errors.New("the session bus went away; log in again")

// Run shows the overlay on the calling goroutine, which becomes the GTK thread, until ctx ends.
func Run(ctx context.Context, o Options) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	overlay := &Overlay{log: o.Log}
	overlay.loop = loop.New(overlay.settle)
	overlay.client = client.New(ctx, o.Daemon, overlay.post, o.Log)
	defer overlay.client.Wait()
	defer cancel()
	var err error
	if overlay.view, err = view.New(o.Theme, o.Beside, overlay.dispatch); err != nil {
		return err
	}
	if o.Show {
		overlay.dispatch(model.Summoned{})
	}
	main := glib.NewMainLoop(glib.MainContextDefault(), false)
	followed := make(chan error, 1)
	go func() {
		followed <- overlay.client.Run(ctx, o.Absent)
		overlay.loop.Post(main.Quit)
	}()
	o.Started(overlay)
	main.Run()
	var gone error
	if ctx.Err() == nil {
		gone = ErrDaemonGone
	}
	cancel()
	if err := <-followed; err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return gone
}

// Toggle shows the overlay, or hides it. Like Show it returns when that can be seen.
func (o *Overlay) Toggle(token string) { o.summon(token, model.Summoned{Toggle: true}) }

// Show shows the overlay, with text in its entry where that is not empty.
func (o *Overlay) Show(token, text string) { o.summon(token, model.Summoned{Text: text}) }

// Hide hides it.
func (o *Overlay) Hide() { o.post(model.Dismissed{}) }

// Visible says whether it is on the screen.
func (o *Overlay) Visible() bool { return o.shown.Load() }

// FocusMoved says that another window than before has the focus.
func (o *Overlay) FocusMoved() { o.post(model.FocusMoved{}) }

// Down says in a sentence why there is no daemon.
func (o *Overlay) Down(sentence string) {
	o.post(model.LinkChanged{Link: model.LinkDown, Detail: sentence})
}

// Restyle puts the desktop's colours in force.
func (o *Overlay) Restyle(s style.Scheme, accent string) {
	o.loop.Post(func() {
		if err := o.view.Restyle(s, accent); err != nil {
			o.log.Error("the style sheet is wrong", "err", err)
		}
	})
}

const frameLimit = time.Second

// summon draws first. What the summon asks of the daemon would compete with the first frame for the processors;
// the list holds what was there at the last summon until then.
//
// It returns after that frame, so that whoever called does not compete either, or when a dark output has drawn
// none for a while.
func (o *Overlay) summon(token string, e model.Summoned) {
	drawn := make(chan struct{})
	o.loop.Post(func() {
		o.view.SetToken(token)
		state, effects := model.Reduce(o.state, e)
		o.state, o.dirty = state, true
		o.settle()
		o.view.AfterFrame(func() {
			close(drawn)
			for _, effect := range effects {
				o.do(effect)
			}
		})
	})
	select {
	case <-drawn:
	case <-time.After(frameLimit):
	}
}

// post takes an event from any goroutine.
func (o *Overlay) post(e model.Event) { o.loop.Post(func() { o.reduce(e) }) }

// dispatch takes an event of a widget, on the GTK thread.
func (o *Overlay) dispatch(e model.Event) {
	o.reduce(e)
	o.settle()
}

func (o *Overlay) reduce(e model.Event) {
	state, effects := model.Reduce(o.state, e)
	o.state, o.dirty = state, true
	for _, effect := range effects {
		o.do(effect)
	}
}

func (o *Overlay) do(e model.Effect) {
	token := ""
	switch e := e.(type) {
	case model.Announce:
		o.view.Announce(e.Text)
		return
	case model.Copy:
		o.view.Copy(e.Text)
		return
	case model.Settle:
		coreglib.TimeoutAdd(uint(model.Guard.Milliseconds()), func() bool {
			o.dispatch(model.Settled(e))
			return false
		})
		return
	case model.Activate:
		token = o.view.Token() // while the overlay still has the keyboard focus
	}
	o.client.Do(e, token)
}

// settle draws the state once after a batch of events.
func (o *Overlay) settle() {
	if !o.dirty {
		return
	}
	o.dirty = false
	o.view.Render(o.state)
	o.shown.Store(o.state.Visible)
	if o.state.Ticking() && !o.ticking {
		o.ticking = true
		o.tick()
		coreglib.TimeoutSecondsAdd(1, o.tick)
	}
}

// tick moves the countdown of a question; it goes on as long as one is on the screen.
func (o *Overlay) tick() bool {
	o.ticking = o.state.Ticking()
	if o.ticking {
		o.dispatch(model.Ticked{Now: time.Now()})
	}
	return o.ticking
}

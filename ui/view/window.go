package view

import (
	"errors"
	"os"

	"github.com/diamondburned/gotk4-layer-shell/pkg/gtk4layershell"
	"github.com/diamondburned/gotk4/pkg/core/glib"
	"github.com/diamondburned/gotk4/pkg/gdk/v4"
	"github.com/diamondburned/gotk4/pkg/gio/v2"
	"github.com/diamondburned/gotk4/pkg/graphene"
	"github.com/diamondburned/gotk4/pkg/gtk/v4"
)

// Beside is the output to the left and right of the window, where it is a layer surface. Neither method waits.
type Beside interface {
	// Watch has clicks there heard until Ignore. The window is in the middle of the output, so many logical pixels wide.
	Watch(width int)
	Ignore()
}

// window holds the card. On a compositor with layer-shell it is a transparent surface as high as the output: the
// compositor, which alone knows on which output it will be, tells the height; the card can grow and shrink without a
// new size being agreed on for each letter; and, since the size stays, GTK keeps the buffer while the window is
// hidden. A new buffer, page by page, takes longer than all the rest. It is no wider than the card and its shadow,
// because each summon clears all of it, which for a whole output is a quarter of the time that a summon has. Clicks
// to the left and right of it are for Beside.
//
// It has exclusive keyboard interactivity: with the kind on demand sway (1.10, arrange_layers) takes the focus
// back in the very commit in which it gave it. Exclusive focus can't be lost to a window, so a click beside
// the card is what tells that the person has turned to something else.
type window struct {
	self     *gtk.Window
	backdrop *gtk.Box // has the card and nothing else
	card     *gtk.Box
	layer    bool
	shown    bool
	focused  bool // since it was shown
	width    int  // of the surface
	height   int  // of the output

	monitors *gio.ListModel // of gdk.Monitor
	beside   Beside         // nil for none
	watched  int            // the width that beside was told last, 0 while it ignores

	seat    gdk.Seater
	doubted bool        // whether the focus is still there
	had     gdk.Devicer // the keyboard when that was asked last, nil for none

	drawn []func() // wait for the first frame since it was shown

	left    func() // the person turned to something else
	resized func()
}

// open connects to the display.
func open() (*gdk.Display, error) {
	if os.Getenv("WAYLAND_DISPLAY") == "" && os.Getenv("WAYLAND_SOCKET") == "" {
		return nil, errors.New("there is no Wayland session here (WAYLAND_DISPLAY is not set); start nerva-overlay from within one, or with `systemctl --user start nerva-overlay`")
	}
	if !gtk.InitCheck() {
		return nil, errors.New("the Wayland display " + os.Getenv("WAYLAND_DISPLAY") + " does not answer; start nerva-overlay from within the session, or log in again")
	}
	return gdk.DisplayGetDefault(), nil
}

func newWindow(display *gdk.Display, card *gtk.Box, beside Beside, left, resized func()) *window {
	w := &window{
		self: gtk.NewWindow(), backdrop: gtk.NewBox(gtk.OrientationHorizontal, 0), card: card,
		layer: gtk4layershell.IsSupported(), height: outputHeight(display), monitors: display.Monitors(), beside: beside,
		seat: display.DefaultSeat(), left: left, resized: resized,
	}
	w.self.SetTitle("nerva")
	w.self.AddCSSClass("nerva")
	w.self.SetDecorated(false)
	w.self.SetHideOnClose(true)
	card.SetHAlign(gtk.AlignCenter)
	card.SetVAlign(gtk.AlignStart)
	card.SetHExpand(true)
	w.backdrop.Append(card)
	w.self.SetChild(w.backdrop)
	if w.layer {
		w.asLayer()
		click := gtk.NewGestureClick()
		click.SetButton(0) // any
		click.ConnectPressed(func(_ int, x, y float64) { w.clicked(x, y) })
		// Hyprland gives a surface with exclusive keyboard interactivity the clicks on others, too, which hit no widget
		// but the window.
		w.self.AddController(click)
		w.self.ConnectUnmap(w.ignore)
		w.followMonitors()
	} else {
		w.self.SetResizable(false)
	}
	w.self.NotifyProperty("is-active", w.activeChanged)
	gdk.BaseSeat(w.seat).ConnectDeviceAdded(func(gdk.Devicer) { w.activeChanged() })
	w.self.Realize()
	surface := gdk.BaseSurface(w.self.Surface())
	surface.ConnectLayout(w.laidOut)
	gdk.BaseFrameClock(surface.FrameClock()).ConnectAfterPaint(w.painted)
	return w
}

// scale is that of the output, rounded up; until the window was shown it is GDK's guess by the outputs there
// are. onScale's f hears of changes only.
func (w *window) scale() int { return gdk.BaseSurface(w.self.Surface()).ScaleFactor() }

func (w *window) onScale(f func()) {
	gdk.BaseSurface(w.self.Surface()).NotifyProperty("scale-factor", f)
}

func (w *window) asLayer() {
	gtk4layershell.InitForWindow(w.self)
	gtk4layershell.SetNamespace(w.self, "nerva")
	gtk4layershell.SetLayer(w.self, gtk4layershell.LayerShellLayerTop)
	gtk4layershell.SetAnchor(w.self, gtk4layershell.LayerShellEdgeTop, true)
	gtk4layershell.SetAnchor(w.self, gtk4layershell.LayerShellEdgeBottom, true)
	gtk4layershell.SetKeyboardMode(w.self, gtk4layershell.LayerShellKeyboardModeExclusive)
	gtk4layershell.SetExclusiveZone(w.self, -1) // a fifth of the output, whatever bars there are
	w.place()
}

// fit has the surface as wide as the card with its margins, which the style sheet says. It reaches from edge to edge
// as long as there is an output that is narrower: a compositor centres what has no room, and the entry would begin
// left of what can be seen. It is called when one of these changes, since at a summon it would take a tenth of a
// millisecond.
func (w *window) fit() {
	if !w.layer {
		return
	}
	strip, _, _, _ := w.backdrop.Measure(gtk.OrientationHorizontal, -1)
	w.self.SetDefaultSize(strip, 1) // of a natural size a long title would be a part
	narrow := false
	for i := range w.monitors.NItems() {
		m := monitor(w.monitors, i)
		narrow = narrow || m != nil && m.Geometry().Width() < strip
	}
	gtk4layershell.SetAnchor(w.self, gtk4layershell.LayerShellEdgeLeft, narrow)
	gtk4layershell.SetAnchor(w.self, gtk4layershell.LayerShellEdgeRight, narrow)
}

// followMonitors has fit called when an output comes, goes or gets another size, and now.
func (w *window) followMonitors() {
	changed := func(from, _, added uint) {
		for i := from; i < from+added; i++ {
			if m := monitor(w.monitors, i); m != nil {
				m.NotifyProperty("geometry", w.fit)
			}
		}
		w.fit()
	}
	w.monitors.ConnectItemsChanged(changed)
	changed(0, 0, w.monitors.NItems())
}

// monitor is nil where there is none any more.
func monitor(list *gio.ListModel, i uint) *gdk.Monitor {
	if o := list.Item(i); o != nil {
		m, _ := o.Cast().(*gdk.Monitor)
		return m
	}
	return nil
}

// laidOut hears of each size that the compositor chose.
func (w *window) laidOut(width, height int) {
	if !w.layer {
		return
	}
	w.width = width
	if height == w.height || height < 100 {
		return
	}
	w.height = height
	w.place()
	w.resized()
}

func (w *window) place() { w.card.SetMarginTop(w.height / 5) }

// outputHeight is a guess until the compositor has said on which output the window is.
func outputHeight(display *gdk.Display) int {
	if m := monitor(display.Monitors(), 0); m != nil {
		return m.Geometry().Height()
	}
	return 1080
}

func (w *window) show() {
	if w.shown {
		return
	}
	w.shown, w.focused = true, false
	if !w.layer {
		w.self.Present()
		return
	}
	w.self.SetVisible(true)
}

// afterFrame has f run when the frame that is about to be drawn is, and at once where none is.
func (w *window) afterFrame(f func()) {
	if !w.shown {
		f()
		return
	}
	w.drawn = append(w.drawn, f)
	w.self.QueueDraw()
}

func (w *window) painted() {
	if w.shown && w.watched != w.width && w.layer && w.beside != nil {
		w.watched = w.width
		w.beside.Watch(w.width)
	}
	waiting := w.drawn
	w.drawn = nil
	for _, f := range waiting {
		f()
	}
}

// ignore hears that the window is off the screen, whoever took it from there.
func (w *window) ignore() {
	if w.watched != 0 {
		w.watched = 0
		w.beside.Ignore()
	}
}

func (w *window) hide() {
	if !w.shown {
		return
	}
	w.shown, w.focused = false, false
	w.self.SetVisible(false)
	w.painted()
}

// clicked hears of every click on the surface.
func (w *window) clicked(x, y float64) {
	bounds, ok := w.card.ComputeBounds(w.self)
	if ok && !bounds.ContainsPoint(graphene.NewPointAlloc().Init(float32(x), float32(y))) {
		w.left()
	}
}

// settleLimit is how long, in milliseconds, a loss of the focus has to last.
const settleLimit = 50

func (w *window) activeChanged() {
	switch {
	case !w.shown:
	case w.self.IsActive():
		w.focused = true
	case w.focused && !w.doubted:
		w.doubted, w.had = true, w.keyboard()
		glib.TimeoutAdd(settleLimit, w.doubt)
	}
}

// doubt decides whether the focus has gone elsewhere. It has not where only the keyboard has gone (unplugged,
// or a virtual one whose program ended): the compositor gives the focus back with the next keyboard, a moment after that
// has come, so one that is new has that moment, too.
func (w *window) doubt() {
	now := w.keyboard()
	switch {
	case !w.shown || !w.focused || now == nil || w.self.IsActive():
		w.doubted, w.had = false, nil
	case w.had == nil || !glib.BaseObject(now).Eq(w.had):
		w.had = now
		glib.TimeoutAdd(settleLimit, w.doubt)
	default:
		w.doubted, w.had = false, nil
		w.left()
	}
}

// keyboard is the seat's. It asks for devices, since the seat's capabilities go by GDK's logical devices, which always exist.
func (w *window) keyboard() gdk.Devicer {
	if all := gdk.BaseSeat(w.seat).Devices(gdk.SeatCapabilityKeyboard); len(all) > 0 {
		return all[0]
	}
	return nil
}

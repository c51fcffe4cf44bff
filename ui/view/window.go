package view

import (
	"errors"
	"os"

	"github.com/diamondburned/gotk4-layer-shell/pkg/gtk4layershell"
	"github.com/diamondburned/gotk4/pkg/core/glib"
	"github.com/diamondburned/gotk4/pkg/gdk/v4"
	"github.com/diamondburned/gotk4/pkg/graphene"
	"github.com/diamondburned/gotk4/pkg/gtk/v4"
)

// window holds the card. On a compositor with layer-shell it is a transparent surface as large as the output:
// the compositor, which alone knows on which output it will be, tells the height; the card can grow and shrink
// without a new size being agreed on for each letter; clicks beside it are heard; and, since the size stays,
// GTK keeps the buffer while the window is hidden. A new buffer, page by page, takes longer than all the rest.
//
// It has exclusive keyboard interactivity: with the kind on demand sway (1.10, arrange_layers) takes the focus
// back in the very commit in which it gave it. Exclusive focus can't be lost to a window, so a click beside
// the card is what tells that the person has turned to something else.
type window struct {
	self    *gtk.Window
	card    *gtk.Box
	layer   bool
	shown   bool
	focused bool // since it was shown
	height  int  // of the output

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

func newWindow(display *gdk.Display, card *gtk.Box, left, resized func()) *window {
	w := &window{
		self: gtk.NewWindow(), card: card, layer: gtk4layershell.IsSupported(), height: outputHeight(display),
		seat: display.DefaultSeat(), left: left, resized: resized,
	}
	w.self.SetTitle("nerva")
	w.self.AddCSSClass("nerva")
	w.self.SetDecorated(false)
	w.self.SetHideOnClose(true)
	card.SetHAlign(gtk.AlignCenter)
	card.SetVAlign(gtk.AlignStart)
	card.SetHExpand(true)
	backdrop := gtk.NewBox(gtk.OrientationHorizontal, 0)
	backdrop.Append(card)
	w.self.SetChild(backdrop)
	if w.layer {
		w.asLayer()
		click := gtk.NewGestureClick()
		click.ConnectPressed(func(_ int, x, y float64) { w.clicked(x, y) })
		backdrop.AddController(click)
	} else {
		w.self.SetResizable(false)
	}
	w.self.NotifyProperty("is-active", w.activeChanged)
	gdk.BaseSeat(w.seat).ConnectDeviceAdded(func(gdk.Devicer) { w.activeChanged() })
	w.self.Realize()
	surface := gdk.BaseSurface(w.self.Surface())
	surface.ConnectLayout(func(_, height int) { w.laidOut(height) })
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
	for _, edge := range []gtk4layershell.Edge{
		gtk4layershell.LayerShellEdgeTop, gtk4layershell.LayerShellEdgeBottom,
		gtk4layershell.LayerShellEdgeLeft, gtk4layershell.LayerShellEdgeRight,
	} {
		gtk4layershell.SetAnchor(w.self, edge, true)
	}
	gtk4layershell.SetKeyboardMode(w.self, gtk4layershell.LayerShellKeyboardModeExclusive)
	gtk4layershell.SetExclusiveZone(w.self, -1) // a fifth of the output, whatever bars there are
	w.place()
}

// laidOut hears of each size that the compositor chose.
func (w *window) laidOut(height int) {
	if !w.layer || height == w.height || height < 100 {
		return
	}
	w.height = height
	w.place()
	w.resized()
}

func (w *window) place() { w.card.SetMarginTop(w.height / 5) }

// outputHeight is a guess until the compositor has said on which output the window is.
func outputHeight(display *gdk.Display) int {
	if o := display.Monitors().Item(0); o != nil {
		if m, ok := o.Cast().(*gdk.Monitor); ok {
			return m.Geometry().Height()
		}
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
	waiting := w.drawn
	w.drawn = nil
	for _, f := range waiting {
		f()
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

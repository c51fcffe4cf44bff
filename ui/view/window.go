package view

import (
	"errors"
	"os"

	"github.com/diamondburned/gotk4-layer-shell/pkg/gtk4layershell"
	"github.com/diamondburned/gotk4/pkg/cairo"
	"github.com/diamondburned/gotk4/pkg/core/glib"
	"github.com/diamondburned/gotk4/pkg/gdk/v4"
	"github.com/diamondburned/gotk4/pkg/gtk/v4"

	"nerva/ui/style"
)

// window holds the card. On a compositor with layer-shell it is a transparent surface as high as the output,
// so that the compositor, which alone knows on which output it will be, tells the height, and so that the
// card can grow and shrink without a new size being agreed on for each letter. Only the card takes input.
type window struct {
	self    *gtk.Window
	card    *gtk.Box
	layer   bool
	shown   bool
	focused bool // since it was shown
	height  int  // of the output
	region  [4]int
	space   int // around the card, for its shadow

	waiting bool // for the focus

	lostFocus func()
	resized   func()
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

func newWindow(display *gdk.Display, theme style.Theme, card *gtk.Box, lostFocus, resized func()) *window {
	w := &window{
		self: gtk.NewWindow(), card: card, layer: gtk4layershell.IsSupported(), height: outputHeight(display),
		space: theme.Pixels("--card-space"), lostFocus: lostFocus, resized: resized,
	}
	w.self.SetTitle("nerva")
	w.self.AddCSSClass("nerva")
	w.self.SetDecorated(false)
	w.self.SetHideOnClose(true)
	w.self.SetChild(card)
	card.SetHAlign(gtk.AlignCenter)
	card.SetVAlign(gtk.AlignStart)
	if w.layer {
		w.asLayer()
	} else {
		w.self.SetResizable(false)
	}
	w.self.NotifyProperty("is-active", w.activeChanged)
	w.self.Realize()
	surface := gdk.BaseSurface(w.self.Surface())
	surface.ConnectLayout(func(_, height int) { w.laidOut(height) })
	gdk.BaseFrameClock(surface.FrameClock()).ConnectLayout(w.takeInput)
	return w
}

func (w *window) asLayer() {
	gtk4layershell.InitForWindow(w.self)
	gtk4layershell.SetNamespace(w.self, "nerva")
	gtk4layershell.SetLayer(w.self, gtk4layershell.LayerShellLayerTop)
	gtk4layershell.SetAnchor(w.self, gtk4layershell.LayerShellEdgeTop, true)
	gtk4layershell.SetAnchor(w.self, gtk4layershell.LayerShellEdgeBottom, true)
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

// focusLimit is how long, in milliseconds, the compositor has to give the keyboard focus of its own accord.
const focusLimit = 100

// show maps the window. With interactivity on demand, sway, Hyprland, river and niri focus a surface as it
// appears and take the focus away when something else is clicked, which is what dismisses the overlay. The
// protocol promises neither, so where no focus comes it is asked for exclusively.
func (w *window) show() {
	if w.shown {
		return
	}
	w.shown, w.focused = true, false
	if !w.layer {
		w.self.Present()
		return
	}
	gtk4layershell.SetKeyboardMode(w.self, gtk4layershell.LayerShellKeyboardModeOnDemand)
	w.self.SetVisible(true)
	if !w.waiting {
		w.waiting = true
		glib.TimeoutAdd(focusLimit, w.insist)
	}
}

func (w *window) insist() {
	w.waiting = false
	if w.shown && !w.focused {
		gtk4layershell.SetKeyboardMode(w.self, gtk4layershell.LayerShellKeyboardModeExclusive)
	}
}

func (w *window) hide() {
	if !w.shown {
		return
	}
	w.shown, w.focused = false, false
	w.self.SetVisible(false)
}

func (w *window) activeChanged() {
	switch {
	case !w.shown:
	case w.self.IsActive():
		w.focused = true
	case w.focused:
		w.lostFocus()
	}
}

// takeInput lets clicks beside the card through to what is below. It runs in the layout phase of each frame,
// after GTK's own layout, so that the region goes out with the frame it belongs to.
func (w *window) takeInput() {
	if !w.layer {
		return
	}
	bounds, ok := w.card.ComputeBounds(w.self)
	if !ok {
		return
	}
	r := [4]int{int(bounds.X()), int(bounds.Y()), int(bounds.Width()), int(bounds.Height())}
	if r == w.region {
		return
	}
	w.region = r
	region, err := cairo.RegionCreate()
	if err != nil {
		return // without one, clicks beside the card are taken as well: no harm
	}
	rectangle := cairo.Rectangle{X: r[0], Y: r[1], Width: r[2], Height: r[3]}
	if region, err = region.CreateRectangle(&rectangle); err == nil {
		gdk.BaseSurface(w.self.Surface()).SetInputRegion(region)
	}
}

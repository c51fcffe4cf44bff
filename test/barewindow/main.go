// Command barewindow shows the least that gotk4 can show: an empty layer-shell window. `make bench` compares
// the overlay's cold start with its.
package main

import (
	"os"

	layershell "github.com/diamondburned/gotk4-layer-shell/pkg/gtk4layershell"
	"github.com/diamondburned/gotk4/pkg/gio/v2"
	"github.com/diamondburned/gotk4/pkg/gtk/v4"
)

func main() {
	app := gtk.NewApplication("org.nerva.test.BareWindow", gio.ApplicationNonUnique)
	app.ConnectActivate(func() {
		w := gtk.NewApplicationWindow(app)
		layershell.InitForWindow(&w.Window)
		layershell.SetLayer(&w.Window, layershell.LayerShellLayerTop)
		w.SetDefaultSize(720, 56)
		w.SetVisible(true)
	})
	os.Exit(app.Run(nil))
}

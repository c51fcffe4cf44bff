// Package overlay is org.nerva.Overlay1 on the session bus: what the overlay exports and how nerva-ui
// reaches it.
//
// It owns no state: Serve's handlers run in godbus' goroutines, one for each call, and post to whoever owns
// the window. nerva-ui links this package and has 2 ms in all, so it imports godbus and nothing heavier:
// no XML, no JSON, no logging.
package overlay

import "github.com/godbus/dbus/v5"

// What is where on the session bus. The name is the desktop file's id too, and the path is what the
// Desktop Entry Specification ("D-Bus Activation") derives from it.
const (
	Name      = "org.nerva.Overlay1"
	Path      = dbus.ObjectPath("/org/nerva/Overlay1")
	Interface = "org.nerva.Overlay1"

	appInterface = "org.freedesktop.Application"
)

// The options of Toggle and Show.
const (
	// OptionToken is a string: an xdg-activation token (xdg-activation-v1) of the surface that had the focus.
	OptionToken = "activation-token"
	// OptionText is a string that the entry holds at first.
	OptionText = "text"
)

// The methods.
const (
	Toggle = "Toggle"
	Show   = "Show"
	Hide   = "Hide"
)

// PropertyVisible is a boolean: whether the overlay is on the screen.
const PropertyVisible = "Visible"

package shortcut

// Binding is a line for the configuration of a desktop, where the key is bound by hand.
type Binding struct {
	// Desktop is hyprland, sway, niri, kde or gnome.
	Desktop string
	// Language is the name of what the line is written in; File where it goes.
	Language, File, Line string
	// Direct says that the compositor calls the overlay itself and starts no process. Then the overlay has to run.
	Direct bool
}

// Bindings are the documented ones, the first of each desktop being the one to try first.
//
// Sources: Hyprland's wiki, "Binds" and "DBus Global Shortcuts"; sway(5); niri's wiki, "Configuration: Key Bindings".
var Bindings = []Binding{
	{"hyprland", "Lua", "hyprland.lua", `hl.bind("SUPER + SPACE", hl.dsp.exec_cmd("nerva-ui"))`, false},
	{"hyprland", "Lua", "hyprland.lua", `hl.bind("SUPER + SPACE", hl.dsp.global("org.nerva.Overlay1:toggle"))`, true},
	{"hyprland", "hyprlang", "hyprland.conf", "bind = SUPER, SPACE, exec, nerva-ui", false},
	{"hyprland", "hyprlang", "hyprland.conf", "bind = SUPER, SPACE, global, org.nerva.Overlay1:toggle", true},
	{"sway", "sway", "config", "bindsym Mod4+space exec nerva-ui", false},
	{"niri", "KDL", "config.kdl, in binds", `Super+Space { spawn "nerva-ui"; }`, false},
	{"kde", "System Settings", "System Settings, Keyboard, Shortcuts", "a command nerva-ui with Meta+Space", false},
	{"gnome", "Settings", "Settings, Keyboard, Custom Shortcuts", "a command nerva-ui with Super+Space", false},
}

// Line is the binding to try first in a desktop, by its name.
func Line(desktop string) string {
	for _, b := range Bindings {
		if b.Desktop == desktop {
			return b.Line
		}
	}
	return "a key that runs nerva-ui"
}

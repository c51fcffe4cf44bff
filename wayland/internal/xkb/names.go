package xkb

import (
	"slices"
	"strings"

	"nerva/core/api"
)

// chordMods are the names of modifiers in a chord. Meta is the key with a logo, as desktops call it, not X11's.
var chordMods = map[string]string{
	"ctrl": "Control", "control": "Control", "strg": "Control",
	"shift": "Shift",
	"alt":   "Alt", "option": "Alt", "opt": "Alt",
	"super": "Super", "win": "Super", "windows": "Super", "cmd": "Super", "command": "Super", "meta": "Super", "logo": "Super",
	"altgr": "LevelThree",
}

// chordKeys are the names of keys in a chord that X11 calls otherwise.
var chordKeys = map[string]string{
	"enter": "Return", "return": "Return", "esc": "Escape", "tab": "Tab", "space": "space", "spacebar": "space",
	"backspace": "BackSpace", "bksp": "BackSpace", "del": "Delete", "delete": "Delete", "ins": "Insert",
	"up": "Up", "down": "Down", "left": "Left", "right": "Right",
	"arrowup": "Up", "arrowdown": "Down", "arrowleft": "Left", "arrowright": "Right",
	"home": "Home", "end": "End", "pgup": "Prior", "pageup": "Prior", "pgdn": "Next", "pgdown": "Next", "pagedown": "Next",
	"plus": "plus", "minus": "minus", "comma": "comma", "dot": "period", "period": "period", "slash": "slash", "backslash": "backslash",
	"print": "Print", "printscreen": "Print", "prtsc": "Print", "prtscn": "Print", "sysrq": "Sys_Req", "pause": "Pause", "menu": "Menu",
	"capslock": "Caps_Lock", "numlock": "Num_Lock", "scrolllock": "Scroll_Lock",
	"volumeup": "XF86AudioRaiseVolume", "volumedown": "XF86AudioLowerVolume", "mute": "XF86AudioMute",
	"playpause": "XF86AudioPlay", "brightnessup": "XF86MonBrightnessUp", "brightnessdown": "XF86MonBrightnessDown",
	"ctrl": "Control_L", "control": "Control_L", "shift": "Shift_L", "alt": "Alt_L", "option": "Alt_L", "altgr": "ISO_Level3_Shift",
	"super": "Super_L", "win": "Super_L", "windows": "Super_L", "cmd": "Super_L", "command": "Super_L", "meta": "Super_L", "logo": "Super_L",
}

func sortedNames(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// orNearest is ", did you mean X" with the name that is the closest, of equal ones the first; nothing where none is similar.
func orNearest(word string, lists ...[]string) string {
	best, least := "", len(word)/3+2
	for _, list := range lists {
		for _, n := range list {
			if d := api.Distance(word, strings.ToLower(n), least); d < least {
				best, least = n, d
			}
		}
	}
	if best == "" {
		return ""
	}
	return ", did you mean " + best
}

package xkb

import (
	"slices"
	"strings"
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
			if d := distance(word, strings.ToLower(n), least); d < least {
				best, least = n, d
			}
		}
	}
	if best == "" {
		return ""
	}
	return ", did you mean " + best
}

// distance counts the letters to add, drop, change or swap with the next (optimal string alignment), up to limit.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			next[j+1] = min(next[j]+1, row[j+1]+1, row[j]+1)
			if a[i] == b[j] {
				next[j+1] = row[j]
			} else if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

package skills

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nerva/core/api"
)

// modifiers are those of a chord, in the order in which they are written.
var modifiers = []string{"ctrl", "alt", "shift", "super"}

// keyNames are the keys that have a name, beside f1 to f24. What stands for another is another spelling of it.
var keyNames = map[string]string{
	"return": "enter", "esc": "escape", "del": "delete", "ins": "insert", "pgup": "pageup", "pgdn": "pagedown", "pgdown": "pagedown",
	"page_up": "pageup", "page_down": "pagedown", "enter": "", "escape": "", "tab": "", "space": "", "backspace": "", "delete": "",
	"insert": "", "home": "", "end": "", "pageup": "", "pagedown": "", "up": "", "down": "", "left": "", "right": "", "print": "",
	"pause": "", "menu": "", "plus": "", "minus": "", "volumeup": "", "volumedown": "", "mute": "", "playpause": "", "brightnessup": "", "brightnessdown": "",
}

// chord brings one into the form in which rules compare it and a person reads it: "Super + Shift+T" is "shift+super+t".
func chord(keys string) (string, error) {
	wrong := func(why string, args ...any) (string, error) {
		return "", api.Errorf(api.InvalidInput, "keys: "+why+"; write a chord such as ctrl+shift+t, alt+f4 or enter", args...)
	}
	words := strings.Split(strings.ToLower(keys), "+")
	if n := len(words); n > 1 && strings.TrimSpace(words[n-1]) == "" && strings.TrimSpace(words[n-2]) == "" { // "ctrl++"
		words = append(words[:n-2], "plus")
	}
	for i, word := range words {
		words[i] = strings.TrimSpace(word)
	}
	last := len(words) - 1
	key, held := words[last], words[:last]
	for i, word := range held {
		if word == "control" {
			held[i] = "ctrl"
		} else if !slices.Contains(modifiers, word) {
			return wrong("%.32q is no modifier (they are %s)", word, strings.Join(modifiers, ", "))
		}
	}
	key, ok := keyName(key)
	if !ok {
		return wrong("there is no key %.32q", words[last])
	}
	slices.SortFunc(held, func(a, b string) int { return slices.Index(modifiers, a) - slices.Index(modifiers, b) })
	return strings.Join(append(slices.Compact(held), key), "+"), nil
}

// keyName returns the one name that a key has here. That of a character is the character.
func keyName(key string) (string, bool) {
	if same, known := keyNames[key]; known {
		if same != "" {
			key = same
		}
		return key, true
	}
	if number, ok := strings.CutPrefix(key, "f"); ok && slices.Contains(functionKeys, number) {
		return key, true
	}
	switch key {
	case "-":
		return "minus", true
	case " ":
		return "space", true
	}
	r, n := utf8.DecodeRuneInString(key)
	return key, n > 0 && n == len(key) && unicode.IsGraphic(r)
}

var functionKeys = strings.Fields("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24")

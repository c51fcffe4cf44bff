// Package shortcut is the key that opens the overlay, where the desktop binds keys for programs that ask it to: how the
// configuration writes it, how the desktop's portal wants it, and that the person has refused it.
//
// The refusal is a file in the state folder, which the overlay alone writes. The package has no goroutine, and must not
// know who binds the key.
package shortcut

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"nerva/core/atomicfile"
)

// ID is the shortcut's name below that of the overlay: Hyprland's dispatcher takes both, as org.nerva.Overlay1:toggle.
const ID = "toggle"

// modifiers are the configuration's names with those of the shortcuts specification of freedesktop.org (version 0.1,
// "Modifiers").
var modifiers = map[string]string{"SUPER": "LOGO", "CTRL": "CTRL", "ALT": "ALT", "SHIFT": "SHIFT"}

var keyName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// Trigger is a key such as SUPER+SPACE as that specification has it, LOGO+space: the modifiers SUPER, CTRL, ALT and
// SHIFT, then the key by its name in xkb. Capitals don't matter for SPACE and for a single letter. The error is the end of a
// sentence whose beginning is the key's place.
func Trigger(key string) (string, error) {
	parts := strings.Split(key, "+")
	last := len(parts) - 1
	for i, name := range parts[:last] {
		modifier, known := modifiers[name]
		if !known {
			return "", fmt.Errorf("is %q, but %q is none of the modifiers SUPER, CTRL, ALT and SHIFT", key, name)
		}
		parts[i] = modifier
	}
	if !keyName.MatchString(parts[last]) {
		return "", fmt.Errorf("is %q, but must end in the name of a key, as SUPER+SPACE does", key)
	}
	if len(parts[last]) == 1 || parts[last] == "SPACE" {
		parts[last] = strings.ToLower(parts[last])
	}
	return strings.Join(parts, "+"), nil
}

// RefusalPath is the file that holds the key that the person has refused, below the state folder.
func RefusalPath(state string) string { return filepath.Join(state, "shortcut-refused") }

// Refused says whether the person has refused this key. Another one may be asked for.
func Refused(state, key string) (bool, error) {
	refused, err := os.ReadFile(RefusalPath(state))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return strings.TrimSpace(string(refused)) == key, err
}

// Refuse remembers that the person has refused this key.
func Refuse(state, key string) error {
	if err := os.MkdirAll(state, 0o700); err != nil {
		return err
	}
	return atomicfile.Write(RefusalPath(state), []byte(key+"\n"))
}

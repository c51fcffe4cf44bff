package units

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/godbus/dbus/v5"
)

// nameLimit is how many bytes the name of a unit has (systemd.unit(5)).
const nameLimit = 255

// nameOf gives the name of the unit that is at path, in which all but letters and digits are written as an underscore and two
// hexadecimal digits (sd_bus_path_encode(3)); empty where the path is none of a unit.
func nameOf(path dbus.ObjectPath) string {
	label, ok := strings.CutPrefix(string(path), string(unitPath)+"/")
	if !ok || len(label) > 3*nameLimit {
		return ""
	}
	var name strings.Builder
	for label != "" {
		before, after, escaped := strings.Cut(label, "_")
		name.WriteString(before)
		label = after
		if !escaped {
			break
		}
		if len(label) < 2 {
			return ""
		}
		b, err := hex.DecodeString(label[:2])
		if err != nil {
			return ""
		}
		name.Write(b)
		label = label[2:]
	}
	if s := name.String(); len(s) <= nameLimit && utf8.ValidString(s) && !strings.ContainsAny(s, "/\x00\n") {
		return s
	}
	return ""
}

// withResult are the types of units that say how they ended.
var withResult = map[string]string{
	"service": "Service", "socket": "Socket", "mount": "Mount", "automount": "Automount", "swap": "Swap",
	"timer": "Timer", "path": "Path", "scope": "Scope",
}

// typeOf gives the interface of a unit's type, empty where that has no Result.
func typeOf(name string) string {
	of := withResult[name[strings.LastIndexByte(name, '.')+1:]]
	if of == "" {
		return ""
	}
	return systemd + "." + of
}

// short bounds a state, which is one word.
func short(state string) string { return state[:min(len(state), 32)] }

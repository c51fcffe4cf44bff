package spawn

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"

	"nerva/core/desk"
)

// maxUnitName is UNIT_NAME_MAX of systemd, in bytes.
const maxUnitName = 255

// scopeName is app-<launcher>-<ApplicationID>-<RANDOM>.scope, serviceName
// app-<launcher>-<ApplicationID>@<RANDOM>.service (https://systemd.io/DESKTOP_ENVIRONMENTS/).
func scopeName(c desk.Command) string   { return unitName(c, "-", ".scope") }
func serviceName(c desk.Command) string { return unitName(c, "@", ".service") }

func unitName(c desk.Command, separator, suffix string) string {
	var random [8]byte
	rand.Read(random[:]) // it never fails, crypto/rand
	tail := separator + hex.EncodeToString(random[:]) + suffix
	const head = "app-nerva-"
	return head + escape(appID(c), maxUnitName-len(head)-len(tail)) + tail
}

// appID is what identifies the program to people who look at their units.
func appID(c desk.Command) string {
	if c.AppID != "" {
		return c.AppID
	}
	return strings.ToValidUTF8(filepath.Base(c.Argv[0]), "_")
}

// escape writes s so that it can stand between the dashes of a unit's name (systemd.unit(5), "String
// Escaping for Inclusion in Unit Names"), cut off at most bytes.
func escape(s string, most int) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		piece := string(rune(c))
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == ':' || c == '_' || c == '.' && i > 0
		if !plain {
			piece = fmt.Sprintf(`\x%02x`, c)
		}
		if b.Len()+len(piece) > most {
			break
		}
		b.WriteString(piece)
	}
	return b.String()
}

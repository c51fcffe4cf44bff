// Package paths has what a person's way to write a path means. It owns no state, reads nothing but symbolic links, and
// must not know what a path is for: what policy compares, what a skill opens and what the configuration names are read
// alike here.
package paths

import (
	"path/filepath"
	"strings"
)

// Expand replaces a leading ~ or ~/ by home; the path is then clean. Any other path stays as it is.
func Expand(home, path string) string {
	if path != "~" && !strings.HasPrefix(path, "~/") {
		return path
	}
	return filepath.Join(home, path[1:])
}

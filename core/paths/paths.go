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

// Within says whether path is folder or lies in it. Both are absolute and clean.
func Within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, strings.TrimSuffix(folder, "/")+"/")
}

// Outermost leaves out the folders that lie in another of them, or stand there before. The order stays.
func Outermost(folders []string) []string {
	var outer []string
	for i, inner := range folders {
		in := false
		for j, folder := range folders {
			in = in || (j < i && folder == inner) || (folder != inner && Within(inner, folder))
		}
		if !in {
			outer = append(outer, inner)
		}
	}
	return outer
}

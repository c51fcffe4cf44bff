package paths

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// maxLinks is how many symbolic links the kernel follows in one path (path_resolution(7)).
const maxLinks = 40

// Links follows the symbolic links in an absolute path as far as it exists, also those that lead to nothing: a file
// that is written there would be made where they point. What is left of the path is kept as it is. On an error, of
// too many links or of a folder that can't be looked into, the result is how far it came, with the rest. An error names no
// path: where a link leads is the text of whoever made it.
func Links(path string) (string, error) {
	done, rest := "/", segments(filepath.Clean(path))
	for left := maxLinks; len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			done = filepath.Dir(done)
			continue
		}
		at := filepath.Join(done, name)
		target, err := os.Readlink(at)
		switch {
		// EINVAL says that it is no link.
		case errors.Is(err, syscall.EINVAL), errors.Is(err, syscall.ENOENT), errors.Is(err, syscall.ENOTDIR):
			done = at
		case err != nil:
			return filepath.Join(at, filepath.Join(rest...)), errors.Unwrap(err) // os.Readlink's names the path
		case left == 0:
			return filepath.Join(at, filepath.Join(rest...)), syscall.ELOOP
		default:
			left--
			if filepath.IsAbs(target) {
				done = "/"
			}
			rest = append(segments(target), rest...)
		}
	}
	return done, nil
}

func segments(path string) []string { return strings.Split(path, "/") }

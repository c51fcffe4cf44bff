package desk

import (
	"errors"
	"os/exec"
	"path/filepath"
)

// folders is a list like PATH of where to look for what PATH has not. A package that brings its own helpers (Nix)
// has the linker set it, so that PATH, which launched applications inherit, stays the user's.
var folders string

// LookPath finds a helper program (grim, qalc): it is exec.LookPath, and then folders. Where the program is nowhere the error is an exec.ErrNotFound.
func LookPath(name string) (string, error) {
	path, err := exec.LookPath(name)
	if !errors.Is(err, exec.ErrNotFound) {
		return path, err
	}
	for _, folder := range filepath.SplitList(folders) {
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return path, nil
		}
	}
	return "", err
}

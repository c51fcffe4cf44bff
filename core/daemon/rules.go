package daemon

import (
	"os"
	"path/filepath"

	"nerva/core/config"
	"nerva/core/policy"
)

// compile makes the policy of a configuration that was found right.
func (s *settings) compile(c config.Config) policy.Policy {
	p := c.Decide(s.home, func(key, problem string) {
		s.log.Error("a rule of the policy is wrong", "key", key, "problem", problem)
	})
	p.Links, p.App = links, s.app
	return p
}

// links resolves the symbolic links in a clean path as far as it exists, and those that lead to nothing as well:
// a file that is written there would be made where they point.
func links(path string) string { return follow(path, 40) }

// follow follows at most so many links that lead to nothing.
func follow(path string, left int) string {
	whole, err := filepath.EvalSymlinks(path)
	if err == nil {
		return whole
	}
	if path == filepath.Dir(path) {
		return path
	}
	dir := follow(filepath.Dir(path), left)
	at := filepath.Join(dir, filepath.Base(path))
	target, err := os.Readlink(at)
	if err != nil || left == 0 {
		return at
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(dir, target)
	}
	return follow(target, left-1)
}

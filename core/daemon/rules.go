package daemon

import (
	"os"
	"path/filepath"

	"nerva/core/config"
	"nerva/core/policy"
)

// compile makes the policy of a configuration that was found right.
func (s *settings) compile(c config.Policy, llm config.LLM) policy.Policy {
	p := policy.Policy{
		Safe: policy.Decision(c.Safe), Caution: policy.Decision(c.Caution), Dangerous: policy.Decision(c.Dangerous),
		Home: s.home, Links: links, App: s.app, Shares: map[string]policy.Decision{},
	}
	for kind, decision := range llm.Share.Kinds() {
		p.Shares[kind] = policy.Decision(*decision)
	}
	for _, r := range c.Rules {
		p.Rules = append(p.Rules, r.Compile(s.home, func(key, problem string) {
			s.log.Error("a rule of the policy is wrong", "rule", r.Name, "key", key, "problem", problem)
		}))
	}
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

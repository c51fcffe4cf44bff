package daemon

import (
	"nerva/core/config"
	"nerva/core/paths"
	"nerva/core/policy"
)

// compile makes the policy of a configuration that was found right.
func (s *settings) compile(c config.Config) policy.Policy {
	p := c.Decide(s.home, s.wrong)
	p.Links, p.App = links, s.app
	return p
}

// links is where a path leads, as far as it can be followed: what lies behind a loop of links no skill can open.
func links(path string) string {
	resolved, _ := paths.Links(path)
	return resolved
}

package policy

import (
	"slices"
)

// comparison is one call on its way past the rules. What an argument means, and where a pattern's folder leads, is
// looked for once however many rules there are.
type comparison struct {
	policy    Policy
	arguments map[string]any
	meanings  []meaning // few: a list is faster than a map
	folders   map[string]string
}

// meaning is an argument with what forms returns of it.
type meaning struct {
	name   string
	there  bool
	meant  any
	others []any
	opaque bool
}

func (c *comparison) meaning(name string) *meaning {
	for i := range c.meanings {
		if c.meanings[i].name == name {
			return &c.meanings[i]
		}
	}
	argument, there := c.arguments[name]
	m := meaning{name: name, there: there}
	if there {
		m.meant, m.others, m.opaque = c.policy.forms(name, argument)
	}
	c.meanings = append(c.meanings, m)
	return &c.meanings[len(c.meanings)-1]
}

// links resolves the links of a clean path.
func (c *comparison) links(folder string) string {
	if c.policy.Links == nil {
		return folder
	}
	resolved, known := c.folders[folder]
	if !known {
		resolved = c.policy.Links(folder)
		c.folders[folder] = resolved
	}
	return resolved
}

// fits compares generously where a rule restricts, and strictly where it allows: what an argument may mean is
// then enough for the one, and what it does mean is needed for the other.
func (c *comparison) fits(r *Compiled) bool {
	for i := range r.match {
		p := &r.match[i]
		m := c.meaning(p.name)
		if !m.there {
			return false
		}
		fits := !m.opaque && c.fit(p.pattern, m.meant)
		if r.Decision != Allow {
			fits = fits || m.opaque || slices.ContainsFunc(m.others, func(o any) bool { return c.fit(p.pattern, o) })
		}
		if !fits {
			return false
		}
	}
	return true
}

func (c *comparison) fit(pattern, argument any) bool {
	switch pattern := pattern.(type) {
	case *globPattern:
		s, ok := argument.(string)
		return ok && pattern.match(s)
	case *pathPattern:
		s, ok := argument.(string)
		return ok && pattern.match(s, c.links)
	case []any:
		list, ok := argument.([]any)
		return ok && c.fitList(pattern, list)
	case map[string]any:
		table, ok := argument.(map[string]any)
		for name := range pattern {
			value, there := table[name]
			ok = ok && there && c.fit(pattern[name], value)
		}
		return ok
	}
	return argument == pattern
}

func (c *comparison) fitList(patterns, list []any) bool {
	if n := len(patterns) - 1; n >= 0 && patterns[n] == rest {
		patterns, list = patterns[:n], list[:min(n, len(list))]
	}
	if len(patterns) != len(list) {
		return false
	}
	for i := range patterns {
		if !c.fit(patterns[i], list[i]) {
			return false
		}
	}
	return true
}

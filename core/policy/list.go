package policy

import "slices"

// List is a pattern for a list of texts, as a rule's match has one: a glob for each, and a last "**" takes the rest.
type List struct{ patterns []any }

// CompileList makes a pattern ready. The error says what is wrong with which glob.
func CompileList(globs []string) (List, error) {
	patterns := make([]any, len(globs))
	for i := range globs {
		patterns[i] = globs[i]
	}
	compiled, err := compileList(patterns, compile)
	if err != nil {
		return List{}, err
	}
	return List{compiled.([]any)}, nil
}

// Fits says whether every text fits.
func (l List) Fits(texts []string) bool {
	list := make([]any, len(texts))
	for i := range texts {
		list[i] = texts[i]
	}
	return (&comparison{}).fitList(l.patterns, list)
}

// OneOf gives the test of a text that fits one of the globs. bad is told the place of each that is none.
func OneOf(globs []string, bad func(i int)) func(text string) bool {
	var all []*globPattern
	for i, pattern := range globs {
		compiled, err := glob(pattern)
		if err != nil || pattern == "" {
			bad(i)
			continue
		}
		all = append(all, compiled)
	}
	return func(text string) bool {
		return slices.ContainsFunc(all, func(g *globPattern) bool { return g.match(text) })
	}
}

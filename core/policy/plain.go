package policy

import "strings"

// Plain gives globs without braces that together match all that a glob does, and maybe more: whoever walks folders sees by
// them where paths go on. There are at most most of them, which is at least 1. The pattern is one that OneOf takes.
func Plain(pattern string, most int) []string {
	var all []string
	if !plain("", pattern, most, &all) {
		start, _, _ := strings.Cut(pattern, "{") // an escaped one is as good a place to give up at
		return []string{strings.TrimRight(start, `\`) + "**"}
	}
	return all
}

// plain adds what head and the rest of a pattern stand for, and says whether there was room for all of it.
func plain(head, rest string, most int, all *[]string) bool {
	for rest != "" {
		token := next(rest)
		rest = rest[len(token):]
		if token != "{" {
			head += token
			continue
		}
		inner := alternatives(rest)
		rest = rest[len(strings.Join(inner, ","))+1:]
		for _, one := range inner {
			// "/**" that ends an alternative may be nothing.
			if before, ok := strings.CutSuffix(one, "/**"); ok && rest != "" && rest[0] != '/' && !plain(head, before+rest, most, all) {
				return false
			}
			if !plain(head, one+rest, most, all) {
				return false
			}
		}
		return true
	}
	*all = append(*all, head)
	return len(*all) <= most
}

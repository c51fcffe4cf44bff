package policy

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"
)

// glob compiles a pattern of the configuration: * is anything without a slash, ** anything, {a,b} either, and \
// takes the next letter as it is. "/**/" is also a single slash, and a last "/**" also nothing, so that DIR/** is
// the folder and all below it, also within braces. Everything else is itself: a URL's question mark, a bracket.
func glob(pattern string) (*globPattern, error) {
	if !utf8.ValidString(pattern) {
		return nil, errors.New("bytes that are no UTF-8; write it anew")
	}
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	depth := 0
	for rest := pattern; rest != ""; {
		token := next(rest)
		rest = rest[len(token):]
		switch {
		case token == "/**" && strings.HasPrefix(rest, "/"):
			b.WriteString(`(?:/.*)?`)
		case token == "/**" && (rest == "" || depth > 0 && (rest[0] == ',' || rest[0] == '}')):
			b.WriteString(`(?:/.*)?`)
		case token == "/**":
			b.WriteString(`/.*`)
		case token == "**":
			b.WriteString(`.*`)
		case token == "*":
			b.WriteString(`[^/]*`)
		case token == "{":
			depth++
			b.WriteString(`(?:`)
		case token == "," && depth > 0:
			b.WriteString(`|`)
		case token == "}":
			if depth--; depth < 0 {
				return nil, errors.New(`a } without its {; write \} for the letter itself`)
			}
			b.WriteString(`)`)
		case token == `\`:
			return nil, errors.New(`a \ at its end; write \\ for the letter itself`)
		default:
			b.WriteString(regexp.QuoteMeta(strings.TrimPrefix(token, `\`)))
		}
	}
	if depth > 0 {
		return nil, errors.New(`a { without its }; write \{ for the letter itself`)
	}
	b.WriteString(`\z`)
	if !strings.ContainsAny(pattern, special) {
		return &globPattern{literal: pattern}, nil
	}
	re, err := regexp.Compile(b.String())
	return &globPattern{re: re, starts: starts(pattern)}, err
}

// special are the letters that are not themselves.
const special = `*{},\`

// globPattern is a compiled glob: a literal, or, where re is set, an expression. What that matches begins with one of
// starts, which is quickly seen: most of many rules are none of a call's.
type globPattern struct {
	literal string
	re      *regexp.Regexp
	starts  []string
}

// match says whether all of s fits.
func (g *globPattern) match(s string) bool {
	if g.re == nil {
		return s == g.literal
	}
	for _, start := range g.starts {
		if strings.HasPrefix(s, start) {
			return g.re.MatchString(s)
		}
	}
	return false
}

// starts are what may come before the first star of a pattern that is right: the one literal, or where a { comes before it,
// one for each of the alternatives. "/**" may be nothing at all.
func starts(pattern string) []string {
	literal := ""
	for rest := pattern; rest != ""; {
		token := next(rest)
		switch token {
		case "/**", "**", "*", "}", ",":
			return []string{literal}
		case "{":
			var all []string
			for _, alternative := range alternatives(rest[1:]) {
				for _, start := range starts(alternative) {
					all = append(all, literal+start)
				}
			}
			return all
		}
		literal += strings.TrimPrefix(token, `\`)
		rest = rest[len(token):]
	}
	return []string{literal}
}

// alternatives are those of the brace that was opened just before rest.
func alternatives(rest string) []string {
	var all []string
	depth, begin := 1, 0
	for at := 0; at < len(rest) && depth > 0; {
		token := next(rest[at:])
		switch token {
		case "{":
			depth++
		case "}":
			depth--
		}
		if depth == 0 || depth == 1 && token == "," {
			all, begin = append(all, rest[begin:at]), at+len(token)
		}
		at += len(token)
	}
	return all
}

// next is the first token of a pattern that is not empty.
func next(pattern string) string {
	for _, token := range []string{"/**", "**", "*", "{", "}", ","} {
		if strings.HasPrefix(pattern, token) {
			return token
		}
	}
	if pattern[0] == '\\' && len(pattern) > 1 {
		return pattern[:2]
	}
	if end := strings.IndexAny(pattern[1:], `/*{},\`); end >= 0 {
		return pattern[:1+end]
	}
	return pattern
}

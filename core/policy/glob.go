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
func glob(pattern string) (*regexp.Regexp, error) {
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
	return regexp.Compile(b.String())
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

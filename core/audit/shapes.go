package audit

import (
	"regexp"
	"slices"
	"strings"
)

// shape finds what looks like a secret in a text. Of a match, the groups stay and what is between them is hidden; a
// match that real refuses stays whole.
type shape struct {
	hints      []string // in lower case; a text without any of them has no match, which is quicker to find out
	expression *regexp.Regexp
	with       string // the replacement, with the groups that stay
	real       func(match string) bool
}

// name is the end of a secret's name, as secretKeys has them; what stands before it is no matter.
const name = `(?:pass(?:word|wd|phrase)|token|secret|api[_-]?key|private[_-]?key|access[_-]?key|credential|authorization|cookie)[\w.-]*`

var names = []string{"passw", "passphrase", "token", "secret", "key", "credential", "authorization", "cookie"}

// The shapes that have a name of their own are documented by whoever gives such keys out; the others are how command
// lines, headers and URLs carry them.
var allShapes = []shape{
	// RFC 7468; one that was cut off has no end.
	{[]string{"private key"}, regexp.MustCompile(`(?s)(-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----).*?(-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z)`), "${1}" + mask + "${2}", nil},
	// RFC 3986, 3.2.1: user:password@.
	{[]string{"://"}, regexp.MustCompile(`(://[^\s/?#:@"']*:)[^\s/?#"']+@`), "${1}" + mask + "@", nil},
	// RFC 9110, 11.6.2, in a header or alone. RFC 6265, 4.2.
	{[]string{"authorization"}, regexp.MustCompile(`(?i)(authorization\s*[:=]\s*["']?(?:(?:bearer|basic|digest|token|apikey|negotiate)\s+)?)[^\s"',;]+`), "${1}" + mask, notMasked},
	{[]string{"bearer", "basic", "token"}, regexp.MustCompile(`(?i)\b((?:bearer|basic|token)\s+)[A-Za-z0-9._~+/-]{12,}=*`), "${1}" + mask, hasDigit},
	{[]string{"cookie"}, regexp.MustCompile(`(?i)(cookie\s*:\s*)[^\r\n"']+`), "${1}" + mask, func(s string) bool { return strings.Contains(s, "=") }},
	// --password=x, ?token=x&, API_KEY="x"; "password": "x"; password: x; --password x.
	{names, regexp.MustCompile(`(?i)(` + name + `\\?["']?\s*=\s*)(?:"[^"]*"|'[^']*'|[^\s&;,"'` + "`" + `)\]}]+)`), "${1}" + mask, secretName},
	{names, regexp.MustCompile(`(?i)(` + name + `\\?["']\s*:\s*)(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\"[^"]*\\"|[\w.+/-]+)`), "${1}" + mask, secretName},
	{names, regexp.MustCompile(`(?i)(` + name + `:\s+)[^\s"',;]{6,}`), "${1}" + mask, func(s string) bool { return secretName(s) && valueHasDigit(s) }},
	{names, regexp.MustCompile(`((?:^|\s)--?[\w-]*(?:password|passphrase|token|secret|api-?key)\s+)[^\s-]\S*`), "${1}" + mask, nil},
	// RFC 7519: the first part is base64 of {"…
	{[]string{"eyj"}, regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*`), mask, nil},
	{[]string{"akia", "asia", "abia", "acca"}, regexp.MustCompile(`\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b`), mask, nil},
	{[]string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat", "npm_"}, regexp.MustCompile(`\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bnpm_[A-Za-z0-9]{30,}`), mask, nil},
	{[]string{"xox", "aiza", "k_live", "k_test", "hf_"}, regexp.MustCompile(`\bxox[abeprs]-[A-Za-z0-9-]{10,}|\bAIza[\w-]{35}|\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|\bhf_[A-Za-z0-9]{30,}`), mask, nil},
	{[]string{"sk-"}, regexp.MustCompile(`\bsk-[A-Za-z0-9_-]{16,}`), mask, hasDigit},
}

// shapes hides what looks like a secret.
func shapes(s string) string {
	lower := strings.ToLower(s)
	for _, shape := range allShapes {
		if slices.ContainsFunc(shape.hints, func(hint string) bool { return strings.Contains(lower, hint) }) {
			s = shape.hide(s)
		}
	}
	return s
}

func (p *shape) hide(s string) string {
	matches := p.expression.FindAllStringSubmatchIndex(s, -1)
	if matches == nil {
		return s
	}
	var b []byte
	at := 0
	for _, m := range matches {
		b = append(b, s[at:m[0]]...)
		if match := s[m[0]:m[1]]; p.real == nil || p.real(match) {
			b = p.expression.ExpandString(b, p.with, s, m)
		} else {
			b = append(b, match...)
		}
		at = m[1]
	}
	return string(append(b, s[at:]...))
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

func notMasked(s string) bool { return !strings.HasSuffix(s, mask) }

// secretName says whether what is before the sign is the name of a secret, as secretKey has it.
func secretName(match string) bool {
	name, _, _ := strings.Cut(strings.ToLower(match), "=")
	if i := strings.IndexByte(name, ':'); i >= 0 {
		name = name[:i]
	}
	return secretKey(strings.Trim(name, " \t\r\n\\\"'&?;,-")) && notMasked(match)
}

// valueHasDigit keeps sentences apart from values: "unexpected token: something".
func valueHasDigit(match string) bool {
	_, value, _ := strings.Cut(match, ":")
	return hasDigit(value)
}

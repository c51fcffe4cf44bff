package policy

import (
	"testing"
	"unicode/utf8"
)

// What a pattern may begin with is only a shortcut: it never decides.
func FuzzGlob(f *testing.F) {
	for _, seed := range [][2]string{
		{"https://*.org", "https://a.org"},
		{"{a,b{c,d}}/**", "bc/x"},
		{`\{a,\}`, "{a,}"},
		{"/a/**", "/a"},
		{"/**/b", "/b"},
		{"{,x}**", ""},
		{"{/**,a}b", "/xb"},
		{"a{b", "a"},
		{"é{ü,ö}*", "éü"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		g, err := glob(pattern)
		if err != nil || g.re == nil || !utf8.ValidString(s) {
			return
		}
		if got, want := g.match(s), g.re.MatchString(s); got != want {
			t.Errorf("%q and %q: %t, and the expression says %t; starts %q", pattern, s, got, want, g.starts)
		}
	})
}

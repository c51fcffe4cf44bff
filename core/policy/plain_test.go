package policy

import (
	"slices"
	"strings"
	"testing"
)

func TestABraceIsTakenApart(t *testing.T) {
	for pattern, want := range map[string][]string{
		"/a/*":                      {"/a/*"},
		"/{a,b}/*":                  {"/a/*", "/b/*"},
		"/{a,b{c,d}}{,x}":           {"/a", "/ax", "/bc", "/bcx", "/bd", "/bdx"},
		`/\{a,b\}`:                  {`/\{a,b\}`},
		`/{a\,b,c\}}`:               {`/a\,b`, `/c\}`},
		"/{a/**,b}":                 {"/a/**", "/b"},
		"/{a/**,b}c":                {"/ac", "/a/**c", "/bc"},
		"/{a/**,b}/c":               {"/a/**/c", "/b/c"},
		strings.Repeat("{a,b}", 40): {"**"},
		"/x/" + strings.Repeat("{a,b}", 3) + strings.Repeat("{a,b}", 1): {"/x/**"},
	} {
		if got := Plain(pattern, 8); !slices.Equal(got, want) {
			t.Errorf("%s is %q, want %q", pattern, got, want)
		}
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("/{a,b{c,d}}/**", "/bc/x")
	f.Add("/{a/**,b}c", "/ac")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		valid := true
		fits := OneOf([]string{pattern}, func(int) { valid = false })
		if !valid {
			return
		}
		for _, most := range []int{1, 4, 64} {
			plain := Plain(pattern, most)
			if len(plain) > most || fits(text) && !OneOf(plain, func(int) {})(text) {
				t.Errorf("%q fits %q, but not one of %q", text, pattern, plain)
			}
		}
	})
}

package api

import (
	"strings"
	"testing"
)

func TestOneLine(t *testing.T) {
	for _, c := range []struct {
		in   string
		most int
		want string
	}{
		{" a\n\tb  c ", 5, "a b c"},
		{"a\x1b[31m\u202eb", 20, "a[31mb"},
		{"\xff", 3, "\uFFFD"},
		{"äöü", 3, "äöü"},
		{"äöüß", 3, "äö…"},
		{"", 3, ""},
		{strings.Repeat("x", 1<<20), 3, "xx…"},
	} {
		if got := OneLine(c.in, c.most); got != c.want || OneLine(got, c.most) != got {
			t.Errorf("%.20q: got %q, want %q", c.in, got, c.want)
		}
	}
}

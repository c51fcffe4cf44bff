package sources

import (
	"path"
	"path/filepath"
	"strings"
	"testing"

	"nerva/core/policy"
)

func TestFoldersThatAGlobReaches(t *testing.T) {
	for glob, c := range map[string]struct{ base, in, out string }{
		"/a/b/*":       {"/a/b", "/a/b", "/a /a/c /a/b/c / /a/bb"},
		"/a/b/c.txt":   {"/a/b", "/a/b", "/a/b/c.txt /a"},
		"/a/**":        {"/a", "/a /a/b /a/b/c", "/ /ab"},
		"/a/**/x":      {"/a", "/a /a/b /a/b/c", "/"},
		"/a/*/x":       {"/a", "/a /a/b", "/a/b/c"},
		"/a/b*/*/x":    {"/a", "/a /a/b1 /a/b1/c", "/a/c /a/b1/c/d"},
		"/a/b**":       {"/a", "/a /a/b /a/b1/c/d", "/a/c /a/c/b"},
		"/a/*.d/**/x":  {"/a", "/a /a/1.d /a/1.d/x/y", "/a/1"},
		"/a/x**y/z":    {"/a", "/a /a/x1/2/y", "/a/y"},
		"/*":           {"/", "/", "/a"},
		"/**":          {"/", "/ /a /a/b", ""},
		`/a/\*/\\/x\*`: {`/a/*/\`, `/a/*/\`, "/a /a/b"},
		`/a\/b/*`:      {"/a/b", "/a/b", "/a"},
		`/a/x\\**`:     {"/a", `/a /a/x\ /a/x\1/2`, "/a/y"},
		"/a//b/../c/*": {"/a/c", "/a/c", "/a"}, // fits nothing
		"/home/é/*":    {"/home/é", "/home/é", "/home"},
		"/a/b,c/*":     {"/a/b,c", "/a/b,c", "/a"},
		`/a/\{b\}/*`:   {"/a/{b}", "/a/{b}", "/a"},
	} {
		r := reaches(glob)
		if len(r) != 1 || r[0].base != c.base {
			t.Errorf("%s begins at %v, want %s", glob, r, c.base)
			continue
		}
		for _, in := range strings.Fields(c.in) {
			if !r[0].has(in) {
				t.Errorf("%s does not reach %s", glob, in)
			}
		}
		for _, out := range strings.Fields(c.out) {
			if r[0].has(out) {
				t.Errorf("%s reaches %s", glob, out)
			}
		}
	}
}

func TestEachOfABracesAlternativesIsReached(t *testing.T) {
	var bases []string
	for _, r := range reaches("/home/{a/Downloads,b/{Desktop,*}}/*.pdf") {
		bases = append(bases, r.base)
	}
	if got := strings.Join(bases, " "); got != "/home/a/Downloads /home/b/Desktop /home/b" {
		t.Error(got)
	}
}

// What fits a glob lies in a folder that it reaches.
func FuzzReach(f *testing.F) {
	f.Add("/a/{b,c**}/*", "/a/cd/e")
	f.Add("/a/**/x", "/a/x")
	f.Add(`/a\/b**`, "/a/b/c")
	f.Add("/{a/**,b}c", "/ac")
	f.Fuzz(func(t *testing.T, glob, file string) {
		fits := policy.OneOf([]string{glob}, func(int) { glob = "" })
		if !strings.HasPrefix(glob, "/") || !path.IsAbs(file) || path.Clean(file) != file || !fits(file) {
			return
		}
		for _, r := range reaches(glob) {
			// "DIR/**" is also DIR, of which the folder above would tell.
			if r.has(filepath.Dir(file)) || r.deep && r.base == file {
				return
			}
		}
		t.Errorf("%q fits %q, but does not reach its folder", file, glob)
	})
}

package policy

import (
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"nerva/core/paths"
)

// pathNames are the arguments that name a file.
var pathNames = []string{"path", "cwd"}

// forms says what an argument means where it may be written in several ways, and how else it might be compared. It is
// opaque where that can't be known from outside of the skill: a path relative to the skill's own folder, or one
// through another process.
func (p Policy) forms(name string, argument any) (meant any, others []any, opaque bool) {
	text, isText := argument.(string)
	list, isList := argument.([]any)
	switch {
	case slices.Contains(pathNames, name) && isText:
		plain := p.plain(text)
		return p.resolved(plain), []any{plain}, unseen(plain)
	case name == "app" && isText && p.App != nil:
		return p.App(text), []any{text}, false
	case name == "uris" && isList:
		meant, plain := make([]any, len(list)), make([]any, len(list))
		for i := range list {
			meant[i], plain[i] = list[i], list[i]
			if path, ok := p.local(list[i]); ok {
				meant[i], plain[i] = p.resolved(path), path
				opaque = opaque || unseen(path)
			}
		}
		// A rule that restricts one file is none if a second file beside it makes another list.
		others = []any{plain, argument}
		for i := range list {
			others = append(others, []any{meant[i]}, []any{plain[i]}, []any{list[i]})
		}
		return meant, others, opaque
	}
	return argument, nil, false
}

// plain is a path without ~ and dots.
func (p Policy) plain(path string) string {
	return filepath.Clean(paths.Expand(p.Home, path))
}

func (p Policy) resolved(plain string) string {
	if p.Links == nil || !filepath.IsAbs(plain) {
		return plain
	}
	return p.Links(plain)
}

// local is the path that a URI, or a path in the place of one, names.
func (p Policy) local(uri any) (string, bool) {
	text, ok := uri.(string)
	if !ok {
		return "", false
	}
	if strings.HasPrefix(text, "/") || text == "~" || strings.HasPrefix(text, "~/") {
		return p.plain(text), true
	}
	u, err := url.Parse(text)
	if err != nil || !strings.EqualFold(u.Scheme, "file") {
		return "", false
	}
	return filepath.Clean(u.Path), true
}

// unseen: /proc has links that only the kernel can follow, into what another process sees.
func unseen(plain string) bool {
	return !filepath.IsAbs(plain) || plain == "/proc" || strings.HasPrefix(plain, "/proc/")
}

// pathPattern is a glob for a path. The folder that it begins with may be, or lead through, a symbolic link, which
// may change: it is resolved each time.
type pathPattern struct {
	written *globPattern
	folder  string // clean, before the first segment with a special letter
	below   string // the rest of the pattern
}

// compilePath says what could never fit: a pattern that no clean, absolute path has the form of.
func compilePath(pattern, home string) (*pathPattern, error) {
	if pattern == "~" || strings.HasPrefix(pattern, "~/") {
		pattern = escape.Replace(strings.TrimSuffix(home, "/")) + pattern[1:]
	}
	switch {
	case !strings.HasPrefix(pattern, "/") && !strings.HasPrefix(pattern, "**"):
		return nil, fmt.Errorf("the pattern %q, which must begin with /, ~/ or **", pattern)
	case unclean.MatchString(pattern):
		return nil, fmt.Errorf("the pattern %q, and a path is compared without a / at its end, // and dots; leave them out", pattern)
	}
	re, err := glob(pattern)
	if err != nil {
		return nil, fmt.Errorf("the pattern %q with %w", pattern, err)
	}
	p := &pathPattern{written: re, below: pattern}
	if end := strings.IndexAny(pattern, `*{\`); end != 0 {
		if end < 0 {
			end = len(pattern)
		}
		if slash := strings.LastIndexByte(pattern[:end], '/'); end < len(pattern) && slash >= 0 {
			end = slash
		}
		if p.below = pattern[end:]; end > 0 {
			p.folder = filepath.Clean(pattern[:end])
		}
	}
	return p, nil
}

var (
	unclean = regexp.MustCompile(`./$|//|/\.\.?(/|$|,|})|/[,}]`)
	escape  = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `{`, `\{`, `}`, `\}`, `,`, `\,`)
)

func (p *pathPattern) match(path string, links func(string) string) bool {
	if p.written.match(path) {
		return true
	}
	if p.folder == "" {
		return false
	}
	folder := links(p.folder)
	if folder == p.folder {
		return false
	}
	re, err := glob(escape.Replace(strings.TrimSuffix(folder, "/")) + p.below)
	return err == nil && re.match(path)
}

// compileURIs compiles a list of patterns, those that begin as a path does for what is local.
func compileURIs(pattern any, home string) (any, error) {
	list, ok := pattern.([]any)
	if !ok {
		return nil, fmt.Errorf("%v, and they are a list", pattern)
	}
	return compileList(list, func(element any) (any, error) {
		if s, ok := element.(string); ok && (strings.HasPrefix(s, "/") || strings.HasPrefix(s, "~")) {
			return compilePath(s, home)
		}
		return compile(element)
	})
}

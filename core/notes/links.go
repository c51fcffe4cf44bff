package notes

import (
	"iter"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

var (
	// wiki is [[note]], [[note#heading]] or [[note|words]].
	// https://help.obsidian.md/links
	wiki = regexp.MustCompile(`\[\[([^\[\]|#]+)[^\[\]]*\]\]`)
	// inline is the end of [words](address "title"), the address in angle brackets or not; reference is the line
	// [label]: address.
	// https://spec.commonmark.org/0.31.2/#links
	inline    = regexp.MustCompile(`\]\(\s*(?:<([^<>]+)>|([^\s()<>]+))[^)]*\)`)
	reference = regexp.MustCompile(`^\[[^\]]+\]:\s+(?:<([^<>]+)>|([^\s<>]+))`)
	code      = regexp.MustCompile("`[^`]*`")
	scheme    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)
)

// links returns what the links of a note at rel lead to, in the form in which keys gives it.
func links(text, rel string) []string {
	front, body := split(text)
	var all []string
	for line := range lines(front, body) {
		line = code.ReplaceAllString(line, "")
		for _, m := range wiki.FindAllStringSubmatch(line, -1) {
			all = append(all, wikiTarget(m[1], rel))
		}
		for _, m := range append(inline.FindAllStringSubmatch(line, -1), reference.FindAllStringSubmatch(line, -1)...) {
			all = append(all, pathTarget(m[1]+m[2], rel))
		}
	}
	return unique(all)
}

// lines are those of the front matter, and those of the body that are not code.
func lines(front, body string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.Lines(front) {
			if !yield(strings.TrimSpace(line)) {
				return
			}
		}
		for line := range prose(body) {
			if !yield(line) {
				return
			}
		}
	}
}

func wikiTarget(name, rel string) string {
	name = strings.TrimSpace(name)
	if strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") {
		return exact(path.Join(path.Dir(rel), name))
	}
	return normal(strings.TrimPrefix(name, "/"))
}

// pathTarget is empty where an address is none of a file in the folder.
func pathTarget(address, rel string) string {
	address, _, _ = strings.Cut(address, "#")
	address, _, _ = strings.Cut(address, "?")
	if address == "" || scheme.MatchString(address) || strings.HasPrefix(address, "//") {
		return ""
	}
	if plain, err := url.PathUnescape(address); err == nil {
		address = plain
	}
	if strings.HasPrefix(address, "/") {
		return exact(address[1:])
	}
	return exact(path.Join(path.Dir(rel), address))
}

// exact marks a path of which no part may be left out.
func exact(rel string) string {
	if rel = normal(rel); rel == "" || rel == "." || strings.HasPrefix(rel, "..") {
		return ""
	}
	return "/" + rel
}

// normal is a name without its extension, in small letters: file systems and editors differ in how they write both.
func normal(name string) string {
	if markdown(name) {
		name = strings.TrimSuffix(name, path.Ext(name))
	}
	return norm.NFC.String(strings.ToLower(name))
}

// keys are all the targets that lead to the note at rel: its path, the end of it from any folder on, and its title.
func keys(rel, title string) []string {
	whole := normal(rel)
	all := []string{"/" + whole, whole}
	for at := strings.IndexByte(whole, '/'); at >= 0; at = strings.IndexByte(whole, '/') {
		whole = whole[at+1:]
		all = append(all, whole)
	}
	if title = normal(title); title != "" && !slices.Contains(all, title) {
		all = append(all, title)
	}
	return all
}

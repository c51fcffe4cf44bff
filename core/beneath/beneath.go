// Package beneath opens what lies in allowed folders, by descriptor, so that a link or a swap leads nowhere else.
//
// It has two steps. Resolve says once which file is meant: absolute, links followed. That path is what policy compares,
// a person is shown and the log keeps. All else takes such a path and follows no link any more: where one has been put
// on the way since, it fails. What is protected is refused in both steps.
//
// A Tree is fixed once made and may be used from any goroutine. It must not know who asks, or what a file is for.
package beneath

import (
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"nerva/core/api"
	"nerva/core/paths"
	"nerva/core/protected"
)

// maxPath is PATH_MAX of Linux, in bytes.
const maxPath = 4096

// Use is what a path is for.
type Use int

// The uses. A file to write need not exist. What is removed is no link: what it leads to would go instead.
const (
	Read Use = iota
	Write
	Remove
)

// Tree is the folders beneath which paths may lie.
type Tree struct {
	home  string
	roots []string // as they are written, without ~
	list  *protected.List
}

// New makes a tree of folders, which begin with / or ~/. A folder may be a link and need not exist.
func New(home string, roots []string, list *protected.List) *Tree {
	t := &Tree{home: home, list: list}
	for _, root := range roots {
		if root = paths.Expand(home, root); filepath.IsAbs(root) {
			t.roots = append(t.roots, filepath.Clean(root))
		}
	}
	return t
}

// Resolve returns the file that path means. It begins with / or ~/. Errors are api.Denied for what is protected or
// lies elsewhere, whether it exists or not, and api.InvalidInput for what is no path. It does not say whether there is
// something: to who may not have the file, that is for policy to decide. They name path as it was given and never where a
// link leads: that is the text of whoever made it, and a model would read it as nerva's own.
func (t *Tree) Resolve(path string, use Use) (string, error) {
	path = paths.Expand(t.home, path)
	if !filepath.IsAbs(path) {
		return "", api.Errorf(api.InvalidInput, "%q is no absolute path; begin it with / or ~/", path)
	}
	if err := legible(path); err != nil {
		return "", err
	}
	path = filepath.Clean(path)
	now := t.list.Now()
	if err := allowed(now, path, path, use); err != nil {
		return "", err
	}
	real, wrong := paths.Links(path)
	if err := allowed(now, path, real, use); err != nil {
		return "", err
	}
	if _, inside := t.root(real); !inside {
		return "", api.Errorf(api.Denied, "%s lies outside of %s; choose a path in there", path, t.names())
	}
	if wrong != nil {
		return "", api.Errorf(api.InvalidInput, "%s can't be followed: %w; check the path", path, wrong)
	}
	if legible(real) != nil {
		return "", api.Errorf(api.InvalidInput, "%s leads to a name that is too long, has control characters or is not UTF-8; rename that file first", path)
	}
	if link := t.link(path); use == Remove && link != real {
		return "", api.Errorf(api.InvalidInput, "%s is a link, and stays; give the path of what it leads to if you mean that", path)
	}
	return real, nil
}

// Shows returns what says whether a file may be shown at all. It is for long lists: what is protected is looked for once.
func (t *Tree) Shows() func(path string) bool {
	now := t.list.Now()
	return func(path string) bool {
		real, _ := paths.Links(path)
		return now.Why(filepath.Clean(path)) == "" && now.Why(real) == ""
	}
}

// Takes is nil where new files may be made in the tree's folders, and an api.Denied error where one of them, or what it
// leads to, is protected.
func (t *Tree) Takes() error {
	now := t.list.Now()
	for _, folder := range t.roots {
		real, _ := paths.Links(folder)
		why := now.WhyWrite(filepath.Join(folder, "new"))
		if why == "" {
			why = now.WhyWrite(filepath.Join(real, "new"))
		}
		if why != "" {
			return api.Errorf(api.Denied, "%s is protected (%s), and no skill may write there; name another folder in the configuration", folder, why)
		}
	}
	return nil
}

// link is the path with the links of its folder followed and its own not.
func (t *Tree) link(path string) string {
	folder, _ := paths.Links(filepath.Dir(path))
	return filepath.Join(folder, filepath.Base(path))
}

// legible: a path goes through JSON, a question and a log, and must come out as it went in.
func legible(path string) error {
	switch {
	case len(path) > maxPath:
		return api.Errorf(api.InvalidInput, "the path has %d bytes, and at most %d are taken; choose a shorter one", len(path), maxPath)
	case !utf8.ValidString(path) || strings.ContainsFunc(path, unicode.IsControl):
		return api.Errorf(api.InvalidInput, "%q has control characters or is not UTF-8; rename the file first", path)
	}
	return nil
}

// allowed refuses real where it is protected, by the name path.
func allowed(now *protected.Now, path, real string, use Use) error {
	why, do := now.Why(real), "touch"
	if use != Read && why == "" {
		why, do = now.WhyWrite(real), "change"
	}
	if why != "" {
		return api.Errorf(api.Denied, "%s is protected (%s), and no skill may %s it; do it yourself", path, why, do)
	}
	return nil
}

// root is the outermost allowed folder around path, links followed.
func (t *Tree) root(path string) (string, bool) {
	for _, root := range t.real() {
		if paths.Within(path, root) {
			return root, true
		}
	}
	return "", false
}

// real are the allowed folders where their links lead, none within another.
func (t *Tree) real() []string {
	var all []string
	for _, root := range t.roots {
		if real, err := paths.Links(root); err == nil {
			all = append(all, real)
		}
	}
	return paths.Outermost(all)
}

func (t *Tree) names() string {
	if len(t.roots) == 0 {
		return "the folders that may be used, of which there is none"
	}
	return "the folders that may be used, " + strings.Join(t.roots, " and ")
}

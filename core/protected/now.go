package protected

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"nerva/core/paths"
)

// Now is a List with its links as they are at one moment, for many questions in a row.
type Now struct {
	entries []entry
	handed  []string
	homes   []string // folded
}

// Now follows the links of all entries.
func (l *List) Now() *Now {
	n := &Now{entries: slices.Clone(l.entries), homes: []string{fold(l.home), fold(followed(l.home))}}
	for _, folder := range l.handed {
		n.handed = append(n.handed, fold(followed(folder)))
	}
	disk := newDisk()
	for _, e := range l.entries {
		if e.use == system {
			continue // no user can make a link of it
		}
		if real := disk.real(e.folder); real != e.folder {
			n.entries = append(n.entries, newEntry(real, e.last, e.why, e.use))
		}
		for _, path := range disk.found(e) {
			if _, err := os.Readlink(path); err == nil {
				folder, last := filepath.Split(followed(path))
				n.entries = append(n.entries, newEntry(filepath.Clean(folder), literal.Replace(last), e.why, e.use))
			}
		}
	}
	return n
}

// disk remembers what it has read: most entries are in the same few folders.
type disk struct {
	reals map[string]string
	lists map[string][]named
}

type named struct{ name, folded string }

func newDisk() disk { return disk{map[string]string{}, map[string][]named{}} }

// real is where the links of a folder's path lead.
func (d disk) real(folder string) string {
	real, known := d.reals[folder]
	if !known {
		real = followed(folder)
		d.reals[folder] = real
	}
	return real
}

// found lists what is there of an entry, whatever the letter case.
func (d disk) found(e entry) []string {
	folder := d.real(e.folder)
	names, known := d.lists[folder]
	if !known {
		if open, err := os.Open(folder); err == nil {
			all, _ := open.Readdirnames(-1)
			_ = open.Close()
			for _, name := range all {
				names = append(names, named{name, fold(name)})
			}
		}
		d.lists[folder] = names
	}
	var found []string
	for _, n := range names {
		if fits(e.names[len(e.names)-1:], []string{n.folded}) {
			found = append(found, filepath.Join(folder, n.name))
		}
	}
	return found
}

func followed(path string) string {
	real, _ := paths.Links(path)
	return real
}

// Why is List.Why.
func (n *Now) Why(path string) string {
	if !filepath.IsAbs(path) {
		return "no absolute path"
	}
	path = fold(filepath.Clean(path))
	if slices.ContainsFunc(n.handed, func(folder string) bool { return below(path, folder) }) {
		return ""
	}
	return n.why(path, func(e entry) bool { return e.use != plants })
}

// WhyWrite is List.WhyWrite.
func (n *Now) WhyWrite(path string) string {
	if !filepath.IsAbs(path) {
		return "no absolute path"
	}
	path = fold(filepath.Clean(path))
	if why := n.why(path, func(entry) bool { return true }); why != "" {
		return why
	}
	names := strings.Split(path, "/")[1:]
	if slices.Contains(names, fold(".git")) {
		return "git's own folder, whose files run commands"
	}
	if path == "/" || slices.ContainsFunc(n.homes, func(home string) bool { return paths.Within(home, path) }) {
		return "around the home folder"
	}
	for _, e := range n.entries {
		if len(names) < len(e.names) && fits(e.names[:len(names)], names) {
			return "around " + e.why
		}
	}
	return ""
}

func (n *Now) why(path string, counts func(entry) bool) string {
	names := strings.Split(path, "/")[1:]
	for _, e := range n.entries {
		if counts(e) && len(names) >= len(e.names) && fits(e.names, names[:len(e.names)]) {
			return e.why
		}
	}
	if n.othersHome(path) {
		return "another user's home folder"
	}
	return ""
}

// othersHome: homes lie in /home, and root's in /root.
func (n *Now) othersHome(path string) bool {
	if !below(path, fold("/home")) && path != fold("/root") && !below(path, fold("/root")) {
		return false
	}
	return !slices.ContainsFunc(n.homes, func(home string) bool {
		return paths.Within(path, home) || below(home, path)
	})
}

func fits(pattern, names []string) bool {
	for i := range pattern {
		if pattern[i] == names[i] {
			continue
		}
		if ok, err := filepath.Match(pattern[i], names[i]); !ok || err != nil {
			return false
		}
	}
	return true
}

func below(path, folder string) bool {
	return strings.HasPrefix(path, strings.TrimSuffix(folder, "/")+"/")
}

// fold makes all spellings alike that a file system without letter case takes for one name: a folder of ext4 or f2fs
// with the attribute +F folds letters and leaves out what has no shape of its own (Linux, fs/unicode).
func fold(path string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
			return -1
		}
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, path)
}

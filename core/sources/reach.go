package sources

import (
	"path/filepath"
	"strings"

	"nerva/core/paths"
	"nerva/core/policy"
)

// plainGlobs is how many globs without braces one of a rule's is taken apart into.
const plainGlobs = 64

// reach is where a glob for paths reaches: the folders that may hold a file which it fits.
type reach struct {
	base   string                   // the folder that it names without a wildcard
	levels []func(name string) bool // the names of folders below it, one below the other
	deep   bool                     // whether it goes on below the levels without end
}

// reaches takes a glob apart that is absolute.
func reaches(glob string) []reach {
	var all []reach
	for _, plain := range policy.Plain(glob, plainGlobs) {
		all = append(all, newReach(plain))
	}
	return all
}

func newReach(plain string) reach {
	segments := strings.Split(strings.ReplaceAll(plain, `\/`, "/"), "/")
	segments, file := segments[:len(segments)-1], segments[len(segments)-1]
	r := reach{base: "/"}
	for _, segment := range segments {
		switch name, literal := unescape(segment); {
		case r.deep:
		case literal && r.levels == nil:
			r.base = filepath.Join(r.base, name)
		default:
			r.level(segment)
		}
	}
	if !r.deep && strings.Contains(file, "**") {
		r.level(file)
	}
	return r
}

// level adds a segment of the glob. ** goes on below for ever; before it the first folder may have to begin with something.
func (r *reach) level(segment string) {
	before, _, deep := strings.Cut(segment, "**")
	r.deep = deep
	if deep {
		before = strings.TrimRight(before, `\`) // as well as no escape, it is the beginning of what fits
		if before == "" {
			return
		}
		segment = before + "*"
	}
	r.levels = append(r.levels, policy.OneOf([]string{segment}, func(int) {}))
}

// unescape gives the text that a segment stands for, where it is one alone.
func unescape(segment string) (text string, literal bool) {
	var b strings.Builder
	for i := 0; i < len(segment); i++ {
		switch {
		case segment[i] == '*':
			return "", false
		case segment[i] == '\\' && i+1 < len(segment):
			i++
		}
		b.WriteByte(segment[i])
	}
	return b.String(), true
}

// has says whether what lies in a folder may fit. The path is absolute and clean.
func (r reach) has(folder string) bool {
	if !paths.Within(folder, r.base) {
		return false
	}
	below := strings.Trim(strings.TrimPrefix(folder, r.base), "/")
	if below == "" {
		return true
	}
	for i, name := range strings.Split(below, "/") {
		if i == len(r.levels) {
			return r.deep
		}
		if !r.levels[i](name) {
			return false
		}
	}
	return true
}

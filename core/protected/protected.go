// Package protected knows the paths that no skill may ever touch, whatever policy says: secrets, what starts by
// itself, what other programs trust, and nerva's own folders.
//
// A List is fixed once made and may be used from any goroutine. Now and Hidden look for the files
// that its entries name and follow their symbolic links, so that ~/.ssh is known where its link leads, too. It must not know skills, or how a
// file is opened.
package protected

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nerva/core/paths"
)

// Options say whose paths these are. Paths are absolute.
type Options struct {
	Home    string
	Secrets string   // the folder of secrets
	Own     []string // nerva's configuration, state, cache and sockets
	Keys    []string // files with a key or a password
	// Handed are folders within Own whose files may be read: what skills themselves hand out.
	Handed []string
}

// List is the protected paths of one user.
type List struct {
	entries []entry
	handed  []string
	home    string
}

// entry is a path and all below it.
type entry struct {
	folder string   // absolute
	last   string   // a name; it may have the * of path/filepath.Match
	names  []string // the segments of both, folded
	why    string
	use    use
}

// newEntry makes an entry of a path that ends in a pattern.
func newEntry(folder, last, why string, use use) entry {
	return entry{folder, last, strings.Split(fold(filepath.Join(literal.Replace(folder), last)), "/")[1:], why, use}
}

// use is what an entry is protected from.
type use int

const (
	secret use = iota // being touched at all; a sandbox must not show it either
	system            // being touched at all; a sandbox has none of it, or one of its own
	starts            // being touched at all, because it runs by itself; a program in a sandbox may read it
	plants            // being written: what is put there runs later
)

// New makes the list. The XDG base folders are those of the environment and those that hold without it, since
// programs are started in either way.
func New(o Options) *List {
	l := &List{home: filepath.Clean(o.Home)}
	for _, row := range table {
		for _, base := range bases(row.base, l.home) {
			for name := range strings.FieldsSeq(row.names) {
				folder, last := filepath.Split(filepath.Join(base, name))
				l.entries = append(l.entries, newEntry(filepath.Clean(folder), last, row.why, row.use))
			}
		}
	}
	add := func(use use, why string, paths ...string) {
		for _, path := range paths {
			if filepath.IsAbs(path) {
				folder, last := filepath.Split(filepath.Clean(path))
				l.entries = append(l.entries, newEntry(filepath.Clean(folder), literal.Replace(last), why, use))
			}
		}
	}
	add(secret, "the folder of secrets", o.Secrets)
	add(secret, "a key", o.Keys...)
	add(secret, "a key", os.Getenv("CREDENTIALS_DIRECTORY"))
	add(secret, "nerva's own folder", o.Own...)
	add(system, "the session's sockets", os.Getenv("XDG_RUNTIME_DIR"))
	l.handed = o.Handed
	return l
}

var (
	literal = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)
	plain   = strings.NewReplacer(`\\`, `\`, `\*`, `*`, `\?`, `?`, `\[`, `[`)
)

// base is a folder that rows of the table are in.
type base int

const (
	root base = iota
	home
	configHome
	dataHome
)

// bases are where a base folder may be.
func bases(b base, user string) []string {
	switch b {
	case home:
		return []string{user}
	case configHome:
		return moved("XDG_CONFIG_HOME", filepath.Join(user, ".config"))
	case dataHome:
		return moved("XDG_DATA_HOME", filepath.Join(user, ".local/share"))
	}
	return []string{"/"}
}

func moved(variable, usual string) []string {
	if dir := os.Getenv(variable); filepath.IsAbs(dir) && filepath.Clean(dir) != usual {
		return []string{usual, filepath.Clean(dir)}
	}
	return []string{usual}
}

// Hidden lists secrets and nerva's own, without what lies in another one of them: what a sandbox must not show. Of each
// it has where its name is or would be, of a pattern as it stands, and where a link of that name leads. The links on
// the way are resolved.
func (l *List) Hidden() []string {
	var all []string
	disk := newDisk()
	for _, e := range l.entries {
		if e.use != secret {
			continue
		}
		all = append(all, filepath.Join(disk.real(e.folder), plain.Replace(e.last)))
		for _, path := range disk.found(e) {
			all = append(all, followed(path))
		}
	}
	slices.Sort(all)
	return paths.Outermost(all)
}

package apps

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Env is what the environment says about where applications are and whom they are shown to.
type Env struct {
	// DataHome is searched first, then DataDirs in order; all are absolute.
	DataHome string
	DataDirs []string
	// CurrentDesktop is XDG_CURRENT_DESKTOP taken apart, most specific first.
	CurrentDesktop []string
	// Locales are the languages of localized keys, best first, each lang[_COUNTRY][@MODIFIER]; none means
	// that untranslated values are used.
	Locales []string
	// Path is where programs are looked up; only absolute folders count.
	Path []string
	// Home is the user's home folder.
	Home string
	// Terminal is the user's TERMINAL, a program's name or path; it may be empty.
	Terminal string
}

// EnvFromOS reads the process's environment. Empty variables get the defaults of the XDG Base Directory
// Specification, and relative paths are ignored as it asks for.
func EnvFromOS() Env { return envFrom(os.Getenv) }

func envFrom(get func(string) string) Env {
	home := get("HOME")
	dataHome := get("XDG_DATA_HOME")
	if !filepath.IsAbs(dataHome) {
		dataHome = ""
		if filepath.IsAbs(home) {
			dataHome = filepath.Join(home, ".local/share")
		}
	}
	dataDirs := absolute(get("XDG_DATA_DIRS"))
	if get("XDG_DATA_DIRS") == "" {
		dataDirs = []string{"/usr/local/share", "/usr/share"}
	}
	return Env{
		DataHome:       dataHome,
		DataDirs:       dataDirs,
		CurrentDesktop: fields(get("XDG_CURRENT_DESKTOP")),
		Locales:        localesFrom(get),
		Path:           absolute(get("PATH")),
		Home:           home,
		Terminal:       get("TERMINAL"),
	}
}

// roots are the folders that hold desktop files, the one that takes precedence first.
func (e Env) roots() []string {
	var roots []string
	for _, d := range append([]string{e.DataHome}, e.DataDirs...) {
		if d == "" {
			continue
		}
		if r := filepath.Join(d, "applications"); !slices.Contains(roots, r) {
			roots = append(roots, r)
		}
	}
	return roots
}

// lookPath finds an executable regular file by name or absolute path.
func (e Env) lookPath(program string) (string, bool) {
	if filepath.IsAbs(program) {
		return program, executable(program)
	}
	if program == "" || strings.Contains(program, "/") {
		return "", false
	}
	for _, dir := range e.Path {
		if p := filepath.Join(dir, program); executable(p) {
			return p, true
		}
	}
	return "", false
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

// fields splits a colon-separated list and drops what is empty.
func fields(list string) []string {
	return slices.DeleteFunc(strings.Split(list, ":"), func(s string) bool { return s == "" })
}

func absolute(list string) []string {
	return slices.DeleteFunc(fields(list), func(s string) bool { return !filepath.IsAbs(s) })
}

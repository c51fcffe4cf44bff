// Package style turns the one style sheet, with its three sets of names, into the text that GTK reads for
// one of them.
//
// It owns no state and must not know GTK: custom properties came with GTK 4.16, and only for values below
// the element that sets them; putting the values in beforehand works from 4.14 on and can be tested.
package style

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
)

// Scheme is one of the three sets.
type Scheme string

// The schemes; each is the name of its block in the style sheet.
const (
	Light    Scheme = "light"
	Dark     Scheme = "dark"
	Contrast Scheme = "contrast"
)

// Theme is a style sheet that has been read.
type Theme struct {
	rules string
	user  string // rules that With has added
	sets  map[string]map[string]string
}

var (
	setBlock  = regexp.MustCompile(`(?m)^(?::|\.)(root|light|dark|contrast)\s*\{([^}]*)\}\n?`)
	name      = regexp.MustCompile(`(--[a-z-]+)\s*:\s*([^;]+);`)
	use       = regexp.MustCompile(`var\((--[a-z-]+)\)`)
	sum       = regexp.MustCompile(`calc\((\d+)px ([+-]) (\d+)px\)`)
	comment   = regexp.MustCompile(`(?s)/\*.*?\*/`)
	maxNested = 4 // names may use names, but not in a circle
)

// Parse reads a style sheet.
func Parse(css string) Theme {
	t := Theme{sets: map[string]map[string]string{}}
	css = comment.ReplaceAllStringFunc(css, lines)
	for _, block := range setBlock.FindAllStringSubmatch(css, -1) {
		set := map[string]string{}
		for _, n := range name.FindAllStringSubmatch(block[2], -1) {
			set[n[1]] = strings.TrimSpace(n[2])
		}
		t.sets[block[1]] = set
	}
	t.rules = setBlock.ReplaceAllStringFunc(css, lines)
	return t
}

// lines keeps the rest of a style sheet where it is, for the line numbers of errors.
func lines(removed string) string { return strings.Repeat("\n", strings.Count(removed, "\n")) }

// With is t under a user's style sheet, which has other values for t's names, and rules that may use them.
func (t Theme) With(css string) Theme {
	user := Parse(css)
	sets := map[string]map[string]string{}
	for _, from := range []map[string]map[string]string{t.sets, user.sets} {
		for set, values := range from {
			if sets[set] == nil {
				sets[set] = map[string]string{}
			}
			maps.Copy(sets[set], values)
		}
	}
	return Theme{rules: t.rules, user: user.rules, sets: sets}
}

// Check is CSS's error for any of the sets.
func (t Theme) Check() error {
	for _, s := range []Scheme{Light, Dark, Contrast} {
		if _, _, err := t.CSS(s, ""); err != nil {
			return err
		}
	}
	return nil
}

// CSS is the style sheet with the values of one set, and the user's with them, empty where there is none. The
// accent replaces the set's own unless it is empty; high contrast keeps its own, which was chosen to be readable.
func (t Theme) CSS(s Scheme, accent string) (css, user string, err error) {
	values := func(n string) string {
		if n == "--accent" && accent != "" && s != Contrast {
			return accent
		}
		if v, ok := t.sets[string(s)][n]; ok {
			return v
		}
		v, ok := t.sets["root"][n]
		if !ok && err == nil {
			err = fmt.Errorf("the style sheet uses %s, which the set %s has not", n, s)
		}
		return v
	}
	fill := func(css string) string {
		for range maxNested {
			css = use.ReplaceAllStringFunc(css, func(m string) string { return values(use.FindStringSubmatch(m)[1]) })
		}
		return sum.ReplaceAllStringFunc(css, add)
	}
	return fill(t.rules), fill(t.user), err
}

// Colour is the value of one of a set's names, as it stands in the style sheet.
func (t Theme) Colour(s Scheme, n string) string { return t.sets[string(s)][n] }

// Pixels is the value of one of the sizes.
func (t Theme) Pixels(n string) int {
	px, _ := strconv.Atoi(strings.TrimSuffix(t.sets["root"][n], "px"))
	return px
}

// add computes calc(a + b), which GTK understands from 4.16 on only.
func add(m string) string {
	part := sum.FindStringSubmatch(m)
	a, _ := strconv.Atoi(part[1])
	b, _ := strconv.Atoi(part[3])
	if part[2] == "-" {
		b = -b
	}
	return strconv.Itoa(a+b) + "px"
}

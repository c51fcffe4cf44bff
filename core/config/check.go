package config

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"nerva/core/api"
)

// Error is one thing that is wrong with a configuration file. Line and Column count from 1; they are 0
// where the fault has no place of its own.
type Error struct {
	File         string
	Line, Column int
	Key          string // dotted, empty for a fault of the syntax
	Problem      string // what is wrong with the key, and what would be right
}

func (e *Error) Error() string {
	key := ""
	if e.Key != "" {
		key = e.Key + " "
	}
	return fmt.Sprintf("%s:%d:%d: %s%s", e.File, e.Line, e.Column, key, e.Problem)
}

// Errors are all faults of one file, in its order.
type Errors []*Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Check reads one file by itself, over the defaults, as `nerva config check FILE` does.
func Check(file string, text []byte) (Config, error) {
	c := Default()
	err := parse(&c, file, text)
	return c, err
}

// parse lays one file over c. On an error c is of no use.
func parse(c *Config, file string, text []byte) error {
	below := *c
	c.Policy.Rules, c.Watchers.Rules, c.Timers, c.Workflows, c.Commands.Patterns = nil, nil, nil, nil, nil
	// A command of the one file may have its pattern in the other.
	patterns := func() {
		if c.Commands.Patterns == nil {
			c.Commands.Patterns = below.Commands.Patterns
		}
	}
	if err := decode(c, file, text, patterns); err != nil {
		return err
	}
	c.Policy.Rules = slices.Concat(below.Policy.Rules, c.Policy.Rules)
	if c.Watchers.Rules == nil {
		c.Watchers.Rules = below.Watchers.Rules
	}
	if c.Timers == nil {
		c.Timers = below.Timers
	}
	if c.Workflows == nil {
		c.Workflows = below.Workflows
	}
	return nil
}

// decode calls lay between reading and checking.
func decode(c *Config, file string, text []byte, lay func()) error {
	d := toml.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(c)

	var unknown *toml.StrictMissingError
	var wrong *toml.DecodeError
	var found Errors
	switch {
	case errors.As(err, &unknown):
		for _, one := range unknown.Errors {
			found = append(found, unknownKey(file, one))
		}
	case errors.As(err, &wrong):
		line, column := wrong.Position()
		found = append(found, &Error{file, line, column, strings.Join(wrong.Key(), "."), problem(wrong)})
	case err != nil:
		return fmt.Errorf("%s: %w", file, err)
	}
	places := sync.OnceValue(func() map[string]position { return positions(text) }) // a second reading, for what is wrong
	add := func(key, problem string) {
		at := place(places(), key)
		found = append(found, &Error{file, at.Line, at.Column, key, problem})
	}
	if len(found) == 0 {
		if err := misspelt(text, add); err != nil {
			found = append(found, &Error{File: file, Problem: "can't be read: " + err.Error()}) // which the decoder could
		}
	}
	if len(found) == 0 {
		lay()
		c.validate(add)
	}
	if len(found) == 0 {
		return nil
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].Line < found[j].Line })
	return found
}

// misspelt finds keys that the decoder takes for known ones, since it does not mind letter case: a second
// [[Policy.rule]] would take the place of the first.
func misspelt(text []byte, bad report) error {
	var values map[string]any
	if err := toml.Unmarshal(text, &values); err != nil {
		return err
	}
	walk(values, reflect.TypeFor[Config](), "", func(key, known string) { bad(key, notAKey(known)) })
	return nil
}

// walk calls bad for each key that is another than the type's own.
func walk(value any, t reflect.Type, prefix string, bad func(key, known string)) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch v := value.(type) {
	case []any:
		for i := range v {
			if t.Kind() == reflect.Slice {
				walk(v[i], t.Elem(), fmt.Sprintf("%s[%d].", strings.TrimSuffix(prefix, "."), i), bad)
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			switch t.Kind() {
			case reflect.Map:
				walk(v[name], t.Elem(), prefix+name+".", bad)
			case reflect.Struct:
				for f := range t.Fields() {
					if tag, _, _ := strings.Cut(f.Tag.Get("toml"), ","); tag == name {
						walk(v[name], f.Type, prefix+name+".", bad)
					} else if strings.EqualFold(tag, name) {
						bad(prefix+name, indexes.ReplaceAllString(prefix, "")+tag)
					}
				}
			}
		}
	}
}

var indexes = regexp.MustCompile(`\[[0-9]+]`)

func notAKey(near string) string {
	if near == "" {
		return "is not a key of nerva's configuration; `nerva config show` prints all of them"
	}
	return "is not a key of nerva's configuration; did you mean " + near + "?"
}

func problem(e *toml.DecodeError) string {
	text := strings.TrimPrefix(e.Error(), "toml: ")
	if len(e.Key()) == 0 {
		return "is not TOML: " + text
	}
	return "has the wrong type: " + text
}

func unknownKey(file string, e toml.DecodeError) *Error {
	line, column := e.Position()
	key := strings.Join(e.Key(), ".")
	return &Error{file, line, column, key, notAKey(nearest(key, known()))}
}

// known are all keys and tables of the configuration.
var known = sync.OnceValue(func() []string { return keys(reflect.TypeFor[Config](), "") })

// keys lists the dotted names of all keys and tables of a type. What a name of the user's stands for in it, as in
// mcp.servers.NAME, is NAME.
func keys(t reflect.Type, prefix string) []string {
	var all []string
	for f := range t.Fields() {
		tag, _, _ := strings.Cut(f.Tag.Get("toml"), ",")
		if tag == "-" {
			continue
		}
		name, inner := prefix+tag, f.Type
		all = append(all, name)
		switch inner.Kind() {
		case reflect.Slice, reflect.Pointer:
			inner = inner.Elem()
		case reflect.Map:
			name, inner = name+".NAME", inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			all = append(all, keys(inner, name+".")...)
		}
	}
	return all
}

// nearest returns the known key that is closest to the written one, or nothing where none is similar: at
// most a third of the letters may differ. The last word alone counts too, for a key in the wrong table.
func nearest(key string, known []string) string {
	last := func(s string) string { return s[strings.LastIndexByte(s, '.')+1:] }
	best, least := "", len(key)/3+2
	for _, k := range known {
		if d := api.Distance(key, k, least); d < least {
			best, least = k, d
		}
	}
	for _, k := range known {
		if best == "" && last(k) == last(key) {
			best = k
		}
	}
	return best
}

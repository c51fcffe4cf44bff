// Package commands decides which commands may be run at all, before anybody is asked: the fence before the sandbox,
// which stays the wall.
//
// A Fence is a pure value; any goroutine may use it. The package must not know how a command is run, nor what the
// policy thinks of it.
package commands

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"nerva/core/api"
	"nerva/core/policy"
)

// Pattern is a [[commands.pattern]] of the configuration: the command, letter by letter, and a glob for each argument.
// A last "**" takes the rest.
type Pattern struct {
	Argv []string `toml:"argv"`
}

// Fence holds which commands may run. The zero value lets none through.
type Fence struct {
	allowed  []string
	patterns map[string][]pattern // by command
}

type pattern struct {
	words []string
	list  policy.List
}

// New makes a fence of what the configuration has. It calls bad for everything that is wrong, with the key and the end
// of a sentence; the result is then of no use.
func New(allowed []string, patterns []Pattern, bad func(key, problem string)) Fence {
	f := Fence{allowed, map[string][]pattern{}}
	for i, p := range patterns {
		key := fmt.Sprintf("pattern[%d].argv", i)
		if len(p.Argv) == 0 {
			bad(key, "is empty; name a command and what its arguments may be")
			continue
		}
		name := p.Argv[0]
		if problem := misnamed(name); problem != "" {
			bad(key, problem)
		}
		list, err := policy.CompileList(p.Argv[1:])
		if err != nil {
			bad(key, fmt.Sprintf("has %v", err))
		}
		f.patterns[name] = append(f.patterns[name], pattern{p.Argv[1:], list})
	}
	for i, name := range allowed {
		key := fmt.Sprintf("allowed[%d]", i)
		if problem := misnamed(name); problem != "" {
			bad(key, problem)
		} else if runsOthers(name) && len(f.patterns[name]) == 0 {
			bad(key, fmt.Sprintf("is %q, which can run any other program or change files by its arguments; add a [[commands.pattern]] for it", name))
		}
	}
	return f
}

// misnamed says what is wrong with the name of a command.
func misnamed(name string) string {
	switch {
	case name == "":
		return "has an empty name; name a command"
	case strings.ContainsAny(name, "*{}\\\x00"):
		return fmt.Sprintf("names the command %q; write the name of one command, letter by letter", name)
	case strings.Contains(name, "/") && (!filepath.IsAbs(name) || filepath.Clean(name) != name):
		return fmt.Sprintf("names the command %q; write a name alone, or a clean absolute path", name)
	}
	return ""
}

// Check returns nil where a command may run, and else an api.Denied or api.InvalidInput error that says why not.
func (f Fence) Check(argv []string) error {
	if len(argv) == 0 || argv[0] == "" {
		return api.Errorf(api.InvalidInput, "argv is empty; its first element is the command, such as ls")
	}
	name, arguments := argv[0], argv[1:]
	if !slices.Contains(f.allowed, name) {
		return f.unknown(name)
	}
	patterns := f.patterns[name]
	if len(patterns) == 0 {
		if runsOthers(name) {
			return api.Errorf(api.Denied, "%s was not run: it can run any other program; add a [[commands.pattern]] for it to nerva's configuration", name)
		}
		patterns = []pattern{{[]string{"**"}, everything}}
	}
	fits, refused := false, ""
	for _, p := range patterns {
		if !p.list.Fits(arguments) {
			continue
		}
		fits = true
		if refused = p.refused(name, arguments); refused == "" {
			return nil
		}
	}
	if fits {
		return api.Errorf(api.Denied, "%s was not run: %.64q makes it run a program, read a list of files or write; leave it out, or name it in a [[commands.pattern]]", name, refused)
	}
	return api.Errorf(api.Denied, "%s was not run: these arguments fit none of its [[commands.pattern]]s; it may be run as %s", name, f.forms(name))
}

func (f Fence) unknown(name string) error {
	if len(f.patterns[name]) > 0 {
		return api.Errorf(api.Denied, "%.64q was not run: it has a [[commands.pattern]], and commands.allowed in nerva's configuration lacks it; add it there", name)
	}
	if len(f.allowed) == 0 {
		return api.Errorf(api.Denied, "%.64q was not run: no command may be; commands.allowed in nerva's configuration lists what may", name)
	}
	return api.Errorf(api.Denied, "%.64q was not run: only %s may be; commands.allowed in nerva's configuration lists them", name, strings.Join(f.allowed, ", "))
}

func (f Fence) forms(name string) string {
	all := make([]string, len(f.patterns[name]))
	for i, p := range f.patterns[name] {
		all[i] = fmt.Sprintf("%q", append([]string{name}, p.words...))
	}
	return strings.Join(all, " or ")
}

// refused is the first argument that the table has for the command and that the pattern does not have letter by
// letter: no glob means it.
func (p pattern) refused(name string, arguments []string) string {
	flags := risky[base(name)]
	for i, argument := range arguments {
		if flags.have(argument) && (i >= len(p.words) || p.words[i] != argument) {
			return argument
		}
	}
	return ""
}

// everything fits any arguments.
var everything = func() policy.List {
	l, err := policy.CompileList([]string{"**"})
	if err != nil {
		panic(err) // a slip in this file
	}
	return l
}()

package watchers

import (
	_ "embed" // the rules
	"fmt"
	"slices"
	"sync"

	"github.com/pelletier/go-toml/v2"
)

//go:embed builtin.toml
var builtinText []byte

// Builtin are nerva's own rules. The caller must not change them.
var Builtin = sync.OnceValue(func() []Rule {
	var file struct {
		Rules []Rule `toml:"rule"`
	}
	if err := toml.Unmarshal(builtinText, &file); err != nil {
		panic("watchers: builtin.toml: " + err.Error()) // it is part of the program, and tested
	}
	return file.Rules
})

func isBuiltin(name string) bool {
	return slices.ContainsFunc(Builtin(), func(r Rule) bool { return r.Name == name })
}

// off says whether r does nothing but switch one of nerva's own rules off.
func (r Rule) off() bool { return !r.Enables() && r.On == "" && isBuiltin(r.Name) }

// CompileAll makes the rules ready: own, and nerva's own where builtin says so. A rule in own takes the place of nerva's
// of the same name; with enabled = false it needs nothing but the name. It calls bad with the place in own of what is wrong.
func CompileAll(own []Rule, builtin bool, k Known, bad func(i int, key, problem string)) []*Compiled {
	var all []*Compiled
	named := map[string]bool{}
	for i, r := range own {
		if r.Name != "" && named[r.Name] {
			bad(i, "name", fmt.Sprintf("is %q, as another rule's; what a rule offers is listed by its name", r.Name))
		}
		named[r.Name] = true
		if !r.off() {
			all = append(all, r.Compile(k, func(key, problem string) { bad(i, key, problem) }))
		}
	}
	for _, r := range Builtin() {
		off := slices.ContainsFunc(own, func(o Rule) bool { return o.Name == r.Name && o.off() })
		if !builtin || named[r.Name] && !off {
			continue
		}
		if off {
			r.Enabled = new(bool) // listed as what it is
		}
		compiled := r.Compile(k, func(key, problem string) {
			panic("watchers: builtin.toml: " + r.Name + ": " + key + " " + problem) // as above
		})
		compiled.own = true
		all = append(all, compiled)
	}
	return all
}

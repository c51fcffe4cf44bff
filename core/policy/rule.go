package policy

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"nerva/core/api"
)

// Rule is a rule as the configuration has it: it decides the calls of one skill whose arguments fit Match.
type Rule struct {
	// Name stands in the audit log as what decided.
	Name  string `toml:"name"`
	Skill string `toml:"skill"`
	// Match has a pattern for some of the skill's arguments, and all of them must fit. A string is a glob, see
	// glob. A list fits element by element, and a last "**" takes the rest. A table fits key by key. Numbers and
	// booleans are equal or not. What has several names (a path, an application) is compared as meant, see forms.
	Match    map[string]any `toml:"match,omitempty"`
	Decision Decision       `toml:"decision"`
	// Examples are tests of the rule that stand in the configuration.
	Examples []Example `toml:"example,omitempty"`
	// System says that it stands in the system's file.
	System bool `toml:"-"`
}

// Compiled is a rule that can be compared with calls.
type Compiled struct {
	Rule
	match []argumentPattern // in the order of their names
}

// argumentPattern is what Match has for one argument; strings are *globPattern or *pathPattern.
type argumentPattern struct {
	name    string
	pattern any
}

// taken are the other words of the audit log's decided_by.
var taken = []string{"tier", "taint", "share", "question", "plugin", "protected", "commands", "schema", "overlay", "terminal", "peer", "nobody"}

// Compile makes r ready. It calls bad for everything that is wrong, with the key and the end of a sentence; the
// result is then of no use. A pattern for a path may begin with ~/, which is home.
func (r Rule) Compile(home string, bad func(key, problem string)) Compiled {
	switch {
	case r.Name == "":
		bad("name", "is missing; the log names a decision by it")
	case slices.Contains(taken, r.Name):
		bad("name", fmt.Sprintf("is %q, which the log uses for another origin of a decision; choose another name", r.Name))
	case strings.HasPrefix(r.Name, api.AnswerPrefix):
		bad("name", fmt.Sprintf("is %q, and names that begin with %s are for the answers that nerva keeps; choose another name", r.Name, api.AnswerPrefix))
	}
	risk, known := api.Floors[r.Skill]
	if !known {
		bad("skill", fmt.Sprintf("is %q, but there is no such skill; `nerva skills` lists them", r.Skill))
	}
	switch r.Decision {
	case Ask, Deny:
	case Allow:
		if known && len(r.Match) == 0 && !bounded(risk) {
			bad("match", "is missing; what is dangerous can be allowed only for arguments that are named")
		}
	default:
		bad("decision", fmt.Sprintf("is %q, but must be one of allow, ask, deny", r.Decision))
	}
	c := Compiled{Rule: r}
	for _, name := range slices.Sorted(maps.Keys(r.Match)) {
		if arguments, known := api.Arguments[r.Skill]; known && !slices.Contains(strings.Fields(arguments), name) {
			bad("match", fmt.Sprintf("has %s, which is no argument of %s; it has %s", name, r.Skill, arguments))
		}
		compiled, err := compileArgument(name, r.Match[name], home)
		if err != nil {
			bad("match", fmt.Sprintf("has for %s %v", name, err))
		}
		c.match = append(c.match, argumentPattern{name, compiled})
	}
	return c
}

func compileArgument(name string, pattern any, home string) (any, error) {
	switch s, isText := pattern.(string); {
	case slices.Contains(pathNames, name) && isText:
		return compilePath(s, home)
	case slices.Contains(pathNames, name):
		return nil, fmt.Errorf("%v, and a path is a text", pattern)
	case name == "uris":
		return compileURIs(pattern, home)
	}
	return compile(pattern)
}

// compile turns the strings of a pattern into globs, and TOML's integers into JSON's numbers.
func compile(pattern any) (any, error) {
	var err error
	switch p := pattern.(type) {
	case string:
		re, err := glob(p)
		if err != nil {
			return nil, fmt.Errorf("the pattern %q with %w", p, err)
		}
		return re, nil
	case []any:
		return compileList(p, compile)
	case map[string]any:
		table := make(map[string]any, len(p))
		for name := range p {
			if table[name], err = compile(p[name]); err != nil {
				return nil, err
			}
		}
		return table, nil
	case int64:
		return float64(p), nil
	case bool, float64:
		return p, nil
	}
	return nil, fmt.Errorf("%v, which is no text, number, boolean, list or table", pattern)
}

func compileList(patterns []any, element func(any) (any, error)) (any, error) {
	list := make([]any, len(patterns))
	for i, p := range patterns {
		var err error
		if list[i], err = element(p); err != nil {
			return nil, err
		}
		if i == len(patterns)-1 && p == "**" {
			list[i] = rest
		}
	}
	return list, nil
}

// rest stands for a list's last "**".
var rest = struct{ rest bool }{true}

// ruled returns what the rules say of a call, and false where none fits: deny wins over ask and ask over allow,
// wherever they stand.
func (p Policy) ruled(skill api.Skill, input json.RawMessage) (Verdict, bool) {
	var best *Compiled
	var c *comparison
	for i := range p.Rules {
		r := &p.Rules[i]
		if r.Skill != skill.ID || best != nil && strictness(r.Decision) <= strictness(best.Decision) {
			continue
		}
		if c == nil {
			c = &comparison{policy: p, folders: map[string]string{}}
			if json.Unmarshal(input, &c.arguments) != nil {
				// What can't be read can't be seen to be allowed.
				return Verdict{Deny, r.Name, "The input of " + skill.ID + " can't be compared with the policy's rules."}, true
			}
		}
		if !c.fits(r) || r.Decision == Allow && !p.mayAllow(r, skill.Risk) {
			continue
		}
		best = r
	}
	if best == nil {
		return Verdict{}, false
	}
	return Verdict{Decision: best.Decision, By: best.Name, Reason: best.reason(skill)}, true
}

func (p Policy) mayAllow(r *Compiled, risk api.Risk) bool {
	return (len(r.match) > 0 || bounded(risk)) && (r.System || !slices.Contains(p.Locked, risk))
}

// bounded: a rule without match means every call, and can't allow that of what is dangerous.
func bounded(r api.Risk) bool { return r == api.Safe || r == api.Caution }

func strictness(d Decision) int { return slices.Index([]Decision{Allow, Ask, Deny}, d) }

func (r *Compiled) reason(skill api.Skill) string {
	switch r.Decision {
	case Allow:
		return fmt.Sprintf("The rule %q of the policy allows this call.", r.Name)
	case Ask:
		return fmt.Sprintf("%s %s; the rule %q of the policy asks for a yes.", skill.ID, effects[skill.Effect], r.Name)
	}
	return fmt.Sprintf("The rule %q of the policy denies this call; it stands in the configuration.", r.Name)
}

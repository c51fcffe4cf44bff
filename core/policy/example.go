package policy

import (
	"encoding/json"
	"fmt"

	"nerva/core/api"
)

// Example says what should become of one call of a rule's skill, in a run that is not tainted. The configuration is
// wrong where something else does.
type Example struct {
	Input  map[string]any `toml:"input"`
	Expect Decision       `toml:"expect"`
}

// Examples calls bad for each example of the rules that does not hold, with the places of the rule and of the example
// in it and the end of a sentence. All of p's rules count, not only the example's own.
func (p Policy) Examples(bad func(rule, example int, key, problem string)) {
	for i, r := range p.Rules {
		for j, e := range r.Examples {
			input, err := json.Marshal(e.Input)
			if err != nil || e.Input == nil {
				bad(i, j, "input", "is missing; it has the arguments of a call, as in { path = \"~/x\" }")
				continue
			}
			switch e.Expect {
			case Allow, Ask, Deny:
			default:
				bad(i, j, "expect", fmt.Sprintf("is %q, but must be one of allow, ask, deny", e.Expect))
				continue
			}
			skill := Of(api.Skill{ID: r.Skill, Risk: api.Floors[r.Skill], Effect: api.Local}, input)
			if v := p.Decide(skill, input, nil); v.Decision != e.Expect {
				bad(i, j, "expect", fmt.Sprintf("is %q, but %s decides %q for %s", e.Expect, origin(v.By), v.Decision, input))
			}
		}
	}
}

func origin(by string) string {
	if by == "tier" {
		return "the tier"
	}
	return fmt.Sprintf("the rule %q", by)
}

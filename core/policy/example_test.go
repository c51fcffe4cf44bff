package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"nerva/core/policy"
)

func TestExamples(t *testing.T) {
	for _, c := range []struct {
		name    string
		example policy.Example
		want    string // in what is said, empty for nothing
	}{
		{"it holds", policy.Example{Input: m{"path": "~/x/a"}, Expect: policy.Allow}, ""},
		{"it does not hold", policy.Example{Input: m{"path": "~/x/a"}, Expect: policy.Deny}, `expect is "deny", but the rule "mine" decides "allow"`},
		{"another rule decides", policy.Example{Input: m{"path": "~/x/.git"}, Expect: policy.Allow}, `the rule "not git" decides "deny"`},
		{"no rule decides", policy.Example{Input: m{"path": "/etc"}, Expect: policy.Allow}, `the tier decides "ask"`},
		{"no input", policy.Example{Expect: policy.Allow}, "input is missing"},
		{"no decision", policy.Example{Input: m{"path": "/etc"}, Expect: "maybe"}, `expect is "maybe"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := rules(t,
				policy.Rule{Name: "not git", Skill: "open_path", Match: m{"path": "**/.git"}, Decision: policy.Deny},
				policy.Rule{Name: "mine", Skill: "open_path", Match: m{"path": "~/x/**"}, Decision: policy.Allow, Examples: []policy.Example{c.example}})
			said := ""
			p.Examples(func(rule, example int, key, problem string) {
				if rule != 1 || example != 0 {
					t.Errorf("rule %d, example %d", rule, example)
				}
				said += fmt.Sprintln(key, problem)
			})
			if (said == "") != (c.want == "") || !strings.Contains(said, c.want) {
				t.Errorf("got %q, want %q", said, c.want)
			}
		})
	}
}

// A call that its arguments raise is held against the tier it has then.
func TestAnExampleKnowsWhatArgumentsRaise(t *testing.T) {
	p := rules(t, policy.Rule{
		Name: "paint", Skill: "launch_app", Match: m{"app": "paint"}, Decision: policy.Ask,
		Examples: []policy.Example{{Input: m{"app": "firefox", "uris": []any{"https://a.example"}}, Expect: policy.Ask}},
	})
	p.Examples(func(_, _ int, key, problem string) { t.Error(key, problem) })
}

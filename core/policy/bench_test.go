package policy_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"nerva/core/api"
	"nerva/core/policy"
)

// BenchmarkDecide has a call that none of 1 000 rules for its skill fits; the budget is 50 µs.
func BenchmarkDecide(b *testing.B) {
	command := api.Skill{ID: "run_command", Risk: api.Caution, Effect: api.Exec}
	file := api.Skill{ID: "write_file", Risk: api.Dangerous, Effect: api.Write}
	const text = `{"path":"/home/a/Documents/x.txt","text":"x"}`
	for _, c := range []struct {
		name  string
		skill api.Skill
		input string
		match func(i int) m
	}{
		{"argv", command, `{"argv":["git","status","--short"]}`, func(i int) m {
			return m{"argv": []any{"git", fmt.Sprintf("{log,diff,show%d}", i), "**"}}
		}},
		{"path, one folder", file, text, func(i int) m { return m{"path": fmt.Sprintf("~/Documents/d%d*", i)} }},
		// Each folder may be a link, which is looked at anew: this one is beyond the budget.
		{"path, a folder each", file, text, func(i int) m { return m{"path": fmt.Sprintf("~/Documents/d%d/**", i)} }},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := policy.Default()
			p.Home, p.Links = "/home/a", func(path string) string { return path }
			for i := range 1000 {
				r := policy.Rule{Name: fmt.Sprint("r", i), Skill: c.skill.ID, Match: c.match(i), Decision: policy.Allow}
				p.Rules = append(p.Rules, r.Compile(p.Home, func(key, problem string) { b.Fatal(key, problem) }))
			}
			input := json.RawMessage(c.input)
			for b.Loop() {
				if v := p.Decide(c.skill, input, nil); v.By != "tier" {
					b.Fatal(v)
				}
			}
		})
	}
}

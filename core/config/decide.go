package config

import (
	"fmt"
	"slices"

	"nerva/core/policy"
	"nerva/core/watchers"
	"nerva/core/workflows"
)

// Decide makes the policy of c; home is what ~ stands for in it. It calls bad for what is wrong with a rule, which
// in a configuration that was read is nothing. What has to be looked up on the machine is the caller's to add.
func (c Config) Decide(home string, bad func(key, problem string)) policy.Policy {
	p := policy.Policy{
		Safe: policy.Decision(c.Policy.Safe), Caution: policy.Decision(c.Policy.Caution), Dangerous: policy.Decision(c.Policy.Dangerous),
		Home: home, Locked: c.Policy.Locked, Shares: map[string]policy.Decision{},
	}
	for kind, decision := range c.LLM.Share.Kinds() {
		p.Shares[kind] = policy.Decision(*decision)
	}
	for i, r := range c.Policy.Rules {
		p.Rules = append(p.Rules, r.Compile(home, func(key, problem string) {
			if _, plugin := c.Plugins[r.Skill]; plugin && key == "skill" {
				return // it is no skill of nerva's own
			}
			bad(fmt.Sprintf("policy.rule[%d].%s", i, key), problem)
		}))
	}
	return p
}

// Watch makes the rules of watchers, nerva's own among them; home is what ~ stands for in them. It calls bad for what is wrong
// with a rule, which in a configuration that was read is nothing.
func (c Config) Watch(home string, bad func(key, problem string)) []*watchers.Compiled {
	known := watchers.Known{Home: home, Plugin: c.plugin, Workflows: map[string]map[string]bool{}}
	for _, w := range c.Workflows {
		known.Workflows[w.Name] = w.Needs()
	}
	return watchers.CompileAll(c.Watchers.Rules, c.Watchers.Builtin, known, func(i int, key, problem string) {
		bad(fmt.Sprintf("watchers.rule[%d].%s", i, key), problem)
	})
}

// Plays makes the workflows. It calls bad for what is wrong with one, which in a configuration that was read is nothing.
func (c Config) Plays(bad func(key, problem string)) []*workflows.Compiled {
	var all []*workflows.Compiled
	for i, w := range c.Workflows {
		report := report(bad).under(fmt.Sprintf("workflow[%d]", i))
		same := func(other workflows.Workflow) bool { return other.Name == w.Name }
		report.unless(slices.IndexFunc(c.Workflows, same) == i, "name", "is %q, as another workflow is", w.Name)
		all = append(all, w.Compile(c.plugin, report))
	}
	return all
}

func (c Config) plugin(name string) bool {
	_, plugin := c.Plugins[name]
	return plugin
}

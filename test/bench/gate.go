package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"nerva/core/api"
	"nerva/core/audit"
	"nerva/core/calc"
	"nerva/core/gate"
	"nerva/core/learned"
	"nerva/core/policy"
)

// manyRules has 1 000 rules for one skill, none of which fits the calls below.
func manyRules(match func(i int) map[string]any) (policy.Policy, error) {
	p := policy.Default()
	p.Home = "/home/alice"
	var wrong error
	for i := range 1000 {
		r := policy.Rule{Name: fmt.Sprint("r", i), Skill: "run_command", Match: match(i), Decision: policy.Deny}
		p.Rules = append(p.Rules, r.Compile(p.Home, func(key, problem string) { wrong = fmt.Errorf("%s %s", key, problem) }))
	}
	return p, wrong
}

// measurePolicy times the evaluation of 1 000 rules by themselves.
func measurePolicy(ctx context.Context, r *report) error {
	skill := api.Skill{ID: "run_command", Risk: api.Caution, Effect: api.Exec}
	for _, c := range []struct {
		name, input string
		match       func(i int) map[string]any
	}{
		{"lists", `{"argv":["git","status","--short"]}`, func(i int) map[string]any {
			return map[string]any{"argv": []any{"git", fmt.Sprintf("{log,diff,show%d}", i), "**"}}
		}},
		{"paths", `{"argv":["ls"],"cwd":"/home/alice/Documents/x"}`, func(i int) map[string]any {
			return map[string]any{"cwd": fmt.Sprintf("~/Documents/d%d*", i)}
		}},
	} {
		p, err := manyRules(c.match)
		if err != nil {
			return err
		}
		var samples []float64
		for range 5000 {
			start := time.Now()
			if v := p.Decide(skill, json.RawMessage(c.input), nil); v.By != "tier" {
				return fmt.Errorf("decided by %s", v.By)
			}
			samples = append(samples, milliseconds(time.Since(start)))
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s := r.add("policy with 1000 rules, "+c.name, samples)
		r.atMost("policy with 1000 rules, "+c.name+", median", "ms", s.Median, 0.05)
	}
	return nil
}

// measureGate times calls through the gate where the tool costs nothing: schema, 1 000 rules, both records with their
// fsync, on the disk that the checkout is on.
func measureGate(ctx context.Context, r *report) (err error) {
	db, remove, err := scratch(ctx, "gate-")
	if err != nil {
		return err
	}
	defer remove()
	log, err := audit.Open(ctx, db)
	if err != nil {
		return err
	}
	answers, err := learned.Open(filepath.Join(os.TempDir(), "no-such-rules", "rules.toml"))
	if err != nil {
		return err
	}
	p, err := manyRules(func(i int) map[string]any { return map[string]any{"cwd": fmt.Sprintf("~/d%d/**", i)} })
	if err != nil {
		return err
	}
	for i := range p.Rules {
		p.Rules[i].Skill = "calculate" // with an argument that it hasn't
	}
	g, err := gate.New(gate.Deps{Calculate: calc.Eval}, gate.Options{
		Policy: func() policy.Policy { return p }, Learned: answers, Audit: log, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	var samples []float64
	for i := range 1000 {
		start := time.Now()
		call := gate.Call{Caller: api.Caller{Name: "bench"}, Skill: "calculate", Input: json.RawMessage(fmt.Sprintf(`{"expression":"%d*2"}`, i))}
		if _, err := g.Do(ctx, call, nil); err != nil {
			return err
		}
		samples = append(samples, milliseconds(time.Since(start)))
	}
	s := r.add("gate: schema, policy, audit with fsync", samples)
	r.atMost("gate overhead, p95", "ms", s.P95, 10)
	return nil
}

package daemon

import (
	"context"
	"encoding/json"

	"nerva/core/api"
	"nerva/core/gate"
)

// rulebook implements api.Policy.
type rulebook struct{ *parts }

// Explain takes the call for one of a run with the present model.
func (r rulebook) Explain(_ context.Context, skill string, input json.RawMessage, o api.ExplainOptions) (api.Explanation, error) {
	call := gate.Call{Skill: skill, Input: input, Host: r.settings.models.outside()}
	if o.Tainted {
		call.TaintedBy = []string{"read something of theirs"}
	}
	return r.gate.Explain(call)
}

// Rules has those of the configuration first.
func (r rulebook) Rules(context.Context) ([]api.Rule, error) {
	list := []api.Rule{}
	for _, rule := range r.settings.policy().Rules {
		match, err := json.Marshal(rule.Match)
		if err != nil {
			return nil, api.Errorf(api.Failed, "the rule %q can't be shown: %w", rule.Name, err)
		}
		list = append(list, api.Rule{
			Name: rule.Name, Origin: api.FromConfiguration, Skill: rule.Skill, Match: match, Decision: string(rule.Decision),
		})
	}
	for _, e := range r.learned.Entries() {
		list = append(list, api.Rule{
			Name: e.Name, Origin: api.FromAnswer, Skill: e.Skill, Input: json.RawMessage(e.Input), Decision: "allow",
			Share: e.Share, Host: e.Host, Plugin: e.Plugin, Time: &e.Time,
		})
	}
	return list, nil
}

// Forget takes back an answer. A rule of the configuration is the user's own to change.
func (r rulebook) Forget(_ context.Context, name string) error {
	for _, rule := range r.settings.policy().Rules {
		if rule.Name == name {
			return api.Errorf(api.InvalidInput, "%q is a rule of the configuration; take it out of %s or the file of the system", name, r.settings.paths.User)
		}
	}
	return r.learned.Forget(name)
}

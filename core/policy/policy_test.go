package policy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/policy"
)

var tainted = []string{"read the windows at 14:02"}

func TestDecide(t *testing.T) {
	permissive := policy.Policy{Safe: policy.Allow, Caution: policy.Allow, Dangerous: policy.Allow}
	strict := policy.Policy{Safe: policy.Deny, Caution: policy.Deny, Dangerous: policy.Deny}
	for _, c := range []struct {
		name   string
		policy policy.Policy
		risk   api.Risk
		effect api.Effect
		taint  []string
		want   policy.Decision
		by     string
	}{
		{"safe runs", policy.Default(), api.Safe, api.Local, nil, policy.Allow, "tier"},
		{"caution asks", policy.Default(), api.Caution, api.Local, nil, policy.Ask, "tier"},
		{"dangerous asks", policy.Default(), api.Dangerous, api.Write, nil, policy.Ask, "tier"},
		{"the zero value is the default", policy.Policy{}, api.Caution, api.Local, nil, policy.Ask, "tier"},
		{"the zero value lets safe run", policy.Policy{}, api.Safe, api.Observe, nil, policy.Allow, "tier"},
		{"a tier may be allowed", permissive, api.Caution, api.Send, nil, policy.Allow, "tier"},
		{"a tier can't allow what is dangerous", permissive, api.Dangerous, api.Local, nil, policy.Ask, "tier"},
		{"an unknown risk counts as dangerous", permissive, "harmless", api.Local, nil, policy.Ask, "tier"},
		{"an unknown decision denies", policy.Policy{Safe: "yes"}, api.Safe, api.Observe, nil, policy.Deny, "tier"},
		{"a tier may be denied", strict, api.Safe, api.Observe, nil, policy.Deny, "tier"},
		{"taint: write asks", permissive, api.Caution, api.Write, tainted, policy.Ask, "taint"},
		{"taint: send asks", permissive, api.Caution, api.Send, tainted, policy.Ask, "taint"},
		{"taint: exec asks", permissive, api.Caution, api.Exec, tainted, policy.Ask, "taint"},
		{"taint: inject asks", permissive, api.Dangerous, api.Inject, tainted, policy.Ask, "taint"},
		{"taint: an unknown effect asks", permissive, api.Safe, "glow", tainted, policy.Ask, "taint"},
		{"taint: a safe tier is no way out", policy.Default(), api.Safe, api.Write, tainted, policy.Ask, "taint"},
		{"taint: observe goes on", policy.Default(), api.Safe, api.Observe, tainted, policy.Allow, "tier"},
		{"taint: local goes on", policy.Default(), api.Safe, api.Local, tainted, policy.Allow, "tier"},
		{"taint never softens a denial", strict, api.Dangerous, api.Exec, tainted, policy.Deny, "tier"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := c.policy.Decide(api.Skill{ID: "s", Risk: c.risk, Effect: c.effect}, nil, c.taint)
			if v.Decision != c.want || v.By != c.by {
				t.Errorf("got %s by %s, want %s by %s", v.Decision, v.By, c.want, c.by)
			}
			if !strings.HasSuffix(v.Reason, ".") {
				t.Errorf("the reason is no sentence: %q", v.Reason)
			}
		})
	}
}

func TestTaintReasonNamesItsOrigin(t *testing.T) {
	v := policy.Default().Decide(api.Skill{ID: "open_url", Risk: api.Caution, Effect: api.Send}, nil, tainted)
	if !strings.Contains(v.Reason, tainted[0]) || !strings.Contains(v.Reason, "open_url") {
		t.Errorf("got %q", v.Reason)
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy policy.Policy
		want   string // in the error, "" for none
	}{
		{"default", policy.Default(), ""},
		{"zero", policy.Policy{}, ""},
		{"dangerous allow", policy.Policy{Dangerous: policy.Allow}, "policy.dangerous"},
		{"unknown word", policy.Policy{Caution: "maybe"}, `policy.caution can't be "maybe"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.policy.Validate()
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || api.CodeOf(err) != api.InvalidInput {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestAnArgumentRaisesACallAndNeverLowersIt(t *testing.T) {
	out := json.RawMessage(`{"app":"x","uris":["https://a"]}`)
	for _, c := range []struct {
		name   string
		skill  api.Skill
		input  json.RawMessage
		risk   api.Risk
		effect api.Effect
	}{
		{"up", api.Skill{ID: "launch_app", Risk: api.Safe, Effect: api.Local}, out, api.Caution, api.Send},
		{"a higher floor stays", api.Skill{ID: "launch_app", Risk: api.Dangerous, Effect: api.Exec}, out, api.Dangerous, api.Exec},
		{"a floor that is not known is the highest", api.Skill{ID: "launch_app", Risk: "x", Effect: "y"}, out, "x", "y"},
		{"what can't be read is the worst", api.Skill{ID: "launch_app", Risk: api.Safe, Effect: api.Local}, json.RawMessage(`{"uris":7}`), api.Caution, api.Send},
		{"a file with a query", api.Skill{ID: "launch_app", Risk: api.Safe, Effect: api.Local}, json.RawMessage(`{"uris":["file:///a?b"]}`), api.Caution, api.Send},
		{"a file with a fragment", api.Skill{ID: "launch_app", Risk: api.Safe, Effect: api.Local}, json.RawMessage(`{"uris":["file:///a#b"]}`), api.Caution, api.Send},
		{"a file whose name has such letters", api.Skill{ID: "launch_app", Risk: api.Safe, Effect: api.Local}, json.RawMessage(`{"uris":["/a#b?c"]}`), api.Safe, api.Local},
		{"a local file", api.Skill{ID: "launch_app", Risk: api.Safe, Effect: api.Local}, json.RawMessage(`{"uris":["/a","/exe","/a.exe/b","/a.pdf"]}`), api.Safe, api.Local},
		{"a program", api.Skill{ID: "launch_app", Risk: api.Safe, Effect: api.Local}, json.RawMessage(`{"uris":["/a","/b/Setup.EXE"]}`), api.Safe, api.Exec},
		{"a program whose name is escaped", api.Skill{ID: "launch_app", Risk: api.Safe, Effect: api.Local}, json.RawMessage(`{"uris":["file:///b/setup%2eexe"]}`), api.Safe, api.Exec},
		{"a program with a dot behind it", api.Skill{ID: "launch_app", Risk: api.Safe, Effect: api.Local}, json.RawMessage(`{"uris":["/b/setup.exe."]}`), api.Safe, api.Exec},
		{"a page", api.Skill{ID: "launch_app", Risk: api.Safe, Effect: api.Local}, json.RawMessage(`{"uris":["/b/x.svg"]}`), api.Safe, api.Exec},
		{"no file", api.Skill{ID: "launch_app", Risk: api.Safe, Effect: api.Local}, json.RawMessage(`{"app":"x","uris":[]}`), api.Safe, api.Local},
		{"another skill", api.Skill{ID: "notify", Risk: api.Safe, Effect: api.Local}, out, api.Safe, api.Local},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := policy.Of(c.skill, c.input); got.Risk != c.risk || got.Effect != c.effect {
				t.Errorf("got %s %s", got.Risk, got.Effect)
			}
		})
	}
}

func TestShare(t *testing.T) {
	p := policy.Policy{Shares: map[string]policy.Decision{"screen": policy.Allow, "files": policy.Deny, "notes": "perhaps"}}
	for kind, want := range map[string]policy.Decision{
		"screen": policy.Allow, "files": policy.Deny, "windows": policy.Ask, "notes": policy.Deny,
	} {
		if v := p.Share(kind, "api.example"); v.Decision != want || v.By != "share" || !strings.HasSuffix(v.Reason, ".") {
			t.Errorf("%s: got %+v", kind, v)
		}
	}
}

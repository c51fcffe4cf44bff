package gate_test

import (
	"encoding/json"
	"testing"

	"nerva/core/api"
	"nerva/core/gate"
	"nerva/core/policy"
)

// decided says by what a call with an address is decided, or what its error is.
func (r room) decided(t *testing.T, skill, address string) string {
	t.Helper()
	value := map[string]any{"url": address}
	if skill == "launch_app" {
		value = map[string]any{"app": "foot", "uris": []string{address}}
	}
	input, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	e, err := r.Explain(gate.Call{Skill: skill, Input: input})
	if err != nil {
		return string(api.CodeOf(err))
	}
	return e.Decision + " " + e.DecidedBy
}

func TestRulesCompareTheAddressThatIsGoneTo(t *testing.T) {
	match := func(pattern string) map[string]any { return map[string]any{"url": pattern} }
	r := newRoom(t,
		policy.Rule{Name: "docs", Skill: "open_url", Match: match("https://host.example/docs/**"), Decision: policy.Allow},
		policy.Rule{Name: "evil", Skill: "open_url", Match: match("https://evil.example/**"), Decision: policy.Deny},
		policy.Rule{Name: "router", Skill: "open_url", Match: match("{http,https}://127.0.0.1{,:*}/**"), Decision: policy.Deny},
		policy.Rule{Name: "evil too", Skill: "launch_app", Match: map[string]any{"uris": []any{"https://evil.example/**"}}, Decision: policy.Deny},
	)
	for _, c := range []struct{ url, want string }{
		{"https://host.example/docs/a", "allow docs"},
		{"https://host.example/docs/b/../a", "allow docs"},
		{"https://host.example/docs/../api/logout", "ask tier"},
		{"https://host.example/docs/%2e%2E/api/logout", "ask tier"},
		{"https://host.example/x/../docs/a", "allow docs"},
		{"https://evil.example/x", "deny evil"},
		{"https://evil.example", "deny evil"},
		{"https://evil.example?leak", "deny evil"},
		{"https://evil.example#leak", "deny evil"},
		{"https://evil.example:443/x", "deny evil"},
		{"https://evil.example./x", "deny evil"},
		{"HTTPS://EVIL.example//", "deny evil"},
		{"http://127.0.0.1/admin", "deny router"},
		{"http://127.0.0.1", "deny router"},
		{"http://127.0.0.1:8080/admin", "deny router"},
		{"http://127.0.0.1./admin", "deny router"},
		{"http://[::ffff:127.0.0.1]/admin", "deny router"},
		{"http://2130706433/admin", "InvalidInput"},
		{"http://0x7f.1/admin", "InvalidInput"},
		{"http://127.1/admin", "InvalidInput"},
		{"http://017700000001/admin", "InvalidInput"},
	} {
		if got := r.decided(t, "open_url", c.url); got != c.want {
			t.Errorf("%s: %s, want %s", c.url, got, c.want)
		}
	}
	for _, c := range []struct{ url, want string }{
		{"https://evil.example/x", "deny evil too"},
		{"HTTPS://EVIL.example:443", "deny evil too"},
		{"https://a@evil.example/x", "InvalidInput"},
		{"https://host.example/x", "ask tier"},
	} {
		if got := r.decided(t, "launch_app", c.url); got != c.want {
			t.Errorf("launch with %s: %s, want %s", c.url, got, c.want)
		}
	}
}

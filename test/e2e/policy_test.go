package e2e

import (
	"strings"
	"testing"

	"nerva/core/api"
)

const ruled = offline + `[[policy.rule]]
name = "my documents"
skill = "open_path"
match = { path = "/usr/share/doc/**" }
decision = "allow"
[[policy.rule]]
name = "no licences"
skill = "open_path"
match = { path = "**/copyright" }
decision = "deny"
[[policy.rule.example]]
input = { path = "/usr/share/doc/base-files/copyright" }
expect = "deny"
`

func TestPolicyIsExplainedListedAndTakenBack(t *testing.T) {
	s := withDaemon(t, ruled)
	for _, c := range []struct {
		skill, input string
		more         []string
		decision, by string
	}{
		{"open_path", `{"path":"/usr/share/doc/base-files"}`, nil, "allow", "my documents"},
		{"open_path", `{"path":"/usr/share/doc/../doc/base-files/copyright"}`, nil, "deny", "no licences"},
		{"open_path", `{"path":"/usr"}`, nil, "ask", "tier"},
		{"open_path", `{"path":"~/.ssh/id"}`, nil, "deny", "protected"},
		{"run_command", `{"argv":["sh","-c","id"]}`, nil, "deny", "commands"},
		{"open_url", `{"url":"https://example.org"}`, []string{"--tainted"}, "ask", "taint"},
		{"write_file", `{"path":"~/Documents/x","text":""}`, nil, "ask", "tier"},
	} {
		var e api.Explanation
		s.json(&e, "nerva", append([]string{"policy", "explain", c.skill, "--json", "--input", c.input}, c.more...)...)
		if e.Decision != c.decision || e.DecidedBy != c.by || e.Reason == "" {
			t.Errorf("%s %s: %+v", c.skill, c.input, e)
		}
	}
	if out := s.output("nerva", "policy", "explain", "calculate", "--input", `{"expression":"1"}`); !strings.HasPrefix(out, "allow by tier\n") {
		t.Errorf("for a person: %s", out)
	}
	var rules []api.Rule
	s.json(&rules, "nerva", "policy", "rules", "--json")
	if len(rules) != 2 || rules[0].Name != "my documents" || rules[1].Decision != "deny" {
		t.Errorf("%+v", rules)
	}
	if _, errs, exit := s.run("nerva", "policy", "forget", "my documents"); exit != 1 || !strings.Contains(errs, "rule of the configuration") {
		t.Errorf("exit status %d: %s", exit, errs)
	}
	if _, errs, exit := s.run("nerva", "policy", "forget", "always-1"); exit != 1 || !strings.Contains(errs, "nerva policy rules") {
		t.Errorf("exit status %d: %s", exit, errs)
	}
}

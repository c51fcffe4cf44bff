package policy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/policy"
)

// rules compiles what a test knows to be right.
func rules(t *testing.T, all ...policy.Rule) policy.Policy {
	t.Helper()
	p := policy.Policy{Home: "/home/a", Links: func(path string) string {
		return strings.Replace(path, "/home/a/link", "/home/a/.ssh", 1)
	}}
	for _, r := range all {
		p.Rules = append(p.Rules, r.Compile(p.Home, func(key, problem string) { t.Errorf("%s %s", key, problem) }))
	}
	return p
}

type m = map[string]any

func TestPatternsFit(t *testing.T) {
	type list = []any
	for _, c := range []struct {
		name  string
		match m
		input string
		fits  bool
	}{
		{"a star stays within a segment", m{"url": "https://*.org"}, `{"url":"https://a.b.org"}`, true},
		{"a star crosses no slash", m{"url": "https://*.org"}, `{"url":"https://evil.com/.org"}`, false},
		{"two stars cross", m{"text": "**secret**"}, `{"text":"a/b\nsecret/c"}`, true},
		{"braces are either", m{"url": "{http,https}://a.{b,{c,d}}"}, `{"url":"http://a.d"}`, true},
		{"braces are nothing else", m{"url": "{http,https}://a.b"}, `{"url":"ftp://a.b"}`, false},
		{"a question mark is itself", m{"url": "a?b"}, `{"url":"axb"}`, false},
		{"a dot is itself", m{"url": "a.b"}, `{"url":"axb"}`, false},
		{"a bracket is itself", m{"url": "[a]"}, `{"url":"[a]"}`, true},
		{"a backslash takes the next letter", m{"url": `\*\{`}, `{"url":"*{"}`, true},
		{"all of it, not a part", m{"app": "fire"}, `{"app":"firefox"}`, false},
		{"no line escapes the end", m{"app": "firefox"}, `{"app":"firefox\nrm"}`, false},
		{"a folder and all below", m{"path": "/a/**"}, `{"path":"/a/b/c"}`, true},
		{"the folder itself", m{"path": "/a/**"}, `{"path":"/a"}`, true},
		{"not its neighbour", m{"path": "/a/**"}, `{"path":"/ab"}`, false},
		{"folders between, or none", m{"path": "/a/**/b"}, `{"path":"/a/b"}`, true},
		{"dots don't hide a path", m{"path": "/a/**"}, `{"path":"/b/../a/x"}`, true},
		{"dots don't fake a path", m{"path": "/a/**"}, `{"path":"/a/../b"}`, false},
		{"links don't hide a path", m{"path": "~/.ssh/**"}, `{"path":"~/link/id"}`, true},
		{"cwd is a path as well", m{"cwd": "~/.ssh/**"}, `{"cwd":"/home/a/link"}`, true},
		{"home in the pattern only", m{"path": "~/x"}, `{"path":"/home/a/x"}`, true},
		{"a list token by token", m{"argv": list{"git", "{status,log}"}}, `{"argv":["git","log"]}`, true},
		{"all of a list", m{"argv": list{"git"}}, `{"argv":["git","log"]}`, false},
		{"a list no shorter", m{"argv": list{"git", "log"}}, `{"argv":["git"]}`, false},
		{"a last two stars take the rest", m{"argv": list{"git", "log", "**"}}, `{"argv":["git","log","-p","a/b"]}`, true},
		{"and no rest", m{"argv": list{"git", "log", "**"}}, `{"argv":["git","log"]}`, true},
		{"but not less", m{"argv": list{"git", "log", "**"}}, `{"argv":["git"]}`, false},
		{"two stars before the end are one token", m{"argv": list{"**", "b"}}, `{"argv":["x","y","b"]}`, false},
		{"a list is no text", m{"argv": "**"}, `{"argv":["x"]}`, false},
		{"a text is no list", m{"app": list{"**"}}, `{"app":"x"}`, false},
		{"a number is equal", m{"x": int64(3)}, `{"x":3.0}`, true},
		{"a number is not near", m{"x": 3.5}, `{"x":3}`, false},
		{"a boolean is equal", m{"x": true}, `{"x":true}`, true},
		{"a boolean is no number", m{"x": true}, `{"x":1}`, false},
		{"a table key by key", m{"region": m{"x": int64(1)}}, `{"region":{"x":1,"y":2}}`, true},
		{"a table has the key", m{"region": m{"x": int64(1)}}, `{"region":{"y":1}}`, false},
		{"an argument that is missing does not fit", m{"path": "**"}, `{}`, false},
		{"every argument must fit", m{"x": int64(1), "y": int64(2)}, `{"x":1,"y":3}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Of a skill whose arguments are not settled. What restricts and what allows differ where it is doubtful.
			for _, d := range []policy.Decision{policy.Deny, policy.Allow} {
				p := rules(t, policy.Rule{Name: "r", Skill: "send_message", Match: c.match, Decision: d})
				v := p.Decide(api.Skill{ID: "send_message", Risk: api.Caution, Effect: api.Local}, json.RawMessage(c.input), nil)
				if fits := v.By == "r"; fits != c.fits {
					t.Errorf("%s: got %t", d, fits)
				}
			}
		})
	}
}

func TestRulesDecide(t *testing.T) {
	rule := func(name, skill string, d policy.Decision, match m) policy.Rule {
		return policy.Rule{Name: name, Skill: skill, Decision: d, Match: match}
	}
	any := m{"path": "/**"}
	for _, c := range []struct {
		name  string
		rules []policy.Rule
		skill api.Skill
		taint []string
		want  policy.Decision
		by    string
	}{
		{"deny wins over allow, wherever it stands", []policy.Rule{rule("a", "open_path", "deny", any), rule("b", "open_path", "allow", any)}, api.Skill{ID: "open_path", Risk: api.Caution}, nil, policy.Deny, "a"},
		{"deny wins over ask", []policy.Rule{rule("a", "open_path", "ask", any), rule("b", "open_path", "deny", any)}, api.Skill{ID: "open_path", Risk: api.Caution}, nil, policy.Deny, "b"},
		{"ask wins over allow", []policy.Rule{rule("a", "open_path", "allow", any), rule("b", "open_path", "ask", any)}, api.Skill{ID: "open_path", Risk: api.Caution}, nil, policy.Ask, "b"},
		{"a rule wins over the tier", []policy.Rule{rule("a", "open_path", "allow", nil)}, api.Skill{ID: "open_path", Risk: api.Caution}, nil, policy.Allow, "a"},
		{"a rule may ask for what is safe", []policy.Rule{rule("a", "notify", "ask", nil)}, api.Skill{ID: "notify", Risk: api.Safe}, nil, policy.Ask, "a"},
		{"another skill's rule is nothing to it", []policy.Rule{rule("a", "notify", "deny", nil)}, api.Skill{ID: "list_apps", Risk: api.Safe}, nil, policy.Allow, "tier"},
		{"a rule with match allows what is dangerous", []policy.Rule{rule("a", "write_file", "allow", any)}, api.Skill{ID: "write_file", Risk: api.Dangerous, Effect: api.Write}, nil, policy.Allow, "a"},
		{"a rule without can't, where a call is raised", []policy.Rule{rule("a", "open_path", "allow", nil)}, api.Skill{ID: "open_path", Risk: api.Dangerous}, nil, policy.Ask, "tier"},
		{"taint asks whatever a rule allows", []policy.Rule{rule("a", "write_file", "allow", any)}, api.Skill{ID: "write_file", Risk: api.Dangerous, Effect: api.Write}, tainted, policy.Ask, "taint"},
		{"taint never softens a rule", []policy.Rule{rule("a", "write_file", "deny", any)}, api.Skill{ID: "write_file", Risk: api.Dangerous, Effect: api.Write}, tainted, policy.Deny, "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := rules(t, c.rules...).Decide(c.skill, json.RawMessage(`{"path":"/a"}`), c.taint)
			if v.Decision != c.want || v.By != c.by {
				t.Errorf("got %s by %s, want %s by %s", v.Decision, v.By, c.want, c.by)
			}
			if !strings.HasSuffix(v.Reason, ".") {
				t.Errorf("the reason is no sentence: %q", v.Reason)
			}
		})
	}
}

func TestNoRuleOfTheUsersAllowsWhatTheSystemDenies(t *testing.T) {
	skill := api.Skill{ID: "open_path", Risk: api.Caution}
	for _, c := range []struct {
		name   string
		system bool
		locked []api.Risk
		want   policy.Decision
	}{
		{"the user's", false, []api.Risk{api.Caution}, policy.Deny},
		{"the system's own", true, []api.Risk{api.Caution}, policy.Allow},
		{"another tier", false, []api.Risk{api.Safe}, policy.Allow},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := rules(t, policy.Rule{Name: "a", Skill: "open_path", Decision: policy.Allow, Match: m{"path": "/**"}, System: c.system})
			p.Caution, p.Locked = policy.Deny, c.locked
			if v := p.Decide(skill, json.RawMessage(`{"path":"/a"}`), nil); v.Decision != c.want {
				t.Errorf("got %+v", v)
			}
		})
	}
}

// TestWhatRestrictsIsGenerousAndWhatAllowsIsStrict has the cases where an argument may mean several things.
func TestWhatRestrictsIsGenerousAndWhatAllowsIsStrict(t *testing.T) {
	type list = []any
	for _, c := range []struct {
		name          string
		skill         string
		match         m
		input         string
		denies, allow bool
	}{
		{"a path through a link", "open_path", m{"path": "~/link/**"}, `{"path":"~/link/id"}`, true, true},
		{"the folder of the pattern is a link", "open_path", m{"path": "~/link/**"}, `{"path":"~/.ssh/id"}`, true, true},
		{"out of an allowed folder by a link", "open_path", m{"path": "~/{link,x}/**"}, `{"path":"~/link/id"}`, true, false},
		{"a relative path", "read_note", m{"path": "~/notes/**"}, `{"path":"diary"}`, true, false},
		{"through another process", "open_path", m{"path": "~/x/**"}, `{"path":"/proc/7/root/home/a/x"}`, true, false},
		{"a folder within braces", "open_path", m{"path": "/{etc/**,root/**}"}, `{"path":"/etc"}`, true, true},
		{"an application by its name", "launch_app", m{"app": "org.example.Paint"}, `{"app":"Paint"}`, true, true},
		{"a rule that has a name", "launch_app", m{"app": "Paint"}, `{"app":"Paint"}`, true, false},
		{"a file", "launch_app", m{"uris": list{"~/x/**", "**"}}, `{"app":"a","uris":["/home/a/y/../x/f"]}`, true, true},
		{"a file's URI, escaped", "launch_app", m{"uris": list{"~/x/**", "**"}}, `{"app":"a","uris":["FILE:///home/a/%78/f"]}`, true, true},
		{"a file through a link", "launch_app", m{"uris": list{"~/.ssh/**"}}, `{"app":"a","uris":["~/link/id"]}`, true, true},
		{"not a file", "launch_app", m{"uris": list{"https://a.org/**"}}, `{"app":"a","uris":["https://a.org/x"]}`, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for d, want := range map[policy.Decision]bool{policy.Deny: c.denies, policy.Ask: c.denies, policy.Allow: c.allow} {
				p := rules(t, policy.Rule{Name: "r", Skill: c.skill, Match: c.match, Decision: d})
				p.App = func(name string) string {
					if name == "Paint" {
						return "org.example.Paint"
					}
					return name
				}
				v := p.Decide(api.Skill{ID: c.skill, Risk: api.Caution, Effect: api.Local}, json.RawMessage(c.input), nil)
				if fits := v.By == "r"; fits != want {
					t.Errorf("%s: got %t, want %t", d, fits, want)
				}
			}
		})
	}
}

func TestInputThatCantBeComparedIsDenied(t *testing.T) {
	p := rules(t, policy.Rule{Name: "a", Skill: "notify", Decision: "allow"})
	if v := p.Decide(api.Skill{ID: "notify", Risk: api.Safe}, json.RawMessage(`[`), nil); v.Decision != policy.Deny {
		t.Errorf("got %+v", v)
	}
}

func TestWrongRulesAreNamed(t *testing.T) {
	for _, c := range []struct {
		rule policy.Rule
		want string
	}{
		{policy.Rule{Skill: "notify", Decision: "ask"}, "name is missing"},
		{policy.Rule{Name: "tier", Skill: "notify", Decision: "ask"}, `name is "tier"`},
		{policy.Rule{Name: "a", Skill: "notifi", Decision: "ask"}, `skill is "notifi"`},
		{policy.Rule{Name: "a", Skill: "notify", Decision: "alow"}, `decision is "alow"`},
		{policy.Rule{Name: "a", Skill: "power", Decision: "allow"}, "match is missing"},
		{policy.Rule{Name: "a", Skill: "notify", Decision: "ask", Match: m{"title": "{a"}}, `match has for title the pattern "{a" with a { without its }`},
		{policy.Rule{Name: "a", Skill: "notify", Decision: "ask", Match: m{"title": []any{"a}"}}}, "a } without its {"},
		{policy.Rule{Name: "a", Skill: "notify", Decision: "ask", Match: m{"title": `a\`}}, `a \ at its end`},
		{policy.Rule{Name: "a", Skill: "notify", Decision: "ask", Match: m{"title": m{"y": struct{}{}}}}, "which is no text"},
		{policy.Rule{Name: "a", Skill: "open_path", Decision: "deny", Match: m{"file": "/a"}}, "match has file, which is no argument of open_path; it has path"},
		{policy.Rule{Name: "a", Skill: "open_path", Decision: "deny", Match: m{"path": int64(1)}}, "a path is a text"},
		{policy.Rule{Name: "a", Skill: "open_path", Decision: "deny", Match: m{"path": []any{"/a"}}}, "a path is a text"},
		{policy.Rule{Name: "a", Skill: "open_path", Decision: "deny", Match: m{"path": ".ssh/**"}}, "must begin with /, ~/ or **"},
		{policy.Rule{Name: "a", Skill: "open_path", Decision: "deny", Match: m{"path": "{~/a,~/b}/**"}}, "must begin with /, ~/ or **"},
		{policy.Rule{Name: "a", Skill: "open_path", Decision: "deny", Match: m{"path": "~/.ssh/"}}, "without a / at its end"},
		{policy.Rule{Name: "a", Skill: "open_path", Decision: "deny", Match: m{"path": "~/a/../.ssh/**"}}, "without a / at its end"},
		{policy.Rule{Name: "a", Skill: "open_path", Decision: "deny", Match: m{"path": "/{a/,b}"}}, "without a / at its end"},
		{policy.Rule{Name: "a", Skill: "launch_app", Decision: "deny", Match: m{"uris": "/a"}}, "they are a list"},
	} {
		var got []string
		c.rule.Compile("/home/a", func(key, problem string) { got = append(got, key+" "+problem) })
		if len(got) != 1 || !strings.Contains(got[0], c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func FuzzPattern(f *testing.F) {
	f.Add("/a/**/{b,*}", "/a/x/b")
	f.Add(`\{`, "{")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		wrong := false
		c := policy.Rule{Name: "a", Skill: "notify", Decision: "deny", Match: m{"title": pattern}}.Compile("/", func(_, problem string) {
			wrong = true
			if !strings.Contains(problem, "write ") {
				t.Errorf("%q: %s", pattern, problem)
			}
		})
		input, err := json.Marshal(m{"title": text})
		if wrong || err != nil {
			return
		}
		p := policy.Policy{Rules: []policy.Compiled{c}}
		v := p.Decide(api.Skill{ID: "notify", Risk: api.Safe}, input, nil)
		if plain := !strings.ContainsAny(pattern, `*{}\`) && json.Valid(input) && strings.ToValidUTF8(text, "") == text; plain &&
			(v.Decision == policy.Deny) != (pattern == text) {
			t.Errorf("%q and %q: %s", pattern, text, v.Decision)
		}
	})
}

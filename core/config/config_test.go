package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nerva/core/api"
	"nerva/core/watchers"
)

func TestWrongFileNamesLineColumnAndKey(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown key, a near one known", "[llm]\nprovidr = \"auto\"\n", "f.toml:2:1: llm.providr is not a key of nerva's configuration; did you mean llm.provider?"},
		{"known key in the wrong table", "[policy]\nbase_url = \"x\"\n", "f.toml:2:1: policy.base_url is not a key of nerva's configuration; did you mean llm.base_url?"},
		{"unknown key, nothing near", "zzzzzz = 1\n", "f.toml:1:1: zzzzzz is not a key of nerva's configuration; `nerva config show` prints all of them"},
		{"unknown table", "\n[lm]\nmodel = \"x\"\n", "f.toml:2:2: lm is not a key of nerva's configuration; did you mean llm?"},
		{"word outside the allowed ones", "[llm]\n  provider = \"opnai\"\n", `f.toml:2:3: llm.provider is "opnai", but must be one of auto, openai, ollama, llamacpp, offline`},
		{"dangerous can't be allowed", "[policy]\ndangerous = \"allow\"\n", `f.toml:2:1: policy.dangerous is "allow", but must be one of ask, deny`},
		{"no entries", "[clipboard]\nentries = 0\n", "f.toml:2:1: clipboard.entries is 0, but must be from 1 to 1000; history = false keeps none"},
		{"too many copies", "[clipboard]\nsize_mb = 1025\n", "f.toml:2:1: clipboard.size_mb is 1025, but must be from 1 to 1024; history = false keeps none"},
		{"copies of the future", "[clipboard]\ndays = -1\n", "f.toml:2:1: clipboard.days is -1, but must be from 0, which keeps them however old, to 36500"},
		{"no glob", "[clipboard]\ndenied = [\"*keepass*\", \"{a\"]\n", `f.toml:2:1: clipboard.denied[1] is "{a", but must be a glob for an application's id`},
		{"a log of the future", "[log]\ndays = -1\n", "f.toml:2:1: log.days is -1, but must be from 0, which keeps all, to 36500"},
		{"a log without end", "[log]\nsize_mb = 1048577\n", "f.toml:2:1: log.size_mb is 1048577, but must be from 0, which keeps all, to 1048576"},
		{"number out of range", "llm.max_rounds = 0\n", "f.toml:1:1: llm.max_rounds is 0, but must be from 1 to 1000"},
		{"relative root", "[files]\nroots = [\"~\", \"work\"]\n", `f.toml:2:1: files.roots[1] is "work", but must be an absolute path or begin with ~/`},
		{"empty root", "[files]\nroots = [\"\"]\n", `f.toml:2:1: files.roots[0] is empty; name a folder or leave it out`},
		{"a relative calendar", "[calendar]\npaths = [\"~/.calendars\", \"work.ics\"]\n", `f.toml:2:1: calendar.paths[1] is "work.ics", but must be an absolute path or begin with ~/`},
		{"a calendar that is empty", "[calendar]\npaths = [\"\"]\n", `f.toml:2:1: calendar.paths[0] is empty; name a folder or a file, or leave it out`},
		{"all of home as a calendar", "[calendar]\npaths = [\"~\"]\n", `f.toml:2:1: calendar.paths[0] is "~", but must not be around the home folder; name the folder of the calendars`},
		{"a meeting of another source", "[[watchers.rule]]\nname = \"w\"\non = \"file\"\nask = \"a\"\nmatch = {paths = [\"/a\"], before = \"5m\"}\n", "f.toml:5:1: watchers.rule[0].match.before is set, but is for rules on calendar and not for those on file"},
		{"relative path", "[notes]\npath = \"notes\"\n", `f.toml:2:1: notes.path is "notes", but must be an absolute path or begin with ~/`},
		{"a second rule, in a table", "[[policy.rule]]\nname = \"a\"\nskill = \"notify\"\ndecision = \"ask\"\n[[policy.rule]]\nname = \"b\"\nskill = \"notifi\"\ndecision = \"ask\"\n", "f.toml:7:1: policy.rule[1].skill is \"notifi\", but there is no such skill; `nerva skills` lists them"},
		{"a rule's table below it", "[[policy.rule]]\nname = \"a\"\nskill = \"notify\"\ndecision = \"ask\"\n[policy.rule.match]\ntitle = \"{\"\n", `f.toml:5:2: policy.rule[0].match has for title the pattern "{" with a { without its }; write \{ for the letter itself`},
		{"a rule in a line", "policy.rule = [{name = \"a\", skill = \"notify\", decision = \"alow\"}]\n", `f.toml:1:1: policy.rule[0].decision is "alow", but must be one of allow, ask, deny`},
		{"unknown key in a rule", "[[policy.rule]]\nmach = {}\n", "f.toml:2:1: policy.rule.mach is not a key of nerva's configuration; did you mean policy.rule.match?"},
		{"a secret in the Nix store", "[secrets]\npath = \"/nix/store/x-key\"\n", `f.toml:2:1: secrets.path is "/nix/store/x-key", and everybody on this machine can read the Nix store; name a file outside of it, as text and not as a Nix path`},
		{"a key in the Nix store", "[llm]\napi_key_file = \"/nix/store/../store/k\"\n", `f.toml:2:1: llm.api_key_file is "/nix/store/../store/k", and everybody on this machine can read the Nix store; name a file outside of it, as text and not as a Nix path`},
		{"secrets among the notes", "[secrets]\npath = \"~/Documents/notes/s\"\n", `f.toml:2:1: secrets.path is "~/Documents/notes/s", but must not lie in the folder of the notes, "~/Documents/notes"`},
		{"no source", "[[watchers.rule]]\nname = \"w\"\non = \"clip\"\nsuggest = {title = \"t\", ask = \"a\"}\n", `f.toml:3:1: watchers.rule[0].on is "clip", but must be one of clipboard, window, file, timer, dbus, unit, notification, battery, network, idle, calendar`},
		{"no regular expression", "[[watchers.rule]]\nname = \"w\"\non = \"window\"\nmatch = {regex = \"(\"}\nsuggest = {title = \"t\", ask = \"a\"}\n", "f.toml:4:1: watchers.rule[0].match.regex is no regular expression: error parsing regexp: missing closing ): `(`"},
		{"an unknown field in a condition", "[[watchers.rule]]\nname = \"w\"\non = \"battery\"\nask = \"a\"\n[watchers.rule.match]\nwhen = \"Precent < 5\"\n", "f.toml:6:1: watchers.rule[0].match.when is no condition: unknown name Precent (1:1); an event of battery has Text, Time, Percent, WasPercent, State, Was, Minutes"},
		{"an unknown field in a button", "[[watchers.rule]]\nname = \"w\"\non = \"clipboard\"\n[watchers.rule.notify]\ntitle = \"t\"\n[[watchers.rule.notify.actions]]\ntitle = \"Go\"\nask = \"{{.Title}}\"\n", "f.toml:8:1: watchers.rule[0].notify.actions[0].ask is no template: there is no field Title; an event of clipboard has Text, Time, App, Type"},
		{"a workflow that is not there", "[[workflow]]\nname = \"a\"\nsteps = [{ask = \"a\"}]\n[[watchers.rule]]\nname = \"w\"\non = \"clipboard\"\nworkflow = \"b\"\n", `f.toml:7:1: watchers.rule[0].workflow is "b", but there is no such workflow`},
		{"a plugin that is not there", "[plugins.weather]\n[[watchers.rule]]\nname = \"w\"\non = \"clipboard\"\nskill = \"wether\"\n", "f.toml:5:1: watchers.rule[0].skill is \"wether\", but there is no such skill; `nerva skills` lists them"},
		{"two rules of a name", "[[watchers.rule]]\nname = \"w\"\non = \"clipboard\"\nask = \"a\"\n[[watchers.rule]]\nname = \"w\"\non = \"clipboard\"\nask = \"b\"\n", `f.toml:6:1: watchers.rule[1].name is "w", as another rule's; what a rule offers is listed by its name`},
		{"a rule that does nothing", "[[watchers.rule]]\nname = \"w\"\non = \"window\"\n", "f.toml:1:3: watchers.rule[0].suggest is missing; without it, and without notify, skill, workflow or ask, the rule would do nothing"},
		{"a timer that never rings", "[[timer]]\nname = \"t\"\nevery = \"blue moon\"\n", `f.toml:3:1: timer[0].every is wrong: "blue moon" is no repetition; write it as 20 minutes, day 9:00, weekday 10:00, monday at 9 or 0 10 * * 1-5`},
		{"a timer without a name", "[[timer]]\nevery = \"hour\"\n", "f.toml:1:3: timer[0].name is missing; the timer is known by it"},
		{"two timers of a name", "[[timer]]\nname = \"t\"\nevery = \"hour\"\n[[timer]]\nname = \"t\"\nevery = \"day\"\n", `f.toml:5:1: timer[1].name is "t", as another timer's`},
		{"a step that is both", "[[workflow]]\nname = \"w\"\nsteps = [{ask = \"a\", skill = \"notify\"}]\n", "f.toml:3:1: workflow[0].steps[0] must have either skill or ask"},
		{"a step without its skill", "[[workflow]]\nname = \"w\"\n[[workflow.steps]]\nask = \"a\"\n[[workflow.steps]]\nskill = \"notifi\"\n", "f.toml:6:1: workflow[0].steps[1].skill is \"notifi\", but there is no such skill; `nerva skills` lists them"},
		{"a server that is nowhere", "[mcp.servers.files]\n", "f.toml:1:2: mcp.servers.files.command and url: exactly one of them must be set"},
		{"no scheme", "[llm]\nbase_url = \"localhost:80\"\n", `f.toml:2:1: llm.base_url is "localhost:80", but must begin with http:// or https://`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Check("f.toml", []byte(c.text))
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestWrongTypeAndSyntaxNameLineAndKey(t *testing.T) {
	for name, c := range map[string]struct{ text, place, key string }{
		"wrong type": {"[llm]\nmax_rounds = \"many\"\n", "f.toml:2:", "llm.max_rounds"},
		"not TOML":   {"[llm]\nmodel = \n", "f.toml:2:", ""},
		"cut short":  {"[llm", "f.toml:1:", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Check("f.toml", []byte(c.text))
			if err == nil || !strings.HasPrefix(err.Error(), c.place) || !strings.Contains(err.Error(), c.key) {
				t.Errorf("%v does not begin with %s or lacks %s", err, c.place, c.key)
			}
		})
	}
}

func TestEveryFaultIsNamedInTheFilesOrder(t *testing.T) {
	_, err := Check("f.toml", []byte("one = 1\n[llm]\ntwo = 2\n"))
	var all Errors
	if !errors.As(err, &all) || len(all) != 2 || all[0].Line != 1 || all[1].Line != 3 {
		t.Errorf("%v", err)
	}
}

func pathsOf(t *testing.T) Paths {
	d := t.TempDir()
	return Paths{filepath.Join(d, "system.toml"), filepath.Join(d, "user.toml"), filepath.Join(d, "state", "last.toml")}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestUserReplacesSystemReplacesDefault(t *testing.T) {
	p := pathsOf(t)
	write(t, p.System, "[llm]\nmodel = \"system\"\nmax_rounds = 3\n")
	write(t, p.User, "[llm]\nmodel = \"user\"\n")
	got, err := Load(p)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.LLM.Model, want.LLM.MaxRounds = "user", 3
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestRulesAddUpAndOtherListsAreReplaced(t *testing.T) {
	const rule = "[[policy.rule]]\nname = %q\nskill = \"notify\"\ndecision = \"deny\"\n" +
		"[[watchers.rule]]\nname = %[1]q\non = \"window\"\nsuggest = {title = \"t\", ask = \"a\"}\n"
	p := pathsOf(t)
	write(t, p.System, fmt.Sprintf(rule, "system"))
	write(t, p.User, fmt.Sprintf(rule, "user"))
	got, err := Load(p)
	if err != nil {
		t.Fatal(err)
	}
	if r := got.Policy.Rules; len(r) != 2 || r[0].Name != "system" || r[1].Name != "user" {
		t.Errorf("the rules are %v", r)
	}
	if w := got.Watchers.Rules; len(w) != 1 || w[0].Name != "user" {
		t.Errorf("the watchers are %v", w)
	}
	write(t, p.User, "")
	if got, err = Load(p); err != nil || len(got.Watchers.Rules) != 1 {
		t.Errorf("without the user's the system's are %v, %v", got.Watchers.Rules, err)
	}
}

func TestCommandsAreReplacedAndPatternsOfTheOtherFileCount(t *testing.T) {
	dir := t.TempDir()
	p := Paths{System: filepath.Join(dir, "system.toml"), User: filepath.Join(dir, "user.toml")}
	for user, want := range map[string]string{
		"":                           "[git] git,log",
		"[commands]\nallowed = []":   "[] git,log",
		"[commands]\nnetwork = true": "[git] git,log",
		"[commands]\nallowed = [\"git\", \"ls\"]\n[[commands.pattern]]\nargv = [\"git\", \"diff\"]": "[git ls] git,diff",
		"[commands]\nallowed = [\"env\"]":          "user.toml:2:1: commands.allowed[0] is \"env\"",
		"[[commands.pattern]]\nargv = [\"{a,b}\"]": "user.toml:2:1: commands.pattern[0].argv names the command",
	} {
		write(t, p.System, "[commands]\nallowed = [\"git\"]\n[[commands.pattern]]\nargv = [\"git\", \"log\"]\n")
		write(t, p.User, user)
		c, err := Load(p)
		got := fmt.Sprint(c.Commands.Allowed)
		for _, pattern := range c.Commands.Patterns {
			got += " " + strings.Join(pattern.Argv, ",")
		}
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s", user, got, want)
		}
	}
}

func TestAWatchersRuleIsOfEveryForm(t *testing.T) {
	const text = `
[plugins.weather]
[[workflow]]
name = "standup"
steps = [{ ask = "a" }]
[[watchers.rule]]
name = "copied link"
enabled = false
[[watchers.rule]]
name = "a"
on = "file"
match = { paths = ["~/Downloads/*"], events = ["created"], when = "Bytes > 1000" }
debounce = "2s"
at_most = "3/1h"
quiet = "22:00-07:00"
auto = true
skill = "weather"
input = { where = "{{.Name}}", list = ["{{.Path}}", 1] }
[[watchers.rule]]
name = "b"
on = "timer"
match.cron = "0 9 * * 1-5"
workflow = "standup"
[[watchers.rule]]
name = "c"
on = "dbus"
match = { interface = "org.example.A", member = "Done", bus = "system" }
notify = { title = "{{index .Values 0}}", actions = [{ title = "Go", skill = "open_url", input = { url = "{{index .Values 1}}" } }] }
`
	c, err := Check("f.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.TOML()
	if err != nil {
		t.Fatal(err)
	}
	same, err := Check("last.toml", again)
	if err != nil {
		t.Fatalf("%v in %s", err, again)
	}
	if d := cmp.Diff(c, same); d != "" {
		t.Error(d)
	}
	on := 0
	for _, r := range same.Watch("/home/alice", func(key, problem string) { t.Error(key, problem) }) {
		if r.Enabled == nil || *r.Enabled {
			on++
		}
	}
	if want := len(watchers.Builtin()) - 1 + 3; on != want {
		t.Errorf("%d rules are on, want %d", on, want)
	}
}

func TestLastGoodStaysInForce(t *testing.T) {
	p := pathsOf(t)
	write(t, p.User, "[llm]\nmodel = \"good\"\n")
	if _, err := LoadOr(p, nil); err != nil {
		t.Fatal(err)
	}
	write(t, p.User, "[llm]\nmodel = 3\n")
	got, err := LoadOr(p, nil)
	if err == nil || got.LLM.Model != "good" || got.LLM.Provider != "auto" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWithoutLastGoodTheProviderIsOffline(t *testing.T) {
	p := pathsOf(t)
	write(t, p.User, "[llm]\nprovider = 3\n")
	got, err := LoadOr(p, nil)
	if err == nil || got.LLM.Provider != "offline" {
		t.Errorf("%+v, %v", got, err)
	}
}

const denial = "[[policy.rule]]\nname = %q\nskill = \"notify\"\ndecision = \"deny\"\n"

func TestWhatTheSystemDeniesStaysDenied(t *testing.T) {
	p := pathsOf(t)
	write(t, p.System, "[policy]\ncaution = \"deny\"\nsafe = \"ask\"\n"+fmt.Sprintf(denial, "site"))
	check := func(c Config, locked bool, rules ...string) {
		t.Helper()
		var names []string
		for _, r := range c.Policy.Rules {
			names = append(names, r.Name)
		}
		if c.Policy.Caution != "deny" || !slices.Equal(names, rules) {
			t.Errorf("caution is %s and the rules are %q, want %q", c.Policy.Caution, names, rules)
		}
		if slices.Contains(c.Policy.Locked, api.Caution) != locked || !c.Policy.Rules[0].System {
			t.Errorf("locked %v, rules %+v", c.Policy.Locked, c.Policy.Rules)
		}
	}
	write(t, p.User, "[policy]\ncaution = \"allow\"\nsafe = \"allow\"\n")
	c, err := Load(p)
	if err != nil || c.Policy.Safe != "allow" {
		t.Errorf("%+v, %v", c.Policy, err)
	}
	check(c, true, "site")

	// The user's file is wrong: from the first start on, over a last good one, and over what is in force.
	write(t, p.User, "wrong")
	c, _ = LoadOr(p, nil)
	check(c, true, "site")
	before := Default()
	c, _ = LoadOr(p, &before)
	check(c, true, "site")
	write(t, p.User, "")
	if _, err := LoadOr(p, nil); err != nil {
		t.Fatal(err)
	}
	write(t, p.System, fmt.Sprintf(denial, "site")+fmt.Sprintf(denial, "new"))
	write(t, p.User, "wrong")
	c, _ = LoadOr(p, nil)
	check(c, false, "site", "new") // the tier is from the last good file
}

func TestWhatTheSystemKeepsFromModelsElsewhereIsKept(t *testing.T) {
	p := pathsOf(t)
	write(t, p.System, "[llm.share]\nfiles = \"deny\"\nnotes = \"ask\"\n")
	write(t, p.User, "[llm.share]\nfiles = \"allow\"\nnotes = \"allow\"\n")
	if c, err := Load(p); err != nil || c.LLM.Share.Files != "deny" || c.LLM.Share.Notes != "allow" {
		t.Errorf("%+v, %v", c.LLM.Share, err)
	}
}

func TestALinkToNothingIsNoEmptyFile(t *testing.T) {
	p := pathsOf(t)
	if err := os.Symlink("nowhere", p.User); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(p); err == nil || !strings.Contains(err.Error(), "link to a file that is not there") {
		t.Errorf("got %v", err)
	}
}

func TestAnEmptyLastGoodCopyIsNone(t *testing.T) {
	p := pathsOf(t)
	write(t, p.User, "wrong")
	if err := os.MkdirAll(filepath.Dir(p.LastGood), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, p.LastGood, "")
	if c, _ := LoadOr(p, nil); c.LLM.Provider != "offline" {
		t.Errorf("the provider is %s", c.LLM.Provider)
	}
}

func TestAConfigurationThatCantBeKeptIsInForce(t *testing.T) {
	p := pathsOf(t)
	write(t, p.User, "[llm]\nmodel = \"x\"\n")
	if err := os.MkdirAll(p.LastGood, 0o700); err != nil { // a folder in its place
		t.Fatal(err)
	}
	c, err := LoadOr(p, nil)
	var kept *KeepError
	if !errors.As(err, &kept) || c.LLM.Model != "x" {
		t.Errorf("%+v, %v", c.LLM, err)
	}
}

func TestALetterCaseOfItsOwnIsAnotherKey(t *testing.T) {
	for text, want := range map[string]string{
		fmt.Sprintf(denial, "a") + strings.Replace(fmt.Sprintf(denial, "b"), "policy", "Policy", 1): "f.toml:5:3: Policy is not a key of nerva's configuration; did you mean policy?",
		"[policy]\nrule = [{name = \"a\", skill = \"notify\", decision = \"deny\"}]\nRule = []\n":   "f.toml:3:1: policy.Rule is not a key of nerva's configuration; did you mean policy.rule?",
		"policy = {rule = [{Name = \"a\"}]}\n":                                                      "f.toml:1:1: policy.rule[0].Name is not a key of nerva's configuration; did you mean policy.rule.name?",
	} {
		if _, err := Check("f.toml", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := Check("f.toml", []byte("[mcp.servers.Web]\nurl = \"https://a\"\n[[policy.rule]]\nname = \"a\"\nskill = \"notify\"\ndecision = \"ask\"\nmatch = {title = \"X\"}\n")); err != nil {
		t.Errorf("a name of the user's: %v", err)
	}
}

func TestKeyComesFromFileThenCredentialThenEnvironment(t *testing.T) {
	d := t.TempDir()
	t.Setenv("OPENAI_API_KEY", "environment")
	t.Setenv("CREDENTIALS_DIRECTORY", d)
	file := filepath.Join(d, "key")
	check := func(l LLM, want string) {
		t.Helper()
		if got, err := l.Key(); err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	check(LLM{}, "environment")
	write(t, filepath.Join(d, "nerva-api-key"), "credential\n")
	check(LLM{}, "credential")
	write(t, file, " file\n")
	check(LLM{APIKeyFile: file}, "file")
	write(t, file, "\n")
	if _, err := (LLM{APIKeyFile: file}).Key(); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Errorf("empty key file: %v", err)
	}
	if _, err := (LLM{APIKeyFile: file + "x"}).Key(); err == nil {
		t.Error("a key file that is missing is not named")
	}
}

func TestTheModelForPicturesIsOfTheSameServerUnlessItHasItsOwn(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "environment")
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	key := filepath.Join(t.TempDir(), "key")
	write(t, key, "own")
	plan := LLM{Provider: "openai", Model: "plans", BaseURL: "https://a", APIKeyFile: key}
	for _, c := range []struct {
		rule                  string
		vision                Vision
		provider, model, base string
		key                   string
	}{
		{"nothing of its own", Vision{}, "openai", "plans", "https://a", "own"},
		{"a model of the same server", Vision{Model: "sees"}, "openai", "sees", "https://a", "own"},
		{"a server of its own", Vision{BaseURL: "https://b", Model: "sees"}, "auto", "sees", "https://b", ""},
		{"a server and its key", Vision{BaseURL: "https://b", APIKeyFile: key}, "auto", "", "https://b", "own"},
		{"another provider", Vision{Provider: "openai"}, "openai", "", "", "environment"},
		{"none", Vision{Provider: "offline"}, "offline", "", "", "environment"},
	} {
		l := plan
		l.Vision = c.vision
		got := l.Seeing()
		if got.Provider != c.provider || got.Model != c.model || got.BaseURL != c.base {
			t.Errorf("%s: %+v", c.rule, got)
		}
		if k, err := got.Key(); err != nil || k != c.key {
			t.Errorf("%s: the key %q, %v, want %q", c.rule, k, err, c.key)
		}
	}
	for line, says := range map[string]string{
		`provider = "gemini"`:               "llm.vision.provider",
		`base_url = "b"`:                    "llm.vision.base_url",
		`api_key_file = "key"`:              "llm.vision.api_key_file",
		`api_key_file = "/nix/store/x/key"`: "llm.vision.api_key_file",
		`max_rounds = 3`:                    "llm.vision.max_rounds",
	} {
		if _, err := Check("f", []byte("[llm.vision]\n"+line+"\n")); err == nil || !strings.Contains(err.Error(), "f:2:1: "+says) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// everything sets all that may be absent.
const everything = `
[[policy.rule]]
name = "r"
skill = "send_message"
match = { region = { x = 1 }, window = "**", list = ["a", "**"] }
decision = "ask"
[[watchers.rule]]
name = "w"
on = "clipboard"
match = { regex = '^https?://' }
suggest = { title = "t", ask = "a" }
[[timer]]
name = "stand up"
every = "weekday 10:00"
text = "Stand up and stretch"
[[workflow]]
name = "f"
title = "F"
steps = [{ skill = "notify", input = { title = "t", body = "b" } }, { ask = "a" }]
[mcp.servers.files]
command = ["files", "--all"]
[mcp.servers.web]
url = "https://example.org/mcp"
`

func TestShownConfigurationReadsBackTheSame(t *testing.T) {
	for _, text := range []string{"", everything} {
		want, got := Default(), Default()
		if err := parse(&want, "f", []byte(text)); err != nil {
			t.Fatal(err)
		}
		shown, err := want.TOML()
		if err != nil {
			t.Fatal(err)
		}
		if err := parse(&got, "shown", shown); err != nil {
			t.Errorf("%v in\n%s", err, shown)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
}

func TestWhatIsNotActedOnIsSaid(t *testing.T) {
	c := Default()
	if later := c.Later(); len(later) != 0 {
		t.Errorf("of nothing: %q", later)
	}
	if err := parse(&c, "f", []byte(everything)); err != nil {
		t.Fatal(err)
	}
	if later := c.Later(); len(later) != 1 {
		t.Errorf("%q", later)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte("[llm]\nprovidr = 1\n[[a]]\nb.\"c d\" = {e = 1}\n"))
	f.Add([]byte(everything))
	f.Add([]byte("[[a]]\n[[a.b]]\n[a.b.c]\nd = [{e = 1}]\n"))
	f.Add([]byte("llm.max_rounds = 0\nnotes = {path = \"x\"}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var all Errors
		if _, err := Check("f", text); errors.As(err, &all) {
			for _, e := range all {
				if e.Line < 0 || e.Problem == "" {
					t.Errorf("%#v", e)
				}
			}
		}
	})
}

package watchers

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"

	"nerva/core/api"
	"nerva/core/templates"
)

var known = Known{Home: "/home/alice", Workflows: map[string]map[string]bool{"standup": {"day": false}, "weather": {"city": true}}}

// read gives the rules of a file of the configuration's form.
func read(t testing.TB, text string) []Rule {
	t.Helper()
	var file struct {
		Rules []Rule `toml:"rule"`
	}
	if err := toml.NewDecoder(strings.NewReader(text)).DisallowUnknownFields().Decode(&file); err != nil {
		t.Fatal(err)
	}
	return file.Rules
}

// compiled are rules that must be right.
func compiled(t testing.TB, text string) []*Compiled {
	t.Helper()
	return CompileAll(read(t, text), false, known, func(i int, key, problem string) { t.Errorf("rule[%d].%s %s", i, key, problem) })
}

func one(t testing.TB, text string) *Compiled {
	t.Helper()
	return compiled(t, "[[rule]]\nname = \"r\"\n"+text)[0]
}

const ask = "\nask = \"a\""

func TestAWrongRuleIsToldByItsKey(t *testing.T) {
	for rule, c := range map[string]struct{ text, want string }{
		"no name":                  {`on = "clipboard"` + ask, "name is missing"},
		"a long name":              {`name = "` + strings.Repeat("x", 61) + `"` + "\non = \"clipboard\"" + ask, "name is"},
		"no source":                {`on = "clip"` + ask, `on is "clip", but must be one of clipboard, window, file`},
		"no regular expression":    {`on = "clipboard"` + "\nmatch.regex = '('" + ask, "match.regex is no regular expression"},
		"an unknown field":         {`on = "clipboard"` + "\nmatch.when = 'Titel == \"a\"'" + ask, "match.when is no condition: unknown name Titel"},
		"the fields are told":      {`on = "clipboard"` + "\nmatch.when = 'Titel == \"a\"'" + ask, "an event of clipboard has Text, Time, App, Type"},
		"a field of another type":  {`on = "battery"` + "\nmatch.when = 'Percent contains \"a\"'" + ask, "match.when is no condition: invalid operation"},
		"no yes or no":             {`on = "battery"` + "\nmatch.when = 'Percent + 1'" + ask, "match.when is no condition: expected bool"},
		"a syntax error":           {`on = "battery"` + "\nmatch.when = 'Percent <'" + ask, "match.when is no condition: unexpected token EOF"},
		"a loop":                   {`on = "dbus"` + "\nmatch.when = 'all(Values, # == \"a\")'\nmatch.interface = \"a.b\"\nmatch.member = \"C\"" + ask, "match.when is no condition: all is no function"},
		"a range":                  {`on = "battery"` + "\nmatch.when = 'Percent in 1..1000000000'" + ask, "a condition has no ranges"},
		"a doubling":               {`on = "clipboard"` + "\nmatch.when = 'let a = Text + Text; a == \"\"'" + ask, "let is not for conditions"},
		"a repetition":             {`on = "clipboard"` + "\nmatch.when = 'repeat(Text, 1000000) == \"\"'" + ask, "repeat is no function"},
		"a pattern from outside":   {`on = "clipboard"` + "\nmatch.when = '\"a\" matches Text'" + ask, "must be a text in quotes"},
		"a wrong pattern":          {`on = "clipboard"` + "\nmatch.when = 'Text matches \"(\"'" + ask, "is no regular expression"},
		"a long condition":         {`on = "clipboard"` + "\nmatch.when = '" + strings.Repeat("true and ", 150) + "true'" + ask, "match.when is no condition: compilation failed: expression exceeds maximum allowed nodes"},
		"many brackets":            {`on = "clipboard"` + "\nmatch.when = '" + strings.Repeat("(", 5000) + "true" + strings.Repeat(")", 5000) + "'" + ask, "it has 10004 bytes, and may have 4096"},
		"another source's key":     {`on = "clipboard"` + "\nmatch.unit = \"a*\"" + ask, "match.unit is set, but is for rules on unit and not for those on clipboard"},
		"no glob":                  {`on = "clipboard"` + "\nmatch.apps = [\"{a\"]" + ask, `match.apps has "{a", but must have globs for an application's id`},
		"no apps":                  {`on = "clipboard"` + "\nmatch.apps = []" + ask, "match.apps is empty"},
		"no paths":                 {`on = "file"` + ask, "match.paths is missing"},
		"a relative path":          {`on = "file"` + "\nmatch.paths = [\"a/*\"]" + ask, `match.paths has "a/*", but must have absolute paths`},
		"another event":            {`on = "window"` + "\nmatch.events = [\"created\"]" + ask, `match.events has "created", but must be of focused, titled, opened, closed`},
		"no time":                  {`on = "timer"` + ask, "match.cron and every: exactly one"},
		"two times":                {`on = "timer"` + "\nmatch.cron = \"* * * * *\"\nmatch.every = \"5m\"" + ask, "match.cron and every: exactly one"},
		"too often":                {`on = "timer"` + "\nmatch.every = \"59s\"" + ask, `match.every is "59s", but must be a duration of at least 1m`},
		"six fields":               {`on = "timer"` + "\nmatch.cron = \"* * * * * *\"" + ask, "must have five fields"},
		"a zone":                   {`on = "timer"` + "\nmatch.cron = \"TZ=UTC * * * *\"" + ask, "must have five fields"},
		"no hour":                  {`on = "timer"` + "\nmatch.cron = \"0 25 * * *\"" + ask, "match.cron is \"0 25 * * *\""},
		"a day that never comes":   {`on = "timer"` + "\nmatch.cron = \"0 0 30 2 *\"" + ask, "does not come"},
		"every signal":             {`on = "dbus"` + "\nmatch.interface = \"a.b\"" + ask, "match.member and property: exactly one"},
		"no interface":             {`on = "dbus"` + "\nmatch.member = \"A\"" + ask, "match.interface is \"\""},
		"a quote in a bus's name":  {`on = "dbus"` + "\nmatch.interface = \"a.b\"\nmatch.member = \"A\"\nmatch.sender = \"a.b','x\"" + ask, "match.sender is"},
		"no bus":                   {`on = "dbus"` + "\nmatch.interface = \"a.b\"\nmatch.member = \"A\"\nmatch.bus = \"user\"" + ask, `match.bus has "user"`},
		"no state":                 {`on = "unit"` + "\nmatch.states = [\"broken\"]" + ask, `match.states has "broken"`},
		"no percentage":            {`on = "battery"` + "\nmatch.below = 101" + ask, "match.below is 101, but must be from 1 to 100"},
		"no length of idleness":    {`on = "idle"` + ask, "match.after is \"\""},
		"a short lead":             {`on = "calendar"` + "\nmatch.before = \"59s\"" + ask, `match.before is "59s", but must be a duration from 1m to 24h`},
		"a long lead":              {`on = "calendar"` + "\nmatch.before = \"25h\"" + ask, `match.before is "25h"`},
		"no lead":                  {`on = "calendar"` + "\nmatch.before = \"soon\"" + ask, `match.before is "soon"`},
		"a lead of another source": {`on = "timer"` + "\nmatch.before = \"5m\"\nmatch.every = \"5m\"" + ask, "match.before is set, but is for rules on calendar"},
		"a short debounce":         {`on = "idle"` + "\nmatch.after = \"10m\"\ndebounce = \"0s\"" + ask, "debounce is \"0s\""},
		"no rate":                  {`on = "clipboard"` + "\nat_most = \"3\"" + ask, "at_most is \"3\", but must be a number from 1 to 1000 and a duration"},
		"quiet at all times":       {`on = "clipboard"` + "\nquiet = \"07:00-07:00\"" + ask, "quiet is"},
		"a rule that does nothing": {`on = "clipboard"`, "suggest is missing"},
		"a rule that does two":     {`on = "clipboard"` + "\nsuggest = {title = \"t\", ask = \"a\"}" + ask, "suggest notify and what is done at once"},
		"both at once":             {`on = "clipboard"` + "\nskill = \"notify\"" + ask, "ask skill and workflow: exactly one"},
		"no title":                 {`on = "clipboard"` + "\nsuggest = {title = \"\", ask = \"a\"}", "suggest.title is missing"},
		"nothing to accept":        {`on = "clipboard"` + "\nsuggest = {title = \"t\"}", "suggest.ask skill and workflow: exactly one"},
		"no skill":                 {`on = "clipboard"` + "\nsuggest = {title = \"t\", skill = \"opn\"}", `suggest.skill is "opn", but there is no such skill`},
		"no argument":              {`on = "clipboard"` + "\nskill = \"notify\"\ninput = {text = \"a\"}", "input has text, which is no argument of notify; it has title body"},
		"no workflow":              {`on = "clipboard"` + "\nworkflow = \"w\"", `workflow is "w", but there is no such workflow`},
		"no parameter":             {`on = "clipboard"` + "\nworkflow = \"standup\"\ninput = {when = \"a\"}", "input has when, which is no parameter of the workflow standup"},
		"a parameter is missing":   {`on = "clipboard"` + "\nworkflow = \"weather\"", "input lacks city, which the workflow weather has no default for"},
		"a parameter is no text":   {`on = "clipboard"` + "\nworkflow = \"standup\"\ninput = {day = 3}", "input has for day no text"},
		"an input for nobody":      {`on = "clipboard"` + "\ninput = {a = 1}" + ask, "input is set without a skill"},
		"a date":                   {`on = "clipboard"` + "\nskill = \"notify\"\ninput = {title = 2026-01-01}", "input has for title no template"},
		"auto for a suggestion":    {`on = "clipboard"` + "\nauto = true\nsuggest = {title = \"t\", ask = \"a\"}", "auto is for a rule that calls a skill"},
		"a button without title":   {`on = "clipboard"` + "\nnotify = {title = \"t\", actions = [{ask = \"a\"}]}", "notify.actions[0].title is \"\""},
		"four buttons":             {`on = "clipboard"` + "\nnotify = {title = \"t\", actions = [{title=\"1\",ask=\"a\"},{title=\"2\",ask=\"a\"},{title=\"3\",ask=\"a\"},{title=\"4\",ask=\"a\"}]}", "notify.actions has 4 buttons"},
		"a field that is none":     {`on = "clipboard"` + "\nask = \"{{.Path}}\"", "ask is no template: there is no field Path; an event of clipboard has Text"},
		"also where it is hidden":  {`on = "clipboard"` + "\nask = \"{{if false}}{{.Path}}{{end}}\"", "ask is no template: there is no field Path"},
		"a field's field":          {`on = "clipboard"` + "\nask = \"{{.Text.A}}\"", "ask is no template"},
		"an open template":         {`on = "clipboard"` + "\nask = \"{{.Text\"", "ask is no template"},
		"a template's loop":        {`on = "dbus"` + "\nmatch.interface = \"a.b\"\nmatch.member = \"C\"\nask = \"{{range .Values}}x{{end}}\"", "of actions templates have only if"},
		"a template's variable":    {`on = "clipboard"` + "\nask = \"{{$x := .Text}}{{$x}}\"", "templates have no variables"},
		"a template's doubling":    {`on = "clipboard"` + "\nask = \"{{.Text | printf \\\"%[1]s%[1]s\\\"}}\"", "printf is no function of nerva's templates"},
		"a template's template":    {`on = "clipboard"` + "\nask = \"{{define \\\"a\\\"}}x{{end}}\"", "templates don't define others"},
		"the whole event":          {`on = "clipboard"` + "\nask = \"{{.}}\"", "a dot alone is all fields"},
		"a template in an input":   {`on = "clipboard"` + "\nskill = \"run_command\"\ninput = {argv = [\"ls\", \"{{.Path}}\"]}", "input has for argv no template: [1]: there is no field Path"},
	} {
		t.Run(rule, func(t *testing.T) {
			text := "[[rule]]\n" + c.text
			if !strings.Contains(c.text, "name =") && rule != "no name" {
				text = "[[rule]]\nname = \"r\"\n" + c.text
			}
			var said []string
			CompileAll(read(t, text), false, known, func(_ int, key, problem string) { said = append(said, key+" "+problem) })
			if !strings.Contains(strings.Join(said, "\n"), c.want) {
				t.Errorf("said %q, want %q", said, c.want)
			}
		})
	}
}

// event is one as `nerva watchers test` reads it.
func event(t testing.TB, source, fields string) Event {
	t.Helper()
	e, err := ParseEvent(source, []byte(fields), time.Date(2026, 3, 2, 12, 0, 0, 0, time.Local))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestARuleIsForAnEventThatAllOfItsKeysFit(t *testing.T) {
	for _, c := range []struct{ rule, text, fields, key string }{
		{"everything", `on = "clipboard"`, `{}`, ""},
		{"the text", `on = "clipboard"` + "\nmatch.regex = '^a'", `{"Text":"ab"}`, ""},
		{"another text", `on = "clipboard"` + "\nmatch.regex = '^a'", `{"Text":"ba"}`, "match.regex"},
		{"a condition", `on = "window"` + "\nmatch.when = 'Event == \"focused\" and len(Title) > 3'", `{"Event":"focused","Title":"long"}`, ""},
		{"a condition that is not so", `on = "window"` + "\nmatch.when = 'Event == \"focused\" and len(Title) > 3'", `{"Event":"focused"}`, "match.when"},
		{"the hour", `on = "timer"` + "\nmatch.every = \"1h\"\nmatch.when = 'Time.Hour() < 18'", `{"Time":"2026-03-02T12:00:00Z"}`, ""},
		{"a value of a list", `on = "dbus"` + "\nmatch.interface = \"a.b\"\nmatch.member = \"C\"\nmatch.when = '\"x\" in Values'", `{"Bus":"session","Interface":"a.b","Member":"C","Values":["w","x"]}`, ""},
		{"the other bus", `on = "dbus"` + "\nmatch.interface = \"a.b\"\nmatch.member = \"C\"\nmatch.bus = \"system\"", `{"Bus":"session","Interface":"a.b","Member":"C"}`, "match.bus"},
		{"an app", `on = "window"` + "\nmatch.apps = [\"Firefox*\"]", `{"App":"firefox-esr"}`, ""},
		{"another app", `on = "window"` + "\nmatch.apps = [\"firefox*\"]", `{"App":"foot"}`, "match.apps"},
		{"a path below home", `on = "file"` + "\nmatch.paths = [\"~/Downloads/*\"]", `{"Path":"/home/alice/Downloads/a"}`, ""},
		{"a path below that", `on = "file"` + "\nmatch.paths = [\"~/Downloads/*\"]", `{"Path":"/home/alice/Downloads/a/b"}`, "match.paths"},
		{"what happened to it", `on = "file"` + "\nmatch.paths = [\"/**\"]\nmatch.events = [\"moved\"]", `{"Path":"/a","Event":"created"}`, "match.events"},
		{"a unit", `on = "unit"` + "\nmatch.unit = \"back*.service\"\nmatch.states = [\"failed\"]", `{"Unit":"backup.service","State":"failed","Was":"active"}`, ""},
		{"a state that lasts", `on = "unit"` + "\nmatch.states = [\"failed\"]", `{"State":"failed","Was":"failed"}`, "match.states"},
		{"the system's", `on = "unit"` + "\nmatch.scope = \"system\"", `{"Scope":"user"}`, "match.scope"},
		{"a battery that falls below", `on = "battery"` + "\nmatch.below = 15\nmatch.states = [\"discharging\"]", `{"Percent":14,"WasPercent":15,"State":"discharging","Was":"discharging"}`, ""},
		{"one that is below", `on = "battery"` + "\nmatch.below = 15\nmatch.states = [\"discharging\"]", `{"Percent":13,"WasPercent":14,"State":"discharging","Was":"discharging"}`, "match.below"},
		{"one that is unplugged there", `on = "battery"` + "\nmatch.below = 15\nmatch.states = [\"discharging\"]", `{"Percent":13,"WasPercent":13,"State":"discharging","Was":"charging"}`, ""},
		{"a network that is lost", `on = "network"` + "\nmatch.states = [\"offline\", \"limited\"]", `{"State":"offline","Was":"online"}`, ""},
		{"one that is still lost", `on = "network"` + "\nmatch.states = [\"offline\", \"limited\"]", `{"State":"offline","Was":"limited"}`, "match.states"},
		{"nobody there", `on = "idle"` + "\nmatch.after = \"10m\"", `{"State":"idle","Seconds":600}`, ""},
		{"nobody there for long", `on = "idle"` + "\nmatch.after = \"10m\"", `{"State":"idle","Seconds":1200}`, "match.after"},
		{"somebody is back", `on = "idle"` + "\nmatch.after = \"10m\"", `{"State":"active","Seconds":600}`, "match.states"},
		{"a meeting", `on = "calendar"`, `{"Minutes":5}`, ""},
		{"one that has begun", `on = "calendar"`, `{"Minutes":-4}`, ""},
		{"one that is later", `on = "calendar"`, `{"Minutes":6}`, "match.before"},
		{"one of tomorrow", `on = "calendar"` + "\nmatch.before = \"24h\"", `{"Minutes":1440}`, ""},
		{"a lead between minutes", `on = "calendar"` + "\nmatch.before = \"90s\"", `{"Minutes":2}`, ""},
		{"the hour of a meeting", `on = "calendar"` + "\nmatch.when = 'Begins.Hour() < 12 and Ends.After(Begins)'", `{"Begins":"2026-03-02T10:00:00Z","Ends":"2026-03-02T10:30:00Z"}`, ""},
		{"that is wanted", `on = "idle"` + "\nmatch.after = \"10m\"\nmatch.states = [\"active\"]", `{"State":"active","Seconds":600}`, ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			r := one(t, c.text+ask)
			if key, err := r.Judge(event(t, r.On, c.fields)); key != c.key || err != nil {
				t.Errorf("got %q, %v, want %q", key, err, c.key)
			}
		})
	}
}

func TestQuietHoursMayGoOverMidnight(t *testing.T) {
	for quiet, times := range map[string]map[string]bool{
		"":            {"00:00": false, "12:00": false},
		"12:00-13:30": {"11:59": false, "12:00": true, "13:29": true, "13:30": false},
		"22:00-07:00": {"21:59": false, "22:00": true, "00:00": true, "06:59": true, "07:00": false},
	} {
		for at, want := range times {
			when, err := time.Parse("15:04", at)
			if err != nil {
				t.Fatal(err)
			}
			text := `on = "clipboard"` + ask
			if quiet != "" {
				text += "\nquiet = \"" + quiet + `"`
			}
			if got := one(t, text).Quiet(when); got != want {
				t.Errorf("%s at %s: %v", quiet, at, got)
			}
		}
	}
}

func TestWhatAnEventHasIsDataInAnInput(t *testing.T) {
	r := one(t, `on = "clipboard"
skill = "run_command"
input = { argv = ["git", "log", "{{.Text}}"], cwd = "/{{.App}}" }`)
	for _, text := range []string{`a`, `", "--exec=rm"], "x": ["`, "a\x00b", `{{.App}}`, `\`, "</script>", "\u2028", "\xff"} {
		e := Event{Source: "clipboard", Fields: map[string]any{"Text": text, "App": "a"}}
		o, err := r.Outcome(e)
		if err != nil {
			t.Fatal(err)
		}
		var in map[string]any
		if err := json.Unmarshal(o.Actions[0].Input, &in); err != nil {
			t.Fatal(err)
		}
		argv, _ := in["argv"].([]any)
		if len(in) != 2 || len(argv) != 3 || argv[2] != strings.ToValidUTF8(text, "\uFFFD") || in["cwd"] != "/a" {
			t.Errorf("%q became %v", text, in)
		}
	}
}

func TestATitleIsOneLineAndWhatIsTooLongIsRefused(t *testing.T) {
	r := one(t, `on = "clipboard"
suggest = { title = "Say {{.Text}}", body = "{{.Text}}{{.Text}}{{.Text}}", ask = "a" }`)
	o, err := r.Outcome(event(t, "clipboard", `{"Text":"a\n\u001b[31m\u202eb`+strings.Repeat("x", 1000)+`"}`))
	if err != nil || strings.ContainsAny(o.Title, "\n\x1b\u202e") || len([]rune(o.Title)) != templates.TitleLimit {
		t.Errorf("%q, %v", o.Title, err)
	}
	_, err = r.Outcome(Event{Source: "clipboard", Fields: map[string]any{"Text": strings.Repeat("x", textLimit)}})
	if err == nil || !strings.Contains(err.Error(), "longer than 65536 bytes") {
		t.Errorf("got %v", err)
	}
}

func TestAnOutcomeHasWhatItsRuleSays(t *testing.T) {
	const at = `"time":"2026-03-02T12:00:00Z"`
	for text, want := range map[string]string{
		`suggest = { title = "T {{.Text}}", ask = "A {{.Text}}" }`:                                        `{"kind":"suggest","rule":"r","source":"clipboard",` + at + `,"title":"T x","auto":false,"actions":[{"ask":"A x"}]}`,
		`notify = { title = "T", body = "{{.Text}}", actions = [{ title = "Go", skill = "list_apps" }] }`: `{"kind":"notify","rule":"r","source":"clipboard",` + at + `,"title":"T","body":"x","auto":false,"actions":[{"title":"Go","skill":"list_apps","input":{}}]}`,
		"auto = true\nskill = \"set_volume\"\ninput = { percent = 20, mute = false }":                     `{"kind":"act","rule":"r","source":"clipboard",` + at + `,"auto":true,"actions":[{"skill":"set_volume","input":{"mute":false,"percent":20}}]}`,
		"workflow = \"weather\"\ninput = { city = \"{{.Text}}\" }":                                        `{"kind":"act","rule":"r","source":"clipboard",` + at + `,"auto":false,"actions":[{"input":{"city":"x"},"workflow":"weather"}]}`,
		`workflow = "standup"`: `{"kind":"act","rule":"r","source":"clipboard",` + at + `,"auto":false,"actions":[{"input":{},"workflow":"standup"}]}`,
	} {
		o, err := one(t, "on = \"clipboard\"\n"+text).Outcome(event(t, "clipboard", `{"Text":"x","Time":"2026-03-02T12:00:00Z"}`))
		got, _ := json.Marshal(o)
		if err != nil || string(got) != want {
			t.Errorf("got  %s, %v\nwant %s", got, err, want)
		}
	}
}

func TestAnEventOfAPersonIsCheckedByTheTable(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:               "the event is no JSON object",
		`null`:             "the event is no JSON object",
		`{"Titel":"a"}`:    `the event has "Titel", and an event of battery has Text, Time, Percent`,
		`{"Percent":"a"}`:  `the event's Percent is "a", but must be a number`,
		`{"State":null}`:   "must be a value",
		`{"Time":"12:00"}`: "must be a time such as",
	} {
		_, err := ParseEvent("battery", []byte(text), time.Now())
		if err == nil || !strings.Contains(err.Error(), want) || api.CodeOf(err) != api.InvalidInput {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestNervasOwnRulesAreForWhatTheySay(t *testing.T) {
	all := map[string]*Compiled{}
	for _, r := range CompileAll(nil, true, known, func(int, string, string) {}) {
		all[r.Name] = r
	}
	for _, c := range []struct {
		rule, fields string
		fits         bool
	}{
		{"copied link", `{"Text":"https://example.org/a?b=c#d\n"}`, true},
		{"copied link", `{"Text":"see https://example.org"}`, false},
		{"copied link", `{"Text":"file:///etc/passwd"}`, false},
		{"copied path", `{"Text":"/usr/share/doc/bash"}`, true},
		{"copied path", `{"Text":"~/Documents/My file.pdf"}`, true},
		{"copied path", `{"Text":"/help"}`, false},
		{"copied path", `{"Text":"// a comment"}`, false},
		{"copied path", `{"Text":"/usr/bin\n/usr/lib"}`, false},
		{"copied path", `{"Text":"/* a comment */"}`, false},
		{"copied colour", `{"Text":"#1e90ff"}`, true},
		{"copied colour", `{"Text":"rgb(30, 144, 255)"}`, true},
		{"copied colour", `{"Text":"#12345"}`, false},
		{"copied colour", `{"Text":"#include"}`, false},
		{"copied error", `{"Text":"Traceback (most recent call last):\n  File \"a.py\", line 1"}`, true},
		{"copied error", `{"Text":"main.go:3:2: error: undefined"}`, true},
		{"copied error", `{"Text":"panic: runtime error: index out of range"}`, true},
		{"copied error", `{"Text":"error[E0382]: borrow of moved value"}`, true},
		{"copied error", `{"Text":"To err is human, an error is not"}`, false},
		{"copied tracking number", `{"Text":"1Z999AA10123456784"}`, true},
		{"copied tracking number", `{"Text":"RR123456785DE"}`, true},
		{"copied tracking number", `{"Text":"RR12345678DE"}`, false},
		{"copied tracking number", `{"Text":"HELLO WORLD"}`, false},
		{"failed unit", `{"Unit":"a.service","State":"failed","Was":"activating"}`, true},
		{"failed unit", `{"Unit":"a.service","State":"active","Was":"failed"}`, false},
		{"finished download", `{"Path":"/home/alice/Downloads/a.pdf","Name":"a.pdf","Event":"moved"}`, true},
		{"finished download", `{"Path":"/home/alice/Downloads/a.pdf.part","Name":"a.pdf.part","Event":"created"}`, false},
		{"finished download", `{"Path":"/home/alice/Downloads/.hidden","Name":".hidden","Event":"created"}`, false},
		{"finished download", `{"Path":"/home/alice/Downloads/a","Name":"a","Event":"created","Folder":true}`, false},
		{"ended build", `{"App":"foot","Event":"titled","Title":"~/src","Was":"make -j8 ~/src","Lasted":15}`, true},
		{"ended build", `{"App":"org.gnome.Console","Event":"titled","Title":"ann@pc: ~","Was":"ann@pc: sudo ./gradlew build","Lasted":60}`, true},
		{"ended build", `{"App":"foot","Event":"titled","Title":"~/src","Was":"make -j8","Lasted":14}`, false},
		{"ended build", `{"App":"foot","Event":"titled","Title":"~/src","Was":"make -j8","Lasted":60,"Focused":true}`, false},
		{"ended build", `{"App":"foot","Event":"titled","Title":"~/src","Was":"vim make.go","Lasted":60}`, false},
		{"ended build", `{"App":"foot","Event":"titled","Title":"~/src","Was":"makeup tips","Lasted":60}`, false},
		{"ended build", `{"App":"firefox","Event":"titled","Title":"b","Was":"make it so","Lasted":60}`, false},
		{"ended build", `{"App":"foot","Event":"closed","Title":"make","Was":""}`, false},
		{"low battery", `{"Percent":14,"WasPercent":15,"State":"discharging","Was":"discharging","Minutes":20}`, true},
		{"low battery", `{"Percent":14,"WasPercent":13,"State":"charging","Was":"charging"}`, false},
		{"meeting link", `{"Title":"Stand-up","Minutes":5,"Link":"https://meet.jit.si/x"}`, true},
		{"meeting link", `{"Minutes":-2,"Link":"https://meet.jit.si/x"}`, true},
		{"meeting link", `{"Title":"Stand-up","Minutes":5}`, false},
		{"meeting link", `{"Title":"Stand-up","Minutes":60,"Link":"https://meet.jit.si/x"}`, false},
	} {
		r := all[c.rule]
		e := event(t, r.On, c.fields)
		if key, err := r.Judge(e); (key == "") != c.fits || err != nil {
			t.Errorf("%s %s: %q, %v", c.rule, c.fields, key, err)
		}
		if o, err := r.Outcome(e); err != nil || o.Title == "" {
			t.Errorf("%s: %+v, %v", c.rule, o, err)
		}
	}
}

// TestAnEventHasItsOwnTimesBesideTheOneAtWhichItHappened.
func TestAnEventHasItsOwnTimesBesideTheOneAtWhichItHappened(t *testing.T) {
	r := one(t, `on = "calendar"
ask = "{{.Time.Format \"15:04\"}} {{.Begins.Format \"15:04\"}} {{.Ends.Format \"15:04\"}}"`)
	o, err := r.Outcome(event(t, "calendar", `{"Time":"2026-03-02T09:55:00Z","Begins":"2026-03-02T10:00:00Z","Ends":"2026-03-02T10:30:00Z"}`))
	if err != nil || o.Actions[0].Ask != "09:55 10:00 10:30" || o.Time.Minute() != 55 {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestARuleTakesThePlaceOfNervasOwnOfThatName(t *testing.T) {
	names := func(builtin bool, text string) (all []string) {
		for _, r := range CompileAll(read(t, text), builtin, known, func(i int, key, problem string) {
			all = append(all, fmt.Sprintf("[%d].%s %s", i, key, problem))
		}) {
			if strings.HasPrefix(r.Name, "copied l") {
				all = append(all, fmt.Sprint(r.Name, " ", r.On, " ", r.Enables()))
			}
		}
		return all
	}
	for _, c := range []struct {
		builtin    bool
		text, want string
	}{
		{true, ``, "[copied link clipboard true]"},
		{false, ``, "[]"},
		{true, "[[rule]]\nname = \"copied link\"\nenabled = false", "[copied link clipboard false]"},
		{false, "[[rule]]\nname = \"copied link\"\nenabled = false", "[]"},
		{true, "[[rule]]\nname = \"copied link\"\non = \"window\"" + ask, "[copied link window true]"},
	} {
		if got := fmt.Sprint(names(c.builtin, c.text)); got != c.want {
			t.Errorf("%v %s: got %s, want %s", c.builtin, c.text, got, c.want)
		}
	}
	twice := "[[rule]]\nname = \"a\"\non = \"window\"" + ask
	if got := names(true, twice+"\n"+twice); len(got) == 0 || !strings.Contains(got[0], `[1].name is "a", as another rule's`) {
		t.Errorf("twice: %q", got)
	}
	if got := names(true, "[[rule]]\nname = \"none of nerva's\"\nenabled = false"); len(got) == 0 || !strings.Contains(got[0], `[0].on is ""`) {
		t.Errorf("of no such name: %q", got)
	}
}

func TestOfALongEventItsBeginningCounts(t *testing.T) {
	long := strings.Repeat("ä", textLimit) // twice as many bytes
	r := one(t, "on = \"dbus\"\nmatch.interface = \"a.b\"\nmatch.member = \"C\"\nmatch.when = 'len(Values) == 64 and Text endsWith \"ä\"'\nask = \"{{.Text}}{{index .Values 1}}\"")
	e := Event{Source: "dbus", Fields: map[string]any{
		"Text": "x" + long, "Bus": "session", "Interface": "a.b", "Member": "C", "Values": append([]string{"", long}, make([]string, 1000)...),
	}}
	if key, err := r.Judge(e); key != "" || err != nil {
		t.Errorf("%q, %v", key, err)
	}
	if o, err := r.Outcome(e); err != nil || len(o.Actions[0].Ask) != textLimit-1+textLimit/listLimit {
		t.Errorf("%d bytes, %v", len(o.Actions[0].Ask), err)
	}
}

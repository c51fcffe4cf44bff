package modelserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// Rules is a script in a file, TOML or JSON: the first rule whose Match finds something in the last user's
// message answers; its stage number n answers once n rounds of tools are over, the last stage from then on.
//
//	[[rule]]
//	match = '(?i)open (\w+)'
//	[[rule.stage]]
//	calls = [{ name = "launch_app", arguments = '{"app":{{json (index .Match 1)}}}', split = [4] }]
//	[[rule.stage]]
//	say = "{{(index .Results 0).app}} is open."
//	chunks = 3
//
// Texts, messages and arguments are templates (text/template) with .Match, the groups of the match, .Results, the
// outputs of the tools so far, decoded where they are JSON, .Told, the same as one text, and .N, which counts a call's
// times from 0; json writes a value as JSON, repeat a text n times. A request that no rule fits goes to Sentences.
type Rules struct {
	Rule []Rule `toml:"rule" json:"rule"`
}

// Rule is one kind of request.
type Rule struct {
	Match string  `toml:"match" json:"match"`
	Stage []Stage `toml:"stage" json:"stage"`
	match *regexp.Regexp
}

// Stage is one reply of a rule; the fields are those of Reply.
type Stage struct {
	Say    string `toml:"say" json:"say"`
	Chunks int    `toml:"chunks" json:"chunks"`
	Calls  []struct {
		ID        string `toml:"id" json:"id"`
		Name      string `toml:"name" json:"name"`
		Arguments string `toml:"arguments" json:"arguments"`
		Split     []int  `toml:"split" json:"split"`
		Chunks    int    `toml:"chunks" json:"chunks"` // in the place of Split: this many pieces of one length
		Times     int    `toml:"times" json:"times"`   // the call is made so often; 0 is once
	} `toml:"calls" json:"calls"`
	Interleave bool   `toml:"interleave" json:"interleave"`
	DelayMS    int    `toml:"delay_ms" json:"delay_ms"`
	Finish     string `toml:"finish" json:"finish"`
	Stall      bool   `toml:"stall" json:"stall"`
	Cut        bool   `toml:"cut" json:"cut"`
	Garbage    string `toml:"garbage" json:"garbage"`
	Error      struct {
		Status  int               `toml:"status" json:"status"`
		Message string            `toml:"message" json:"message"`
		Headers map[string]string `toml:"headers" json:"headers"`
	} `toml:"error" json:"error"`
}

// Load reads a script; the file's name ends in .json or .toml.
func Load(path string) (*Rules, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the script: %w", err)
	}
	var r Rules
	if filepath.Ext(path) == ".json" {
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		err = d.Decode(&r)
	} else {
		err = toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(&r)
	}
	if err != nil {
		return nil, fmt.Errorf("read the script %s: %w", path, err)
	}
	for i := range r.Rule {
		if r.Rule[i].match, err = regexp.Compile(r.Rule[i].Match); err != nil {
			return nil, fmt.Errorf("rule %d of %s: %w", i+1, path, err)
		}
		if len(r.Rule[i].Stage) == 0 {
			return nil, fmt.Errorf("rule %d of %s has no stage", i+1, path)
		}
	}
	return &r, nil
}

// Reply answers a request by the rules.
func (r *Rules) Reply(req Request) Reply {
	for _, rule := range r.Rule {
		if m := rule.match.FindStringSubmatch(req.LastUser()); m != nil {
			return Stages(rule.Stage, map[string]any{"Match": m})(req)
		}
	}
	return Sentences(req)
}

// Stages answers by the stages of one rule, whatever the request says. Their templates also have words, by which
// a test tells them what it has just made.
func Stages(stages []Stage, words map[string]any) func(Request) Reply {
	return func(req Request) Reply { return stages[min(rounds(req), len(stages)-1)].reply(words, req) }
}

// rounds counts the assistant's messages since the last user's.
func rounds(req Request) (n int) {
	for _, m := range req.Messages {
		switch m.Role {
		case "user":
			n = 0
		case "assistant":
			n++
		}
	}
	return n
}

func (s Stage) reply(words map[string]any, req Request) Reply {
	var results []any
	told := ""
	for _, r := range req.Results() {
		var v any
		if err := json.Unmarshal([]byte(r.Output), &v); err != nil {
			v = r.Output
		}
		results, told = append(results, v), told+r.Output+"\n"
	}
	data := maps.Clone(words)
	data["Results"], data["Told"], data["N"] = results, told, 0
	out := Reply{
		Chunks: s.Chunks, Interleave: s.Interleave, Delay: time.Duration(s.DelayMS) * time.Millisecond,
		Finish: s.Finish, Stall: s.Stall, Cut: s.Cut,
		Status: s.Error.Status, Header: map[string]string{},
	}
	var err error
	if out.Text, err = expand(s.Say, data); err != nil {
		return broken(err)
	}
	if out.Raw, err = expand(s.Garbage, data); err != nil {
		return broken(err)
	}
	if out.Message, err = expand(s.Error.Message, data); err != nil {
		return broken(err)
	}
	for name, value := range s.Error.Headers {
		if out.Header[name], err = expand(value, data); err != nil {
			return broken(err)
		}
	}
	for _, c := range s.Calls {
		for n := range max(c.Times, 1) {
			data["N"] = n
			call := Call{ID: c.ID, Name: c.Name, Split: c.Split}
			if call.Arguments, err = expand(c.Arguments, data); err != nil {
				return broken(err)
			}
			for i := range c.Chunks {
				call.Split = append(call.Split, i*len(call.Arguments)/c.Chunks)
			}
			out.Calls = append(out.Calls, call)
		}
	}
	return out
}

// Unfit begins the message of the 400 that a script gives which does not fit the request.
const Unfit = "the script does not fit this request: "

func broken(err error) Reply { return Reply{Status: 400, Message: Unfit + err.Error()} }

func expand(text string, data any) (string, error) {
	toJSON := func(v any) (string, error) {
		b, err := json.Marshal(v)
		return string(b), err
	}
	functions := template.FuncMap{"json": toJSON, "repeat": strings.Repeat}
	t, err := template.New("").Option("missingkey=error").Funcs(functions).Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, data)
	return b.String(), err
}

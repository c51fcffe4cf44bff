package modelserver

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

func start(t *testing.T) *Server {
	t.Helper()
	s, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func post(t *testing.T, s *Server, body string) (status int, answer string) {
	t.Helper()
	res, err := http.Post(s.URL+"/chat/completions", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func chat(messages string) string { return `{"model":"m","messages":[` + messages + `]}` }

// dot is a picture of one pixel.
const dot = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="

func picture(role, url string) string {
	return `{"role":"` + role + `","content":[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"` + url + `"}}]}`
}

func TestWhatTheRealServiceRefuses(t *testing.T) {
	const (
		user   = `{"role":"user","content":"hi"}`
		calls  = `{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}`
		answer = `{"role":"tool","tool_call_id":"a","content":"{}"}`
	)
	s := start(t)
	for body, want := range map[string]string{
		"{":                              "could not parse the JSON",
		`{"messages":[]}`:                "model parameter",
		chat(""):                         "empty array",
		chat(`{"role":"robot"}`):         "Invalid value: 'robot'",
		chat(`{"role":"user"}`):          "expected a string, got null",
		chat(`{"role":"assistant"}`):     "expected a string, got null",
		chat(user + "," + answer):        "must be a response to a preceding message",
		chat(user + "," + calls):         "did not have response messages: a",
		chat(calls + "," + user):         "did not have response messages: a",
		chat(calls + `,{"role":"tool"}`): "must be a response",
		chat(calls + `,{"role":"tool","tool_call_id":"a"}`):                                                                            "content",
		chat(calls + "," + answer + "," + answer):                                                                                      "must be a response",
		chat(strings.Replace(calls, `"{}"`, `{}`, 1)):                                                                                  "could not parse",
		chat(strings.Replace(calls, `"arguments":"{}"`, `"x":1`, 1)):                                                                   "arguments",
		chat(strings.Replace(calls, `"id":"a",`, ``, 1)):                                                                               ".id'",
		chat(strings.Replace(calls, `"f"`, `"f x"`, 1)):                                                                                "pattern",
		`{"model":"m","messages":[` + user + `],"tools":[{"type":"function","function":{"name":"f","parameters":[]}}]}`:                "Invalid schema",
		`{"model":"m","messages":[` + user + `],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]}`: "missing properties",
		chat(picture("user", "https://ex.example/a.png")):                                                                              "expected a data URL",
		chat(picture("user", "data:image/png;base64,!")):                                                                               "Invalid base64",
		chat(picture("user", "data:image/png;base64,aGk=")):                                                                            "unsupported image",
		chat(picture("user", strings.Replace(dot, "png", "jpeg", 1))):                                                                  "unsupported image",
		chat(picture("assistant", dot)):                                                                                                "only allowed for messages with role 'user'",
		chat(strings.Replace(picture("user", dot), "image_url", "image", 1)):                                                           "Supported values are: 'text', 'image_url'",
		`{"model":"m","messages":[` + user + `],"tools":[{"type":"fun"}]}`:                                                             "tools[0].type",
	} {
		status, got := post(t, s, body)
		var e struct {
			Error struct{ Message, Type string }
		}
		if err := json.Unmarshal([]byte(got), &e); err != nil || status != 400 || !strings.Contains(e.Error.Message, want) || e.Error.Type != "invalid_request_error" {
			t.Errorf("%s\n\t%d %s, want %q", body, status, got, want)
		}
	}
	for _, valid := range []string{user + "," + calls + "," + answer, picture("user", dot)} {
		if status, got := post(t, s, chat(valid)); status != 200 {
			t.Errorf("a valid conversation: %d %s", status, got)
		}
	}
}

// The bytes as the service sends them: role first, text, calls in pieces, the finish reason, [DONE].
func TestStreamOnTheWire(t *testing.T) {
	s := start(t)
	s.Script(Reply{Text: "ab", Chunks: 2, Calls: []Call{{ID: "x", Name: "f", Arguments: `{"é":1}`, Split: []int{3}}}})
	_, got := post(t, s, `{"model":"m","stream":true,"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]}`)
	var deltas []string
	for _, event := range strings.Split(strings.TrimSuffix(got, "\n\n"), "\n\n") {
		data, ok := strings.CutPrefix(event, "data: ")
		if !ok {
			t.Fatalf("event %q", event)
		}
		var c struct {
			Object  string
			Choices []struct {
				Delta        json.RawMessage
				FinishReason any `json:"finish_reason"`
			}
		}
		if data == "[DONE]" {
			deltas = append(deltas, data)
			continue
		}
		if err := json.Unmarshal([]byte(data), &c); err != nil || c.Object != "chat.completion.chunk" {
			t.Fatalf("%q: %v", data, err)
		}
		d := string(c.Choices[0].Delta)
		if f, _ := c.Choices[0].FinishReason.(string); f != "" {
			d += f
		}
		deltas = append(deltas, d)
	}
	want := []string{
		`{"role":"assistant","content":""}`, `{"content":"a"}`, `{"content":"b"}`,
		`{"tool_calls":[{"index":0,"id":"x","type":"function","function":{"name":"f","arguments":""}}]}`,
		"{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"\xc3\"}}]}",
		"{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\xa9\\\":1}\"}}]}",
		`{}tool_calls`, "[DONE]",
	}
	if g, w := strings.Join(deltas, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

func TestModels(t *testing.T) {
	s := start(t)
	res, err := http.Get(s.URL + "/models")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if b, err := io.ReadAll(res.Body); err != nil || !strings.Contains(string(b), `"id":"test-model"`) {
		t.Errorf("%s %v", b, err)
	}
}

func TestRules(t *testing.T) {
	const script = `
[[rule]]
match = '(?i)double (\d+)'
[[rule.stage]]
calls = [{ name = "calculate", arguments = '{"expression":{{json (printf "2*%s" (index .Match 1))}}}', split = [4] }]
[[rule.stage]]
say = "It is {{(index .Results 0).result}}."
chunks = 2
[[rule]]
match = "busy"
[[rule.stage]]
error = { status = 429, message = "later", headers = { Retry-After = "1" } }
`
	path := filepath.Join(t.TempDir(), "script.toml")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	rules, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t)
	s.Handle(rules.Reply)
	user := `{"role":"user","content":"please double 21"}`
	call := `{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"calculate","arguments":"{}"}}]}`
	for messages, want := range map[string]string{
		user: `2*21`,
		user + "," + call + `,{"role":"tool","tool_call_id":"a","content":"{\"result\":\"42\"}"}`: "It is 42.",
		`{"role":"user","content":"busy"}`: `"later"`,
		`{"role":"user","content":"sing"}`: "without a model", // no rule: the sentences
	} {
		if _, got := post(t, s, chat(messages)); !strings.Contains(got, want) {
			t.Errorf("%s\n\t%s", messages, got)
		}
	}
}

func TestBadScripts(t *testing.T) {
	for name, text := range map[string]string{
		"unknown key": "[[rule]]\nmach = 'x'", "no stage": "[[rule]]\nmatch = 'x'", "no regexp": "[[rule]]\nmatch = '('\n[[rule.stage]]\nsay='x'",
		"no TOML": "[[",
	} {
		path := filepath.Join(t.TempDir(), "script.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Three tools in one request, each call computed from the request's words and the results before it.
func TestSentencesComputeTheirCalls(t *testing.T) {
	s := start(t)
	tools := `"tools":[{"type":"function","function":{"name":"launch_app"}},{"type":"function","function":{"name":"calculate"}},{"type":"function","function":{"name":"add_note"}}]`
	messages := `{"role":"user","content":"open foot, work out 17 times 3 and note the result"}`
	for i, step := range []struct{ want, output string }{
		{`{\"app\":\"foot\"}`, `{}`},
		{`{\"expression\":\"17 * 3\"}`, `{\"result\":\"51\"}`},
		{`{\"text\":\"51\",\"title\":\"17 * 3\"}`, `{\"path\":\"/n\"}`},
		{"Noted: 51", ""},
	} {
		status, got := post(t, s, `{"model":"m",`+tools+`,"messages":[`+messages+`]}`)
		if status != 200 || !strings.Contains(got, step.want) {
			t.Fatalf("round %d: %d %s", i, status, got)
		}
		var answer struct {
			Choices []struct{ Message json.RawMessage }
		}
		var message struct {
			ToolCalls []struct{ ID string } `json:"tool_calls"`
		}
		if err := json.Unmarshal([]byte(got), &answer); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(answer.Choices[0].Message, &message); err != nil {
			t.Fatal(err)
		}
		if len(message.ToolCalls) == 1 {
			messages += "," + string(answer.Choices[0].Message) + `,{"role":"tool","tool_call_id":"` + message.ToolCalls[0].ID + `","content":"` + step.output + `"}`
		}
	}
}

func TestStagesKnowWhatTheTestAndTheToolsTold(t *testing.T) {
	var stage Stage
	err := toml.Unmarshal([]byte(`calls = [{ id = "x", name = "put", times = 2, chunks = 3, arguments = '{{.N}}{{.Place}}{{repeat "ab" 2}}{{json .Told}}' }]`), &stage)
	if err != nil {
		t.Fatal(err)
	}
	reply := Stages([]Stage{stage}, map[string]any{"Place": "here"})(Request{})
	if len(reply.Calls) != 2 || reply.Calls[1].Arguments != `1hereabab""` || len(reply.Calls[1].Split) != 3 || reply.Calls[1].ID != "x" {
		t.Errorf("%+v", reply)
	}
	reply = Stages([]Stage{{Say: "{{.Nowhere}}"}}, map[string]any{})(Request{})
	if reply.Status != 400 || !strings.HasPrefix(reply.Message, Unfit) {
		t.Errorf("a word that nobody told: %+v", reply)
	}
}

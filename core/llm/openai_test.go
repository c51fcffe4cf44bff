package llm_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nerva/core/api"
	"nerva/core/llm"
	"nerva/test/modelserver"
)

const secret = "sk-very-secret-0123456789"

// client makes a model whose waits between tries take no time; the waits are returned in slept.
func client(t *testing.T, base string, limits llm.Limits) (c *llm.Client, slept *[]time.Duration) {
	t.Helper()
	now := time.Unix(1700000000, 0)
	slept = new([]time.Duration)
	c, err := llm.NewOpenAI(llm.Config{
		Provider: llm.OpenAI, Model: "test-model", BaseURL: base, Limits: limits,
		Key: func() (string, error) { return secret + "\n", nil },
		Clock: llm.Clock{
			Now: func() time.Time { return now },
			Sleep: func(ctx context.Context, d time.Duration) error {
				*slept = append(*slept, d)
				now = now.Add(d)
				return ctx.Err()
			},
			Jitter: func() float64 { return 1 },
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, slept
}

func serve(t *testing.T) *modelserver.Server {
	t.Helper()
	before := runtime.NumGoroutine()
	s, err := modelserver.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // runs after the client's Close
		s.Close()
		for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
			if time.Now().After(deadline) {
				buf := make([]byte, 1<<16)
				t.Fatalf("goroutines are left over:\n%s", buf[:runtime.Stack(buf, true)])
			}
		}
	})
	return s
}

func hello() llm.Request {
	return llm.Request{System: "be short", Messages: []llm.Message{{Role: llm.User, Text: "hello"}}}
}

// ask returns the turn with its text deltas and notices.
func ask(t *testing.T, m llm.Model, r llm.Request) (turn llm.Turn, deltas, notices []string, err error) {
	t.Helper()
	turn, err = m.Turn(t.Context(), r, func(p llm.Progress) {
		if p.Delta != "" {
			deltas = append(deltas, p.Delta)
		}
		if p.Notice != "" {
			notices = append(notices, p.Notice)
		}
	})
	return turn, deltas, notices, err
}

func TestTextStreamsInOrderAndIsTheTurn(t *testing.T) {
	s := serve(t)
	s.Script(modelserver.Reply{Text: "Grüße, 世界 🎈!", Chunks: 5})
	c, _ := client(t, s.URL, llm.Limits{})
	turn, deltas, _, err := ask(t, c, hello())
	if err != nil || turn.Text != "Grüße, 世界 🎈!" || strings.Join(deltas, "") != turn.Text || len(deltas) != 5 {
		t.Fatalf("turn %+v, deltas %q, error %v", turn, deltas, err)
	}
	if got := s.Requests()[0].Header.Get("Authorization"); got != "Bearer "+secret {
		t.Errorf("Authorization is %q", got)
	}
}

func TestToolCallsAreJoined(t *testing.T) {
	args := `{"text":"Käse \"und\" \n🧀","n":1}`
	every := make([]int, len(args))
	for i := range every {
		every[i] = i
	}
	call := func(id, name, a string) llm.Call { return llm.Call{ID: id, Name: name, Arguments: a} }
	for name, tc := range map[string]struct {
		reply modelserver.Reply
		want  []llm.Call
	}{
		"split at every byte, within runes and escapes": {
			modelserver.Reply{Calls: []modelserver.Call{{ID: "a", Name: "add_note", Arguments: args, Split: every}}},
			[]llm.Call{call("a", "add_note", args)},
		},
		"interleaved by index": {
			modelserver.Reply{Interleave: true, Calls: []modelserver.Call{
				{ID: "a", Name: "calculate", Arguments: `{"expression":"1+1"}`, Split: []int{2, 9}},
				{ID: "b", Name: "list_apps", Arguments: `{}`, Split: []int{1}},
			}},
			[]llm.Call{call("a", "calculate", `{"expression":"1+1"}`), call("b", "list_apps", `{}`)},
		},
		"without an index": {
			modelserver.Reply{NoIndex: true, Calls: []modelserver.Call{
				{ID: "a", Name: "calculate", Arguments: `{"expression":"1"}`, Split: []int{5}},
				{ID: "b", Name: "calculate", Arguments: `{"expression":"2"}`, Split: []int{5}},
			}},
			[]llm.Call{call("a", "calculate", `{"expression":"1"}`), call("b", "calculate", `{"expression":"2"}`)},
		},
		"without index and ids": {
			modelserver.Reply{NoIndex: true, NoIDs: true, Calls: []modelserver.Call{
				{Name: "calculate", Arguments: `{"expression":"1"}`}, {Name: "calculate", Arguments: `{"expression":"2"}`},
			}},
			[]llm.Call{call("call_0", "calculate", `{"expression":"1"}`), call("call_1", "calculate", `{"expression":"2"}`)},
		},
		"empty arguments are an empty object": {
			modelserver.Reply{Calls: []modelserver.Call{{ID: "a", Name: "list_apps"}}},
			[]llm.Call{call("a", "list_apps", "{}")},
		},
		"malformed arguments stay as they are": {
			modelserver.Reply{Calls: []modelserver.Call{{ID: "a", Name: "calculate", Arguments: `{"expression":`}}},
			[]llm.Call{call("a", "calculate", `{"expression":`)},
		},
		"an id twice is made unique": {
			modelserver.Reply{Calls: []modelserver.Call{{ID: "a", Name: "list_apps"}, {ID: "a", Name: "list_notes"}}},
			[]llm.Call{call("a", "list_apps", "{}"), call("call_1", "list_notes", "{}")},
		},
		"an emoji in two escapes, one in each part": {
			modelserver.Reply{Raw: event(`{"tool_calls":[{"index":0,"id":"a","function":{"name":"notify","arguments":"{\"t\":\"\ud83d"}}]}`, "") +
				event(`{"tool_calls":[{"index":0,"function":{"arguments":"\udc4d\"}"}}]}`, "tool_calls")},
			[]llm.Call{call("a", "notify", `{"t":"👍"}`)},
		},
		"every call has index 0": {
			modelserver.Reply{Raw: event(`{"tool_calls":[{"index":0,"id":"a","function":{"name":"list_apps","arguments":"{}"}}]}`, "") +
				event(`{"tool_calls":[{"index":0,"id":"b","function":{"name":"list_notes","arguments":"{}"}}]}`, "stop")},
			[]llm.Call{call("a", "list_apps", "{}"), call("b", "list_notes", "{}")},
		},
		"the name comes with each part": {
			modelserver.Reply{Raw: event(`{"tool_calls":[{"index":0,"id":"a","function":{"name":"notify","arguments":"{"}}]}`, "") +
				event(`{"tool_calls":[{"index":0,"id":"a","function":{"name":"notify","arguments":"}"}}]}`, "stop")},
			[]llm.Call{call("a", "notify", "{}")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			s.Script(tc.reply)
			c, _ := client(t, s.URL, llm.Limits{})
			turn, _, _, err := ask(t, c, hello())
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.want, turn.Calls); d != "" {
				t.Error(d)
			}
		})
	}
}

func event(delta, finish string) string {
	reason := "null"
	if finish != "" {
		reason = `"` + finish + `"`
	}
	return `data: {"choices":[{"index":0,"delta":` + delta + `,"finish_reason":` + reason + "}]}\n\n"
}

// The server checks what it is sent as the real one does, so a conversation that it takes is a valid one.
func TestConversationIsValidOnTheWire(t *testing.T) {
	s := serve(t)
	s.Script(modelserver.Reply{Text: "done"})
	c, _ := client(t, s.URL, llm.Limits{})
	r := hello()
	r.Tools = []api.Skill{
		{ID: "list_apps", Title: "List", InputSchema: json.RawMessage(`{"type":"object"}`)},
		{ID: "bare"},
	}
	r.Messages = append(r.Messages,
		llm.Message{Role: llm.Assistant, Calls: []llm.Call{{ID: "x", Name: "list_apps", Arguments: "{oops"}, {ID: "y", Name: ""}}},
		llm.Message{Role: llm.Tool, CallID: "x", Name: "list_apps", Text: "bad JSON", Failed: true},
		llm.Message{Role: llm.Tool, CallID: "y"})
	if _, _, _, err := ask(t, c, r); err != nil {
		t.Fatal(err)
	}
	got := s.Requests()[0]
	if a := *got.Messages[2].ToolCalls[0].Function.Arguments; a != "{oops" {
		t.Errorf("the malformed arguments were sent as %q", a)
	}
	if got.Messages[0].Role != "system" || got.Messages[0].Content.Text != "be short" {
		t.Errorf("the first message is %+v", got.Messages[0])
	}
}

func TestPicturesStandAfterTheTextOnTheWire(t *testing.T) {
	var data bytes.Buffer
	if err := png.Encode(&data, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	s := serve(t)
	s.Script(modelserver.Reply{Text: "grey"}, modelserver.Reply{Text: "grey"})
	c, _ := client(t, s.URL, llm.Limits{})
	r := hello()
	r.Messages[0].Pictures = []llm.Picture{{Type: "image/png", Data: data.Bytes()}}
	if turn, _, _, err := ask(t, c, r); err != nil || turn.Text != "grey" {
		t.Fatalf("%+v, %v", turn, err)
	}
	got := s.Requests()[0].Messages[1].Content
	if got.Text != "hello" || len(got.Pictures) != 1 || got.Pictures[0].Image.Bounds().Dx() != 3 {
		t.Errorf("the server has seen %+v", got)
	}
	r.Messages[0].Pictures[0].Type = "image/jpeg" // the server does look at them
	if _, _, _, err := ask(t, c, r); api.CodeOf(err) != api.Failed {
		t.Errorf("another type than it is: %v", err)
	}
}

func TestFailuresEndInASentence(t *testing.T) {
	status := func(code int, message string) modelserver.Reply {
		return modelserver.Reply{Status: code, Message: message}
	}
	huge := "data: {\"choices\":[{\"delta\":{\"content\":\"" + strings.Repeat("a", 1<<20) + "\"}}]}\n\n"
	for name, tc := range map[string]struct {
		reply modelserver.Reply
		code  api.Code
		want  []string
	}{
		"401":            {status(401, "bad key "+secret), api.Unavailable, []string{"API key", "api_key_file", "(401: bad key (key))"}},
		"403":            {status(403, ""), api.Unavailable, []string{"API key"}},
		"404":            {status(404, "no such model"), api.Unavailable, []string{"no such model", `"test-model"`, "[llm] model"}},
		"400":            {status(400, "a\x1b[31m\nb\u202e"), api.Failed, []string{"400: a[31m b)"}},
		"quota":          {modelserver.Reply{Status: 429, Code: "insufficient_quota"}, api.Unavailable, []string{"quota"}},
		"redirect":       {modelserver.Reply{Status: 307, Header: map[string]string{"Location": "http://evil.example/v1"}}, api.Unavailable, []string{"http://evil.example/v1", "base_url"}},
		"length":         {modelserver.Reply{Text: "half", Finish: "length"}, api.Failed, []string{"length limit"}},
		"content filter": {modelserver.Reply{Text: "half", Finish: "content_filter"}, api.Failed, []string{"content filter"}},
		"no finish":      {modelserver.Reply{Text: "half", Finish: "none"}, api.Failed, []string{"broke off"}},
		"neither":        {modelserver.Reply{}, api.Failed, []string{"neither text nor a call"}},
		"huge line":      {modelserver.Reply{Raw: huge}, api.Failed, []string{"longer than 1 MiB"}},
		"huge answer":    {modelserver.Reply{Raw: strings.Repeat(event(`{"content":"`+strings.Repeat("a", 1<<19)+`"}`, ""), 70)}, api.Failed, []string{"longer than 32 MiB"}},
		"garbage":        {modelserver.Reply{Raw: "data: {what?}\n\n"}, api.Failed, []string{"OpenAI-compatible"}},
		"not a stream":   {modelserver.Reply{Raw: "<html>hello</html>"}, api.Failed, []string{"broke off"}},
		"error event":    {modelserver.Reply{Raw: `data: {"error":{"message":"out of memory"}}` + "\n\n"}, api.Failed, []string{"out of memory"}},
		"error body":     {modelserver.Reply{Raw: `{"error":{"message":"out of ` + secret + `"}}`}, api.Failed, []string{"out of (key)"}},
		"cut after text": {modelserver.Reply{Text: "half", Cut: true}, api.Unavailable, []string{"broke"}},
		"stall":          {modelserver.Reply{Text: "half", Stall: true}, api.Failed, []string{"stopped in the middle"}},
		"too many calls": {modelserver.Reply{Calls: make([]modelserver.Call, 200)}, api.Failed, []string{"OpenAI-compatible"}},
		"long message":   {status(418, strings.Repeat("é", 5000)), api.Failed, []string{strings.Repeat("é", 199) + "…)"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			s.Script(tc.reply)
			c, slept := client(t, s.URL, llm.Limits{Stall: 100 * time.Millisecond})
			_, _, _, err := ask(t, c, hello())
			if err == nil {
				t.Fatal("no error")
			}
			if api.CodeOf(err) != tc.code || len(*slept) != 0 {
				t.Errorf("code %s, waits %v: %v", api.CodeOf(err), *slept, err)
			}
			for _, w := range append(tc.want, "") {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q does not contain %q", err, w)
				}
			}
			if strings.Contains(err.Error(), secret) || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("%q shows what it must not", err)
			}
		})
	}
}

// A server that takes the request and says nothing: the person hears of it soon, and it ends.
func TestNoAnswerAtAll(t *testing.T) {
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client is gone
		<-r.Context().Done()
	}))
	defer silent.Close()
	c, _ := client(t, silent.URL, llm.Limits{Headers: 200 * time.Millisecond, Notice: time.Millisecond})
	_, _, notices, err := ask(t, c, hello())
	if err == nil || api.CodeOf(err) != api.Failed || !strings.Contains(err.Error(), "no answer in time") {
		t.Errorf("error %v", err)
	}
	if len(notices) != 1 || !strings.Contains(notices[0], "still waiting") {
		t.Errorf("notices %q", notices)
	}
}

func TestAnEndlessAnswerEnds(t *testing.T) {
	s := serve(t)
	s.Script(modelserver.Reply{Text: strings.Repeat("a", 1000), Chunks: 1000, Delay: 10 * time.Millisecond})
	c, _ := client(t, s.URL, llm.Limits{Total: 200 * time.Millisecond})
	if _, _, _, err := ask(t, c, hello()); err == nil || !strings.Contains(err.Error(), "took too long") {
		t.Errorf("error %v", err)
	}
}

func TestRetries(t *testing.T) {
	busy := modelserver.Reply{Status: 429, Message: "slow down"}
	after := func(v string) modelserver.Reply {
		return modelserver.Reply{Status: 429, Header: map[string]string{"Retry-After": v}}
	}
	ok := modelserver.Reply{Text: "at last"}
	now := time.Unix(1700000000, 0)
	date := now.Add(3 * time.Second).UTC().Format(http.TimeFormat)
	s1 := time.Second
	for name, tc := range map[string]struct {
		replies []modelserver.Reply
		waits   []time.Duration
		notice  string
		fails   string
	}{
		"twice as long each time": {[]modelserver.Reply{busy, busy, busy, ok}, []time.Duration{s1 / 2, s1, 2 * s1}, "the model server is busy (429), trying again in 0.5 s", ""},
		"500":                     {[]modelserver.Reply{{Status: 500}, ok}, []time.Duration{s1 / 2}, "the model server failed (500), trying again in 0.5 s", ""},
		"503":                     {[]modelserver.Reply{{Status: 503}, ok}, []time.Duration{s1 / 2}, "busy (503)", ""},
		"Retry-After in seconds":  {[]modelserver.Reply{after("2"), ok}, []time.Duration{2 * s1}, "trying again in 2 s", ""},
		"Retry-After as a date":   {[]modelserver.Reply{after(date), ok}, []time.Duration{3 * s1}, "trying again in 3 s", ""},
		"Retry-After capped":      {[]modelserver.Reply{after("3600"), after("3600"), ok}, []time.Duration{30 * s1}, "in 30 s", "busy (429"},
		"Retry-After in the past": {[]modelserver.Reply{after("Mon, 02 Jan 2006 15:04:05 GMT"), ok}, []time.Duration{s1 / 10}, "in 0.1 s", ""},
		"Retry-After of nonsense": {[]modelserver.Reply{after("soon"), ok}, []time.Duration{s1 / 2}, "in 0.5 s", ""},
		"cut before any text":     {[]modelserver.Reply{{Cut: true}, ok}, []time.Duration{s1 / 2}, "the connection to the model server broke, trying again in 0.5 s", ""},
		"given up within a minute": {
			[]modelserver.Reply{busy, busy, busy, busy, busy, busy, busy, busy, busy},
			[]time.Duration{s1 / 2, s1, 2 * s1, 4 * s1, 8 * s1, 16 * s1},
			"in 16 s", "busy (429: slow down)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			s.Script(tc.replies...)
			c, slept := client(t, s.URL, llm.Limits{})
			turn, _, notices, err := ask(t, c, hello())
			if tc.fails == "" && (err != nil || turn.Text != "at last") || tc.fails != "" && (err == nil || !strings.Contains(err.Error(), tc.fails)) {
				t.Errorf("turn %+v, error %v", turn, err)
			}
			if d := cmp.Diff(tc.waits, *slept); d != "" {
				t.Error(d)
			}
			if !strings.Contains(strings.Join(notices, "\n"), tc.notice) {
				t.Errorf("notices %q", notices)
			}
		})
	}
}

func TestRefusedConnectionFailsAtOnce(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	c, slept := client(t, base, llm.Limits{})
	_, _, _, err = ask(t, c, hello())
	want := "no model server answers at " + base + `/v1: start it, or set [llm] provider = "offline" for the built-in interpreter`
	if err == nil || err.Error() != want || api.CodeOf(err) != api.Unavailable || len(*slept) != 0 {
		t.Errorf("error %v, waits %v", err, *slept)
	}
}

func TestUnknownHost(t *testing.T) {
	c, _ := client(t, "http://nowhere.invalid", llm.Limits{})
	if _, _, _, err := ask(t, c, hello()); err == nil || api.CodeOf(err) != api.Unavailable {
		t.Errorf("error %v", err)
	}
}

func TestCancelDuringAStreamClosesTheConnection(t *testing.T) {
	s := serve(t)
	s.Script(modelserver.Reply{Text: "half", Stall: true})
	c, _ := client(t, s.URL, llm.Limits{})
	ctx, cancel := context.WithCancel(t.Context())
	_, err := c.Turn(ctx, hello(), func(p llm.Progress) { cancel() })
	if api.CodeOf(err) != api.Cancelled {
		t.Errorf("error %v", err)
	}
	select {
	case <-s.Gone():
	case <-time.After(5 * time.Second):
		t.Error("the server still has the connection")
	}
}

func TestCancelWhileWaitingToTryAgain(t *testing.T) {
	s := serve(t)
	s.Script(modelserver.Reply{Status: 429, Header: map[string]string{"Retry-After": "30"}})
	c, err := llm.NewOpenAI(llm.Config{Model: "m", BaseURL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	ctx, cancel := context.WithCancel(t.Context())
	_, err = c.Turn(ctx, hello(), func(p llm.Progress) { cancel() })
	if api.CodeOf(err) != api.Cancelled {
		t.Errorf("error %v", err)
	}
}

func TestTheKeyGoesToNoOtherHost(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer other.Close()
	s := serve(t)
	s.Script(modelserver.Reply{Status: 308, Header: map[string]string{"Location": other.URL}})
	c, _ := client(t, s.URL, llm.Limits{})
	if _, _, _, err := ask(t, c, hello()); err == nil {
		t.Error("no error")
	}
}

func TestKeyProblems(t *testing.T) {
	for name, key := range map[string]func() (string, error){
		"unreadable":  func() (string, error) { return "", errors.New("no such file") },
		"two of them": func() (string, error) { return secret + "\n" + secret, nil },
	} {
		c, err := llm.NewOpenAI(llm.Config{Model: "m", BaseURL: "http://127.0.0.1:9", Key: key})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Turn(t.Context(), hello(), nil)
		if err == nil || !strings.Contains(err.Error(), "api_key_file") || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNewOpenAIRefuses(t *testing.T) {
	for _, c := range []llm.Config{{Model: "m"}, {BaseURL: "http://h"}, {Model: "m", BaseURL: "ftp://h"}, {Model: "m", BaseURL: "127.0.0.1:80"}} {
		if _, err := llm.NewOpenAI(c); api.CodeOf(err) != api.InvalidInput || !strings.Contains(err.Error(), "[llm]") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestLoopback(t *testing.T) {
	for base, want := range map[string]bool{
		"http://127.0.0.1:1/v1": true, "http://localhost": true, "http://LOCALHOST.:80": true, "http://[::1]:8080": true,
		"http://127.9.9.9": true, "http://a.localhost": true, "https://api.openai.com/v1": false, "http://192.168.1.2": false,
		"http://127.0.0.1.example.com": false, "http://localhost@example.com": false, "": false, "http://0.0.0.0": false,
	} {
		if got := (llm.Config{BaseURL: base}).Loopback(); got != want {
			t.Errorf("%q: %v", base, got)
		}
	}
}

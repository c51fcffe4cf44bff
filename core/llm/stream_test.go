package llm

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPiecesOfTextAreShownWhole(t *testing.T) {
	var a assembly
	var shown []string
	for _, content := range []string{"a\xf0\x9f", "\x8e\x88b", `\ud83d`, `\ude00c`, `\ud83d`, "x", "\xe4\xb8"} {
		d, err := a.add([]byte(`{"choices":[{"delta":{"content":"` + content + `"}}]}`))
		if err != nil {
			t.Fatal(err)
		}
		shown = append(shown, d)
	}
	d, err := a.add([]byte(`{"choices":[{"delta":{},"finish_reason":"stop"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	shown = append(shown, d)
	if got := strings.Join(shown, "|"); got != "a|🎈b||😀c||\uFFFDx||\uFFFD\uFFFD" {
		t.Errorf("shown %q", got)
	}
}

// Whatever a server sends, what comes out is text: valid UTF-8, the same as was shown, ids unique.
func FuzzAssembly(f *testing.F) {
	f.Add(`{"choices":[{"delta":{"content":"héllo \ud83d"}}]}`, `{"choices":[{"delta":{"content":"\ude00"},"finish_reason":"stop"}]}`)
	f.Add(`{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"x","arguments":"{\"a\":"}}]}}]}`,
		`{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]},"finish_reason":"tool_calls"}]}`)
	f.Add("{\"choices\":[{\"delta\":{\"content\":\"\xf0\x9f\"}}]}", `{"error":{"message":"no"}}`)
	f.Add(`{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":{"a":1}}}]}}]}`, `{"choices":null}`)
	f.Fuzz(func(t *testing.T, one, two string) {
		var a assembly
		var shown strings.Builder
		for _, data := range []string{one, two, two, `{"choices":[{"delta":{},"finish_reason":"stop"}]}`} {
			d, err := a.add([]byte(data))
			if err != nil {
				return
			}
			shown.WriteString(d)
		}
		turn, err := a.turn(map[string]bool{})
		if err != nil {
			return
		}
		if turn.Text != shown.String() || !utf8.ValidString(turn.Text) {
			t.Errorf("text %q, shown %q", turn.Text, shown.String())
		}
		ids := map[string]bool{}
		for _, c := range turn.Calls {
			if c.ID == "" || ids[c.ID] || !utf8.ValidString(c.Arguments) || c.Arguments == "" {
				t.Errorf("call %+v", c)
			}
			ids[c.ID] = true
		}
	})
}

func FuzzServerMessage(f *testing.F) {
	f.Add([]byte(`{"error":{"message":"m","code":"c"}}`))
	f.Add([]byte(`{"error":"m"}`))
	f.Add([]byte("<html>\x1b"))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, _ := serverMessage(body)
		m = shown(m, "key")
		if n := utf8.RuneCountInString(m); n > maxMessage || strings.ContainsAny(m, "\n\r\x1b") || !utf8.ValidString(m) {
			t.Errorf("%q", m)
		}
	})
}

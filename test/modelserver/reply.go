package modelserver

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// Reply is what the server answers. Text comes before Calls; Raw, where set, replaces both.
type Reply struct {
	Text string
	// Chunks is in how many deltas the text is sent; 0 sends it whole.
	Chunks int
	Calls  []Call
	// Interleave sends the pieces of several calls in turn, not one call after the other.
	Interleave bool
	// NoIndex leaves out the index of a tool call's delta, NoIDs the ids, as some servers do.
	NoIndex, NoIDs bool
	// Delay is the pause before each chunk.
	Delay time.Duration
	// Finish is the finish reason; "" means "stop" or "tool_calls", "none" leaves it out.
	Finish string
	// Stall keeps the connection open, without another byte, after the deltas. Cut closes it there.
	Stall, Cut bool
	// Raw is written as it is in the place of the events.
	Raw string

	// Status other than 0 and 200 makes the reply an error, with Message, Code and Header.
	Status        int
	Message, Code string
	Header        map[string]string
}

// Call is a tool call, its Arguments split for streaming at the byte positions in Split. A position within
// a rune leaves each side with bytes that are no UTF-8: that is how a careless server sends them.
type Call struct {
	ID, Name, Arguments string
	Split               []int
}

func (r Reply) errorType() string {
	switch {
	case r.Status == http.StatusTooManyRequests:
		return "rate_limit_error"
	case r.Status >= 500:
		return "server_error"
	default:
		return "invalid_request_error"
	}
}

func (r Reply) finish() string {
	switch {
	case r.Finish != "":
		return r.Finish
	case len(r.Calls) > 0:
		return "tool_calls"
	default:
		return "stop"
	}
}

// ids gives the calls that have none a unique id, unless the reply wants them left out.
func (r Reply) ids() []Call {
	calls := slices.Clone(r.Calls)
	for i := range calls {
		switch {
		case r.NoIDs:
			calls[i].ID = ""
		case calls[i].ID == "":
			calls[i].ID = fmt.Sprintf("call_%x_%d", time.Now().UnixNano(), i)
		}
	}
	return calls
}

// answer is the writing of one reply.
type answer struct {
	w     http.ResponseWriter
	r     *http.Request
	stop  <-chan struct{}
	reply Reply
	model string
}

// run writes the reply; it says whether the reply reached its end.
func (a answer) run(stream bool) bool {
	for k, v := range a.reply.Header {
		a.w.Header().Set(k, v)
	}
	if !stream {
		return a.whole()
	}
	a.w.Header().Set("Content-Type", "text/event-stream")
	a.w.WriteHeader(http.StatusOK)
	for _, e := range a.events() {
		if !a.write(e) {
			return false
		}
	}
	switch {
	case a.reply.Cut:
		panic(http.ErrAbortHandler) // closes the connection without the end of the chunked body
	case a.reply.Stall:
		a.pause(-1)
		return false
	}
	return true
}

// pause waits for d, for ever where d is negative; it says whether the client is still there.
func (a answer) pause(d time.Duration) bool {
	var after <-chan time.Time
	if d >= 0 {
		after = time.After(d)
	}
	select {
	case <-after:
		return true
	case <-a.r.Context().Done():
	case <-a.stop:
	}
	return false
}

func (a answer) write(event string) bool {
	if a.reply.Delay > 0 && !a.pause(a.reply.Delay) {
		return false
	}
	if _, err := io.WriteString(a.w, event); err != nil {
		return false
	}
	return http.NewResponseController(a.w).Flush() == nil
}

// events are the server-sent events of the reply.
func (a answer) events() []string {
	if a.reply.Raw != "" {
		return []string{a.reply.Raw}
	}
	out := []string{a.event(`{"role":"assistant","content":""}`, "")}
	for _, t := range pieces(a.reply.Text, a.reply.Chunks) {
		out = append(out, a.event(`{"content":`+quote(t)+`}`, ""))
	}
	for _, d := range a.callDeltas() {
		out = append(out, a.event(`{"tool_calls":[`+d+`]}`, ""))
	}
	if a.reply.Cut || a.reply.Stall {
		return out
	}
	if f := a.reply.finish(); f != "none" {
		out = append(out, a.event(`{}`, f))
	}
	return append(out, "data: [DONE]\n\n")
}

func (a answer) event(delta, finish string) string {
	reason := "null"
	if finish != "" {
		reason = quote(finish)
	}
	return fmt.Sprintf(`data: {"id":"chatcmpl-test","object":"chat.completion.chunk","created":1700000000,`+
		`"model":%s,"choices":[{"index":0,"delta":%s,"logprobs":null,"finish_reason":%s}]}`+"\n\n",
		quote(a.model), delta, reason)
}

// callDeltas are the entries of tool_calls, in the order in which they are sent: the first of a call has
// its id and name, each has a piece of its arguments.
func (a answer) callDeltas() []string {
	var calls [][]string
	for i, c := range a.reply.ids() {
		index := fmt.Sprintf(`"index":%d,`, i)
		if a.reply.NoIndex {
			index = ""
		}
		id := `"id":` + quote(c.ID) + `,`
		if c.ID == "" {
			id = ""
		}
		deltas := []string{fmt.Sprintf(`{%s%s"type":"function","function":{"name":%s,"arguments":""}}`,
			index, id, quote(c.Name))}
		for _, p := range split(c.Arguments, c.Split) {
			deltas = append(deltas, fmt.Sprintf(`{%s"function":{"arguments":%s}}`, index, quote(p)))
		}
		calls = append(calls, deltas)
	}
	if !a.reply.Interleave {
		return slices.Concat(calls...)
	}
	var out []string
	for left := true; left; {
		left = false
		for i, c := range calls {
			if len(c) > 0 {
				out, calls[i], left = append(out, c[0]), c[1:], true
			}
		}
	}
	return out
}

// whole writes the reply as one JSON object, as for "stream": false.
func (a answer) whole() bool {
	if a.reply.Raw != "" {
		_, err := io.WriteString(a.w, a.reply.Raw)
		return err == nil
	}
	if a.reply.Stall {
		return a.pause(-1)
	}
	message := map[string]any{"role": "assistant", "content": a.reply.Text}
	var calls []any
	for _, c := range a.reply.ids() {
		calls = append(calls, map[string]any{
			"id": c.ID, "type": "function",
			"function": map[string]string{"name": c.Name, "arguments": c.Arguments},
		})
	}
	if calls != nil {
		message["tool_calls"] = calls
	}
	writeJSON(a.w, http.StatusOK, map[string]any{
		"id": "chatcmpl-test", "object": "chat.completion", "created": 1700000000, "model": a.model,
		"choices": []any{map[string]any{"index": 0, "message": message, "finish_reason": a.reply.finish()}},
		"usage":   map[string]int{"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
	})
	return true
}

// pieces cuts text between runes into at most n parts of about the same length.
func pieces(text string, n int) []string {
	if text == "" {
		return nil
	}
	runes := []rune(text)
	n = min(max(n, 1), len(runes))
	out := make([]string, 0, n)
	for i := range n {
		out = append(out, string(runes[i*len(runes)/n:(i+1)*len(runes)/n]))
	}
	return out
}

func split(s string, at []int) []string {
	var out []string
	last := 0
	for _, p := range at {
		if p > last && p < len(s) {
			out, last = append(out, s[last:p]), p
		}
	}
	return append(out, s[last:])
}

// quote writes s as a JSON string and leaves bytes that are no UTF-8 as they are, which json.Marshal would
// replace.
func quote(s string) string {
	var out []byte
	out = append(out, '"')
	for i := range len(s) {
		switch b := s[i]; {
		case b == '"' || b == '\\':
			out = append(out, '\\', b)
		case b < 0x20:
			out = fmt.Appendf(out, `\u%04x`, b)
		default:
			out = append(out, b)
		}
	}
	return string(append(out, '"'))
}

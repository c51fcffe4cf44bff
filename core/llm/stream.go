package llm

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxCalls bounds the calls of one turn; no request needs more, and each is shown to a person.
const maxCalls = 128

// chunk is the part of a "chat.completion.chunk" that is used. It is read by hand, not through go-openai's
// types, because those lose half a character where a server cuts its pieces within one.
type chunk struct {
	Choices []struct {
		Index int `json:"index"`
		Delta struct {
			Content   piece       `json:"content"`
			Refusal   piece       `json:"refusal"`
			ToolCalls []callDelta `json:"tool_calls"`
		} `json:"delta"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Error json.RawMessage `json:"error"`
}

type callDelta struct {
	Index    *int   `json:"index"`
	ID       string `json:"id"`
	Function struct {
		Name      string `json:"name"`
		Arguments piece  `json:"arguments"`
	} `json:"function"`
}

// piece is a JSON string whose ends may lie within a character: bytes that are no UTF-8 are kept, and half
// of a surrogate pair (RFC 8259, section 7) becomes the three bytes that UTF-8 would have for it. Joined
// pieces are made whole by whole.
type piece string

// UnmarshalJSON reads a string; null is empty; any other value, such as arguments that a server sends as an
// object, is kept as the JSON text that it is.
func (p *piece) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	if len(b) < 2 || b[0] != '"' {
		*p = piece(b)
		return nil
	}
	b = b[1 : len(b)-1]
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			out = append(out, b[i])
			continue
		}
		i++ // encoding/json has checked that every escape is complete
		if b[i] != 'u' {
			out = append(out, unescape[b[i]])
			continue
		}
		n, err := strconv.ParseUint(string(b[i+1:i+5]), 16, 16)
		if err != nil {
			return fmt.Errorf("read an escape: %w", err)
		}
		out = appendUnit(out, rune(n))
		i += 4
	}
	*p = piece(out)
	return nil
}

var unescape = map[byte]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// appendUnit is utf8.AppendRune that also takes a surrogate.
func appendUnit(out []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(out, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
	}
	return utf8.AppendRune(out, r)
}

// whole makes joined pieces valid UTF-8: two surrogates become their character, what is left over U+FFFD.
func whole(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		high, ok := surrogate(s)
		low, ok2 := rune(0), false
		if ok {
			low, ok2 = surrogate(s[3:])
		}
		if r := utf16.DecodeRune(high, low); ok2 && r != utf8.RuneError {
			b.WriteRune(r)
			s = s[6:]
			continue
		}
		if ok {
			b.WriteRune(utf8.RuneError)
			s = s[3:]
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		b.WriteRune(r)
		s = s[n:]
	}
	return b.String()
}

// surrogate reads the three bytes that appendUnit wrote.
func surrogate(s string) (rune, bool) {
	if len(s) < 3 || s[0] != 0xED || s[1] < 0xA0 || s[1] > 0xBF || s[2]&0xC0 != 0x80 {
		return 0, false
	}
	return rune(s[0]&0x0F)<<12 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), true
}

// complete is how many bytes of s can be shown now: all but a character's beginning at the end.
func complete(s string) int {
	if n := len(s) - 3; n >= 0 {
		if r, ok := surrogate(s[n:]); ok && r < 0xDC00 {
			return n // half of a pair
		}
	}
	for n := len(s) - 1; n >= 0 && n >= len(s)-utf8.UTFMax; n-- {
		if utf8.RuneStart(s[n]) {
			if !utf8.FullRuneInString(s[n:]) {
				return n
			}
			break
		}
	}
	return len(s)
}

// assembly puts a turn together from the parts of a stream.
type assembly struct {
	text    strings.Builder
	pending string // text that ends within a character
	calls   []*partCall
	finish  string
}

type partCall struct {
	index    *int
	id, name string
	args     strings.Builder
}

// add takes one event's data and returns the text that can be shown now.
func (a *assembly) add(data []byte) (delta string, err error) {
	var c chunk
	if err := json.Unmarshal(data, &c); err != nil {
		return "", fmt.Errorf("a part of the answer is no JSON as it should be: %w", err)
	}
	if len(c.Error) > 0 && string(c.Error) != "null" {
		return "", &serverError{data}
	}
	for _, choice := range c.Choices {
		if choice.Index != 0 {
			continue // one was asked for
		}
		a.pending += string(choice.Delta.Content) + string(choice.Delta.Refusal)
		for _, d := range choice.Delta.ToolCalls {
			if err := a.call(d); err != nil {
				return "", err
			}
		}
		if choice.FinishReason != "" {
			a.finish = choice.FinishReason
		}
	}
	n := len(a.pending)
	if a.finish == "" {
		n = complete(a.pending)
	}
	delta, a.pending = whole(a.pending[:n]), a.pending[n:]
	a.text.WriteString(delta)
	return delta, nil
}

// call finds the call that a delta belongs to, or starts one.
func (a *assembly) call(d callDelta) error {
	c := a.find(d)
	if c == nil {
		if len(a.calls) == maxCalls {
			return fmt.Errorf("the model proposes more than %d calls at once", maxCalls)
		}
		c = &partCall{index: d.Index, id: d.ID, name: d.Function.Name}
		a.calls = append(a.calls, c)
	} else if d.Function.Name != c.name { // some servers repeat the name in every delta
		c.name += d.Function.Name
	}
	if c.id == "" {
		c.id = d.ID
	}
	c.args.WriteString(string(d.Function.Arguments))
	return nil
}

// find goes by the index; without one, or where a server gives every call the index 0, another id with a
// name starts another call, and so does a name after arguments where there are no ids either.
func (a *assembly) find(d callDelta) *partCall {
	var found *partCall
	for _, c := range a.calls {
		if d.Index == nil && (d.ID == "" || c.id == d.ID) || d.Index != nil && c.index != nil && *c.index == *d.Index {
			found = c
		}
	}
	if found == nil || d.Function.Name == "" {
		return found
	}
	if d.ID != "" && found.id != "" && d.ID != found.id {
		return nil
	}
	if d.Index == nil && d.ID == "" {
		return nil
	}
	return found
}

// turn is what was put together; known are the ids that the conversation has already.
func (a *assembly) turn(known map[string]bool) (Turn, error) {
	t := Turn{Text: a.text.String()}
	for _, c := range a.calls {
		call := Call{ID: c.id, Name: c.name, Arguments: whole(c.args.String())}
		if strings.TrimSpace(call.Arguments) == "" {
			call.Arguments = "{}"
		}
		for n := len(known); call.ID == "" || known[call.ID]; n++ {
			call.ID = fmt.Sprintf("call_%d", n)
		}
		known[call.ID] = true
		t.Calls = append(t.Calls, call)
	}
	switch {
	case a.finish == "":
		return Turn{}, errCut
	case a.finish == "length":
		return Turn{}, errLength
	case a.finish == "content_filter":
		return Turn{}, errFilter
	case strings.TrimSpace(t.Text) == "" && len(t.Calls) == 0:
		return Turn{}, errEmpty
	}
	return t, nil
}

// serverError is an error that came within a stream, as the server wrote it.
type serverError struct{ data []byte }

func (e *serverError) Error() string { return "the server reports an error in its answer" }

var (
	errCut    = errors.New("the answer broke off before its end")
	errLength = errors.New("the answer reached the model's length limit")
	errFilter = errors.New("the server's content filter stopped the answer")
	errEmpty  = errors.New("the answer has neither text nor a call")
)

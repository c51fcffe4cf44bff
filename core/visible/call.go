package visible

import (
	"bytes"
	"encoding/json"
)

// short is how long a call may be, in bytes, to stand on one line.
const short = 60

// Call is the exact call of a skill for a person to judge: the skill's name and its arguments as JSON, each on a
// line of its own where the whole is long, with nothing left out. Every string of the JSON is made visible by
// itself; white space between them means nothing and is not the caller's. Only the line feeds between arguments are line feeds.
func Call(skill string, input json.RawMessage) []Segment {
	var b bytes.Buffer
	if json.Compact(&b, input) != nil {
		return append(append(Text(skill), Segment{Text: " "}), Text(string(input))...)
	}
	if len(skill)+b.Len() > short {
		b.Reset()
		_ = json.Indent(&b, input, "", "  ") // fails where Compact does
	}
	shown := b.Bytes()
	out := append(Text(skill), Segment{Text: " "})
	for len(shown) > 0 {
		size := bytes.IndexByte(shown, '"')
		if size < 0 {
			size = len(shown)
		}
		out = append(out, Segment{Text: string(shown[:size])})
		shown = shown[size:]
		if len(shown) > 0 {
			size = literal(shown)
			out = append(out, Segment{Text: `"`})
			out = append(out, value(string(shown[1:size-1]))...)
			out = append(out, Segment{Text: `"`})
			shown = shown[size:]
		}
	}
	return merged(out)
}

// literal is the length of the string that valid JSON begins with, its quotes included.
func literal(s []byte) int {
	for i := 1; ; i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// value shows the inside of a JSON string. JSON's own escapes of characters stay as they are, marked.
func value(inside string) []Segment {
	chars := split(inside)
	for i := 0; i+1 < len(chars); i++ {
		if chars[i].r != '\\' || chars[i].bad {
			continue
		}
		size, why := 2, ""
		if chars[i+1].r == 'u' {
			size, why = 6, whyControl
		}
		for ; size > 0; size-- {
			chars[i].json, chars[i].why = true, why
			i++
		}
		i--
	}
	return judge(chars)
}

// merged puts plain neighbours together.
func merged(segments []Segment) (out []Segment) {
	for _, s := range segments {
		switch n := len(out); {
		case s.Text == "":
		case n > 0 && !s.Suspicious && !out[n-1].Suspicious:
			out[n-1].Text += s.Text
		default:
			out = append(out, s)
		}
	}
	return out
}

package templates

import (
	"bytes"
	"encoding/json"
	"maps"
	"strconv"
	"strings"
)

// inDigits has numbers written as people write them.
func inDigits(values map[string]any) map[string]any {
	written := maps.Clone(values)
	for name, v := range written {
		if f, ok := v.(float64); ok {
			written[name] = fraction(f)
		}
	}
	return written
}

// Values reads a JSON object for templates: objects and lists become JSON again where they are put into a text, numbers are
// compared as numbers and never written as 1e+06, and null is the empty text.
func Values(written string) (Object, error) {
	decoder := json.NewDecoder(strings.NewReader(written))
	decoder.UseNumber()
	var read map[string]any
	if err := decoder.Decode(&read); err != nil {
		return nil, err
	}
	return value(read).(Object), nil
}

type (
	// Object is a value with others in it.
	Object   map[string]any
	list     []any
	fraction float64
)

func (o Object) String() string   { return text(o) }
func (l list) String() string     { return text(l) }
func (f fraction) String() string { return strconv.FormatFloat(float64(f), 'f', -1, 64) }

func value(v any) any {
	switch v := v.(type) {
	case nil:
		return ""
	case map[string]any:
		o := make(Object, len(v))
		for name, below := range v {
			o[name] = value(below)
		}
		return o
	case []any:
		l := make(list, len(v))
		for i, below := range v {
			l[i] = value(below)
		}
		return l
	case json.Number:
		return number(v)
	}
	return v
}

func number(n json.Number) any {
	if i, err := n.Int64(); err == nil {
		return i
	}
	if f, err := n.Float64(); err == nil && strings.ContainsAny(n.String(), ".eE") {
		return fraction(f)
	}
	return n // more digits than a number here has
}

func text(v any) string {
	out, err := encode(v)
	if err != nil {
		return err.Error() // cannot be: it was just read
	}
	return string(out)
}

func encode(v any) (json.RawMessage, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // a person reads it
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(out.Bytes()), nil
}

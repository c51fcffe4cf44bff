package watchers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"nerva/core/api"
)

// ParseEvent reads the fields of an event from a JSON object, as a person writes it to try a rule. What is missing is
// empty, and Time, in the form of RFC 3339, is now. Its errors are api.InvalidInput and name the field.
func ParseEvent(source string, text []byte, now time.Time) (Event, error) {
	s, ok := findSource(source)
	if !ok {
		return Event{}, api.Errorf(api.InvalidInput, "there is no source %q; the sources are %q", source, SourceNames())
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(text, &given); err != nil || given == nil {
		return Event{}, api.Errorf(api.InvalidInput, `the event is no JSON object; write it like {"Text":"https://example.org"}`)
	}
	e := Event{Source: source, Time: now, Fields: map[string]any{}}
	for name, raw := range given {
		i := slices.IndexFunc(s.Fields, func(f Field) bool { return f.Name == name })
		if i < 0 {
			return Event{}, api.Errorf(api.InvalidInput, "the event has %q, and an event of %s has %s", name, s.Name, s.names())
		}
		value, err := s.Fields[i].Kind.parse(raw)
		if err != nil {
			return Event{}, api.Errorf(api.InvalidInput, "the event's %s is %.80s, but must be %w", name, raw, err)
		}
		if at, ok := value.(time.Time); ok && name == "Time" {
			e.Time = at
			continue
		}
		e.Fields[name] = value
	}
	return e, nil
}

func (k Kind) parse(raw json.RawMessage) (any, error) {
	if bytes.Equal(raw, []byte("null")) {
		return nil, fmt.Errorf("a value; leave it out where there is none")
	}
	switch k {
	case Text:
		return decode[string](raw, "a text in quotes")
	case Number:
		return decode[float64](raw, "a number")
	case Flag:
		return decode[bool](raw, "true or false")
	case Texts:
		return decode[[]string](raw, "a list of texts")
	}
	return decode[time.Time](raw, "a time such as 2006-01-02T15:04:05Z")
}

func decode[T any](raw json.RawMessage, want string) (any, error) {
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		return nil, fmt.Errorf("%s", want)
	}
	return v, nil
}

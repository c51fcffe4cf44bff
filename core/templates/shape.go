package templates

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Shape is an input, a JSON object, whose texts are templates.
type Shape struct{ table map[string]any }

// CompileShape checks the values of an input as TOML has them. On an error, name is the value's.
func CompileShape(input map[string]any, fields Fields) (s Shape, name string, err error) {
	s.table = make(map[string]any, len(input))
	for _, name := range slices.Sorted(maps.Keys(input)) {
		if s.table[name], err = compileShape(input[name], fields); err != nil {
			return s, name, err
		}
	}
	return s, "", nil
}

func compileShape(value any, fields Fields) (any, error) {
	var err error
	switch v := value.(type) {
	case string:
		return Compile(v, fields)
	case map[string]any:
		table := make(map[string]any, len(v))
		for name, below := range v {
			if table[name], err = compileShape(below, fields); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		return table, nil
	case []any:
		list := make([]any, len(v))
		for i, below := range v {
			if list[i], err = compileShape(below, fields); err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return list, nil
	case bool, int64, float64:
		return v, nil
	}
	return nil, fmt.Errorf("%v is no text, number, boolean, list or table", value)
}

// Fill gives the input for values of the fields. Its errors are the end of a sentence.
func (s Shape) Fill(values map[string]any) (json.RawMessage, error) {
	value, err := fillShape(s.table, values)
	if err != nil {
		return nil, err
	}
	return encode(value)
}

func fillShape(value any, values map[string]any) (any, error) {
	var err error
	switch v := value.(type) {
	case *Template:
		return v.Fill(values)
	case map[string]any:
		table := make(map[string]any, len(v))
		for name, below := range v {
			if table[name], err = fillShape(below, values); err != nil {
				return nil, err
			}
		}
		return table, nil
	case []any:
		list := make([]any, len(v))
		for i, below := range v {
			if list[i], err = fillShape(below, values); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return value, nil
}

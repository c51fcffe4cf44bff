package plugins

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/pelletier/go-toml/v2"

	"nerva/core/api"
	"nerva/core/gate/internal/skills"
)

const (
	manifestName = "skill.toml"
	maxText      = 1000 // bytes of a title or description: a model reads them each time
	maxSchema    = 16 << 10
	maxDepth     = 12
	maxLimit     = time.Minute
	usualLimit   = 10 * time.Second
)

// words are those of JSON Schema that a plugin's may have.
var words = strings.Fields(`type title description properties required additionalProperties items enum const default examples
	minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern format minItems maxItems uniqueItems
	minProperties maxProperties`)

// manifest is skill.toml. A risk or an effect is no key of it: a plugin can't name its own.
type manifest struct {
	Title       string `toml:"title"`
	Description string `toml:"description"`
	// Exec is the program, a file of the folder.
	Exec string `toml:"exec"`
	// Timeout is how long one call may take, such as "20s".
	Timeout string `toml:"timeout"`
	// Input is the JSON schema of the input, an object.
	Input map[string]any `toml:"input"`

	limit time.Duration
}

func parse(text []byte) (m manifest, schema *jsonschema.Schema, err error) {
	if err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&m); err != nil {
		var unknown *toml.StrictMissingError
		if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
			err = fmt.Errorf("%s is no key of it", strings.Join(unknown.Errors[0].Key(), "."))
		}
		return m, nil, err
	}
	for _, text := range []struct{ key, value string }{{"title", m.Title}, {"description", m.Description}, {"exec", m.Exec}} {
		if text.value == "" {
			return m, nil, fmt.Errorf("%s is missing", text.key)
		}
		if len(text.value) > maxText {
			return m, nil, fmt.Errorf("%s has more than %d bytes", text.key, maxText)
		}
	}
	if !filepath.IsLocal(m.Exec) || filepath.Clean(m.Exec) != m.Exec {
		return m, nil, fmt.Errorf("exec is %q, and must be a file of the folder", m.Exec)
	}
	m.limit = usualLimit
	if m.Timeout != "" {
		if m.limit, err = time.ParseDuration(m.Timeout); err != nil || m.limit <= 0 || m.limit > maxLimit {
			return m, nil, fmt.Errorf("timeout is %q, and must be a time up to %v, such as 20s", m.Timeout, maxLimit)
		}
	}
	schema, err = m.schema()
	return m, schema, err
}

// schema makes the one that is compared with each input. Without an [input] the plugin takes nothing.
func (m *manifest) schema() (*jsonschema.Schema, error) {
	if m.Input == nil {
		m.Input = map[string]any{"type": "object"}
	}
	if m.Input["type"] != "object" {
		return nil, errors.New(`input.type must be "object"`)
	}
	if m.Input["additionalProperties"] == nil {
		m.Input["additionalProperties"] = false
	}
	text, err := json.Marshal(m.Input)
	if err != nil {
		return nil, fmt.Errorf("input: %w", err)
	}
	if len(text) > maxSchema {
		return nil, fmt.Errorf("input has more than %d bytes", maxSchema)
	}
	if err := plain(m.Input, 0); err != nil {
		return nil, err
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("input is no JSON schema: %w", err)
	}
	s.PropertyOrder = slices.Sorted(maps.Keys(s.Properties))
	if _, err := s.CloneSchemas().Resolve(nil); err != nil {
		return nil, fmt.Errorf("input is no JSON schema: %w", err)
	}
	return &s, nil
}

// plain lets through schemas that a validator is done with at once: it would follow references for ever, and combinations
// double at each level.
func plain(schema map[string]any, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("input is deeper than %d levels", maxDepth)
	}
	inner := func(v any) error {
		if below, ok := v.(map[string]any); ok {
			return plain(below, depth+1)
		}
		return nil
	}
	for key, v := range schema {
		switch {
		case !slices.Contains(words, key):
			return fmt.Errorf("input has %q, which a plugin's schema can't have; it may have %s", key, strings.Join(words, " "))
		case key == "properties":
			properties, _ := v.(map[string]any)
			for _, p := range properties {
				if err := inner(p); err != nil {
					return err
				}
			}
		case key == "items" || key == "additionalProperties":
			if err := inner(v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *manifest) skill(name string, schema *jsonschema.Schema) (*skills.Skill, error) {
	text, err := json.Marshal(schema)
	if err != nil {
		return nil, err
	}
	return &skills.Skill{
		Skill: api.Skill{
			ID: name, Title: m.Title, Description: m.Description, Effect: api.Exec, Untrusted: true, InputSchema: text,
		},
		Schema: schema, Did: "ran the plugin " + name, Shares: "files", Limit: m.limit + time.Second,
	}, nil
}

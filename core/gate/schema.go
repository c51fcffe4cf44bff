package gate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"nerva/core/api"
)

// maxWhy is how many bytes of a schema error are given back: it quotes the value, which may be anything.
const maxWhy = 400

// canonical checks raw against the schema and returns it in the form that is hashed, shown, recorded and
// executed: keys sorted, no spaces, numbers as they were written. An optional property that is null is
// left out, since models write that for "not given".
func (e *entry) canonical(raw json.RawMessage) (json.RawMessage, error) {
	if len(raw) > inputLimit {
		return nil, e.tooLong(len(raw))
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		raw = json.RawMessage("{}")
	}
	exact, err := object(raw)
	if err != nil {
		return nil, e.invalid("is not a JSON object (%v)", err)
	}
	for key, value := range exact {
		if value == nil && !slices.Contains(e.Schema.Required, key) {
			delete(exact, key)
		}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // a person reads it in the question
	if err := encoder.Encode(exact); err != nil {
		return nil, e.invalid("can't be written as JSON (%v)", err)
	}
	canonical := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if len(canonical) > inputLimit { // what is written shorter than it reads: a byte that is no UTF-8
		return nil, e.tooLong(len(canonical))
	}
	var value any // numbers as float64: the validator takes a json.Number for a string
	if err := json.Unmarshal(canonical, &value); err != nil {
		return nil, e.invalid("has a number that is out of range (%v)", err)
	}
	if err := e.schema.Validate(value); err != nil {
		return nil, e.invalid("does not fit: %s", plainWhy(err))
	}
	return canonical, nil
}

func (e *entry) tooLong(bytes int) error {
	return api.Errorf(api.InvalidInput, "the input of %s has %d bytes; at most %d are taken", e.ID, bytes, inputLimit)
}

// object decodes exactly one JSON object, keeping numbers as they are.
func object(raw []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if v == nil {
		return nil, fmt.Errorf("it is null")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("something follows the object")
	}
	return v, nil
}

// invalid says what is wrong and then what the skill takes, so that a model can mend its call.
func (e *entry) invalid(format string, args ...any) error {
	why := fmt.Sprintf(format, args...)
	if len(why) > maxWhy {
		why = strings.ToValidUTF8(why[:maxWhy], "") + "…"
	}
	return api.Errorf(api.InvalidInput, "the input of %s %s; it takes %s", e.ID, why, signature(e.Schema))
}

// plainWhy takes the validator's own words out of its message: "validating root: validating
// /properties/app: type: 3 has type …" becomes "app: 3 has type …".
func plainWhy(err error) string {
	return strings.NewReplacer(
		"validating root: ", "", "validating /properties/", "", "/properties/", ".",
		"type: ", "", "required: ", "", "additionalProperties: ", "",
		"unexpected additional properties", "there are no properties",
	).Replace(err.Error())
}

// signature writes a schema for a reader: {app: string, uris?: array of string}.
func signature(s *jsonschema.Schema) string {
	if s.Type == "array" && s.Items != nil {
		return "array of " + signature(s.Items)
	}
	if s.Type != "object" {
		return s.Type
	}
	var list []string
	for _, name := range s.PropertyOrder {
		optional := "?"
		if slices.Contains(s.Required, name) {
			optional = ""
		}
		list = append(list, name+optional+": "+signature(s.Properties[name]))
	}
	return "{" + strings.Join(list, ", ") + "}"
}

package skills

import (
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"

	"nerva/core/desk"
)

// shapes are the schemas of types that allow less than their kind does.
var shapes = map[reflect.Type]*jsonschema.Schema{
	reflect.TypeFor[desk.MediaAction](): oneOf(desk.MediaActions),
	reflect.TypeFor[desk.PowerAction](): oneOf(desk.PowerActions),
	reflect.TypeFor[desk.ControlRole](): oneOf(desk.ControlRoles),
	reflect.TypeFor[share]():            between(0, 100),
	reflect.TypeFor[step]():             between(-100, 100),
	reflect.TypeFor[desk.Button]():      oneOf(desk.Buttons),
	reflect.TypeFor[coordinate]():       between(-1<<16, 1<<16),
	reflect.TypeFor[clicks]():           between(1, 3),
	reflect.TypeFor[notches]():          between(-100, 100),
}

func oneOf[T any](values []T) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	for _, v := range values {
		s.Enum = append(s.Enum, reflect.ValueOf(v).String()) // a plain string, as the validator compares
	}
	return s
}

func between(least, most float64) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "integer", Minimum: &least, Maximum: &most}
}

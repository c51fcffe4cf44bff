package bus

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// dict is an a{sv}.
type dict = map[string]dbus.Variant

// encode turns a struct into a dictionary with the keys of its JSON form: integers, booleans, strings and
// doubles as themselves (int is x, uint64 t, uint32 u), json.RawMessage as its text, time.Time as RFC 3339,
// structs as a{sv}, slices as arrays, a map of strings as a{ss}; "-" and omitempty mean what they mean in encoding/json, and a nil
// pointer is left out. It panics for a type that has no such form, which a test of every api type excludes.
func encode(v any) dict { return encodeStruct(reflect.Indirect(reflect.ValueOf(v))) }

// encodeAll makes an aa{sv} of a slice of structs.
func encodeAll[T any](list []T) []dict {
	out := make([]dict, 0, len(list))
	for i := range list {
		out = append(out, encode(list[i]))
	}
	return out
}

var (
	rawType  = reflect.TypeFor[json.RawMessage]()
	timeType = reflect.TypeFor[time.Time]()
)

func encodeStruct(v reflect.Value) dict {
	d := make(dict, v.NumField())
	for key, f := range fields(v.Type()) {
		value := v.Field(f.index)
		if f.omitEmpty && isEmpty(value) {
			continue
		}
		if value.Kind() == reflect.Pointer {
			if value.IsNil() {
				continue
			}
			value = value.Elem()
		}
		d[key] = dbus.MakeVariant(encodeValue(value))
	}
	return d
}

func encodeValue(v reflect.Value) any {
	switch v.Type() {
	case rawType:
		return clean(string(v.Bytes()))
	case timeType:
		return v.Interface().(time.Time).Format(time.RFC3339Nano)
	}
	switch v.Kind() {
	case reflect.String:
		return clean(v.String())
	case reflect.Bool:
		return v.Bool()
	case reflect.Int32:
		return int32(v.Int())
	case reflect.Int, reflect.Int64:
		return v.Int()
	case reflect.Uint32:
		return uint32(v.Uint())
	case reflect.Uint, reflect.Uint64:
		return v.Uint()
	case reflect.Float64:
		return v.Float()
	case reflect.Struct:
		return encodeStruct(v)
	case reflect.Slice:
		return encodeSlice(v)
	case reflect.Map:
		texts := make(map[string]string, v.Len())
		for _, key := range v.MapKeys() {
			texts[clean(key.String())] = clean(v.MapIndex(key).String())
		}
		return texts
	}
	panic(fmt.Sprintf("bus: %s has no D-Bus form", v.Type()))
}

func encodeSlice(v reflect.Value) any {
	element := reflect.TypeOf(encodeValue(reflect.Zero(v.Type().Elem())))
	out := reflect.MakeSlice(reflect.SliceOf(element), 0, v.Len())
	for i := range v.Len() {
		out = reflect.Append(out, reflect.ValueOf(encodeValue(v.Index(i))))
	}
	return out.Interface()
}

type field struct {
	index     int
	omitEmpty bool
}

func fields(t reflect.Type) map[string]field {
	m := make(map[string]field, t.NumField())
	for i := range t.NumField() {
		tag := t.Field(i).Tag.Get("json")
		key, options, _ := strings.Cut(tag, ",")
		if tag == "-" || !t.Field(i).IsExported() {
			continue
		}
		if key == "" {
			key = t.Field(i).Name
		}
		m[key] = field{index: i, omitEmpty: options == "omitempty"}
	}
	return m
}

// isEmpty is encoding/json's notion of empty, which unlike IsZero takes a slice without elements for empty
// and never a struct.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.String, reflect.Map:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// clean makes a string that D-Bus can carry: valid UTF-8 without U+0000 (D-Bus specification, "Basic
// types"). The bus disconnects whoever sends another one, so one odd window title would end the daemon.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

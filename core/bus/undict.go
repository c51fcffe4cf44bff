package bus

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
)

// decode fills the struct that out points at from a dictionary that encode could have made. Keys that the
// struct does not have are left alone, so that a newer daemon may say more; absent ones leave their field.
// An integer may have any width that holds its value.
func decode(d dict, out any) error {
	v := reflect.ValueOf(out).Elem()
	return decodeStruct(d, v)
}

// decodeOptions is decode for a method's options, where a key that is not known is a mistake to be named.
func decodeOptions(d dict, out any) error {
	known := fields(reflect.TypeOf(out).Elem())
	for key := range d {
		if _, ok := known[key]; !ok {
			return api.Errorf(api.InvalidInput, "there is no option %q; %s", key, knownOptions(known))
		}
	}
	if err := decode(d, out); err != nil {
		return api.Errorf(api.InvalidInput, "option %w", err)
	}
	return nil
}

func knownOptions(known map[string]field) string {
	if len(known) == 0 {
		return "this method has none"
	}
	return "known options are " + strings.Join(slices.Sorted(maps.Keys(known)), ", ")
}

// decodeAll fills a slice from an aa{sv}.
func decodeAll[T any](list []dict) ([]T, error) {
	out := make([]T, len(list))
	for i, d := range list {
		if err := decode(d, &out[i]); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i, err)
		}
	}
	return out, nil
}

func decodeStruct(d dict, v reflect.Value) error {
	for key, f := range fields(v.Type()) {
		value, ok := d[key]
		if !ok {
			continue
		}
		target := v.Field(f.index)
		if target.Kind() == reflect.Pointer {
			target.Set(reflect.New(target.Type().Elem()))
			target = target.Elem()
		}
		if err := decodeValue(value.Value(), target); err != nil {
			return fmt.Errorf("%q %w", key, err)
		}
	}
	return nil
}

func decodeValue(value any, target reflect.Value) error {
	switch target.Type() {
	case rawType:
		return decodeRaw(value, target)
	case timeType:
		return decodeTime(value, target)
	}
	source := reflect.ValueOf(value)
	ok := false
	switch target.Kind() {
	case reflect.String:
		if ok = source.Type() == reflect.TypeFor[string](); ok {
			target.SetString(source.String())
		}
	case reflect.Bool:
		if ok = source.Kind() == reflect.Bool; ok {
			target.SetBool(source.Bool())
		}
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint32, reflect.Uint64:
		ok = decodeInteger(source, target)
	case reflect.Float64:
		if ok = source.Kind() == reflect.Float64; ok {
			target.SetFloat(source.Float())
		}
	case reflect.Struct:
		if d, is := value.(dict); is {
			return decodeStruct(d, target)
		}
	case reflect.Slice:
		return decodeSlice(source, target)
	case reflect.Map:
		if texts, is := value.(map[string]string); is {
			target.Set(reflect.ValueOf(texts))
			return nil
		}
	}
	if !ok {
		return mismatch(value, target)
	}
	return nil
}

func decodeInteger(source, target reflect.Value) bool {
	switch {
	case source.CanInt():
		n := source.Int()
		if target.CanInt() && !target.OverflowInt(n) {
			target.SetInt(n)
			return true
		}
		if target.CanUint() && n >= 0 && !target.OverflowUint(uint64(n)) {
			target.SetUint(uint64(n))
			return true
		}
	case source.CanUint():
		n := source.Uint()
		if target.CanInt() && n <= 1<<63-1 && !target.OverflowInt(int64(n)) {
			target.SetInt(int64(n))
			return true
		}
		if target.CanUint() && !target.OverflowUint(n) {
			target.SetUint(n)
			return true
		}
	}
	return false
}

func decodeSlice(source, target reflect.Value) error {
	if source.Kind() != reflect.Slice {
		return mismatch(source.Interface(), target)
	}
	list := reflect.MakeSlice(target.Type(), source.Len(), source.Len())
	for i := range source.Len() {
		if err := decodeValue(source.Index(i).Interface(), list.Index(i)); err != nil {
			return fmt.Errorf("[%d] %w", i, err)
		}
	}
	target.Set(list)
	return nil
}

func decodeRaw(value any, target reflect.Value) error {
	text, ok := value.(string)
	switch {
	case !ok:
		return mismatch(value, target)
	case text == "":
		target.SetZero()
	case !json.Valid([]byte(text)):
		return fmt.Errorf("is not JSON")
	default:
		target.SetBytes([]byte(text))
	}
	return nil
}

func decodeTime(value any, target reflect.Value) error {
	text, ok := value.(string)
	if !ok {
		return mismatch(value, target)
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return fmt.Errorf("is not a time of RFC 3339: %q", text)
	}
	target.Set(reflect.ValueOf(t))
	return nil
}

func mismatch(value any, target reflect.Value) error {
	want := dbus.SignatureOf(encodeValue(reflect.Zero(target.Type())))
	return fmt.Errorf("must be of D-Bus type %s, not %s (%.80s)", want, dbus.SignatureOf(value), fmt.Sprint(value))
}

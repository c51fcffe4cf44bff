package busevents

import (
	"cmp"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
)

const (
	// textLimit is how many bytes the texts of one signal have in all: what is longer is cut.
	textLimit = 32 << 10
	// valuesLimit is how many values of one signal count.
	valuesLimit = 64
)

// texts makes one text of each value: a string, a path or a signature as it is, a number in figures, true or false, and
// JSON of everything else: structures and arrays as arrays, dictionaries as objects in the order of their keys. A message
// may have 128 MiB, so nothing is made that is cut afterwards.
func texts(values []any) []string {
	list := make([]string, 0, min(len(values), valuesLimit))
	left := textLimit
	for _, v := range values[:min(len(values), valuesLimit)] {
		w := writer{left: left}
		w.value(plain(v), false)
		text := strings.ToValidUTF8(string(w.text), "")
		left -= len(text)
		list = append(list, text)
	}
	return list
}

// plain takes variants off.
func plain(v any) any {
	for {
		variant, ok := v.(dbus.Variant)
		if !ok {
			return v
		}
		v = variant.Value()
	}
}

// writer makes text until there is no more room.
type writer struct {
	text []byte
	left int
}

func (w *writer) put(s string) {
	if len(s) > w.left {
		s = s[:w.left]
	}
	w.text = append(w.text, s...)
	w.left -= len(s)
}

// value writes v, quoted where it stands within another.
func (w *writer) value(v any, within bool) {
	r := reflect.ValueOf(v)
	switch {
	case !r.IsValid():
		w.put("null")
	case r.Type() == reflect.TypeFor[dbus.Signature]():
		w.string(v.(dbus.Signature).String(), within)
	case r.Kind() == reflect.String:
		w.string(r.String(), within)
	case r.Kind() == reflect.Bool:
		w.put(strconv.FormatBool(r.Bool()))
	case r.CanInt():
		w.put(strconv.FormatInt(r.Int(), 10))
	case r.CanUint():
		w.put(strconv.FormatUint(r.Uint(), 10))
	case r.CanFloat():
		w.number(r.Float(), within)
	case r.Kind() == reflect.Slice:
		w.list(r)
	case r.Kind() == reflect.Map:
		w.dictionary(r)
	default: // the library makes nothing else of a message
		w.put("null")
	}
}

func (w *writer) string(s string, within bool) {
	if len(s) > w.left {
		s = s[:w.left]
	}
	if within {
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if e.Encode(s) == nil { // a string can always be
			s = strings.TrimSuffix(b.String(), "\n")
		}
	}
	w.put(s)
}

// number is without an exponent; JSON has none for what is no number.
func (w *writer) number(f float64, within bool) {
	if within && (math.IsNaN(f) || math.IsInf(f, 0)) {
		w.put("null")
		return
	}
	w.put(strconv.FormatFloat(f, 'f', -1, 64))
}

func (w *writer) list(r reflect.Value) {
	w.put("[")
	for i := 0; i < r.Len() && w.left > 0; i++ {
		if i > 0 {
			w.put(",")
		}
		w.value(plain(r.Index(i).Interface()), true)
	}
	w.put("]")
}

func (w *writer) dictionary(r reflect.Value) {
	type entry struct {
		key string
		at  reflect.Value
	}
	entries := make([]entry, 0, r.Len())
	for _, at := range r.MapKeys() {
		key := writer{left: textLimit}
		key.value(plain(at.Interface()), false)
		entries = append(entries, entry{string(key.text), at})
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	w.put("{")
	for i, e := range entries {
		if w.left == 0 {
			break
		}
		if i > 0 {
			w.put(",")
		}
		w.string(e.key, true)
		w.put(":")
		w.value(plain(r.MapIndex(e.at).Interface()), true)
	}
	w.put("}")
}

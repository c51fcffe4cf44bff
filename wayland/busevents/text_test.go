package busevents

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/godbus/dbus/v5"
)

func TestValuesAreText(t *testing.T) {
	for rule, test := range map[string]struct {
		value any
		want  string
	}{
		"a string as it is":            {"a \"b\"\n<c>", "a \"b\"\n<c>"},
		"a path":                       {dbus.ObjectPath("/a/b"), "/a/b"},
		"a signature":                  {dbus.ParseSignatureMust("a{sv}"), "a{sv}"},
		"whole numbers":                {int64(math.MinInt64), "-9223372036854775808"},
		"a byte":                       {byte(200), "200"},
		"the largest":                  {uint64(math.MaxUint64), "18446744073709551615"},
		"a fraction":                   {0.1, "0.1"},
		"without an exponent":          {1e21, "1000000000000000000000"},
		"no number":                    {math.NaN(), "NaN"},
		"a truth":                      {true, "true"},
		"a variant is what is in it":   {dbus.MakeVariant(dbus.MakeVariant("x")), "x"},
		"an empty variant":             {dbus.Variant{}, "null"},
		"a structure":                  {[]any{"a", uint32(1), []any{false}, dbus.MakeVariant("<&>")}, `["a",1,[false],"<&>"]`},
		"bytes":                        {[]byte{1, 255}, "[1,255]"},
		"no number within":             {[]float64{math.Inf(1), 0.5}, "[null,0.5]"},
		"a dictionary, sorted":         {map[string]dbus.Variant{"b": dbus.MakeVariant(int32(-1)), "a\"": dbus.MakeVariant([]string{})}, `{"a\"":[],"b":-1}`},
		"one whose keys are numbers":   {map[uint16]string{7: "x"}, `{"7":"x"}`},
		"a descriptor, as its number":  {dbus.UnixFDIndex(3), "3"},
		"a long string, cut":           {strings.Repeat("ü", textLimit), strings.Repeat("ü", textLimit/2)},
		"a long one within is cut too": {[]string{strings.Repeat("x", textLimit)}, `["` + strings.Repeat("x", textLimit-2)},
	} {
		if got := texts([]any{test.value}); !slices.Equal(got, []string{test.want}) {
			t.Errorf("%s: %.200q", rule, got)
		}
	}
}

func TestTheTextsOfASignalAreBounded(t *testing.T) {
	many := make([]any, 1000)
	for i := range many {
		many[i] = strings.Repeat("x", 1000)
	}
	got := texts(many)
	if n := len(strings.Join(got, "")); len(got) != valuesLimit || n != textLimit {
		t.Errorf("%d values with %d bytes", len(got), n)
	}
}

// FuzzTexts decodes the body of a message as it comes over the bus.
func FuzzTexts(f *testing.F) {
	for _, body := range [][]any{
		{"a", uint32(1), true, 0.5, []byte{1}},
		{map[string]dbus.Variant{"k": dbus.MakeVariant([]any{"s", int16(2)})}},
		{dbus.ObjectPath("/a"), dbus.ParseSignatureMust("as"), []string{"x", "y"}},
	} {
		m := dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldPath: dbus.MakeVariant(dbus.ObjectPath("/")), dbus.FieldInterface: dbus.MakeVariant("a.b"),
			dbus.FieldMember: dbus.MakeVariant("C"), dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(body...)),
		}, Body: body}
		var b bytes.Buffer
		if err := m.EncodeTo(&b, binary.LittleEndian); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		m, err := dbus.DecodeMessage(bytes.NewReader(message))
		if err != nil {
			return
		}
		total := 0
		for i, text := range texts(m.Body) {
			total += len(text)
			if !utf8.ValidString(text) {
				t.Errorf("%q is not UTF-8", text)
			}
			isList := reflect.ValueOf(plain(m.Body[i])).Kind() == reflect.Slice
			if isList && len(text) < textLimit/2 && total < textLimit && !json.Valid([]byte(text)) {
				t.Errorf("%q is no JSON", text)
			}
		}
		if total > textLimit {
			t.Errorf("%d bytes", total)
		}
	})
}

package bus

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"nerva/core/api"
)

// carried are the types that travel as dictionaries.
func carried() []any {
	return []any{
		&api.Result{}, &api.ActivateOptions{}, &api.AskOptions{}, &api.Step{}, &api.Question{}, &api.Run{},
		&api.Skill{}, &api.Record{}, &api.LogFilter{}, &api.Verified{}, &api.Status{}, &runProperties{},
		&api.Workflow{}, &api.Watcher{}, &api.Suggestion{},
	}
}

// message is a dictionary in D-Bus' own encoding.
func message(t testing.TB, d dict) []byte {
	t.Helper()
	m := &dbus.Message{Type: dbus.TypeSignal, Body: []any{d}, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldInterface: dbus.MakeVariant("a.b"), dbus.FieldMember: dbus.MakeVariant("C"),
		dbus.FieldPath: dbus.MakeVariant(dbus.ObjectPath("/")), dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(d)),
	}}
	var b bytes.Buffer
	if err := m.EncodeTo(&b, binary.LittleEndian); err != nil {
		t.Fatalf("%v: %v", err, d)
	}
	return b.Bytes()
}

func wire(t *testing.T, d dict) dict {
	t.Helper()
	got, err := dbus.DecodeMessage(bytes.NewReader(message(t, d)))
	if err != nil {
		t.Fatal(err)
	}
	return got.Body[0].(dict)
}

// fill sets every field of a value from b, in a way that the wire can keep.
func fill(v reflect.Value, b *bytes.Reader) {
	next := func() uint64 {
		var raw [8]byte
		_, _ = b.Read(raw[:])
		return binary.LittleEndian.Uint64(raw[:])
	}
	text := func() string {
		n, _ := b.ReadByte()
		raw := make([]byte, min(int(n%32), b.Len()))
		_, _ = b.Read(raw)
		return clean(string(raw))
	}
	switch v.Type() {
	case rawType:
		quoted, _ := json.Marshal(text())
		v.SetBytes(quoted)
		return
	case timeType:
		v.Set(reflect.ValueOf(time.Unix(int64(next()%(1<<37)), int64(next()%1e9)).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text())
	case reflect.Bool:
		v.SetBool(next()%2 == 1)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(next()))
	case reflect.Uint, reflect.Uint32, reflect.Uint64:
		v.SetUint(next())
	case reflect.Float64:
		if f := math.Float64frombits(next()); f == f {
			v.SetFloat(f)
		}
	case reflect.Slice:
		list := reflect.MakeSlice(v.Type(), int(next()%4), 4)
		for i := range list.Len() {
			fill(list.Index(i), b)
		}
		v.Set(list)
	case reflect.Map:
		texts := map[string]string{}
		for range next() % 4 {
			texts[text()] = text()
		}
		v.Set(reflect.ValueOf(texts))
	case reflect.Pointer:
		if next()%2 == 1 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), b)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("json") != "-" {
				fill(v.Field(i), b)
			}
		}
	}
}

// FuzzDict holds that every type that travels arrives as it was sent, through the real encoding.
func FuzzDict(f *testing.F) {
	f.Add([]byte{}, uint(0))
	f.Add([]byte("\x1f\xff\x00ä an odd title and then some more bytes for whatever follows"), uint(5))
	f.Fuzz(func(t *testing.T, data []byte, which uint) {
		types := carried()
		want := types[which%uint(len(types))]
		fill(reflect.ValueOf(want).Elem(), bytes.NewReader(data))
		got := reflect.New(reflect.TypeOf(want).Elem()).Interface()
		if err := decodeOptions(wire(t, encode(want)), got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	})
}

// FuzzDecode holds that no message that the bus can carry makes decode panic.
func FuzzDecode(f *testing.F) {
	for _, sample := range []any{"s", int32(-1), uint64(math.MaxUint64), 1.5, true, []string{"x"}, []dict{{}}, dict{}, dbus.MakeVariant("v")} {
		d := dict{}
		for key := range fields(reflect.TypeFor[api.Run]()) {
			d[key] = dbus.MakeVariant(sample)
		}
		f.Add(message(f, d))
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		m, err := dbus.DecodeMessage(bytes.NewReader(data))
		if err != nil || len(m.Body) == 0 {
			return
		}
		d, ok := m.Body[0].(dict)
		if !ok {
			return
		}
		for _, target := range carried() {
			_ = decode(d, target)
		}
	})
}

func TestJSONKeysAndSignatures(t *testing.T) {
	d := encode(api.Result{ID: "a", Actions: []api.Action{{ID: "x", Title: "y"}}, Matches: []int{1}})
	want := map[string]string{
		"id": "s", "kind": "s", "title": "s", "subtitle": "s", "icon": "s", "score": "d", "actions": "aa{sv}", "matches": "ax",
	}
	got := map[string]string{}
	for key, v := range d {
		got[key] = v.Signature().String()
	}
	same(t, "signatures", got, want)
	if _, there := encode(api.Result{})["matches"]; there {
		t.Error("an empty field with omitempty was sent")
	}
	run := encode(api.Run{Seq: 1, ID: 1})
	same(t, "seq", run["seq"].Signature().String(), "u")
	same(t, "id", run["id"].Signature().String(), "t")
	same(t, "time", run["time"].Value().(string), "0001-01-01T00:00:00Z")
}

func TestStringsThatTheBusRefuses(t *testing.T) {
	got := wire(t, encode(api.Result{Title: "a\xffb\x00c"}))["title"].Value()
	same(t, "title", got.(string), "a\uFFFDb\uFFFDc")
}

func TestWrongOptionsAreNamed(t *testing.T) {
	for _, c := range []struct {
		name string
		d    dict
		into any
		want string // empty: right
	}{
		{"unknown", dict{"intractive": dbus.MakeVariant(true)}, &api.AskOptions{}, `there is no option "intractive"; known options are interactive`},
		{"wrong type", dict{"interactive": dbus.MakeVariant("yes")}, &api.AskOptions{}, `option "interactive" must be of D-Bus type b, not s`},
		{"wrong element", dict{"uris": dbus.MakeVariant([]int32{1})}, &api.ActivateOptions{}, `option "uris" [0] must be of D-Bus type s, not i`},
		{"no list", dict{"uris": dbus.MakeVariant("x")}, &api.ActivateOptions{}, `option "uris" must be of D-Bus type as, not s`},
		{"too small", dict{"after": dbus.MakeVariant(int32(-1))}, &api.LogFilter{}, `option "after" must be of D-Bus type t, not i (-1)`},
		{"too large", dict{"limit": dbus.MakeVariant(uint64(1 << 63))}, &api.LogFilter{}, `option "limit" must be of D-Bus type x, not t`},
		{"another width", dict{"limit": dbus.MakeVariant(int32(3)), "run": dbus.MakeVariant(byte(3))}, &api.LogFilter{}, ""},
		{"not JSON", dict{"input": dbus.MakeVariant("{")}, &api.Step{}, `option "input" is not JSON`},
		{"not a time", dict{"expires": dbus.MakeVariant("noon")}, &api.Question{}, `option "expires" is not a time of RFC 3339: "noon"`},
		{"no caller from outside", dict{"Caller": dbus.MakeVariant(dict{})}, &api.AskOptions{}, `there is no option "Caller"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := decodeOptions(wire(t, c.d), c.into)
			if c.want == "" {
				same(t, "error", err, nil)
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), c.want) || api.CodeOf(err) != api.InvalidInput {
				t.Errorf("got %v (%s), want %s…", err, api.CodeOf(err), c.want)
			}
		})
	}
}

package watchers

import (
	"maps"
	"slices"
	"strings"
	"time"

	"nerva/core/templates"
)

// Kind is the type of a field.
type Kind string

// The kinds, as the manual page names them.
const (
	Text   Kind = "text"
	Number Kind = "number"
	Flag   Kind = "flag"
	Texts  Kind = "texts"
	Moment Kind = "time"
)

// Field is one value that the events of a source have.
type Field struct {
	Name string
	Kind Kind
	What string // for a person, without a full stop
}

// Source is where events come from.
type Source struct {
	Name   string
	Fields []Field
	// Events and States are the words that match.events and match.states choose among, the values of Event and State.
	Events, States []string
}

// Sources are all of them, with the fields that conditions and templates may use. Each has Text, what match.regex is for,
// and Time.
var Sources = []Source{
	source("clipboard", "the text that was copied", nil, nil,
		Field{"App", Text, "the id of the application that had the focus"},
		Field{"Type", Text, "the media type of the text"}),
	source("window", "the title", words("focused titled opened closed"), nil,
		Field{"Event", Text, "focused, titled, opened or closed"},
		Field{"App", Text, "the application's id"},
		Field{"Title", Text, "the title"},
		Field{"ID", Text, "the window's id, as list_windows has it"},
		Field{"Workspace", Text, "the workspace that it is on"},
		Field{"Focused", Flag, "whether it has the focus"},
		Field{"Was", Text, "of titled, the title before"},
		Field{"Lasted", Number, "of titled, how many whole seconds the title before had stood"}),
	source("file", "the path", words("created changed moved removed"), nil,
		Field{"Event", Text, "created, changed, moved or removed"},
		Field{"Path", Text, "the absolute path"},
		Field{"Name", Text, "the last part of the path"},
		Field{"From", Text, "the path before it was moved, where that is known"},
		Field{"Folder", Flag, "whether it is a folder"},
		Field{"Bytes", Number, "its size"}),
	source("timer", "the name of the rule", nil, nil),
	source("dbus", "the values, as text, a space between them", nil, nil,
		Field{"Bus", Text, "session or system"},
		Field{"Sender", Text, "the name that the rule gives, or the sender's own"},
		Field{"Path", Text, "the object's path"},
		Field{"Interface", Text, "the interface"},
		Field{"Member", Text, "the signal, empty for a property"},
		Field{"Property", Text, "the property, empty for a signal"},
		Field{"Values", Texts, "the signal's values, or the property's one, as text"}),
	source("unit", "the unit's name", nil, words("active inactive failed activating deactivating reloading maintenance"),
		Field{"Unit", Text, "the unit's name"},
		Field{"Description", Text, "its description"},
		Field{"Scope", Text, "user or system"},
		Field{"State", Text, "its active state, as systemctl has it"},
		Field{"Was", Text, "the state before"},
		Field{"Result", Text, "why it failed, as systemctl has it: exit-code, timeout, oom-kill and so on"}),
	source("notification", "the summary, and the body on the lines after it", nil, nil,
		Field{"App", Text, "who sent it: the id of its desktop entry, or its name"},
		Field{"Title", Text, "the summary"},
		Field{"Body", Text, "the body"},
		Field{"Category", Text, "its category, such as email.arrived"},
		Field{"Urgency", Text, "low, normal or critical"}),
	source("battery", "the percentage and the state", nil, words("charging discharging full empty pending"),
		Field{"Percent", Number, "how full it is, 0 to 100"},
		Field{"WasPercent", Number, "how full it was before, 100 at first"},
		Field{"State", Text, "charging, discharging, full, empty or pending"},
		Field{"Was", Text, "the state before, empty at first"},
		Field{"Minutes", Number, "until it is empty or full, 0 where that is not known"}),
	source("network", "the name of the connection", nil, words("online limited portal offline"),
		Field{"State", Text, "online, limited, portal (it wants a login) or offline"},
		Field{"Was", Text, "the state before, empty at first"},
		Field{"Name", Text, "the name of the connection"},
		Field{"Type", Text, "wifi, ethernet, mobile, vpn or other"},
		Field{"Metered", Flag, "whether what is sent over it costs"}),
	source("idle", "idle or active", nil, words("idle active"),
		Field{"State", Text, "idle, or active when somebody is back"},
		Field{"Seconds", Number, "the match.after that has passed"}),
	source("calendar", "the title", nil, nil,
		Field{"Title", Text, "the title"},
		Field{"Begins", Moment, "when it begins"},
		Field{"Ends", Moment, "when it ends"},
		Field{"Minutes", Number, "until it begins, in whole ones; below 0 where it has begun"},
		Field{"Link", Text, "where one joins it, an address that begins with https://; empty where none is known"},
		Field{"Location", Text, "where it is"},
		Field{"Calendar", Text, "the name of the folder that the file with it lies in, or of a file with several events"}),
}

func words(s string) []string { return strings.Fields(s) }

func source(name, text string, events, states []string, own ...Field) Source {
	return Source{name, append([]Field{{"Text", Text, text}, {"Time", Moment, "when it happened"}}, own...), events, states}
}

// SourceNames are the values of on.
func SourceNames() []string {
	var names []string
	for _, s := range Sources {
		names = append(names, s.Name)
	}
	return names
}

func findSource(name string) (Source, bool) {
	i := slices.IndexFunc(Sources, func(s Source) bool { return s.Name == name })
	if i < 0 {
		return Source{}, false
	}
	return Sources[i], true
}

func (s Source) fields() (names []string) {
	for _, f := range s.Fields {
		names = append(names, f.Name)
	}
	return names
}

func (s Source) names() string { return strings.Join(s.fields(), ", ") }

// empty has the value that each field has where an event lacks it.
func (s Source) empty() map[string]any {
	values := map[Kind]any{Text: "", Number: 0.0, Flag: false, Texts: []string(nil), Moment: time.Time{}}
	fields := map[string]any{}
	for _, f := range s.Fields {
		fields[f.Name] = values[f.Kind]
	}
	return fields
}

// templates are the fields for templates, with texts that are empty and lists that are long enough for what is taken from them.
func (s Source) templates() templates.Fields {
	fields := s.empty()
	for name, value := range fields {
		if _, list := value.([]string); list {
			fields[name] = make([]string, listLimit)
		}
	}
	return templates.Fields{Of: "an event of " + s.Name, Names: s.fields(), Sample: fields}
}

const (
	// textLimit is how many bytes of a text count: what is longer is judged and handed on by its beginning.
	textLimit = 32 << 10
	// listLimit is how many texts of a list count, each up to textLimit divided by it.
	listLimit = 64
)

func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

// complete gives an event all fields of its source.
func (e Event) complete(empty map[string]any) Event {
	fields := maps.Clone(empty)
	maps.Copy(fields, e.Fields)
	for name, value := range fields {
		switch v := value.(type) {
		case string:
			fields[name] = cut(v, textLimit)
		case []string:
			list := slices.Clone(v[:min(len(v), listLimit)])
			for i := range list {
				list[i] = cut(list[i], textLimit/listLimit)
			}
			fields[name] = list
		}
	}
	fields["Time"] = e.Time
	e.Fields = fields
	return e
}

func (e Event) text(field string) string {
	s, _ := e.Fields[field].(string)
	return s
}

func (e Event) number(field string) float64 {
	n, _ := e.Fields[field].(float64)
	return n
}

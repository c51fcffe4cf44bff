package bus

import (
	"github.com/godbus/dbus/v5/introspect"
	"github.com/godbus/dbus/v5/prop"
)

// iface is one interface of one kind of object: what is dispatched and what introspection says are the
// same table.
type iface struct {
	name       string
	methods    []method
	signals    []introspect.Signal
	properties []introspect.Property
}

// method is a member with its exact signature; do gets arguments of just those types.
type method struct {
	name    string
	in, out []introspect.Arg
	do      func(*Server, *call) ([]any, error)
}

// args pairs names with D-Bus types.
func args(direction string, pairs ...string) []introspect.Arg {
	list := make([]introspect.Arg, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, introspect.Arg{Name: pairs[i], Type: pairs[i+1], Direction: direction})
	}
	return list
}

func in(pairs ...string) []introspect.Arg  { return args("in", pairs...) }
func out(pairs ...string) []introspect.Arg { return args("out", pairs...) }

// signal has no direction: a signal's arguments are always out.
func signal(name string, pairs ...string) introspect.Signal {
	return introspect.Signal{Name: name, Args: args("", pairs...)}
}

// property tells what PropertiesChanged says of it: "true", "false" or "const".
func property(name, typ, emits string) introspect.Property {
	return introspect.Property{Name: name, Type: typ, Access: "read", Annotations: []introspect.Annotation{
		{Name: "org.freedesktop.DBus.Property.EmitsChangedSignal", Value: emits},
	}}
}

var (
	launcherInterface = iface{name: LauncherInterface, methods: []method{
		{"Query", in("text", "s", "limit", "u"), out("results", "aa{sv}"), (*Server).query},
		{"Activate", in("id", "s", "action", "s", "options", "a{sv}"), nil, (*Server).activate},
	}}
	agentInterface = iface{name: AgentInterface, methods: []method{
		{"Ask", in("prompt", "s", "options", "a{sv}"), out("run", "o"), (*Server).ask},
		{"AskAndWait", in("prompt", "s", "options", "a{sv}"), out("answer", "s"), (*Server).askAndWait},
		{"ListRuns", in("limit", "u"), out("runs", "aa{sv}"), (*Server).listRuns},
	}}
	skillsInterface = iface{name: SkillsInterface, methods: []method{
		{"List", nil, out("skills", "aa{sv}"), (*Server).listSkills},
		{"Execute", in("skill", "s", "input_json", "s", "options", "a{sv}"), out("output_json", "s"), (*Server).execute},
	}}
	policyInterface = iface{name: PolicyInterface, methods: []method{
		{"Explain", in("skill", "s", "input_json", "s", "options", "a{sv}"), out("explanation", "a{sv}"), (*Server).explain},
		{"Rules", nil, out("rules", "aa{sv}"), (*Server).rules},
		{"Forget", in("name", "s"), nil, (*Server).forget},
	}}
	watchersInterface = iface{name: WatchersInterface, methods: []method{
		{"List", nil, out("watchers", "aa{sv}"), (*Server).listWatchers},
		{"Suggestions", in("limit", "u"), out("suggestions", "aa{sv}"), (*Server).listSuggestions},
		{"Accept", in("id", "s"), nil, (*Server).accept},
		{"Dismiss", in("id", "s"), nil, (*Server).dismiss},
		{"Never", in("id", "s"), nil, (*Server).never},
		{"Hear", in("rule", "s"), nil, (*Server).hear},
	}, signals: []introspect.Signal{signal("Suggested", "suggestion", "a{sv}")}}
	workflowsInterface = iface{name: WorkflowsInterface, methods: []method{
		{"List", nil, out("workflows", "aa{sv}"), (*Server).listWorkflows},
	}}
	managerInterface = iface{name: ManagerInterface, methods: []method{
		{"Status", nil, out("status", "a{sv}"), (*Server).status},
		{"Reload", nil, nil, (*Server).reload},
		{"Log", in("filter", "a{sv}"), out("records", "aa{sv}"), (*Server).readLog},
		{"VerifyLog", nil, out("verified", "a{sv}"), (*Server).verifyLog},
	}, signals: []introspect.Signal{
		signal("Logged", "seq", "t"), // the number of the log's newest record; several at once are told as one
	}, properties: []introspect.Property{property("Version", "s", "const")}}

	// runInterface has two signals more than a script needs: Decided closes a question that somebody else
	// answered, and Notice says why a run takes longer.
	runInterface = iface{name: RunInterface, methods: []method{
		{"Cancel", nil, nil, (*Server).cancelRun},
		{"Decide", in("confirmation", "s", "decision", "s"), nil, (*Server).decide},
	}, signals: []introspect.Signal{
		signal("Text", "seq", "u", "delta", "s"),
		signal("Step", "seq", "u", "step", "a{sv}"),
		signal("Confirm", "seq", "u", "question", "a{sv}"),
		signal("Decided", "seq", "u", "question", "s"),
		signal("Notice", "seq", "u", "notice", "s"),
		signal("Finished", "seq", "u", "state", "s", "answer", "s"),
	}, properties: []introspect.Property{
		property("State", "s", "true"), property("Prompt", "s", "const"), property("Answer", "s", "false"),
		property("Steps", "aa{sv}", "false"), property("Questions", "aa{sv}", "false"), property("Notice", "s", "false"),
		property("Seq", "u", "false"), property("Time", "s", "const"), property("Caller", "s", "const"),
		property("Peer", "s", "const"),
	}}

	introspectable = iface{name: introspectInt, methods: []method{
		{"Introspect", nil, out("xml", "s"), (*Server).introspect},
	}}
	properties = iface{name: propertiesInt, methods: []method{
		{"Get", in("interface", "s", "property", "s"), out("value", "v"), (*Server).getProperty},
		{"GetAll", in("interface", "s"), out("properties", "a{sv}"), (*Server).getProperties},
		{"Set", in("interface", "s", "property", "s", "value", "v"), nil, (*Server).setProperty},
	}, signals: prop.IntrospectData.Signals}
)

func (i iface) describe() introspect.Interface {
	d := introspect.Interface{Name: i.name, Signals: i.signals, Properties: i.properties}
	for _, m := range i.methods {
		d.Methods = append(d.Methods, introspect.Method{Name: m.name, Args: append(m.in, m.out...)})
	}
	return d
}

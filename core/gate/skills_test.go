package gate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/apps"
	"nerva/core/audit"
	"nerva/core/beneath"
	"nerva/core/desk"
	"nerva/core/gate"
	"nerva/core/learned"
	"nerva/core/picture"
	"nerva/core/policy"
	"nerva/core/protected"
	"nerva/core/store"
	"nerva/core/timers"
)

// fakeDesk answers from its fields and keeps what it was asked to do.
type fakeDesk struct {
	windows []desk.Window
	players []desk.Player
	// controls are answered as if each were in an application of its own.
	controls []desk.Control
	level    desk.Level
	host     string // of the model that sees pictures
	blind    error  // there is none
	shot     string // path of the picture that the next capture hands over
	copied   string // what is on the clipboard
	err      error
	did      []string
}

func (f *fakeDesk) Text(context.Context) (string, error) {
	if f.copied == "password" {
		return "", api.Errorf(api.Denied, "what is copied is shown to nobody")
	}
	return f.copied, f.err
}

func (f *fakeDesk) SetText(_ context.Context, text string) error { return f.note("copy %s", text) }

func (f *fakeDesk) note(format string, args ...any) error {
	f.did = append(f.did, fmt.Sprintf(format, args...))
	return f.err
}

func (f *fakeDesk) Type(_ context.Context, t desk.Typing) (string, error) {
	return "fake", f.note("type %q in %s", t.Text, t.Window)
}

func (f *fakeDesk) Press(_ context.Context, c desk.Chord) (string, error) {
	return "fake", f.note("press %s in %s", c.Keys, c.Window)
}

func (f *fakeDesk) Move(_ context.Context, m desk.Motion) (string, error) {
	return "fake", f.note("move to %d,%d in %s", m.To.X, m.To.Y, m.Window)
}

func (f *fakeDesk) Click(_ context.Context, c desk.Click) (string, error) {
	where := "there"
	if c.At != nil {
		where = fmt.Sprintf("%d,%d", c.At.X, c.At.Y)
	}
	return "fake", f.note("click %s %d times at %s in %s", c.Button, c.Count, where, c.Window)
}

func (f *fakeDesk) Drag(_ context.Context, d desk.Drag) (string, error) {
	return "fake", f.note("drag %s from %v to %v in %s", d.Button, d.From, d.To, d.Window)
}

func (f *fakeDesk) Scroll(_ context.Context, s desk.Scroll) (string, error) {
	return "fake", f.note("scroll %d %d in %s", s.DX, s.DY, s.Window)
}

func (f *fakeDesk) Compositor() string                          { return "fake" }
func (f *fakeDesk) List(context.Context) ([]desk.Window, error) { return f.windows, f.err }
func (f *fakeDesk) Focus(_ context.Context, id string) error    { return f.note("focus %s", id) }
func (f *fakeDesk) Close(_ context.Context, id string) error    { return f.note("close %s", id) }
func (f *fakeDesk) MoveTo(_ context.Context, id, workspace string) error {
	return f.note("move %s to %s", id, workspace)
}

func (f *fakeDesk) Watch(ctx context.Context, _ func([]desk.Window)) error {
	<-ctx.Done()
	return ctx.Err()
}
func (f *fakeDesk) Token(context.Context, string) (string, error) { return "token", f.err }
func (f *fakeDesk) Open(_ context.Context, file *os.File, token string) error {
	return f.note("open %s %s", file.Name(), token)
}

func (f *fakeDesk) OpenURL(_ context.Context, url, token string) error {
	return f.note("open %s %s", url, token)
}

func (f *fakeDesk) Notify(_ context.Context, n desk.Notification) (desk.Shown, error) {
	return desk.Shown{ID: 5}, f.note("notify %s|%s", n.Title, n.Body)
}

func (f *fakeDesk) Service(context.Context) (string, error) { return "fake", nil }

func (f *fakeDesk) Retract(_ context.Context, s desk.Shown) error { return f.note("retract %d", s.ID) }

func (f *fakeDesk) Follow(ctx context.Context, _ func(desk.NotificationEvent)) error {
	<-ctx.Done()
	return ctx.Err()
}

func (f *fakeDesk) Capture(_ context.Context, r desk.CaptureRequest) (desk.Capture, error) {
	return desk.Capture{Path: f.shot, Width: 2, Height: 1, Via: "grim", Why: "no portal"}, f.note("capture %+v", r.Output)
}

// Picture is of 20×10 logical pixels at 100,50, two pixels for each.
func (f *fakeDesk) Picture(_ context.Context, r desk.CaptureRequest) (desk.Picture, error) {
	area := desk.Region{X: 100, Y: 50, Width: 20, Height: 10}
	return desk.Picture{Image: image.NewRGBA(image.Rect(0, 0, 40, 20)), Area: area, Via: "screencopy"}, f.note("look at %q %v %q", r.Output, r.Region, r.Window)
}

// Read knows two lines of one block, and one of another, in the 40×20 pixels of Picture.
func (f *fakeDesk) Read(_ context.Context, m *image.RGBA) ([]desk.Word, error) {
	return []desk.Word{
		{Text: "Save", Box: image.Rect(3, 2, 10, 5), Block: 1, Line: 1},
		{Text: "as", Box: image.Rect(12, 2, 14, 4), Block: 1, Line: 1},
		{Text: "Quit", Box: image.Rect(3, 6, 10, 10), Block: 1, Line: 2},
		{Text: "Help", Box: image.Rect(30, 2, 39, 5), Block: 2, Line: 3},
	}, f.note("read %v", m.Rect.Size())
}

func (f *fakeDesk) eyes(context.Context) (gate.Vision, string, error) {
	return fakeEyes{f, f.host}, f.host, f.blind
}

// fakeEyes is a model at a host that sees pictures.
type fakeEyes struct {
	*fakeDesk
	host string
}

func (f fakeEyes) Describe(_ context.Context, question string, p picture.Encoded) (string, error) {
	return "a window", f.note("show %s to %q: %s", p.Type, f.host, question)
}

func (f *fakeDesk) Players(context.Context) ([]desk.Player, error) { return f.players, f.err }

func (f *fakeDesk) Control(_ context.Context, player string, a desk.MediaAction) (string, error) {
	return "mpv", f.note("%s %s", a, player)
}

func (f *fakeDesk) Level(context.Context) (desk.Level, error) { return f.level, f.err }

func (f *fakeDesk) SetLevel(_ context.Context, percent int) error {
	f.level.Percent = percent
	return f.note("volume %d", percent)
}

func (f *fakeDesk) SetMuted(_ context.Context, muted bool) error {
	f.level.Muted = muted
	return f.note("mute %v", muted)
}

func (f *fakeDesk) Do(_ context.Context, a desk.PowerAction) error { return f.note("power %s", a) }

func (f *fakeDesk) Status(_ context.Context, folder string) (desk.SystemStatus, error) {
	return desk.SystemStatus{
		Battery: &desk.Battery{Percent: 50, State: "full"}, PowerSource: "mains", CPUs: 2, UptimeS: 3,
	}, f.note("status of %v", folder != "")
}

func (f *fakeDesk) Convert(_ context.Context, amount float64, from, to string) (desk.Conversion, error) {
	return desk.Conversion{Result: "3.1", Text: "5 km = 3.1 mi"}, f.note("convert %g %s %s", amount, from, to)
}

func (f *fakeDesk) Controls(_ context.Context, q desk.ControlQuery) ([]desk.Control, bool, error) {
	var list []desk.Control
	for _, c := range f.controls {
		if (q.ID == "" || q.ID == c.ID) && (q.App == "" || q.App == c.App) && (q.Role == "" || q.Role == c.Role) &&
			strings.Contains(strings.ToLower(c.Name), strings.ToLower(q.Name)) {
			list = append(list, c)
		}
	}
	return list, false, f.err
}

func (f *fakeDesk) Focused(context.Context, string) (desk.Control, error) {
	return desk.Control{}, f.err
}

func (f *fakeDesk) Activate(_ context.Context, c desk.Control) (string, error) {
	return "action", f.note("press %s %s %s %s", c.ID, c.Name, c.Role, c.App)
}

func (f *fakeDesk) Write(_ context.Context, c desk.Control, text string, replace bool) error {
	return f.note("write %q %v into %s", text, replace, c.ID)
}

func (f *fakeDesk) Launch(_ context.Context, r apps.Request) (apps.Launched, error) {
	return apps.Launched{App: r.App, Argv: []string{r.App}, PID: 9, Unit: "app.scope"}, f.note("launch %s %v", r.App, r.URIs)
}

// Check and Run know the commands ls, and spin, which a limit ends.
func (f *fakeDesk) Check(argv []string) error {
	if len(argv) == 0 || argv[0] != "ls" && argv[0] != "spin" {
		return api.Errorf(api.Denied, "only ls may be run")
	}
	return nil
}

func (f *fakeDesk) Run(_ context.Context, argv []string, dir string) (gate.CommandResult, error) {
	err := f.note("run %q in %q", argv, dir)
	if argv[0] == "spin" {
		err = api.Errorf(api.Failed, "spin was ended: it took longer than 20s")
	}
	return gate.CommandResult{Stdout: []byte("caf\xe9\n"), Stderr: []byte("no\x1b[0m"), Exit: 2}, err
}

// fakeNotes has one note.
type fakeNotes struct {
	dir   string
	note  gate.Note
	links []gate.Note
}

func (f *fakeNotes) Add(_ context.Context, text, title string) (string, error) {
	f.note = gate.Note{Path: filepath.Join(f.dir, title+".md"), Title: title, Snippet: text}
	return f.note.Path, errors.Join(os.MkdirAll(f.dir, 0o700), os.WriteFile(f.note.Path, []byte(text), 0o600))
}
func (f *fakeNotes) List(context.Context) ([]gate.Note, error) { return []gate.Note{f.note}, nil }

func (f *fakeNotes) Search(_ context.Context, query string) ([]gate.Note, error) {
	if !strings.Contains(f.note.Snippet, query) {
		return nil, nil
	}
	return []gate.Note{f.note}, nil
}

func (f *fakeNotes) Find(_ context.Context, name string) (gate.Note, error) {
	if name != f.note.Path && name != f.note.Title {
		return gate.Note{}, api.Errorf(api.NotFound, "there is no note %s", name)
	}
	return f.note, nil
}

func (f *fakeNotes) Linked(context.Context, string) ([]gate.Note, error) { return f.links, nil }

func (f *fakeNotes) Append(ctx context.Context, name, text string) (string, error) {
	note, err := f.Find(ctx, name)
	if err != nil {
		return "", err
	}
	file, err := os.OpenFile(note.Path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return "", err
	}
	_, err = file.WriteString("|" + text)
	return note.Path, errors.Join(err, file.Close())
}

func (f *fakeNotes) Daily(ctx context.Context, text string) (string, error) {
	return f.Add(ctx, text, "today")
}

type yes struct{ asked int }

func (y *yes) Ask(context.Context, api.Question) (api.Decision, string, error) {
	y.asked++
	return api.Once, "overlay", nil
}

// wednesday is the clock of the timers.
var wednesday = time.Date(2026, 11, 25, 14, 30, 0, 0, time.UTC)

type room struct {
	*gate.Gate
	desk  *fakeDesk
	notes *fakeNotes
	home  string
	log   *audit.Log
}

func newRoom(t *testing.T, rules ...policy.Rule) room {
	t.Helper()
	home := t.TempDir()
	db, err := store.Open(t.Context(), filepath.Join(home, "nerva.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	log, err := audit.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := learned.Open(filepath.Join(home, "rules.toml"))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_DATA_HOME", "")
	f, notes := &fakeDesk{}, &fakeNotes{dir: filepath.Join(home, "notes")}
	reminders, err := timers.Open(t.Context(), db, timers.Options{Notifier: f, Now: func() time.Time { return wednesday }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	list := protected.New(protected.Options{Home: home, Own: []string{filepath.Join(home, ".config/nerva")}})
	tree := func(root string) *beneath.Tree { return beneath.New(home, []string{root}, list) }
	places := gate.Places{Files: tree("~"), Notes: tree("~/notes"), Anywhere: tree("/")}
	decide := policy.Default()
	for _, rule := range rules {
		decide.Rules = append(decide.Rules, rule.Compile(home, func(key, problem string) { t.Fatal(key, problem) }))
	}
	g, err := gate.New(gate.Deps{
		Desk: desk.Desk{
			Windows: f, Screen: f, Reader: f, Notifier: f, Tokens: f, Opener: f, Input: f, Media: f, Volume: f, Power: f, System: f, Converter: f,
			Accessibility: f,
		},
		Launcher: f,
		Apps: func(context.Context) ([]gate.App, error) {
			return []gate.App{{ID: "foot", Name: "Foot"}}, nil
		},
		Notes: notes, Clipboard: f,
		Calculate: func(e string) (string, error) {
			if e == "21*2" {
				return "42", nil
			}
			return "", api.Errorf(api.InvalidInput, "%q is no expression", e)
		},
		Vision: f.eyes,
		Timers: reminders, Captures: filepath.Join(home, "captures"), Home: home, Commands: f, Places: func() gate.Places { return places },
	}, gate.Options{Policy: func() policy.Policy { return decide }, Learned: answers, Audit: log, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return room{g, f, notes, home, log}
}

func (r room) do(t *testing.T, skill, input string, ask gate.Asker) (string, error) {
	t.Helper()
	out, err := r.Do(t.Context(), gate.Call{Skill: skill, Input: json.RawMessage(input)}, ask)
	return string(out.Output), err
}

// TestSkillTable holds the design's table of skills, as far as they exist.
func TestSkillTable(t *testing.T) {
	want := []string{
		"launch_app safe local false app uris?",
		"list_apps safe observe false",
		"list_windows safe observe true",
		"get_active_window safe observe true",
		"focus_window safe local false id",
		"close_window caution local false id app? title?",
		"move_window safe local false id workspace",
		"capture_screen safe observe true output? region? window?",
		"ocr_screen safe observe true output? region? window?",
		"describe_screen safe observe true output? question? region? window?",
		"gather_context safe observe true",
		"notify safe local false title body?",
		"calculate safe observe false expression",
		"add_note safe local false text title? to?",
		"list_notes safe observe true",
		"search_notes safe observe true query",
		"read_note safe observe true path",
		"edit_note caution write false path find? replace? text?",
		"read_file caution observe true path",
		"write_file dangerous write false path text",
		"delete_file dangerous write false path",
		"search_files safe observe true query",
		"open_path caution local false path",
		"run_command caution exec true argv cwd?",
		"media_status safe observe false",
		"media_control caution local false action player?",
		"set_volume caution local false change? mute? percent?",
		"power dangerous local false action",
		"system_status safe observe false",
		"open_url caution send false url",
		"convert safe observe false value from to",
		"clipboard_read safe observe true",
		"clipboard_write caution write false text",
		"list_ui caution observe true app? name? role? window?",
		"activate_ui dangerous inject false app? id? name? role? value?",
		"type_text dangerous inject false text app? title? window?",
		"press_keys dangerous inject false keys app? title? window?",
		"move_pointer dangerous inject false x y app? title? window?",
		"click dangerous inject false app? button? count? title? window? x? y?",
		"drag dangerous inject false from_x from_y to_x to_y app? button? title? window?",
		"scroll dangerous inject false app? dx? dy? title? window?",
		"set_timer safe local false text at? every? in?",
		"list_timers safe observe false",
		"cancel_timer safe local false id",
	}
	var got []string
	for _, s := range newRoom(t).Skills() {
		var schema struct {
			Type       string
			Required   []string
			Properties map[string]struct{ Description string }
			Additional json.RawMessage `json:"additionalProperties"`
		}
		if err := json.Unmarshal(s.InputSchema, &schema); err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("%s %s %s %v", s.ID, s.Risk, s.Effect, s.Untrusted)
		names := slices.Clone(schema.Required)
		for name, property := range schema.Properties {
			if !slices.Contains(names, name) {
				names = append(names, name+"?")
			}
			if property.Description == "" {
				t.Errorf("%s: %s is not described", s.ID, name)
			}
		}
		slices.SortStableFunc(names[len(schema.Required):], strings.Compare)
		all := slices.Sorted(maps.Keys(schema.Properties))
		if known := strings.Fields(api.Arguments[s.ID]); !slices.Equal(all, slices.Sorted(slices.Values(known))) {
			t.Errorf("%s takes %q, and for the rules of the policy it takes %q", s.ID, all, known)
		}
		got = append(got, strings.TrimSpace(line+" "+strings.Join(names, " ")))
		if s.Title == "" || len(s.Description) < 40 || schema.Type != "object" || string(schema.Additional) != "false" {
			t.Errorf("%s: title %q, description %q, schema %s", s.ID, s.Title, s.Description, s.InputSchema)
		}
		if api.Floors[s.ID] != s.Risk {
			t.Errorf("%s is %s, and for the rules of the policy it is %q", s.ID, s.Risk, api.Floors[s.ID])
		}
		if api.Effects[s.ID] != s.Effect {
			t.Errorf("%s has the effect %s, and without a daemon %q", s.ID, s.Effect, api.Effects[s.ID])
		}
		if strings.Contains(string(s.InputSchema), `"null"`) {
			t.Errorf("%s: a union with null in %s", s.ID, s.InputSchema)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSkills(t *testing.T) {
	for _, c := range []struct {
		name, skill, input string
		want               string // the output, or what the error says
		code               api.Code
		did                string
	}{
		{"launch", "launch_app", `{"app":"foot"}`, `{"app":"foot","argv":["foot"],"pid":9,"unit":"app.scope"}`, "", "launch foot []"},
		{"launch with files", "launch_app", `{"app":"foot","uris":["/etc/hosts"]}`, `{"app":"foot","argv":["foot"],"pid":9,"unit":"app.scope"}`, "", "launch foot [/etc/hosts]"},
		{"launch nothing", "launch_app", `{"app":""}`, "app is empty", api.InvalidInput, ""},
		{"apps", "list_apps", `{}`, `{"apps":[{"id":"foot","name":"Foot"}]}`, "", ""},
		{"windows", "list_windows", `{}`, `{"windows":[{"id":"1","app_id":"foot","title":"sh","workspace":"1","output":"X","focused":false},{"id":"2","app_id":"firefox","title":"","pid":4,"workspace":"1","output":"X","focused":true}]}`, "", ""},
		{"active window", "get_active_window", `{}`, `{"window":{"id":"2","app_id":"firefox","title":"","pid":4,"workspace":"1","output":"X","focused":true}}`, "", ""},
		{"focus", "focus_window", `{"id":"2"}`, `{"id":"2"}`, "", "focus 2"},
		{"focus nothing", "focus_window", `{"id":""}`, "id is empty", api.InvalidInput, ""},
		{"close", "close_window", `{"id":"2"}`, `{"id":"2"}`, "", "close 2"},
		{"close none of them", "close_window", `{"id":"9"}`, "there is no window \"9\"", api.NotFound, ""},
		{"close nothing", "close_window", `{"id":""}`, "id is empty", api.InvalidInput, ""},
		{"move", "move_window", `{"id":"2","workspace":"3: web"}`, `{"id":"2","workspace":"3: web"}`, "", "move 2 to 3: web"},
		{"move nothing", "move_window", `{"id":"","workspace":"3"}`, "id is empty", api.InvalidInput, ""},
		{"move nowhere", "move_window", `{"id":"2","workspace":""}`, "workspace is empty", api.InvalidInput, ""},
		{"move to a number", "move_window", `{"id":"2","workspace":3}`, "workspace", api.InvalidInput, ""},
		{"notify", "notify", `{"title":"a"}`, `{"id":5}`, "", "notify a|"},
		{"calculate", "calculate", `{"expression":"21*2"}`, `{"result":"42"}`, "", ""},
		{"calculate nonsense", "calculate", `{"expression":"x"}`, "is no expression", api.InvalidInput, ""},
		{"two captures in one", "capture_screen", `{"output":"X","window":"1"}`, "one of output, region and window", api.InvalidInput, ""},
		{"capture of nothing", "capture_screen", `{"region":{"x":0,"y":0,"width":0,"height":5}}`, "no pixels", api.InvalidInput, ""},
		{"read the screen", "ocr_screen", `{}`, `{"text":"Save as\nQuit\n\nHelp","words":[{"text":"Save","x":101,"y":51,"width":4,"height":2},{"text":"as","x":106,"y":51,"width":1,"height":1},{"text":"Quit","x":101,"y":53,"width":4,"height":2},{"text":"Help","x":115,"y":51,"width":5,"height":2}]}`, "", `look at "" <nil> "", read (40,20)`},
		{"read two things", "ocr_screen", `{"output":"X","window":"1"}`, "ocr_screen takes one of output, region and window", api.InvalidInput, ""},
		{"read nothing", "ocr_screen", `{"region":{"x":0,"y":0,"width":-1,"height":5}}`, "no pixels", api.InvalidInput, ""},
		{"describe a window", "describe_screen", `{"question":"Is it red?","window":"2"}`, `{"text":"a window"}`, "", `look at "" <nil> "2", show image/png to "": Is it red?`},
		{"describe all", "describe_screen", `{"question":" "}`, `{"text":"a window"}`, "", `look at "" <nil> "", show image/png to "": What does this show?`},
		{"describe two things", "describe_screen", `{"output":"X","window":"1"}`, "describe_screen takes one of output, region and window", api.InvalidInput, ""},
		{"describe at length", "describe_screen", `{"question":"` + strings.Repeat("a", 2001) + `"}`, "more than 2000 characters", api.InvalidInput, ""},
		{"open a relative path", "open_path", `{"path":"notes"}`, "begin it with / or ~/", api.InvalidInput, ""},
		{"open what is missing", "open_path", `{"path":"~/none"}`, "there is no file or folder", api.NotFound, ""},
		{"players", "media_status", `{}`, `{"players":[{"player":"mpv","status":"playing","title":"t","artist":"a","album":"","length_s":9}]}`, "", ""},
		{"pause", "media_control", `{"action":"pause"}`, `{"player":"mpv","action":"pause"}`, "", "pause "},
		{"next of one player", "media_control", `{"action":"next","player":"mpv"}`, `{"player":"mpv","action":"next"}`, "", "next mpv"},
		{"no media action", "media_control", `{"action":"Seek"}`, "any of: [play pause play_pause next previous stop]", api.InvalidInput, ""},
		{"a media action is needed", "media_control", `{"player":"mpv"}`, `missing properties: ["action"]`, api.InvalidInput, ""},
		{"volume", "set_volume", `{"percent":30}`, `{"percent":30,"muted":false}`, "", "volume 30"},
		{"silence", "set_volume", `{"percent":0}`, `{"percent":0,"muted":false}`, "", "volume 0"},
		{"louder", "set_volume", `{"change":5,"mute":false}`, `{"percent":55,"muted":false}`, "", "volume 55, mute false"},
		{"quieter than nothing", "set_volume", `{"change":-80}`, `{"percent":0,"muted":false}`, "", "volume 0"},
		{"louder than all", "set_volume", `{"change":80}`, `{"percent":100,"muted":false}`, "", "volume 100"},
		{"mute", "set_volume", `{"mute":true}`, `{"percent":50,"muted":true}`, "", "mute true"},
		{"no volume at all", "set_volume", `{}`, "give it percent, change or mute", api.InvalidInput, ""},
		{"two volumes", "set_volume", `{"percent":1,"change":1}`, "leave one of them out", api.InvalidInput, ""},
		{"amplification", "set_volume", `{"percent":101}`, "is greater than 100", api.InvalidInput, ""},
		{"half a percent", "set_volume", `{"percent":0.5}`, "integer", api.InvalidInput, ""},
		{"lock", "power", `{"action":"lock"}`, `{"action":"lock"}`, "", "power lock"},
		{"no power action", "power", `{"action":"explode"}`, "any of: [lock suspend hibernate reboot poweroff logout]", api.InvalidInput, ""},
		{"two power actions", "power", `{"action":["lock","reboot"]}`, "string", api.InvalidInput, ""},
		{"system", "system_status", `{}`, `{"battery":{"percent":50,"state":"full"},"power_source":"mains","load":[0,0,0],"cpus":2,"memory":{"total_bytes":0,"available_bytes":0},"disk":{"total_bytes":0,"available_bytes":0},"uptime_s":3}`, "", "status of true"},
		{"an address", "open_url", `{"url":"HTTPS://Ex.example/ä"}`, `{"url":"https://ex.example/%C3%A4"}`, "", "open https://ex.example/%C3%A4 token"},
		{"a file for an address", "open_url", `{"url":"file:///etc/passwd"}`, "only http, https and mailto", api.InvalidInput, ""},
		{"a password in an address", "open_url", `{"url":"https://a:b@c.example"}`, "before the @", api.InvalidInput, ""},
		{"read the clipboard", "clipboard_read", `{}`, `{"text":"copied"}`, "", ""},
		{"read the clipboard as HTML", "clipboard_read", `{"type":"text/html"}`, `there are no properties ["type"]`, api.InvalidInput, ""},
		{"copy", "clipboard_write", `{"text":" $(id)\n"}`, `{}`, "", "copy  $(id)\n"},
		{"copy nothing", "clipboard_write", `{"text":""}`, "text is empty", api.InvalidInput, ""},
		{"copy no text", "clipboard_write", `{"text":["a"]}`, "string", api.InvalidInput, ""},
		{"convert", "convert", `{"value":5,"from":"km","to":"mi"}`, `{"result":"3.1","text":"5 km = 3.1 mi"}`, "", "convert 5 km mi"},
		{"convert from nothing", "convert", `{"value":5,"from":"","to":"mi"}`, "from is empty", api.InvalidInput, ""},
		{"convert to nothing", "convert", `{"value":5,"from":"km","to":""}`, "to is empty", api.InvalidInput, ""},
		{"convert a text", "convert", `{"value":"5","from":"km","to":"mi"}`, "number", api.InvalidInput, ""},
		{"controls", "list_ui", `{"role":"link"}`, `{"controls":[{"id":":1.3/c","name":"Save","role":"link","app":"web","window":"","states":null}]}`, "", ""},
		{"controls of a window and an application", "list_ui", `{"window":"1","app":"web"}`, "leave the other out", api.InvalidInput, ""},
		{"controls of no such kind", "list_ui", `{"role":"widget"}`, "any of: [autocomplete button", api.InvalidInput, ""},
		{"controls of no such name", "list_ui", `{"name":"Sav as"}`, "there are Save, Save, Save as, Level: say one of those", api.NotFound, ""},
		{"press by name", "activate_ui", `{"name":"save as"}`, `{"id":":1.2/b","role":"button","via":"action"}`, "", "press :1.2/b Save as button edit"},
		{"press by name and role", "activate_ui", `{"name":"Save","role":"link"}`, `{"id":":1.3/c","role":"link","via":"action"}`, "", "press :1.3/c Save link web"},
		{"press by name and application", "activate_ui", `{"name":"Save","app":"edit"}`, `{"id":":1.2/a","role":"button","via":"action"}`, "", "press :1.2/a Save button edit"},
		{"press by id", "activate_ui", `{"id":":1.2/a"}`, `{"id":":1.2/a","role":"button","via":"action"}`, "", "press :1.2/a Save button edit"},
		{"press what is called otherwise by now", "activate_ui", `{"id":":1.2/a","name":"Save as"}`, "there is no such control", api.NotFound, ""},
		{"press one of two", "activate_ui", `{"name":"Save"}`, "2 controls have this name (button, link); say which", api.InvalidInput, ""},
		{"press a part of a name", "activate_ui", `{"name":"Sav"}`, "call list_ui", api.NotFound, ""},
		{"press nothing", "activate_ui", `{"value":"1"}`, "give one of them", api.InvalidInput, ""},
		{"press at coordinates", "activate_ui", `{"x":1,"y":2}`, `it takes {id?: string, name?: string, role?: string, app?: string, value?: string}`, api.InvalidInput, ""},
		{"move a slider", "activate_ui", `{"name":"Level","value":"7"}`, `{"id":":1.2/d","role":"slider","via":"value"}`, "", `write "7" true into :1.2/d`},
		{"empty a field", "activate_ui", `{"name":"Level","value":""}`, `{"id":":1.2/d","role":"slider","via":"value"}`, "", `write "" true into :1.2/d`},
		{"read no note", "read_note", `{"path":"~/notes/x.md"}`, "there is no note", api.NotFound, ""},
		{"read a note elsewhere", "read_note", `{"path":"/etc/passwd"}`, "lies outside of", api.Denied, ""},
		{"edit a note by its title", "edit_note", `{"path":"shop","text":"x"}`, "begin it with / or ~/", api.InvalidInput, ""},
		{"edit a note in no way", "edit_note", `{"path":"~/notes/x.md"}`, "give one of them", api.InvalidInput, ""},
		{"edit a note in two ways", "edit_note", `{"path":"~/notes/x.md","text":"x","find":"y"}`, "give one of them", api.InvalidInput, ""},
		{"edit no note", "edit_note", `{"path":"~/notes/x.md","text":"x"}`, "there is no note", api.NotFound, ""},
		{"edit a note elsewhere", "edit_note", `{"path":"~/x.md","text":"x"}`, "lies outside of", api.Denied, ""},
		{"read a relative path", "read_file", `{"path":"x"}`, "begin it with / or ~/", api.InvalidInput, ""},
		{"read what is missing", "read_file", `{"path":"~/none"}`, "there is no file", api.NotFound, ""},
		{"read a folder", "read_file", `{"path":"~"}`, "no regular file", api.InvalidInput, ""},
		{"read elsewhere", "read_file", `{"path":"/etc/passwd"}`, "lies outside of", api.Denied, ""},
		{"read a secret", "read_file", `{"path":"~/.ssh/id"}`, "keys of SSH", api.Denied, ""},
		{"write into no folder", "write_file", `{"path":"~/none/x","text":""}`, "there is no file or folder", api.NotFound, ""},
		{"write what starts by itself", "write_file", `{"path":"~/.config/autostart/x.desktop","text":""}`, "starts by itself", api.Denied, ""},
		{"delete what is missing", "delete_file", `{"path":"~/none"}`, "there is no file", api.NotFound, ""},
		{"delete the home folder", "delete_file", `{"path":"~"}`, "around", api.Denied, ""},
		{"search files for nothing", "search_files", `{"query":" "}`, "query is empty", api.InvalidInput, ""},
		{"search files for many words", "search_files", `{"query":"` + strings.Repeat("zebra ", 32) + `"}`, `{"files":[]}`, "", ""},
		{"search files for too many words", "search_files", `{"query":"` + strings.Repeat("a ", 33) + `"}`, "at most 32", api.InvalidInput, ""},
		{"open a secret", "open_path", `{"path":"~/.gnupg"}`, "keys of GnuPG", api.Denied, ""},
		{"launch with a secret", "launch_app", `{"app":"foot","uris":["/tmp","~/.ssh/id"]}`, "keys of SSH", api.Denied, ""},
		{"launch with a secret's address", "launch_app", `{"app":"foot","uris":["FILE:///proc/self/%65nviron#x"]}`, "kernel's own", api.Denied, ""},
		{"launch with a broken address", "launch_app", `{"app":"foot","uris":["file:///%zz"]}`, "not a well-formed URI", api.InvalidInput, ""},
		{"launch with an address", "launch_app", `{"app":"foot","uris":["file://localhost/etc/%68osts?q#s","HTTPS://x?a=<&b"]}`, `{"app":"foot","argv":["foot"],"pid":9,"unit":"app.scope"}`, "", "launch foot [file:///etc/hosts?q#s https://x/?a=%3C&b]"},
		{"launch with a short file URI", "launch_app", `{"app":"foot","uris":["File:/etc/hosts","FILE:////etc//hosts","file://u@LocalHost/etc/./hosts"]}`, `{"app":"foot","argv":["foot"],"pid":9,"unit":"app.scope"}`, "", "launch foot [file:///etc/hosts file:///etc/hosts file:///etc/hosts]"},
		{"launch with a relative file URI", "launch_app", `{"app":"foot","uris":["file:.ssh/id"]}`, "names no absolute path", api.InvalidInput, ""},
		{"launch with a file URI of backslashes", "launch_app", `{"app":"foot","uris":["file:\\\\etc\\hosts"]}`, "names no absolute path", api.InvalidInput, ""},
		{"launch with a file of another host", "launch_app", `{"app":"foot","uris":["/tmp","file://other.example/share"]}`, "only files of this computer", api.InvalidInput, ""},
		{"launch with an attachment", "launch_app", `{"app":"foot","uris":["MAILTO:a@b.example?attach=/etc/hosts"]}`, `fills in "attach"`, api.InvalidInput, ""},
		{"launch with a password in an address", "launch_app", `{"app":"foot","uris":["https://a:b@c.example"]}`, "before the @", api.InvalidInput, ""},
		{"launch with another scheme", "launch_app", `{"app":"foot","uris":["GEO:1,2"]}`, `{"app":"foot","argv":["foot"],"pid":9,"unit":"app.scope"}`, "", "launch foot [GEO:1,2]"},
		{"search for nothing", "search_notes", `{"query":""}`, "query is empty", api.InvalidInput, ""},
		{"run a command", "run_command", `{"argv":["ls","-l"]}`, `{"stdout":"caf�\n","stderr":"no\u001b[0m","exit":2}`, "", `run ["ls" "-l"] in "~"`},
		{"run it in a folder", "run_command", `{"argv":["ls"],"cwd":"/etc/../etc"}`, `{"stdout":"caf�\n","stderr":"no\u001b[0m","exit":2}`, "", `run ["ls"] in "/etc"`},
		{"run it in a folder that is empty", "run_command", `{"argv":["ls"],"cwd":""}`, `{"stdout":"caf�\n","stderr":"no\u001b[0m","exit":2}`, "", `run ["ls"] in "~"`},
		{"run it in a relative folder", "run_command", `{"argv":["ls"],"cwd":"etc"}`, "begin it with / or ~/", api.InvalidInput, ""},
		{"run what is not allowed", "run_command", `{"argv":["rm"]}`, "only ls may be run", api.Denied, ""},
		{"run nothing", "run_command", `{"argv":[]}`, "only ls may be run", api.Denied, ""},
		{"run a line for a shell", "run_command", `{"argv":"ls -l | sh"}`, "argv: array of string", api.InvalidInput, ""},
		{"type", "type_text", `{"text":"<ä>\n"}`, `{"via":"fake"}`, "", `type "<ä>\n" in 2`},
		{"type into a window", "type_text", `{"text":"x","window":"1"}`, `{"via":"fake"}`, "", `type "x" in 1`},
		{"type nothing", "type_text", `{"text":""}`, "text is empty", api.InvalidInput, ""},
		{"type a control character", "type_text", `{"text":"a\u001b[A"}`, "the control character U+001B", api.InvalidInput, ""},
		{"type too much", "type_text", `{"text":"` + strings.Repeat("ä", 10_001) + `"}`, "10001 characters; at most 10000", api.InvalidInput, ""},
		{"type into no window", "type_text", `{"text":"x","window":"9"}`, `there is no window "9"; take an id from list_windows`, api.NotFound, ""},
		{"press", "press_keys", `{"keys":"Super + SHIFT+Control+T"}`, `{"via":"fake"}`, "", "press ctrl+shift+super+t in 2"},
		{"press one key", "press_keys", `{"keys":"Return","window":"1"}`, `{"via":"fake"}`, "", "press enter in 1"},
		{"press plus", "press_keys", `{"keys":"ctrl++"}`, `{"via":"fake"}`, "", "press ctrl+plus in 2"},
		{"press f12", "press_keys", `{"keys":"F12"}`, `{"via":"fake"}`, "", "press f12 in 2"},
		{"press a letter", "press_keys", `{"keys":"Ж"}`, `{"via":"fake"}`, "", "press ж in 2"},
		{"press no key", "press_keys", `{"keys":"ctrl+"}`, "there is no key", api.InvalidInput, ""},
		{"press a modifier that is none", "press_keys", `{"keys":"hyper+l"}`, `"hyper" is no modifier (they are ctrl, alt, shift, super)`, api.InvalidInput, ""},
		{"press several keys", "press_keys", `{"keys":"a+b"}`, `"a" is no modifier`, api.InvalidInput, ""},
		{"press f25", "press_keys", `{"keys":"f25"}`, `there is no key "f25"`, api.InvalidInput, ""},
		{"move", "move_pointer", `{"x":-5,"y":10}`, `{"via":"fake"}`, "", "move to -5,10 in 2"},
		{"move to half a pixel", "move_pointer", `{"x":0.5,"y":10}`, "integer", api.InvalidInput, ""},
		{"move far away", "move_pointer", `{"x":70000,"y":10}`, "greater than 65536", api.InvalidInput, ""},
		{"click", "click", `{}`, `{"via":"fake"}`, "", "click left 1 times at there in 2"},
		{"click twice", "click", `{"x":0,"y":3,"button":"right","count":2,"window":"1"}`, `{"via":"fake"}`, "", "click right 2 times at 0,3 in 1"},
		{"click at half a place", "click", `{"x":1}`, "needs both x and y", api.InvalidInput, ""},
		{"click with no button", "click", `{"button":"side"}`, "any of: [left right middle]", api.InvalidInput, ""},
		{"click too often", "click", `{"count":4}`, "greater than 3", api.InvalidInput, ""},
		{"drag", "drag", `{"from_x":1,"from_y":2,"to_x":3,"to_y":4}`, `{"via":"fake"}`, "", "drag left from {1 2} to {3 4} in 2"},
		{"drag to nowhere", "drag", `{"from_x":1,"from_y":2}`, `missing properties: ["to_x" "to_y"]`, api.InvalidInput, ""},
		{"scroll", "scroll", `{"dy":-3}`, `{"via":"fake"}`, "", "scroll 0 -3 in 2"},
		{"scroll nothing", "scroll", `{"dx":0}`, "give it dx or dy", api.InvalidInput, ""},
		{"scroll too far", "scroll", `{"dy":101}`, "greater than 100", api.InvalidInput, ""},
		{"set a timer", "set_timer", `{"text":"tea","in":"20 minutes"}`, `{"id":1,"due":"2026-11-25T14:50:00Z","text":"tea"}`, "", ""},
		{"set a reminder", "set_timer", `{"text":"call Ann","at":"tomorrow at 9"}`, `{"id":1,"due":"2026-11-26T09:00:00Z","text":"call Ann"}`, "", ""},
		{"set a repetition", "set_timer", `{"text":"stand up","every":"weekday 10:00"}`, `{"id":1,"due":"2026-11-26T10:00:00Z","every":"weekday 10:00","text":"stand up"}`, "", ""},
		{"set a timer twice over", "set_timer", `{"text":"tea","in":"1h","at":"9:00"}`, "exactly one of in, at and every, and has 2", api.InvalidInput, ""},
		{"set a timer for never", "set_timer", `{"text":"tea"}`, "exactly one of in, at and every, and has 0", api.InvalidInput, ""},
		{"set a timer for nonsense", "set_timer", `{"text":"tea","in":"a while"}`, "is no span of time; write it as 20 minutes", api.InvalidInput, ""},
		{"set a timer for nothing", "set_timer", `{"text":"","in":"1h"}`, "text is empty", api.InvalidInput, ""},
		{"no timers", "list_timers", `{}`, `{"timers":[]}`, "", ""},
		{"cancel no timer", "cancel_timer", `{"id":9}`, "there is no timer 9", api.NotFound, ""},
		{"run what a limit ends", "run_command", `{"argv":["spin"]}`, "it took longer than", api.Failed, `run ["spin"] in "~"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRoom(t)
			r.desk.level, r.desk.copied = desk.Level{Percent: 50}, "copied"
			r.desk.players = []desk.Player{{Player: "mpv", Status: "playing", Title: "t", Artist: "a", LengthS: 9}}
			r.desk.controls = []desk.Control{
				{ID: ":1.2/a", Name: "Save", Role: "button", App: "edit"},
				{ID: ":1.3/c", Name: "Save", Role: "link", App: "web"},
				{ID: ":1.2/b", Name: "Save as", Role: "button", App: "edit"},
				{ID: ":1.2/d", Name: "Level", Role: "slider", App: "edit"},
			}
			r.desk.windows = []desk.Window{
				{ID: "1", AppID: "foot", Title: "sh", Workspace: "1", Output: "X"},
				{ID: "2", AppID: "firefox", PID: 4, Workspace: "1", Output: "X", Focused: true},
			}
			out, err := r.do(t, c.skill, c.input, &yes{})
			if api.CodeOf(err) != c.code {
				t.Fatalf("got %v", err)
			}
			if err != nil {
				out = err.Error()
			}
			if (c.code == "" && out != c.want) || !strings.Contains(out, c.want) {
				t.Errorf("got %s, want %s", out, c.want)
			}
			if did := strings.ReplaceAll(strings.Join(r.desk.did, ", "), r.home, "~"); did != c.did {
				t.Errorf("did %q, want %q", did, c.did)
			}
		})
	}
}

func TestWhatIsRunIsOnRecordInFull(t *testing.T) {
	b := newRoom(t)
	long := `{"text":"` + strings.Repeat("\xff", 90<<10) + `"}` // three bytes each once it is UTF-8
	_, err := b.do(t, "add_note", long, &yes{})
	if api.CodeOf(err) != api.InvalidInput || !strings.Contains(err.Error(), "at most 262144 are taken") {
		t.Errorf("got %v", err)
	}
}

func TestWhatNoSkillMayTouchIsExplainedAsADenial(t *testing.T) {
	r := newRoom(t)
	for skill, c := range map[string]struct{ input, by string }{
		"read_file": {`{"path":"~/.ssh/id"}`, "protected"}, "run_command": {`{"argv":["rm"]}`, "commands"},
	} {
		e, err := r.Explain(gate.Call{Skill: skill, Input: json.RawMessage(c.input)})
		if err != nil || e.Decision != "deny" || e.DecidedBy != c.by || e.Reason == "" {
			t.Errorf("%s: %+v, %v", skill, e, err)
		}
	}
}

func TestEmptyListsAreLists(t *testing.T) {
	r := newRoom(t)
	for skill, want := range map[string]string{
		"list_windows": `{"windows":[]}`, "get_active_window": `{"window":null}`, "search_notes": `{"notes":[]}`,
		"media_status": `{"players":[]}`, "list_ui": `{"controls":[]}`,
	} {
		input := `{}`
		if skill == "search_notes" {
			input = `{"query":"x"}`
		}
		if out, err := r.do(t, skill, input, &yes{}); err != nil || out != want {
			t.Errorf("%s: %s, %v", skill, out, err)
		}
	}
}

func TestNotesGoRound(t *testing.T) {
	r := newRoom(t)
	path := filepath.Join(r.home, "notes", "shop.md")
	if out, err := r.do(t, "add_note", `{"text":"milk","title":"shop"}`, nil); err != nil || out != `{"path":"`+path+`"}` {
		t.Fatalf("%s, %v", out, err)
	}
	if out, err := r.do(t, "search_notes", `{"query":"milk"}`, nil); err != nil || !strings.Contains(out, `"title":"shop","tags":[]`) {
		t.Errorf("%s, %v", out, err)
	}
	for _, name := range []string{"~/notes/shop.md", path, "shop"} {
		if out, err := r.do(t, "read_note", `{"path":"`+name+`"}`, nil); err != nil || out != `{"path":"`+path+`","title":"shop","text":"milk"}` {
			t.Errorf("%s, %v", out, err)
		}
	}
	for _, c := range []struct{ input, want string }{
		{`"text":"bread\n"`, "milk\n\nbread\n"},
		{`"find":"milk","replace":"oat milk"`, "oat milk\n\nbread\n"},
		{`"find":" milk"`, "oat\n\nbread\n"},
	} {
		if out, err := r.do(t, "edit_note", `{"path":"~/notes/shop.md",`+c.input+`}`, &yes{}); err != nil || out != `{"path":"`+path+`"}` {
			t.Fatalf("%s: %s, %v", c.input, out, err)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != c.want {
			t.Errorf("%s: %q, %v", c.input, text, err)
		}
	}
	for find, times := range map[string]string{"zebra": "0 times", "a": "2 times"} {
		if _, err := r.do(t, "edit_note", `{"path":"~/notes/shop.md","find":"`+find+`"}`, &yes{}); api.CodeOf(err) != api.InvalidInput || !strings.Contains(err.Error(), times) {
			t.Errorf("%s: %v", find, err)
		}
	}
}

func TestAddNoteAddsToANoteWithoutAsking(t *testing.T) {
	r := newRoom(t)
	path := filepath.Join(r.home, "notes", "shop.md")
	if _, err := r.do(t, "add_note", `{"text":"milk","title":"shop"}`, nil); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"shop", "~/notes/shop.md", path} {
		if out, err := r.do(t, "add_note", `{"text":"x","to":"`+to+`"}`, nil); err != nil || out != `{"path":"`+path+`"}` {
			t.Errorf("%s: %s, %v", to, out, err)
		}
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "milk|x|x|x" {
		t.Errorf("%q, %v", text, err)
	}
	if out, err := r.do(t, "add_note", `{"text":"x","to":"daily"}`, nil); err != nil || !strings.Contains(out, "today.md") {
		t.Errorf("%s, %v", out, err)
	}
	for input, code := range map[string]api.Code{
		`{"text":"x","to":"shop","title":"y"}`: api.InvalidInput, `{"text":"x","to":"none"}`: api.NotFound,
		`{"text":"x","to":"~/.ssh/id.md"}`: api.Denied, `{"text":"x","to":"/etc/x.md"}`: api.Denied,
	} {
		if _, err := r.do(t, "add_note", input, nil); api.CodeOf(err) != code {
			t.Errorf("%s: %v", input, err)
		}
	}
}

func TestANoteSaysWhatLinksToIt(t *testing.T) {
	r := newRoom(t)
	if _, err := r.do(t, "add_note", `{"text":"milk","title":"shop"}`, nil); err != nil {
		t.Fatal(err)
	}
	r.notes.links = []gate.Note{
		{Path: filepath.Join(r.home, "notes", "plan.md"), Title: "Plan"}, {Path: filepath.Join(r.home, ".ssh", "x.md"), Title: "no"},
	}
	want := `"text":"milk","linked_from":[{"path":"` + r.home + `/notes/plan.md","title":"Plan"}]}`
	if out, err := r.do(t, "read_note", `{"path":"shop"}`, nil); err != nil || !strings.HasSuffix(out, want) {
		t.Errorf("%s, %v", out, err)
	}
}

func TestLaunchingWithWhatIsNoFileAsks(t *testing.T) {
	for uri, asks := range map[string]bool{
		"/etc/hosts": false, "file:///etc/hosts": false, "FILE://localhost/etc/hosts": false,
		"https://example.org/?q=secret": true, "mailto:a@b": true, "geo:1,2": true,
		"javascript:alert(1)": true, "--remote-debugging-port=1": true, "example.org": true, " https://x": true, "": true,
	} {
		t.Run(uri, func(t *testing.T) {
			r := newRoom(t)
			input, _ := json.Marshal(map[string]any{"app": "firefox", "uris": []string{"/tmp", uri}})
			person := &yes{}
			if _, err := r.do(t, "launch_app", string(input), person); err != nil {
				t.Fatal(err)
			}
			if (person.asked == 1) != asks {
				t.Errorf("asked %d times", person.asked)
			}
			if _, err := r.do(t, "launch_app", string(input), nil); (api.CodeOf(err) == api.Denied) != asks {
				t.Errorf("with nobody to ask: %v", err)
			}
		})
	}
}

func TestOpenPath(t *testing.T) {
	r := newRoom(t)
	file := filepath.Join(r.home, "a b.txt")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := r.do(t, "open_path", `{"path":"~/a b.txt"}`, nil); api.CodeOf(err) != api.Denied || r.desk.did != nil {
		t.Errorf("with nobody to ask: %v, did %v", err, r.desk.did)
	}
	for _, path := range []string{"~/a b.txt", file, filepath.Dir(file) + "/x/.././a b.txt"} {
		r.desk.did = nil
		input, _ := json.Marshal(map[string]string{"path": path})
		if _, err := r.do(t, "open_path", string(input), &yes{}); err != nil || !slices.Equal(r.desk.did, []string{"open " + file + " token"}) {
			t.Errorf("%s: %v, did %v", path, err, r.desk.did)
		}
	}
}

func TestScreenshotsArePrivateAndPruned(t *testing.T) {
	r := newRoom(t)
	folder := filepath.Join(r.home, "captures")
	var last string
	for i := range 25 {
		r.desk.shot = filepath.Join(r.home, "shot.png")
		if err := os.WriteFile(r.desk.shot, []byte("png"), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := r.do(t, "capture_screen", `{}`, nil)
		if err != nil {
			t.Fatal(err)
		}
		var v struct {
			Path, Via, Why string
			Width, Height  int
		}
		if err := json.Unmarshal([]byte(out), &v); err != nil || v.Via != "grim" || v.Why == "" || v.Width != 2 || v.Height != 1 {
			t.Fatalf("%s, %v", out, err)
		}
		info, err := os.Stat(v.Path)
		if err != nil || info.Mode() != 0o600 || filepath.Dir(v.Path) != folder {
			t.Fatalf("%d: %s %v, %v", i, v.Path, info, err)
		}
		if _, err := os.Stat(r.desk.shot); !errors.Is(err, os.ErrNotExist) {
			t.Fatal("the file that the desktop made is still there")
		}
		if last = v.Path; i == 0 {
			old := time.Now().Add(-2 * time.Hour)
			if err := os.Chtimes(v.Path, old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 20 {
		t.Errorf("%d are left, %v", len(entries), err)
	}
	if _, err := os.Stat(last); err != nil {
		t.Errorf("the newest one is gone: %v", err)
	}
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v, %v", info.Mode(), err)
	}
}

func TestDesktopErrorsKeepTheirCode(t *testing.T) {
	r := newRoom(t)
	r.desk.err = api.Errorf(api.Unavailable, "no compositor; start one")
	for skill, input := range map[string]string{
		"list_windows": `{}`, "get_active_window": `{}`, "focus_window": `{"id":"1"}`, "close_window": `{"id":"1"}`,
		"move_window": `{"id":"1","workspace":"2"}`, "capture_screen": `{}`,
		"notify": `{"title":"x"}`, "launch_app": `{"app":"foot"}`, "open_path": `{"path":"/"}`,
		"media_status": `{}`, "media_control": `{"action":"play"}`,
		"set_volume": `{"change":1}`, "power": `{"action":"suspend"}`, "system_status": `{}`, "open_url": `{"url":"https://example.org"}`,
		"convert": `{"value":1,"from":"m","to":"cm"}`, "list_ui": `{}`, "activate_ui": `{"name":"Save"}`,
	} {
		if _, err := r.do(t, skill, input, &yes{}); api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "start one") {
			t.Errorf("%s: %v", skill, err)
		}
	}
}

// TestLouderMakesNothingQuieter: a level above 100 was set by somebody who wanted it.
func TestLouderMakesNothingQuieter(t *testing.T) {
	for input, want := range map[string]int{`{"change":5}`: 130, `{"change":-5}`: 100, `{"mute":true}`: 130, `{"percent":90}`: 90} {
		r := newRoom(t)
		r.desk.level.Percent = 130
		if _, err := r.do(t, "set_volume", input, &yes{}); err != nil || r.desk.level.Percent != want {
			t.Errorf("%s: %d, %v", input, r.desk.level.Percent, err)
		}
	}
}

// asked keeps the question.
type asked struct{ input string }

func (a *asked) Ask(_ context.Context, q api.Question) (api.Decision, string, error) {
	a.input = string(q.Input)
	return api.Refuse, "overlay", nil
}

// TestAQuestionSaysWhatIsPressed: an id tells a person nothing, and what a control is called is list_ui's to tell a model.
func TestAQuestionSaysWhatIsPressed(t *testing.T) {
	r := newRoom(t)
	r.desk.controls = []desk.Control{{ID: ":1.2/a", Name: "Delete <all>", Role: "button", App: "mail"}}
	for _, input := range []string{`{"id":":1.2/a"}`, `{"name":"delete <ALL>"}`} {
		person := &asked{}
		_, err := r.do(t, "activate_ui", input, person)
		if want := `{"id":":1.2/a","name":"Delete <all>","role":"button","app":"mail"}`; person.input != want {
			t.Errorf("%s: the question says %s, want %s", input, person.input, want)
		}
		if api.CodeOf(err) != api.Denied || strings.Contains(err.Error(), "Delete") || r.desk.did != nil {
			t.Errorf("%s: %v, did %v", input, err, r.desk.did)
		}
	}
	for _, input := range []string{`{"name":"Delete"}`, `{"id":":1.2/a","role":"link"}`, `{"name":"delete","app":"mail"}`} {
		if _, err := r.do(t, "activate_ui", input, nil); err == nil || strings.Contains(err.Error(), "<all>") {
			t.Errorf("%s: %v", input, err)
		}
	}
}

// TestNothingIsPressedWhileAQuestionIsOpen: it could be the question's own button.
func TestNothingIsPressedWhileAQuestionIsOpen(t *testing.T) {
	r := newRoom(t, policy.Rule{
		Name: "save", Skill: "activate_ui", Decision: "allow", Match: map[string]any{"name": "Save", "app": "edit"},
	})
	r.desk.controls = []desk.Control{{ID: ":1.2/a", Name: "Save", Role: "button", App: "edit"}}
	press := func() error {
		_, err := r.do(t, "activate_ui", `{"name":"Save"}`, nil)
		return err
	}
	_, _ = r.do(t, "power", `{"action":"lock"}`, during(func() {
		if err := press(); api.CodeOf(err) != api.Denied || !strings.Contains(err.Error(), "A question is open") {
			t.Errorf("while it is open: %v", err)
		}
	}))
	if err := press(); err != nil || len(r.desk.did) != 1 {
		t.Errorf("afterwards: %v, did %v", err, r.desk.did)
	}
}

// during does something before it refuses.
type during func()

func (d during) Ask(context.Context, api.Question) (api.Decision, string, error) {
	d()
	return api.Refuse, "overlay", nil
}

package e2e

import (
	"encoding/json"
	"fmt"
	"image/png"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/bus/bustest"
	"nerva/test/modelserver"
	"nerva/test/program"
)

// A model that does the job in two rounds, its arguments split in the middle of a rune and of an escape.
func TestAModelsCallsRunAndItsWordsStream(t *testing.T) {
	model, config := withModel(t)
	model.Script(
		modelserver.Reply{Text: "I'll note that.", Chunks: 5, Interleave: true, Calls: []modelserver.Call{
			{Name: "calculate", Arguments: `{"expression":"19*3"}`, Split: []int{1, 7, 16}},
			{Name: "add_note", Arguments: `{"text":"café \"57\""}`, Split: []int{14, 17, 20}},
		}},
		modelserver.Reply{Calls: []modelserver.Call{{Name: "list_notes", Arguments: ""}}},
		modelserver.Reply{Text: "It is 57, and noted.", Chunks: 4},
	)
	s := withDaemon(t, config)
	out := s.output("nerva", "ask", "--json", "what is 19*3? note it")
	var states []string
	var text string
	for line := range strings.Lines(out) {
		var e struct {
			Type, Skill, State, Delta string
		}
		s.must(json.Unmarshal([]byte(line), &e))
		if e.Type == "step" && e.State != "running" {
			states = append(states, e.Skill+" "+e.State)
		}
		text += e.Delta
	}
	if got, want := strings.Join(states, ", "), "calculate ok, add_note ok, list_notes ok"; got != want {
		t.Errorf("the steps were %s, want %s", got, want)
	}
	if !strings.HasPrefix(text, "I'll note that.") || !strings.HasSuffix(text, "It is 57, and noted.") {
		t.Errorf("the text was %q", text)
	}
	if notes := s.output("sh", "-c", "cat "+s.notes+"/*.md"); !strings.Contains(notes, `café "57"`) {
		t.Errorf("the note says %q", notes)
	}
}

func TestAMalformedCallGoesBackToTheModelAndNeverRuns(t *testing.T) {
	model, config := withModel(t)
	model.Script(
		modelserver.Reply{Calls: []modelserver.Call{
			{Name: "add_note", Arguments: `{"text":"cut of`},
			{Name: "add_note", Arguments: `{"text":7}`},
			{Name: "no_such_skill", Arguments: `{}`},
		}},
		modelserver.Reply{Text: "I gave up."},
	)
	s := withDaemon(t, config)
	if got := s.output("nerva", "ask", "note something"); !strings.Contains(got, "I gave up.") {
		t.Errorf("the answer is %q", got)
	}
	if exists(s.notes) {
		t.Error("a malformed call wrote a note")
	}
	requests := model.Requests()
	results := requests[len(requests)-1].Results()
	if len(results) != 3 {
		t.Fatalf("the model was told %+v", results)
	}
	for i, what := range []string{"JSON", "text", "no_such_skill"} {
		if !strings.Contains(results[i].Output, what) {
			t.Errorf("error %d does not say %q: %s", i, what, results[i].Output)
		}
	}
}

func TestADeadModelServerGivesASentenceAndTheLauncherWorks(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	s := withDaemon(t, "[llm]\nprovider = \"openai\"\nmodel = \"m\"\nbase_url = \"http://"+address+"/v1\"\n")
	_, errs, exit := s.run("nerva", "ask", "anything")
	if exit != 1 || !strings.Contains(errs, address) || !strings.Contains(errs, "[llm]") {
		t.Errorf("exit status %d: %s", exit, errs)
	}
	if found := s.output("nerva", "search", "foot"); !strings.Contains(found, "app:foot") {
		t.Errorf("found %q", found)
	}
}

func TestABusyModelServerIsTriedAgainAndTheReasonShown(t *testing.T) {
	model, config := withModel(t)
	model.Script(
		modelserver.Reply{Status: 429, Message: "slow down", Header: map[string]string{"Retry-After": "1"}},
		modelserver.Reply{Status: 503, Message: "overloaded"},
		modelserver.Reply{Text: "Here I am."},
	)
	s := withDaemon(t, config)
	out, errs, exit := s.run("nerva", "ask", "are you there?")
	if exit != 0 || !strings.Contains(out, "Here I am.") {
		t.Errorf("exit status %d: %s%s", exit, out, errs)
	}
	for _, reason := range []string{"429", "503"} {
		if !strings.Contains(errs, reason) {
			t.Errorf("the person waiting was not told of the %s: %q", reason, errs)
		}
	}
}

func TestAStalledStreamIsCancelledAtOnce(t *testing.T) {
	model, config := withModel(t)
	model.Script(modelserver.Reply{Text: "Well", Stall: true})
	s := withDaemon(t, config)
	run, err := s.client.Ask(s.ctx, "stall", api.AskOptions{})
	s.must(err)
	s.eventually("the first word has come", func() bool {
		runs, err := s.client.Runs(s.ctx, 1)
		return err == nil && strings.Contains(runs[0].Answer, "Well")
	})
	s.must(s.client.Cancel(s.ctx, run))
	if end := s.waitFinished(run); end.State != api.CancelledRun {
		t.Errorf("the run is %s", end.State)
	}
	select {
	case <-model.Gone():
	case <-time.After(program.Patience):
		t.Error("the connection to the model server is still open")
	}
}

// Requests that nobody has seen before: random sums, applications and notes, in changing words.
func TestRandomRequestsAreFoundInTheLog(t *testing.T) {
	s := withDaemon(t, offline)
	names := []string{"Quokka Paint", "Marmot Mail", "Ibex Office"}
	for i, name := range names {
		s.application(fmt.Sprintf("org.test.App%d", i), "Name="+name+"\nExec=true\n")
	}
	s.eventually("the applications are found", func() bool {
		found, err := s.client.Query(s.ctx, "ibex office", 3)
		return err == nil && len(found) > 0
	})
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	pick := func(of ...string) string { return of[r.IntN(len(of))] }

	type call struct{ skill, part, says string }
	for range 12 {
		a, b, app := r.IntN(900)+100, r.IntN(900)+100, pick(names...)
		sum, note := fmt.Sprintf("%d + %d", a, b), fmt.Sprintf("the number is %d", r.IntN(1e6))
		prompt, want := pick("what is ", "please calculate ", "how much is ")+sum, call{"calculate", "", fmt.Sprint(a + b)}
		switch r.IntN(3) {
		case 1:
			prompt, want = pick("open ", "please launch ", "could you start ")+app, call{"launch_app", app, ""}
		case 2:
			prompt, want = pick("make a note that ", "note: ", "add a note: ")+note, call{"add_note", note, ""}
		}
		answer := s.output("nerva", "ask", prompt)
		if !strings.Contains(answer, want.says) {
			t.Errorf("%q: answered %q, want %q", prompt, answer, want.says)
		}
		var record api.Record
		s.json(&record, "nerva", "log", "--json", "-n", "1")
		if record.Skill != want.skill || record.Outcome != "ok" || !strings.Contains(strings.ToLower(string(record.Input)), strings.ToLower(want.part)) {
			t.Errorf("%q: the log says %+v, want a %s of %q", prompt, record, want.skill, want.part)
		}
	}
	s.output("nerva", "log", "--verify")
}

func TestCaptureComesFromThePortalIntoAPrivateFile(t *testing.T) {
	s := withDaemon(t, offline)
	capture := s.capture()
	if capture.Via != "portal" {
		t.Errorf("captured via %s", capture.Via)
	}
	info, err := os.Stat(capture.Path)
	s.must(err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("everybody may read the picture: %v", info.Mode())
	}
	f, err := os.Open(capture.Path)
	s.must(err)
	defer f.Close()
	picture, err := png.DecodeConfig(f)
	s.must(err)
	if picture.Width != capture.Width || picture.Height != capture.Height || picture.Width < 1000 {
		t.Errorf("the picture is %dx%d, the skill says %dx%d", picture.Width, picture.Height, capture.Width, capture.Height)
	}
}

func TestCaptureFallsBackWhereThereIsNoPortal(t *testing.T) {
	s := start(t, offline)
	// A bus of its own, on which nobody offers a portal.
	s.env = append(s.env, "DBUS_SESSION_BUS_ADDRESS="+bustest.Start(t).Address)
	s.program("nervad")
	s.eventually("the daemon answers", func() bool {
		_, _, exit := s.run("nerva", "status")
		return exit == 0
	})
	capture := s.capture()
	if capture.Via == "portal" || capture.Width < 1000 || !exists(capture.Path) {
		t.Errorf("%+v", capture)
	}
	if capture.Why == "" {
		t.Error("it does not say why the portal was not used")
	}
}

type captured struct {
	Path, Via, Why string
	Width, Height  int
}

func (s *session) capture() captured {
	s.Helper()
	var c captured
	s.json(&c, "nerva", "exec", "capture_screen")
	return c
}

func TestNotifyReachesTheNotificationDaemon(t *testing.T) {
	s := withDaemon(t, offline)
	s.output("nerva", "exec", "notify", "--input", `{"title":"Zebra crossing","body":"<b>mind</b> the stripes"}`)
	s.eventually("mako has it", func() bool {
		return strings.Contains(s.output("makoctl", "list"), "Zebra crossing")
	})
	s.output("makoctl", "dismiss", "--all")
}

func TestWindowsAreListedAndFocused(t *testing.T) {
	s := withDaemon(t, offline)
	s.closeAll()
	s.Cleanup(s.closeAll)
	for _, title := range []string{"one", "two"} {
		s.program("foot", "--title", title)
		s.eventually("foot "+title+" has a window", func() bool {
			for _, w := range s.windows("foot") {
				if w.Name == title {
					return true
				}
			}
			return false
		})
	}
	var list struct {
		Windows []struct {
			ID, Title string
			Focused   bool
		}
	}
	s.json(&list, "nerva", "exec", "list_windows")
	if len(list.Windows) != 2 {
		t.Fatalf("%+v", list)
	}
	for _, w := range list.Windows {
		if w.Title == "one" {
			s.output("nerva", "exec", "focus_window", "--input", `{"id":"`+w.ID+`"}`)
		}
	}
	s.eventually("the first window has the focus", func() bool {
		for _, w := range s.windows("foot") {
			if w.Name == "one" {
				return w.Focused
			}
		}
		return false
	})
}

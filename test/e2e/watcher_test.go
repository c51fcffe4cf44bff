package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"nerva/test/modelserver"
)

// suggestion is one of `nerva suggestions --json`.
type suggestion struct {
	ID, Rule, Title, Body string
	Time                  time.Time
}

func (s *session) suggestions() (list []suggestion) {
	s.Helper()
	s.json(&list, "nerva", "suggestions", "--json")
	return list
}

// copies copies a text as a person does. wl-copy goes on in the background, and would keep our pipe open.
func (s *session) copies(text string) {
	s.Helper()
	s.output("sh", "-c", `exec wl-copy -- "$1" >/dev/null 2>&1`, "sh", text)
}

// followed waits until the daemon follows what is copied, which it does a moment after it serves.
func (s *session) followed() {
	s.Helper()
	s.copies("warm")
	s.eventually("what is copied is followed", func() bool { return strings.Contains(s.output("nerva", "search", "clip warm"), "warm") })
}

// suggested waits for a suggestion and returns it.
func (s *session) suggested(title string) (found suggestion) {
	s.Helper()
	s.eventually("it is suggested: "+title, func() bool {
		list := s.suggestions()
		i := slices.IndexFunc(list, func(one suggestion) bool { return one.Title == title })
		if i >= 0 {
			found = list[i]
		}
		return i >= 0
	})
	return found
}

// TestEventsReachTheirSuggestions: copied with wl-copy, shown by foot, written into a folder, said on the bus, sent by
// notify-send.
func TestEventsReachTheirSuggestions(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "inbox") // it comes later
	s := withDaemon(t, offline+fmt.Sprintf(`
[[watchers.rule]]
name = "title"
on = "window"
match = { apps = ["foot"], regex = "zebra build (done|failed)", events = ["titled", "opened"] }
suggest = { title = "The {{.Title}}", ask = "x" }
[[watchers.rule]]
name = "inbox"
on = "file"
match = { paths = [%q], events = ["created", "moved"] }
suggest = { title = "New: {{.Name}}", ask = "x" }
[[watchers.rule]]
name = "signal"
on = "dbus"
match = { interface = "org.example.Zoo", member = "Born" }
suggest = { title = "Born: {{.Text}}", ask = "x" }
[[watchers.rule]]
name = "mail"
on = "notification"
match = { regex = "(?i)invoice" }
suggest = { title = "{{.Title}}", body = "{{line .Body}}", ask = "x" }
`, folder+"/*.pdf"))
	s.Cleanup(func() { s.output("makoctl", "dismiss", "--all") })
	s.closeAll()
	s.Cleanup(s.closeAll)

	s.followed()
	s.copies("https://example.org/zebra")
	if one := s.suggested("Open https://example.org/zebra"); one.Rule != "copied link" {
		t.Errorf("got %+v", one)
	}
	s.program("foot", "--title", "zebra build done")
	s.suggested("The zebra build done")
	s.must(os.Mkdir(folder, 0o700))
	s.write(filepath.Join(folder, ".part"), "x")
	s.must(os.Rename(filepath.Join(folder, ".part"), filepath.Join(folder, "zebra.pdf")))
	s.suggested("New: zebra.pdf")
	s.output("gdbus", "emit", "--session", "--object-path", "/zoo", "--signal", "org.example.Zoo.Born", "'foal'")
	s.suggested("Born: foal")
	s.output("notify-send", "Invoice 7", "from the <b>zoo</b>")
	if one := s.suggested("Invoice 7"); one.Body != "from the zoo" {
		t.Errorf("got %+v", one)
	}
	if list := s.suggestions(); len(list) != 5 {
		t.Errorf("there are %+v", list)
	}
}

// TestAMeetingIsOfferedFiveMinutesBefore: a calendar is written while nervad runs, into a folder that was not there. The
// clock of the system says when.
func TestAMeetingIsOfferedFiveMinutesBefore(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "calendars")
	s := withDaemon(t, offline+fmt.Sprintf(`
[calendar]
paths = [%q]
[[watchers.rule]]
name = "soon"
on = "calendar"
match = { before = "1h", when = 'Calendar == "work"' }
suggest = { title = "{{.Title}} in {{.Minutes}} minutes", body = "{{line .Location}}", ask = "x" }
`, folder))
	begins := time.Now().Add(5*time.Minute + 3*time.Second).Truncate(time.Second)
	event := func(name string, begins time.Time, more string) {
		s.write(filepath.Join(folder, "work", name+".ics"), strings.ReplaceAll("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//e2e//EN\nBEGIN:VEVENT\nUID:"+name+"\nSUMMARY:"+name+
			"\nDTSTART:"+begins.UTC().Format("20060102T150405Z")+"\nDURATION:PT30M\n"+more+"END:VEVENT\nEND:VCALENDAR\n", "\n", "\r\n"))
	}
	event("zebra", begins, "DESCRIPTION:Join with Jitsi: https://meet.jit.si/Zeb\n ra.\nLOCATION:Stable\n")
	event("later", begins.Add(2*time.Hour), "LOCATION:https://meet.jit.si/later\n")
	event("broken", begins, "RRULE:FREQ=SECONDLY\nLOCATION:https://meet.jit.si/broken\n")
	if one := s.suggested("zebra in 5 minutes"); one.Rule != "soon" || one.Body != "Stable" {
		t.Errorf("got %+v", one)
	}
	one := s.suggested("Join zebra")
	if early := begins.Add(-5 * time.Minute).Sub(one.Time); one.Rule != "meeting link" || one.Body != "It begins at "+begins.Local().Format("15:04")+"." || early > 0 {
		t.Errorf("got %+v, %v too early", one, early)
	}
	if list := s.suggestions(); len(list) != 2 {
		t.Errorf("there are %+v", list)
	}
	// What a calendar's link leads to is asked about, and there is nobody here who would be.
	if _, said, exit := s.run("nerva", "suggestions", "accept", one.ID); exit != 3 || !strings.Contains(s.output("nerva", "log", "--json"), "https://meet.jit.si/Zebra") {
		t.Errorf("exit status %d: %s", exit, said)
	}
}

// TestASuggestionStandsFirstAndIsAskedAbout: what an event wrote is not sent anywhere without a yes.
func TestASuggestionStandsFirstAndIsAskedAbout(t *testing.T) {
	s := withOverlay(t)
	s.followed()
	s.copies("https://example.org/zebra")
	s.suggested("Open https://example.org/zebra")
	s.summon()
	s.sees("Suggestions", "Open https://example.org/zebra")
	s.keys("Return")
	s.sees("Refuse", "https://example.org/zebra")
	s.keys("Return") // Refuse has the focus
	s.eventually("it was refused", func() bool {
		return strings.Contains(s.output("nerva", "log", "--json"), `"skill":"open_url"`) && strings.Contains(s.output("nerva", "log", "--json"), `"outcome":"refused"`)
	})
	if list := s.suggestions(); len(list) != 0 {
		t.Errorf("there are %+v", list)
	}
}

// TestARuleActsByItselfWherePolicyAllows, and is on record as tainted.
func TestARuleActsByItselfWherePolicyAllows(t *testing.T) {
	s := withDaemon(t, offline+`
[watchers]
builtin = false
[[watchers.rule]]
name = "echo"
on = "clipboard"
match = { regex = "^zebra " }
auto = true
skill = "notify"
input = { title = "copied", body = "{{.Text}}" }
[[watchers.rule]]
name = "opens"
on = "clipboard"
match = { regex = "^zebra " }
auto = true
skill = "open_url"
input = { url = "https://example.org/" }
`)
	s.Cleanup(func() { s.output("makoctl", "dismiss", "--all") })
	s.followed()
	s.copies("zebra crossing")
	s.eventually("it is shown", func() bool { return slices.Contains(s.shownTitles(), "copied") })
	// What policy asks about is suggested: nobody has asked for it.
	if one := s.suggested("opens"); !strings.Contains(one.Body, "open_url") {
		t.Errorf("got %+v", one)
	}
	s.eventually("what was done is on record", func() bool {
		log := s.output("nerva", "log", "--json")
		return strings.Count(log, `"caller":"watcher"`) == 1 && strings.Contains(log, `"tainted":true`)
	})
}

// TestASuggestionToAskShowsItsAnswer where it was accepted: in the overlay, and in the terminal.
func TestASuggestionToAskShowsItsAnswer(t *testing.T) {
	s := start(t, offline+`
[[watchers.rule]]
name = "sums"
on = "clipboard"
match = { regex = '^[0-9+* ]+$' }
suggest = { title = "What is {{.Text}}?", ask = "calculate {{.Text}}" }
`)
	s.nervad()
	s.overlay()
	s.followed()
	s.copies("20+22")
	s.suggested("What is 20+22?")
	s.summon()
	s.sees("Suggestions", "What is 20+22?")
	s.keys("Return")
	s.sees("42")
	s.copies("3*3")
	one := s.suggested("What is 3*3?")
	if said := s.output("nerva", "suggestions", "accept", one.ID); strings.TrimSpace(said) != "9" {
		t.Errorf("it says %q", said)
	}
	if _, errs, exit := s.run("nerva", "suggestions", "accept", one.ID); exit != 1 || !strings.Contains(errs, "there is no suggestion") {
		t.Errorf("again: exit status %d, %q", exit, errs)
	}
}

// TestWithoutAModelNothingIsOfferedThatOnlyOneCouldAnswer: the rule for colours has fired, and what came after it is there.
func TestWithoutAModelNothingIsOfferedThatOnlyOneCouldAnswer(t *testing.T) {
	s := withDaemon(t, offline)
	s.followed()
	s.copies("#1e90ff")
	s.eventually("the rule for colours has fired", func() bool { return s.fired("copied colour") == 1 })
	s.copies("https://example.org/a")
	s.suggested("Open https://example.org/a")
	if list := s.suggestions(); len(list) != 1 {
		t.Errorf("there are %+v", list)
	}
}

// fired is how often a rule has.
func (s *session) fired(rule string) int {
	s.Helper()
	var rules []struct {
		Name  string
		Fired int
	}
	s.json(&rules, "nerva", "watchers", "list", "--json")
	for _, r := range rules {
		if r.Name == rule {
			return r.Fired
		}
	}
	return 0
}

// TestARuleThatIsSilentIsHeardAgain by its name.
func TestARuleThatIsSilentIsHeardAgain(t *testing.T) {
	s := withDaemon(t, offline)
	s.followed()
	s.copies("https://example.org/a")
	s.output("nerva", "suggestions", "never", s.suggested("Open https://example.org/a").ID)
	if list := s.output("nerva", "watchers", "list"); !strings.Contains(list, "copied link\tclipboard\tsilent") {
		t.Errorf("the list is\n%s", list)
	}
	s.output("nerva", "watchers", "hear", "copied", "link")
	s.copies("https://example.org/b")
	s.suggested("Open https://example.org/b")
}

// focused is the title of the window that has the focus.
func (s *session) focused() string {
	s.Helper()
	var out struct {
		Windows []struct {
			Title   string
			Focused bool
		}
	}
	s.json(&out, "nerva", "exec", "list_windows")
	for _, w := range out.Windows {
		if w.Focused {
			return w.Title
		}
	}
	return ""
}

// TestABuildThatEndsInATerminalWithoutTheFocusIsTold, and the button of its notification shows it.
func TestABuildThatEndsInATerminalWithoutTheFocusIsTold(t *testing.T) {
	s := withDaemon(t, offline+`
[[watchers.rule]]
name = "ended build"
on = "window"
match = { apps = ["foot"], events = ["titled"], when = 'not Focused and Lasted >= 0 and Was == "make zebra"' }
notify = { title = "{{.Was}} has ended", actions = [{ title = "Show it", skill = "focus_window", input = { id = "{{.ID}}" } }] }
`)
	s.Cleanup(func() { s.output("makoctl", "dismiss", "--all") })
	s.closeAll()
	s.Cleanup(s.closeAll)
	// The build goes on until its pipe is closed.
	pipe := filepath.Join(t.TempDir(), "pipe")
	s.must(syscall.Mkfifo(pipe, 0o600))
	s.program("foot", "sh", "-c", `printf '\033]2;make zebra\007'; read -r _ <"$1"; printf '\033]2;stripes\007'; sleep 60`, "sh", pipe)
	s.eventually("the build is shown", func() bool { return s.focused() == "make zebra" })
	s.program("foot", "--title", "elsewhere", "--override=locked-title=yes")
	s.eventually("another window has the focus", func() bool { return s.focused() == "elsewhere" })
	s.write(pipe, "done\n")
	s.eventually("it is told", func() bool { return slices.Contains(s.shownTitles(), "make zebra has ended") })
	s.output("makoctl", "invoke", "1-0")
	s.eventually("it is shown", func() bool { return s.focused() == "stripes" })
}

// TestWhatWasCopiedIsShownToAModelElsewhereAfterAYes: the built-in rule for errors, and a model that is not on this machine as
// far as nervad can tell.
func TestWhatWasCopiedIsShownToAModelElsewhereAfterAYes(t *testing.T) {
	model, config := withModel(t)
	model.Script(modelserver.Reply{Text: "A zebra is no number."})
	s := start(t, strings.Replace(config, "127.0.0.1", "0.0.0.0", 1))
	s.nervad()
	s.overlay()
	s.followed()
	s.copies("Traceback (most recent call last):\n  File \"zoo.py\", line 1\nValueError: zebra\n" + strings.Repeat("and so on\n", 100))
	s.suggested("Explain the copied error")
	s.summon()
	s.sees("Explain the copied error")
	s.keys("Return")
	s.sees("Refuse", "0.0.0.0", "ValueError: zebra")
	if n := len(model.Requests()); n > 0 {
		t.Errorf("the model was asked %d times before a yes", n)
	}
	s.screenshot()
	s.keys("Tab", "Return")
	s.sees("Explain this error", "A zebra is no number.")
	if log := s.output("nerva", "log", "--json"); !strings.Contains(log, `"skill":"show_request"`) || !strings.Contains(log, `"decided_by":"overlay"`) {
		t.Errorf("the log is\n%s", log)
	}
}

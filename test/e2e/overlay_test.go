package e2e

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/bus/overlay"
	"nerva/core/bus/overlay/socket"
	"nerva/test/modelserver"
	"nerva/test/program"
)

// withOverlay starts a session with daemon and resident overlay, hidden, no window open.
func withOverlay(t *testing.T) *session {
	t.Helper()
	return withOverlayAnd(t, offline)
}

func withOverlayAnd(t *testing.T, config string) *session {
	t.Helper()
	s := withDaemon(t, config)
	s.closeAll()
	s.overlay()
	s.eventually("the overlay is attached", func() bool {
		status, err := s.client.Status(s.ctx)
		return err == nil && status.Overlay
	})
	s.Cleanup(s.closeAll)
	return s
}

// The main job, as a person does it: the real key binding, typing, Enter.
func TestSuperSpaceTypeEnterLaunches(t *testing.T) {
	s := withOverlay(t)
	s.keys("logo+space")
	s.eventually("the key binding shows the overlay", s.shown)
	s.sees("Search or ask")
	s.typing("foot")
	s.sees("Foot", "Open", "Ask")
	s.keys("Return")
	s.eventually("foot has a window", func() bool { return len(s.windows("foot")) == 1 })
	s.waitHidden()
	if w := s.windows("foot"); !w[0].Focused {
		t.Error("the new window did not get the focus: its activation token was of no use")
	}
}

func TestEscapeAndLosingTheFocusDismiss(t *testing.T) {
	s := withOverlay(t)
	s.summon()
	s.keys("Escape")
	s.waitHidden()

	for _, title := range []string{"behind", "in front"} {
		s.program("foot", "--title", title)
		s.eventually("foot's window "+title+" has the focus", func() bool {
			w := s.windows("foot")
			return slices.ContainsFunc(w, func(n node) bool { return n.Name == title && n.Focused })
		})
	}
	s.summon()
	s.output("swaymsg", "[title=behind] focus")
	s.waitHidden()
}

// TestAKeyboardThatComesAndGoesDismissesNothing: the desktop has no other one, so the focus goes with each and comes with
// the next, a little later each time.
func TestAKeyboardThatComesAndGoesDismissesNothing(t *testing.T) {
	s := withOverlay(t)
	s.summon()
	for n := range 120 {
		s.output("wtype", "-s", strconv.Itoa(1+n%60), "-k", "x", "-s", "1")
		if !s.shown() {
			t.Fatalf("it is hidden after %d keyboards", n+1)
		}
	}
}

func TestAWindowThatOpensDismissesNothing(t *testing.T) {
	s := withOverlay(t)
	s.summon()
	s.program("foot", "--title", "late")
	s.eventually("foot has a window", func() bool { return len(s.windows("foot")) == 1 })
	s.typing("zebra")
	s.sees("zebra")
}

func TestASecondToggleHides(t *testing.T) {
	s := withOverlay(t)
	s.summon()
	s.output("nerva-ui")
	s.waitHidden()
}

// TestTheBuiltNervaUIStartsByItsOwnEntry holds that the build tells the linker so: the Go runtime's start takes
// 190 page faults.
func TestTheBuiltNervaUIStartsByItsOwnEntry(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("nerva-ui's own entry is written for amd64 only; elsewhere it has the Go runtime's")
	}
	s := withOverlay(t)
	s.eventually("the overlay listens", func() bool { // it owns its name before
		c, err := net.Dial("unix", socket.Path())
		return err == nil && c.Close() == nil
	})
	c := exec.CommandContext(s.ctx, "nerva-ui")
	c.Env = s.env
	s.must(c.Run())
	s.eventually("the overlay is shown", s.shown)
	if faults := c.ProcessState.SysUsage().(*syscall.Rusage).Minflt; faults > 60 {
		t.Errorf("%d page faults", faults)
	}
}

func TestArrowsAndControlKeysChoose(t *testing.T) {
	s := withOverlay(t)
	for _, name := range []string{"First", "Second", "Third"} {
		s.application("org.test."+name, "Name=Zebra "+name+"\nExec=touch "+filepath.Join(s.data, name)+"\n")
	}
	var order []string
	s.eventually("all three are found", func() bool {
		found, err := s.client.Query(s.ctx, "zebra", 10)
		order = nil
		for _, r := range found {
			order = append(order, strings.TrimPrefix(r.Title, "Zebra "))
		}
		return err == nil && len(order) == 3
	})
	s.summon()
	s.typing("zebra")
	s.sees("Zebra First", "Zebra Second", "Zebra Third")
	s.keys("Down", "ctrl+n", "ctrl+p", "Return")
	s.eventually("the second one ran", func() bool { return exists(filepath.Join(s.data, order[1])) })
	for _, other := range []string{order[0], order[2]} {
		if exists(filepath.Join(s.data, other)) {
			t.Errorf("%s ran as well", other)
		}
	}
}

// TestANoteIsFoundByWhatItSays: it is written while nervad runs, by no program of nerva's, and the word stands in its text alone.
func TestANoteIsFoundByWhatItSays(t *testing.T) {
	s := withOverlay(t)
	path := filepath.Join(s.notes, "animals.md")
	s.write(path, "# Animals\n\nSome sleep all day.\nThe quokka sleeps standing.\n")
	s.eventually("the note is indexed", func() bool {
		found, err := s.client.Query(s.ctx, "quokka", 10)
		return err == nil && len(found) == 1 && found[0].ID == "note:"+path
	})
	var listed []api.Result
	s.json(&listed, "nerva", "search", "--json", "quokka", "sleep")
	if len(listed) != 1 || listed[0].Title != "Animals" || listed[0].Subtitle != "The quokka sleeps standing." {
		t.Errorf("nerva search finds %+v", listed)
	}
	s.summon()
	s.typing("quokk")
	ear := s.accessibility()
	var names []string
	s.eventually("there is one row", func() bool { names, _ = s.rows(ear); return len(names) == 1 })
	if want := "Animals, The quokka sleeps standing., Note"; names[0] != want {
		t.Errorf("the row is called %q, want %q", names[0], want)
	}
	s.sees("Animals", "The quokka sleeps standing.")
	s.keys("Return")
	s.eventually("the note is open in the editor", func() bool {
		w := s.windows("mousepad")
		return len(w) == 1 && strings.Contains(w[0].Name, "animals.md")
	})
	s.waitHidden()
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestAQuestionInWordsRunsToolsAndShowsEachStep(t *testing.T) {
	s := withOverlay(t)
	s.summon()
	s.typing("?open foot and calculate 12*12 and make a note that zebras are striped")
	s.keys("Return")
	s.eventually("foot has a window", func() bool { return len(s.windows("foot")) == 1 })
	s.waitFinished(1)
	s.sees("launch_app", "calculate", "add_note", "144")
}

// waitFinished waits for the end of the n-th run and returns it.
func (s *session) waitFinished(n uint64) api.Run {
	s.Helper()
	ctx, stop := context.WithTimeout(s.ctx, program.Patience)
	defer stop()
	run, events, err := s.client.Watch(ctx, n)
	s.must(err)
	for e := range events {
		if e.Type == api.EventFinished {
			run.State, run.Answer = e.State, e.Answer
		}
	}
	if !run.State.Final() {
		s.Fatalf("run %d is still %s", n, run.State)
	}
	run, events, err = s.client.Watch(s.ctx, n)
	s.must(err)
	for range events { // closed at once
	}
	return run
}

func TestAQuestionBlocksUntilAPersonAnswers(t *testing.T) {
	for _, c := range []struct {
		rule  string
		keys  []string
		state api.StepState
	}{
		{"Enter refuses, because Refuse has the focus", []string{"Return"}, api.StepRefused},
		{"a deliberate yes runs it", []string{"Tab", "Return"}, api.StepOK},
	} {
		t.Run(c.rule, func(t *testing.T) {
			s := withOverlay(t)
			s.write(filepath.Join(s.data, "letter.txt"), "read me\n")
			s.summon()
			s.typing("?open " + filepath.Join(s.data, "letter.txt"))
			s.keys("Return")
			s.eventually("the run asks", func() bool {
				runs, err := s.client.Runs(s.ctx, 1)
				return err == nil && len(runs) == 1 && runs[0].State == api.Confirming
			})
			s.sees("open_path", "letter.txt", "Refuse")
			s.keys(c.keys...)
			run := s.waitFinished(1)
			if len(run.Steps) != 1 || run.Steps[0].State != c.state {
				t.Errorf("the run's steps are %+v", run.Steps)
			}
			if c.state == api.StepOK {
				s.eventually("the editor has a window", func() bool { return len(s.windows("mousepad")) == 1 })
			} else if w := s.windows("mousepad"); len(w) > 0 {
				t.Errorf("what was refused is open: %+v", w)
			}
			var record api.Record
			s.json(&record, "nerva", "log", "--json")
			if record.Decision != "ask" || record.DecidedBy != "overlay" {
				t.Errorf("the log says %+v", record)
			}
		})
	}
}

func TestNobodyToAskIsARefusal(t *testing.T) {
	s := withDaemon(t, offline)
	s.output("busctl", busctl("org.nerva.Agent1.Ask", "sa{sv}", "open /etc/hostname", "0")...)
	run := s.waitFinished(1)
	if len(run.Steps) != 1 || run.Steps[0].State != api.StepRefused {
		t.Errorf("the run's steps are %+v", run.Steps)
	}
}

// A model that waits keeps a run going while the overlay dies.
func TestARunOutlivesAKilledOverlayAndANewOneShowsIt(t *testing.T) {
	hold := make(chan struct{})
	model, config := withModel(t)
	model.Handle(func(r modelserver.Request) modelserver.Reply {
		if len(r.Results()) == 0 {
			return modelserver.Reply{Text: "Counting zebras.", Calls: []modelserver.Call{{Name: "calculate", Arguments: `{"expression":"40+2"}`}}}
		}
		<-hold
		return modelserver.Reply{Text: "There are " + r.Results()[0].Output}
	})
	s := withDaemon(t, config)
	first := s.overlay()
	s.summon()
	s.typing("?how many zebras")
	s.keys("Return")
	s.sees("calculate")
	first.Kill()
	s.eventually("the name is free", func() bool { return s.owner(overlay.Name) == 0 })
	s.overlay()
	s.summon()
	s.sees("how many zebras", "calculate")
	close(hold)
	if run := s.waitFinished(1); run.State != api.Done || !strings.Contains(run.Answer, "42") {
		t.Errorf("%+v", run)
	}
	s.sees("There are", "42")
}

func TestOneProcessHostsEverythingAndHandsOver(t *testing.T) {
	s := start(t, offline)
	s.closeAll()
	s.Cleanup(s.closeAll)
	host := s.overlay("--host")
	s.waitOwner(bus.Name, host.PID)
	if got := s.output("busctl", busctl("org.nerva.Agent1.AskAndWait", "sa{sv}", "what is 21*2", "0")...); got != `s "42"` {
		t.Errorf("the overlay answers %s", got)
	}
	var status api.Status
	s.json(&status, "nerva", "status", "--json")
	if status.Host != "overlay" || !status.Overlay {
		t.Errorf("%+v", status)
	}
	daemon := s.nervad()
	s.eventually("the overlay attaches to nervad", func() bool {
		status, err := s.client.Status(s.ctx)
		return err == nil && status.Host == "nervad" && status.PID == daemon.PID && status.Overlay
	})
	s.summon()
	s.typing("foot")
	s.sees("Foot")
}

// The bus starts the overlay by its service file when the desktop entry is opened, as any launcher opens it.
func TestTheDesktopFileIsActivatedByItsName(t *testing.T) {
	s := withDaemon(t, offline)
	// The bus reads the desktop's own data folder, not this test's.
	data := os.Getenv("XDG_DATA_HOME")
	service := filepath.Join(data, "dbus-1", "services", "org.nerva.Overlay1.service")
	template, err := os.ReadFile(filepath.Join("..", "..", "assets", "dbus", "org.nerva.Overlay1.service"))
	s.must(err)
	libexec, err := filepath.Abs(filepath.Dir(overlayPath(t)))
	s.must(err)
	s.write(service, strings.ReplaceAll(string(template), "@libexecdir@", libexec))
	reload := func() { s.must(s.conn.BusObject().Call("org.freedesktop.DBus.ReloadConfig", 0).Err) }
	reload()
	s.Cleanup(func() {
		if pid := s.owner(overlay.Name); pid != 0 {
			s.must(syscall.Kill(pid, syscall.SIGTERM))
		}
		s.eventually("the overlay has ended", func() bool { return s.owner(overlay.Name) == 0 })
		s.must(os.Remove(service))
		reload()
	})
	if pid := s.owner(overlay.Name); pid != 0 {
		t.Fatalf("an overlay runs already, process %d", pid)
	}
	entry, err := filepath.Abs(filepath.Join("..", "..", "assets", "applications", "org.nerva.Overlay1.desktop"))
	s.must(err)
	s.output("gio", "launch", entry)
	s.eventually("the overlay runs", func() bool { return s.owner(overlay.Name) != 0 })
	s.eventually("the overlay is shown", s.shown)
	s.sees("Search or ask")
}

// withModel starts a model server and returns the configuration that names it.
func withModel(t *testing.T) (*modelserver.Server, string) {
	t.Helper()
	m, err := modelserver.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m, "[llm]\nprovider = \"openai\"\nmodel = \"test\"\nbase_url = \"" + m.URL + "\"\n"
}

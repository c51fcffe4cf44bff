package bus

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"

	"nerva/core/api"
	"nerva/core/bus/bustest"
	"nerva/core/bus/overlay"
)

// tool runs busctl or gdbus against a bus, as a script would.
func tool(t *testing.T, bus bustest.Bus, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(cmd.Environ(), "DBUS_SESSION_BUS_ADDRESS="+bus.Address)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "exit: " + string(out)
	}
	return strings.TrimSpace(string(out))
}

func TestScriptsReachEveryInterface(t *testing.T) {
	_, _, bus := startServer(t)
	call := func(args ...string) string {
		return tool(t, bus, "busctl", append([]string{"--user", "call", "--", Name}, args...)...)
	}
	for _, c := range []struct{ name, got, want string }{
		{"AskAndWait", call(string(Path), AgentInterface, "AskAndWait", "sa{sv}", "say:42", "0"), `s "42"`},
		{"Ask", call(string(Path), AgentInterface, "Ask", "sa{sv}", "say:x", "1", "interactive", "b", "true"), `o "/org/nerva/Nerva1/run/2"`},
		{"Execute", call(string(Path), SkillsInterface, "Execute", "ssa{sv}", "echo", `{"a":1}`, "0"), `s "{\"a\":1}"`},
		{"Query", call(string(Path), LauncherInterface, "Query", "su", "x", "1"), `aa{sv} 1 8 `},
		{"Activate", call(string(Path), LauncherInterface, "Activate", "ssa{sv}", "app:foot", "", "1", "activation-token", "s", "t"), ``},
		{"VerifyLog", call(string(Path), ManagerInterface, "VerifyLog"), `"records" t 99`},
		{"unknown option", call(string(Path), AgentInterface, "Ask", "sa{sv}", "x", "1", "zzz", "b", "true"), `exit: Call failed: there is no option "zzz"`},
		{"signature", call(string(Path), LauncherInterface, "Query", "si", "x", "-1"), `exit: Call failed: Query takes arguments of signature "su", not "si"`},
		{"failed run", call(string(Path), AgentInterface, "AskAndWait", "sa{sv}", "fail:because", "0"), `exit: Call failed: because`},
		{"no such run", call(string(RunPath(99)), RunInterface, "Cancel"), `exit: Call failed: there is no run 99`},
		{"version", tool(t, bus, "busctl", "--user", "get-property", Name, string(Path), ManagerInterface, "Version"), `s "1.2"`},
		{"state", tool(t, bus, "busctl", "--user", "get-property", Name, string(RunPath(1)), RunInterface, "State"), `s "done"`},
		{"tree", tool(t, bus, "busctl", "--user", "tree", Name), "/org/nerva/Nerva1/run/1"},
		{"introspect", tool(t, bus, "busctl", "--user", "introspect", Name, string(RunPath(1))), `.Finished `},
		{"gdbus introspect", tool(t, bus, "gdbus", "introspect", "--session", "-r", "-d", Name, "-o", "/"), "node /org/nerva/Nerva1/run/1 {"},
		{"gdbus call", tool(t, bus, "gdbus", "call", "--session", "-d", Name, "-o", string(Path), "-m", AgentInterface+".AskAndWait", "say:7", "{}"), `('7',)`},
		{"gdbus error", tool(t, bus, "gdbus", "call", "--session", "-d", Name, "-o", string(Path), "-m", ManagerInterface+".Reload"), "org.nerva.Error.InvalidInput: config.toml:3:1"},
	} {
		if !strings.Contains(c.got, c.want) {
			t.Errorf("%s: got %s\nwant %s", c.name, c.got, c.want)
		}
	}
}

// TestSignaturesToTheLetter reads the introspection as the interface's users do.
func TestSignaturesToTheLetter(t *testing.T) {
	_, s, bus := startServer(t)
	c := dialAt(t, bus)
	if _, err := c.AskAndWait(t.Context(), "say:x", api.AskOptions{}); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, path := range []dbus.ObjectPath{Path, RunPath(1)} {
		n, err := introspect.Call(s.conn.Object(Name, path))
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range n.Interfaces {
			for _, m := range i.Methods {
				signature := ""
				for _, a := range m.Args {
					signature += a.Direction + " " + a.Type + " "
				}
				got[i.Name+"."+m.Name] = signature
			}
			for _, s := range i.Signals {
				signature := ""
				for _, a := range s.Args {
					signature += a.Type
				}
				got[i.Name+"."+s.Name] = signature
			}
		}
	}
	for member, want := range map[string]string{
		"org.nerva.Launcher1.Query": "in s in u out aa{sv} ", "org.nerva.Launcher1.Activate": "in s in s in a{sv} ",
		"org.nerva.Agent1.Ask": "in s in a{sv} out o ", "org.nerva.Agent1.AskAndWait": "in s in a{sv} out s ",
		"org.nerva.Agent1.ListRuns": "in u out aa{sv} ", "org.nerva.Skills1.List": "out aa{sv} ",
		"org.nerva.Skills1.Execute": "in s in s in a{sv} out s ", "org.nerva.Manager1.Status": "out a{sv} ",
		"org.nerva.Manager1.Log": "in a{sv} out aa{sv} ", "org.nerva.Manager1.VerifyLog": "out a{sv} ", "org.nerva.Manager1.Logged": "t",
		"org.nerva.Run1.Decide": "in s in s ", "org.nerva.Run1.Text": "us", "org.nerva.Run1.Step": "ua{sv}",
		"org.nerva.Run1.Confirm": "ua{sv}", "org.nerva.Run1.Finished": "uss",
		"org.freedesktop.DBus.Properties.PropertiesChanged": "sa{sv}as",
	} {
		if got[member] != want {
			t.Errorf("%s: %q, want %q", member, got[member], want)
		}
	}
	for _, path := range []dbus.ObjectPath{"/", "/org", "/org/nerva", runsPath, RunPath(1)} {
		var text string
		if err := s.conn.Object(Name, path).Call(introspectInt+".Introspect", 0).Store(&text); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if err := xml.Unmarshal([]byte(text), new(introspect.Node)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestCallerComesFromTheBus(t *testing.T) {
	f, s, bus := startServer(t)
	c := dialAt(t, bus)
	forged := api.ActivateOptions{Caller: api.Caller{Name: "overlay", Peer: ":0.0", PID: 1}}
	if err := c.Activate(t.Context(), "app:x", "", forged); err != nil {
		t.Fatal(err)
	}
	if by := f.caller(); by.Name != callerOther || by.Peer != c.conn.Names()[0] || by.PID == 0 || by.PID == 1 {
		t.Errorf("caller %+v", by)
	}
	if peer, attached := s.Overlay(); attached {
		t.Errorf("an overlay %s is attached", peer)
	}
	none := overlay.Handler{Toggle: func(string) {}, Show: func(string, string) {}, Hide: func() {}}
	presence, err := c.Presence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "presence", <-presence, true)
	if err := overlay.Serve(c.conn, none); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { _, attached := s.Overlay(); return attached })
	if err := c.Activate(t.Context(), "app:x", "", api.ActivateOptions{}); err != nil {
		t.Fatal(err)
	}
	same(t, "caller", f.caller().Name, callerOverlay)
	if found, err := c.Query(t.Context(), "x", 0); err != nil || len(found) != 2 {
		t.Errorf("the overlay finds %+v, %v", found, err)
	}
	if err := overlay.Serve(dialAt(t, bus).conn, none); !errors.Is(err, overlay.ErrRunning) {
		t.Errorf("a second overlay: %v", err)
	}
	_ = c.Close()
	waitFor(t, func() bool { _, attached := s.Overlay(); return !attached })
}

// waitFor waits for what another process or goroutine brings about.
func waitFor(t *testing.T, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); {
		if time.Now().After(deadline) {
			t.Fatal("it did not come about")
		}
		time.Sleep(time.Millisecond)
	}
}

// TestCallerGone holds that what only its caller waits for ends with the caller, and Ask's run doesn't.
func TestCallerGone(t *testing.T) {
	f, _, bus := startServer(t)
	leaver, watcher := dialAt(t, bus), dialAt(t, bus)
	run, err := leaver.Ask(t.Context(), "wait", api.AskOptions{})
	if err != nil {
		t.Fatal(err)
	}
	asked, err := watcher.Asked(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = leaver.AskAndWait(t.Context(), "confirm:q", api.AskOptions{}) }()
	go func() { _, _ = leaver.Execute(t.Context(), "hang", json.RawMessage(`{}`), api.AskOptions{}) }()
	waited := <-asked
	executing := <-f.executed
	now, events, err := watcher.Watch(t.Context(), waited)
	if err != nil {
		t.Fatal(err)
	}
	name := leaver.conn.Names()[0]
	_ = leaver.Close()
	for e := range events {
		fold(&now, e)
	}
	same(t, "the service is told", <-f.gone, name)
	same(t, "AskAndWait's run", now.State, api.CancelledRun)
	<-executing.Done()
	now, _, err = watcher.Watch(t.Context(), run)
	same(t, "error", err, nil)
	same(t, "Ask's run", now.State, api.Thinking)
	same(t, "Cancel", watcher.Cancel(t.Context(), run), nil)
}

func TestNoDaemon(t *testing.T) {
	bus := bustest.Start(t)
	c := dialAt(t, bus)
	_, _, watchErr := c.Watch(t.Context(), 1)
	_, statusErr := c.Status(t.Context())
	for _, err := range []error{watchErr, statusErr} {
		if !errors.Is(err, ErrNoDaemon) || api.CodeOf(err) != api.Unavailable {
			t.Errorf("%v", err)
		}
	}
	if _, err := Dial(t.Context(), DialOptions{Address: "unix:path=/nowhere"}); api.CodeOf(err) != api.Unavailable ||
		!strings.Contains(err.Error(), "no session bus") {
		t.Errorf("%v", err)
	}
}

func TestDaemonGoneEndsAWatch(t *testing.T) {
	_, s, bus := startServer(t)
	c := dialAt(t, bus)
	presence, err := c.Presence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	run, err := c.Ask(t.Context(), "wait", api.AskOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, events, err := c.Watch(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	ctx, done := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer done()
	if err := s.Close(ctx); err != nil {
		t.Error(err)
	}
	for range events { // ends when the channel is closed
	}
	same(t, "presence", []bool{<-presence, <-presence}, []bool{true, false})
}

func TestEarlyCallsWaitForTheService(t *testing.T) {
	bus := bustest.Start(t)
	s, err := NewServer(t.Context(), ServerOptions{Address: bus.Address})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context())
	if err := s.Own(t.Context(), Claim{}); err != nil {
		t.Fatal(err)
	}
	answer := make(chan error)
	c := dialAt(t, bus)
	go func() {
		_, err := c.Status(t.Context())
		answer <- err
	}()
	f := newFake()
	s.Serve(f.service(s))
	same(t, "Status", <-answer, nil)
}

// tryOwn starts a server and lets it claim the name.
func tryOwn(t *testing.T, bus bustest.Bus, c Claim) error {
	t.Helper()
	s, err := NewServer(t.Context(), ServerOptions{Address: bus.Address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	err = s.Own(t.Context(), c)
	if err == nil {
		f := newFake()
		s.Serve(f.service(s))
	}
	return err
}

func TestSecondDaemonSaysWhoRuns(t *testing.T) {
	_, _, bus := startServer(t)
	for _, c := range []Claim{{}, {Yield: true}} {
		err := tryOwn(t, bus, c)
		var running *RunningError
		if !errors.As(err, &running) || err.Error() != "nervad is running already: pid 42, version 1.2, hosted by nervad" {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestUnitWaitsInTheQueue(t *testing.T) {
	_, first, bus := startServer(t)
	waiting, got := make(chan string, 1), make(chan error, 1)
	go func() {
		err := tryOwn(t, bus, Claim{Queue: true, Waiting: func(s string) { waiting <- s }})
		got <- err
	}()
	if s := <-waiting; !strings.Contains(s, "pid 42") {
		t.Error(s)
	}
	if err := first.Close(t.Context()); err != nil {
		t.Error(err)
	}
	same(t, "error", <-got, nil)
}

// hosting is a fake inside an overlay.
type hosting struct{ *fake }

func (h hosting) Status(ctx context.Context) (api.Status, error) {
	s, err := h.fake.Status(ctx)
	s.Host = overlayHost
	return s, err
}

func hostAt(t *testing.T, bus bustest.Bus) *Server {
	t.Helper()
	s, err := NewServer(t.Context(), ServerOptions{Address: bus.Address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	if err := s.Own(t.Context(), Claim{Yield: true}); err != nil {
		t.Fatal(err)
	}
	h := hosting{newFake()}
	h.started = s.Started
	s.Serve(Service{Launcher: h, Names: names{}, Agent: h, Skills: h, Policy: h, Watchers: h, Workflows: h, Manager: h})
	return s
}

func TestIdleOverlayHandsOverAtOnce(t *testing.T) {
	bus := bustest.Start(t)
	host := hostAt(t, bus)
	if err := tryOwn(t, bus, Claim{}); err != nil {
		t.Fatal(err)
	}
	if err := host.Lost(t.Context()); !errors.Is(err, ErrReplaced) {
		t.Errorf("%v", err)
	}
}

// TestBusyOverlayHandsOverAfterItsRun holds for a nervad started by hand and for the unit alike.
func TestBusyOverlayHandsOverAfterItsRun(t *testing.T) {
	for name, claim := range map[string]Claim{"by hand": {}, "unit": {Queue: true}} {
		t.Run(name, func(t *testing.T) {
			bus := bustest.Start(t)
			host := hostAt(t, bus)
			c := dialAt(t, bus)
			run, err := c.Ask(t.Context(), "wait", api.AskOptions{})
			if err != nil {
				t.Fatal(err)
			}
			waiting, got := make(chan string, 1), make(chan error, 1)
			claim.Waiting = func(s string) { waiting <- s }
			go func() {
				err := tryOwn(t, bus, claim)
				got <- err
			}()
			if s := <-waiting; !strings.Contains(s, "hosted by overlay") {
				t.Error(s)
			}
			now, events, err := c.Watch(t.Context(), run)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Cancel(t.Context(), run); err != nil {
				t.Fatal(err)
			}
			for e := range events {
				fold(&now, e)
			}
			same(t, "the run's end, seen before the name moves", now.State, api.CancelledRun)
			same(t, "error", <-got, nil)
			if err := host.Lost(t.Context()); !errors.Is(err, ErrReplaced) {
				t.Errorf("%v", err)
			}
			status, err := c.Status(t.Context())
			same(t, "error", err, nil)
			same(t, "host", status.Host, "nervad")
		})
	}
}

func TestBetweenLeadsFromOneStateToAnother(t *testing.T) {
	old := api.Run{State: api.Thinking, Answer: "a", Seq: 3, Questions: []api.Question{{ID: "q1"}}, Steps: []api.Step{{ID: 1, State: api.StepRunning}}}
	now := api.Run{State: api.Confirming, Answer: "abc", Seq: 9, Questions: []api.Question{{ID: "q2"}}, Steps: []api.Step{{ID: 1, State: api.StepOK}, {ID: 2}}}
	got := old
	got.Steps, got.Questions = slices.Clone(old.Steps), slices.Clone(old.Questions)
	last := old.Seq
	for _, e := range between(old, now) {
		if e.Seq <= last {
			t.Errorf("event %d after %d", e.Seq, last)
		}
		last = e.Seq
		fold(&got, e)
	}
	same(t, "run", got, now)
}

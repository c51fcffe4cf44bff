package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/desk"
	"nerva/test/program"
	"nerva/wayland/clipboard"
)

// eventRounds is how many events of each source are timed.
const eventRounds = 100

// eventRules are for the events below, beside fifty that are for none.
const eventRules = `
[[watchers.rule]]
name = "copied zebra"
on = "clipboard"
match.regex = "^zebra"
suggest = { title = "{{.Text}}", ask = "x" }
[[watchers.rule]]
name = "titled zebra"
on = "window"
match = { regex = "^zebra", events = ["titled"] }
suggest = { title = "{{.Text}}", ask = "x" }
[[watchers.rule]]
name = "filed zebra"
on = "file"
match.paths = [%q]
match.events = ["moved", "created"]
suggest = { title = "{{.Text}}", ask = "x" }
[[watchers.rule]]
name = "said zebra"
on = "dbus"
match = { interface = "org.example.Zoo", member = "Born" }
suggest = { title = "{{.Text}}", ask = "x" }
`

// measureEvents times from a real event to the signal Suggested of nervad: what is suggested is on the disk by then.
func measureEvents(ctx context.Context, r *report) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	folder, err := os.MkdirTemp("", "events")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // it is thrown away
	if err := writeConfig(folder, fmt.Sprintf(eventRules, folder+"/*.zebra")+program.FiftyRules(folder)); err != nil {
		return err
	}
	stop, err := startDaemon(ctx, "XDG_CONFIG_HOME="+folder, "XDG_STATE_HOME="+filepath.Join(folder, "state"))
	if err != nil {
		return err
	}
	defer stop()
	sources, end, err := eventSources(ctx, folder)
	if err != nil {
		return err
	}
	defer end()
	heard, err := suggested(ctx)
	if err != nil {
		return err
	}
	for _, s := range sources {
		if err := firstHeard(ctx, s, heard); err != nil {
			return err
		}
		var samples []float64
		for n := range eventRounds {
			start := time.Now()
			if err := s.happen(fmt.Sprintf("zebra %s %d", s.name, n)); err != nil {
				return err
			}
			select {
			case at := <-heard:
				samples = append(samples, milliseconds(at.Sub(start)))
			case <-time.After(program.Patience):
				return fmt.Errorf("event %d of %s is not heard", n, s.name)
			}
		}
		took := r.add("from an event to its suggestion, 54 rules: "+s.name, samples)
		r.atMost("event to suggestion, "+s.name+", p99", "ms", took.P99, 50)
	}
	return nil
}

// writeConfig writes a configuration without a model into a folder that is XDG_CONFIG_HOME.
func writeConfig(folder, more string) error {
	if err := os.Mkdir(filepath.Join(folder, "nerva"), 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "nerva", "config.toml"), []byte("[llm]\nprovider = \"offline\"\n"+more), 0o600)
}

// eventSource makes something happen that has text in it.
type eventSource struct {
	name   string
	happen func(text string) error
}

// suggested gives the time of each signal.
func suggested(ctx context.Context) (<-chan time.Time, error) {
	conn, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	err = conn.AddMatchSignal(dbus.WithMatchInterface(bus.WatchersInterface), dbus.WithMatchMember("Suggested"))
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	signals, heard := make(chan *dbus.Signal, 16), make(chan time.Time, 16)
	conn.Signal(signals)
	go func() { // until the connection ends with ctx
		for range signals {
			heard <- time.Now()
		}
	}()
	return heard, nil
}

// firstHeard repeats an event until nervad listens, which it does a moment after it serves, and until nothing more is on its
// way: one that is late would be taken for that of the next event, and so on.
func firstHeard(ctx context.Context, s eventSource, heard <-chan time.Time) error {
	for n := range 100 {
		if err := s.happen(fmt.Sprintf("zebra %s first %d", s.name, n)); err != nil {
			return err
		}
		listens := false
		for quiet := false; !quiet; {
			select {
			case <-heard:
				listens = true
			case <-time.After(200 * time.Millisecond):
				quiet = true
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if listens {
			return nil
		}
	}
	return fmt.Errorf("no event of %s is heard", s.name)
}

// eventSources are a clipboard of its own, a terminal that shows the titles it is told, a folder, and the session bus.
func eventSources(ctx context.Context, folder string) (all []eventSource, end func(), err error) {
	board := clipboard.New(ctx, slog.New(slog.DiscardHandler))
	pipe := filepath.Join(folder, "titles")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		return nil, nil, err
	}
	terminal := exec.CommandContext(ctx, "foot", "sh", "-c", `while read -r title; do printf '\033]2;%s\007' "$title"; done <"$1"`, "sh", pipe)
	if err := terminal.Start(); err != nil {
		return nil, nil, err
	}
	titles, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits for the shell
	if err != nil {
		return nil, nil, errors.Join(err, terminal.Process.Kill(), terminal.Wait())
	}
	conn, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return nil, nil, err
	}
	part := filepath.Join(folder, "part")
	all = []eventSource{
		{"clipboard", func(text string) error {
			return board.Copy(ctx, desk.Form{Type: desk.TextTypes[0], Data: []byte(text)})
		}},
		{"window", func(text string) error {
			_, err := fmt.Fprintln(titles, text)
			return err
		}},
		{"file", func(text string) error {
			if err := os.WriteFile(part, []byte(text), 0o600); err != nil {
				return err
			}
			return os.Rename(part, filepath.Join(folder, text+".zebra"))
		}},
		{"D-Bus", func(text string) error { return conn.Emit("/zoo", "org.example.Zoo.Born", text) }},
	}
	return all, func() {
		_ = titles.Close() // the shell, and with it the terminal, ends
		_ = terminal.Wait()
	}, nil
}

// floodRate is how many events a second there are in measureFlood, for floodFor.
const (
	floodRate = 1000
	floodFor  = time.Minute
)

// floodRule acts by itself, through the gate and onto the record.
const floodRule = `
[[watchers.rule]]
name = "counted zebra"
on = "dbus"
match = { interface = "org.example.Zoo", member = "Born" }
auto = true
skill = "calculate"
input = { expression = "6*7" }
`

// measureFlood has two rules fire a thousand times a second for a minute, by signals over the bus: one that suggests, and one
// that acts. It asks nervad afterwards how often that was, and what it has allocated more.
func measureFlood(ctx context.Context, r *report) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	folder, err := os.MkdirTemp("", "flood")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // it is thrown away
	if err := writeConfig(folder, fmt.Sprintf(eventRules, folder+"/*.zebra")+floodRule); err != nil {
		return err
	}
	client, stop, err := dialDaemon(ctx, "XDG_CONFIG_HOME="+folder, "XDG_STATE_HOME="+filepath.Join(folder, "state"))
	if err != nil {
		return err
	}
	defer stop()
	conn, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return err
	}
	born := func(text string) error { return conn.Emit("/zoo", "org.example.Zoo.Born", text) }
	heard, err := suggested(ctx)
	if err != nil {
		return err
	}
	if err := firstHeard(ctx, eventSource{"D-Bus", born}, heard); err != nil {
		return err
	}
	go func() { // nobody waits for these
		for range heard {
		}
	}()
	status, err := client.Status(ctx)
	if err != nil {
		return err
	}
	flood := func(name string, events int) error {
		began := time.Now()
		for n := range events {
			if err := born(fmt.Sprintf("zebra %s %d", name, n)); err != nil {
				return err
			}
			time.Sleep(time.Until(began.Add(time.Duration(n) * time.Second / floodRate)))
		}
		return nil
	}
	if err := flood("warm", 5*floodRate); err != nil {
		return err
	}
	before, err := floodState(ctx, client, status.PID, flooded{})
	if err != nil {
		return err
	}
	events := floodRate * int(floodFor/time.Second)
	if err := flood("flood", events); err != nil {
		return err
	}
	after, err := floodState(ctx, client, status.PID, flooded{fired: before.fired + events, acted: before.acted + events})
	if err != nil {
		return err
	}
	r.atMost(fmt.Sprintf("of %d events in %v, those that a rule did not fire for", events, floodFor), "events", float64(events-after.fired+before.fired), 0)
	r.atMost("and those that a rule did not act on", "events", float64(events-after.acted+before.acted), 0)
	r.atMost("what nervad has allocated more after them", "MiB", after.mib-before.mib, 4)
	return nil
}

// flooded is how often the one rule has fired, how many calls of the other are on record, and what nervad has allocated.
type flooded struct {
	fired, acted int
	mib          float64
}

// floodState waits until there is as much as there should be, or nothing more comes.
func floodState(ctx context.Context, client *bus.Client, pid int, want flooded) (is flooded, err error) {
	for range 100 {
		rules, err := client.Watchers(ctx)
		if err != nil {
			return is, err
		}
		for _, rule := range rules {
			if rule.Name == "said zebra" {
				is.fired = int(rule.Fired)
			}
		}
		calls, err := client.Log(ctx, api.LogFilter{Skill: "calculate", Limit: 1})
		if err != nil {
			return is, err
		}
		verified, err := client.VerifyLog(ctx)
		if err != nil {
			return is, err
		}
		if len(calls) > 0 {
			is.acted = int(verified.Records) / 2
		}
		if want.fired != 0 && is.fired >= want.fired && is.acted >= want.acted {
			break
		}
		time.Sleep(100 * time.Millisecond) // what is on its way, and a collection, have their time
	}
	is.mib, err = own(pid)
	return is, err
}

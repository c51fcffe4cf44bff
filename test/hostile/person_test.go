package hostile

import (
	"context"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/bus/overlay"
	"nerva/test/program"
)

// runLimit bounds a run: one that goes on longer has not been stopped. It is below the minute that a question waits.
const runLimit = 40 * time.Second

// cancelLimit bounds a cancel, which waits for nothing of the model's: its own limits are longer.
const cancelLimit = 10 * time.Second

// seen is what somebody who looks on has seen of the run.
type seen struct {
	runs      []uint64
	state     api.State
	answer    string
	steps     []api.Step
	questions []api.Question
	problems  []string
}

func (s *seen) problem(format string, args ...any) {
	s.problems = append(s.problems, fmt.Sprintf(format, args...))
}

// person is who answers, from one connection.
type person struct {
	w    *world
	conn *dbus.Conn
}

// sit takes the person's seat.
func (w *world) sit() *person {
	w.Helper()
	conn, err := dbus.Connect(w.address)
	must(w.T, err)
	w.Cleanup(func() { _ = conn.Close() })
	if w.c.Seat == "overlay" {
		must(w.T, overlay.Serve(conn, overlay.Handler{
			Toggle: func(string) {}, Show: func(string, string) {}, Hide: func() {}, Visible: func() bool { return true },
		}))
		if !program.Eventually(func() bool {
			status, err := w.client.Status(w.ctx)
			return err == nil && status.Overlay
		}) {
			w.Fatal("nervad does not see the overlay")
		}
	}
	return &person{w, conn}
}

// ask asks for a run: from the person's own connection where the person sits there.
func (p *person) ask(prompt string) uint64 {
	c := p.w.c
	options := map[string]dbus.Variant{"interactive": dbus.MakeVariant(c.Seat == "peer" && c.Person != "nobody")}
	result := p.w.fill(c.Result)
	if c.Event != "" {
		result = p.w.happens(p.w.fill(c.Event))
	}
	if result != "" {
		options["result"] = dbus.MakeVariant(result)
	}
	var path dbus.ObjectPath
	err := p.conn.Object(bus.Name, bus.Path).CallWithContext(p.w.ctx, bus.AgentInterface+".Ask", 0, p.w.fill(prompt), options).Store(&path)
	must(p.w.T, err)
	run, err := bus.ParseRunPath(path)
	must(p.w.T, err)
	return run
}

// happens sends the signal until nervad, which listens a moment after it serves, has suggested something, and gives that.
func (w *world) happens(text string) (result string) {
	w.Helper()
	conn, err := dbus.Connect(w.address)
	must(w.T, err)
	defer func() { _ = conn.Close() }()
	if !program.Eventually(func() bool {
		must(w.T, conn.Emit("/org/test", "org.test.Event.Happened", text))
		list, err := w.client.Suggestions(w.ctx, 0)
		must(w.T, err)
		if len(list) == 1 {
			result = api.KindSuggestion + ":" + list[0].ID
		}
		return result != ""
	}) {
		w.Fatal("nothing is suggested")
	}
	return result
}

// answer gives the n-th answer.
func (p *person) answer(run uint64, n int, q api.Question) error {
	decision := api.Refuse
	switch p.w.c.Person {
	case "leaves":
		return p.conn.Close()
	case "yes":
		decision = api.Once
	case "yes-once":
		if n == 0 {
			decision = api.Once
		}
	case "yes-run":
		if n == 0 {
			decision = api.ForRun
		}
	case "yes-always":
		if n == 0 {
			decision = api.Always
		}
	}
	return p.conn.Object(bus.Name, bus.RunPath(run)).CallWithContext(p.w.ctx, bus.RunInterface+".Decide", 0, q.ID, string(decision)).Err
}

// play asks for what the case asks for and follows it to its end.
func (w *world) play() *seen {
	w.Helper()
	person := w.sit()
	s := &seen{}
	w.follow(s, person, person.ask(w.c.Prompt))
	if w.c.Then != "" {
		w.follow(s, person, person.ask(w.c.Then))
	}
	return s
}

// follow watches a run until it has ended. Its steps come after those of an earlier one.
func (w *world) follow(s *seen, person *person, run uint64) {
	w.Helper()
	s.runs = append(s.runs, run)
	before := s.steps
	s.steps = nil
	defer func() { s.steps = append(before, s.steps...) }()
	ctx, stop := context.WithTimeout(w.ctx, runLimit)
	defer stop()
	now, events, err := w.client.Watch(ctx, run)
	must(w.T, err)
	s.state, s.steps = now.State, now.Steps
	for _, q := range now.Questions {
		w.question(s, person, q)
	}
	if now.Answer != "" && w.c.Cancel {
		w.cancel(s)
	}
	for e := range events {
		switch e.Type {
		case api.EventText:
			if w.c.Cancel {
				w.cancel(s)
			}
		case api.EventStep:
			s.step(*e.Step)
		case api.EventConfirm:
			w.question(s, person, *e.Question)
		case api.EventFinished:
			now.State, now.Answer = e.State, e.Answer
		}
	}
	s.state, s.answer = now.State, now.Answer
	if !s.state.Final() {
		s.problem("the run did not end within %v", runLimit)
		_ = w.client.Cancel(w.ctx, run) // its failure shows below, in what is left
	}
}

// run is the last one.
func (s *seen) run() uint64 { return s.runs[len(s.runs)-1] }

func (s *seen) step(step api.Step) {
	at := slices.IndexFunc(s.steps, func(other api.Step) bool { return other.ID == step.ID })
	if at < 0 {
		s.steps = append(s.steps, step)
		return
	}
	s.steps[at] = step
}

func (w *world) cancel(s *seen) {
	ctx, stop := context.WithTimeout(w.ctx, cancelLimit)
	defer stop()
	if err := w.client.Cancel(ctx, s.run()); err != nil {
		s.problem("the run can't be cancelled: %v", err)
	}
}

// question lets the intruders try, then the person answers.
func (w *world) question(s *seen, p *person, q api.Question) {
	n := len(s.questions)
	if slices.ContainsFunc(s.questions, func(other api.Question) bool { return other.ID == q.ID }) {
		return
	}
	s.questions = append(s.questions, q)
	if w.c.Person == "leaves" {
		_ = p.answer(s.run(), n, q) // fails only where it has gone already
	}
	words := maps.Clone(w.words) // the model's server reads the other
	words["RunPath"], words["Question"] = string(bus.RunPath(s.run())), q.ID
	for _, i := range w.c.Intruders {
		argv := make([]string, len(i.Run))
		for k := range argv {
			var err error
			argv[k], err = fill(i.Run[k], words)
			must(w.T, err)
		}
		out, _ := runOut(w.ctx, w.env, argv[0], argv[1:]...) // an intruder may fail; what it says is compared
		if !strings.Contains(out, i.Says) {
			s.problem("the intruder got %q, not %q", out, i.Says)
		}
	}
	if w.c.Person == "leaves" {
		return
	}
	if err := p.answer(s.run(), n, q); err != nil {
		s.problem("the person's answer was not taken: %v", err)
	}
}

func runOut(ctx context.Context, env []string, name string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, name, args...)
	c.Env = env
	out, err := c.CombinedOutput()
	return string(out), err
}

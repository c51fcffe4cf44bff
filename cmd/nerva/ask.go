package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nerva/core/api"
	"nerva/core/bus"
)

func askCommand(t terminal) *cobra.Command {
	c := &cobra.Command{Use: "ask TEXT…", Short: "ask the agent, and answer its questions", Args: words("what to ask")}
	ask := askFlags(c, t)
	c.RunE = func(c *cobra.Command, args []string) error { return ask(strings.Join(args, " "), api.AskOptions{}) }
	return c
}

// askFlags gives a command the flags of those that ask, and returns what asks then.
func askFlags(c *cobra.Command, t terminal) func(prompt string, o api.AskOptions) error {
	asJSON := c.Flags().Bool("json", false, "print one compact JSON event a line")
	decide := c.Flags().Bool("decide", false, `read answers to questions from standard input, one {"id":…,"decision":…} a line`)
	return func(prompt string, o api.AskOptions) error {
		if *decide && !*asJSON {
			return usageError{errors.New("--decide answers the events of --json: give both")}
		}
		return withClient(c.Context(), func(b *bus.Client) error {
			a := asking{agent: b, terminal: t, show: showText(t)}
			switch {
			case *decide:
				a.answers = decisionLines(t.in)
			case t.inTTY && !*asJSON:
				a.person = newPerson(t)
			}
			if *asJSON {
				a.show = func(e api.Event) error { return compact(t.out, e) }
			}
			return a.run(c.Context(), prompt, o)
		})
	}
}

// answer is what somebody wrote in reply to the question of this id.
type answer struct {
	ID       string       `json:"id"`
	Decision api.Decision `json:"decision"`
	err      error
}

// asking is one request on its way.
type asking struct {
	agent    api.Agent
	terminal terminal
	show     func(api.Event) error
	// answers come from a pipe, person sits at the terminal; both are nil where nobody can be asked.
	answers <-chan answer
	person  *person
	denied  bool
}

func (a *asking) run(ctx context.Context, prompt string, o api.AskOptions) error {
	o.Interactive = a.answers != nil || a.person != nil
	run, err := a.agent.Ask(ctx, prompt, o)
	if err != nil {
		return err
	}
	now, events, err := a.agent.Watch(ctx, run)
	if err != nil {
		return err
	}
	last, err := a.follow(ctx, now, events)
	switch {
	case ctx.Err() != nil && !last.State.Final():
		return a.cancel(run)
	case err != nil:
		return err
	}
	return a.end(last.State, last.Answer)
}

// follow shows a run to its end, which it returns, and answers its questions. It ends early with ctx.
func (a *asking) follow(ctx context.Context, now api.Run, events <-chan api.Event) (api.Run, error) {
	if a.person != nil {
		defer a.person.close()
		a.answers = a.person.answers
	}
	if err := a.catchUp(now); err != nil {
		return now, err
	}
	for !now.State.Final() {
		select {
		case <-ctx.Done():
			return now, ctx.Err()
		case said, more := <-a.answers:
			if !more {
				a.answers = nil
				continue
			}
			if err := a.decide(ctx, now.ID, said); err != nil {
				return now, err
			}
		case e, more := <-events:
			if !more {
				return now, api.Errorf(api.Unavailable, "the daemon went away in the middle of the run; see `nerva runs` once it is back")
			}
			if err := a.take(e); err != nil {
				return now, err
			}
			if e.Type == api.EventFinished {
				now.State, now.Answer = e.State, e.Answer
			}
		}
	}
	return now, nil
}

// catchUp shows what had happened before the events began.
func (a *asking) catchUp(r api.Run) error {
	for i := range r.Steps {
		if err := a.take(api.Event{Type: api.EventStep, Seq: r.Seq, Step: &r.Steps[i]}); err != nil {
			return err
		}
	}
	for i := range r.Questions {
		if err := a.take(api.Event{Type: api.EventConfirm, Seq: r.Seq, Question: &r.Questions[i]}); err != nil {
			return err
		}
	}
	if r.State.Final() {
		return a.take(api.Event{Type: api.EventFinished, Seq: r.Seq, State: r.State, Answer: r.Answer})
	}
	if r.Notice != "" {
		if err := a.take(api.Event{Type: api.EventNotice, Seq: r.Seq, Notice: r.Notice}); err != nil {
			return err
		}
	}
	if r.Answer != "" {
		return a.take(api.Event{Type: api.EventText, Seq: r.Seq, Delta: r.Answer})
	}
	return nil
}

func (a *asking) take(e api.Event) error {
	if e.Type == api.EventStep {
		a.denied = e.Step.State == api.StepDenied || e.Step.State == api.StepRefused
	}
	if err := a.show(e); err != nil || a.person == nil {
		return err
	}
	switch e.Type {
	case api.EventConfirm:
		return a.person.ask(*e.Question)
	case api.EventDecided:
		return a.person.decided(e.Question.ID)
	}
	return nil
}

func (a *asking) decide(ctx context.Context, run uint64, said answer) error {
	if said.err != nil {
		return said.err
	}
	err := a.agent.Decide(ctx, run, said.ID, said.Decision, api.Caller{})
	if api.CodeOf(err) == api.NotFound {
		return nil // the overlay was quicker, or the time is up
	}
	return err
}

// cancel stops the run although the command's own context has ended.
func (a *asking) cancel(run uint64) error {
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	if err := a.agent.Cancel(ctx, run); err != nil {
		return fmt.Errorf("cancel the run: %w", err)
	}
	return api.Errorf(api.Cancelled, "cancelled")
}

func (a *asking) end(s api.State, answer string) error {
	switch {
	case s == api.Done && a.denied:
		return silent(exitDenied)
	case s == api.Done:
		return nil
	case s == api.CancelledRun:
		return api.Errorf(api.Cancelled, "the run was cancelled")
	case a.denied:
		return api.Errorf(api.Denied, "%s", answer)
	default:
		return api.Errorf(api.Failed, "%s", answer)
	}
}

// decisionLines reads --decide's lines until the input ends or one of them is wrong.
func decisionLines(in io.Reader) <-chan answer {
	return readAnswers(in, func(text string) (said answer) {
		if err := json.Unmarshal([]byte(text), &said); err != nil || said.ID == "" || !said.Decision.Valid() {
			said.err = usageError{fmt.Errorf(`%s is not a decision; write {"id":"…","decision":"once"} (or run, always, refuse)`, line(text, 60))}
		}
		return said
	})
}

// readAnswers ends with the input. A read that blocks cannot be stopped, so its goroutine may stay until
// the process ends, which is right after the run.
func readAnswers(in io.Reader, parse func(string) answer) <-chan answer {
	out := make(chan answer)
	go func() {
		defer close(out)
		for s := bufio.NewScanner(in); s.Scan(); {
			out <- parse(s.Text())
		}
	}()
	return out
}

// showText prints a run for a person: the answer goes to standard output, everything about how it came to
// be goes to standard error, so that a pipe gets the answer alone.
func showText(t terminal) func(api.Event) error {
	printed := 0
	return func(e api.Event) error {
		var err error
		switch e.Type {
		case api.EventText:
			printed += len(e.Delta)
			_, err = io.WriteString(t.out, printable(e.Delta))
		case api.EventStep:
			if e.Step.State != api.StepRunning {
				_, err = fmt.Fprintln(t.err, stepLine(t, *e.Step))
			}
		case api.EventNotice:
			_, err = fmt.Fprintln(t.err, t.errColour(dim, line(e.Notice, 200)))
		case api.EventConfirm:
			if !t.inTTY { // else the person is asked, one question after the other
				_, err = io.WriteString(t.err, questionText(t, *e.Question))
			}
		case api.EventFinished:
			if e.State != api.Done {
				break
			}
			if printed == 0 {
				_, err = io.WriteString(t.out, printable(e.Answer))
			}
			if !strings.HasSuffix(e.Answer, "\n") {
				_, err = io.WriteString(t.out, "\n")
			}
		}
		return err
	}
}

func stepLine(t terminal, s api.Step) string {
	mark := t.errColour(green, "✓")
	if s.State != api.StepOK {
		mark = t.errColour(red, "✗")
	}
	text := fmt.Sprintf("%s %s %s", mark, s.Skill, t.errColour(dim, line(string(s.Input), 80)))
	if s.Error != "" {
		text += "\n  " + line(s.Error, 200)
	}
	return text
}

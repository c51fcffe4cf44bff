package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"nerva/core/api"
	"nerva/core/bus"
)

func TestExitCodes(t *testing.T) {
	ended, stop := context.WithCancel(context.Background())
	stop()
	for _, c := range []struct {
		rule string
		ctx  context.Context
		err  error
		want int
	}{
		{"done", context.Background(), nil, 0},
		{"failed", context.Background(), errors.New("x"), 1},
		{"failed, though it has a code", context.Background(), api.Errorf(api.NotFound, "x"), 1},
		{"wrong usage", context.Background(), usageError{errors.New("x")}, 2},
		{"wrong usage, interrupted", ended, usageError{errors.New("x")}, 2},
		{"denied", context.Background(), fmt.Errorf("x: %w", api.Errorf(api.Denied, "x")), 3},
		{"no daemon", context.Background(), &api.Error{Code: api.Unavailable, Err: bus.ErrNoDaemon}, 4},
		{"no bus", context.Background(), noBus{errors.New("x")}, 4},
		{"interrupted", ended, api.Errorf(api.Cancelled, "x"), 130},
	} {
		t.Run(c.rule, func(t *testing.T) {
			if got := exitCode(c.ctx, c.err); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
	if got := run(context.Background(), []string{"frobnicate"}, terminal{out: &bytes.Buffer{}, err: &bytes.Buffer{}}); got != 2 {
		t.Errorf("an unknown command exits with %d", got)
	}
}

func TestWhatComesFromOutsideCannotDriveTheTerminal(t *testing.T) {
	const evil = "a\x1b[2Jb\u202ec\u0085d\re"
	if got := printable(evil); strings.ContainsAny(got, "\x1b\u202e\u0085\r") {
		t.Errorf("%q", got)
	}
	q := api.Question{
		Skill: "x\x1b", Input: json.RawMessage("{\"text\":\"a\u202eb\"}"), Reason: "r\x1b[2J", TaintedBy: []string{"s\u202e"},
	}
	got := questionText(terminal{}, q)
	if strings.ContainsAny(got, "\x1b\u202e") {
		t.Errorf("%q", got)
	}
	for _, want := range []string{`x\u{001B} {"text":"a\u{202E}b"}`, `r\u{001B}[2J`, `s\u{202E}`, "Look closely", "direction of writing", "Caution"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %s", got, want)
		}
	}
}

func TestAPipeGetsPlainLinesAndATerminalATable(t *testing.T) {
	rows := []api.Skill{{ID: "one", Title: "First\tthing"}}
	cells := func(s api.Skill) []string { return []string{s.ID, s.Title} }
	for tty, want := range map[bool]string{false: "one\tFirst thing\n", true: "ID   TITLE\none  First thing\n"} {
		var out bytes.Buffer
		if err := listing(terminal{out: &out, outTTY: tty}, false, rows, []string{"id", "title"}, cells); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("terminal %v: %q, want %q", tty, out.String(), want)
		}
	}
}

func TestAnEmptyListingIsAnEmptyArray(t *testing.T) {
	var out bytes.Buffer
	err := listing(terminal{out: &out}, true, []api.Skill(nil), nil, func(api.Skill) []string { return nil })
	if err != nil || out.String() != "[]\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// player is an agent whose one run plays given events.
type player struct {
	api.Agent
	now       api.Run
	events    []api.Event
	decisions []api.Decision
	cancelled bool
}

func (p *player) Ask(context.Context, string, api.AskOptions) (uint64, error) { return 1, nil }

func (p *player) Watch(context.Context, uint64) (api.Run, <-chan api.Event, error) {
	c := make(chan api.Event, len(p.events))
	for _, e := range p.events {
		c <- e
	}
	return p.now, c, nil
}

func (p *player) Cancel(context.Context, uint64) error { p.cancelled = true; return nil }

func (p *player) Decide(_ context.Context, _ uint64, _ string, d api.Decision, _ api.Caller) error {
	p.decisions = append(p.decisions, d)
	return nil
}

func asked(p *player) (*asking, *bytes.Buffer) {
	var out bytes.Buffer
	t := terminal{out: &out, err: &bytes.Buffer{}}
	return &asking{agent: p, terminal: t, show: showText(t)}, &out
}

func TestARunThatWasOverBeforeWeWatchedIsPrinted(t *testing.T) {
	a, out := asked(&player{now: api.Run{State: api.Done, Answer: "42"}})
	if err := a.run(context.Background(), "x", api.AskOptions{}); err != nil || out.String() != "42\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestAnInterruptedRunIsCancelled(t *testing.T) {
	p := &player{now: api.Run{State: api.Thinking}}
	a, _ := asked(p)
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if err := a.run(ctx, "x", api.AskOptions{}); !p.cancelled || api.CodeOf(err) != api.Cancelled {
		t.Errorf("%v, cancelled %v", err, p.cancelled)
	}
}

func TestOnlyAClearYesIsAYes(t *testing.T) {
	for text, want := range map[string]api.Decision{
		"y": api.Once, "YES ": api.Once, "r": api.ForRun, "always": api.Always,
		"": api.Refuse, "n": api.Refuse, "yy": api.Refuse, "ok": api.Refuse,
	} {
		if got := decision(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestADecisionLineThatIsWrongIsNamed(t *testing.T) {
	for _, text := range []string{"yes", `{"id":"1"}`, `{"decision":"once"}`, `{"id":"1","decision":"maybe"}`} {
		if got := <-decisionLines(strings.NewReader(text + "\n")); got.err == nil || !strings.Contains(got.err.Error(), `"decision":"once"`) {
			t.Errorf("%s: %v", text, got.err)
		}
	}
}

func TestTheManualPageNamesEveryCommandAndFlag(t *testing.T) {
	page, err := os.ReadFile("../../assets/man/nerva.1")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(page), `\-`, "-")
	var look func(*cobra.Command)
	look = func(c *cobra.Command) {
		for _, below := range c.Commands() {
			if path := strings.TrimPrefix(below.CommandPath(), "nerva "); !strings.Contains(text, path) {
				t.Errorf("nerva(1) lacks the command %s", path)
			}
			look(below)
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name == "limit" && strings.Contains(text, "-n") {
				return
			}
			if !strings.Contains(text, "--"+f.Name) {
				t.Errorf("nerva(1) lacks --%s of %s", f.Name, c.CommandPath())
			}
		})
	}
	look(commands(terminal{}))
}

func TestParametersOfAWorkflowComeAfterItsName(t *testing.T) {
	for words, want := range map[string]string{
		"standup":               "standup map[]",
		"read it to me":         "read it to me map[]",
		"weather city=New York": "is no parameter",
		"weather city=Ulm day=": "weather map[city:Ulm day:]",
		"weather a=b=c":         "weather map[a:b=c]",
		"city=Ulm":              "the name of a workflow is missing before city=Ulm",
		"weather =x":            `"=x" is no parameter`,
		"weather a=1 a=2":       "a is given twice",
	} {
		name, params, err := workflowArgs(strings.Fields(words))
		var usage usageError
		if err != nil && (!errors.As(err, &usage) || !strings.Contains(err.Error(), want)) || err == nil && fmt.Sprint(name, " ", params) != want {
			t.Errorf("%s: %q %v, %v; want %s", words, name, params, err, want)
		}
	}
}

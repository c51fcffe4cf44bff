package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nerva/core/api"
)

// pseudoterminal is a terminal and what types on it.
func pseudoterminal(t *testing.T) (keys, tty *os.File) {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("there are no pseudoterminals here: %v", err)
	}
	t.Cleanup(func() { _ = keys.Close() })
	if err := unix.IoctlSetPointerInt(int(keys.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(keys.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tty.Close() })
	return keys, tty
}

// screen is what was printed; prompts gets a value for each prompt.
type screen struct {
	mu      sync.Mutex
	text    bytes.Buffer
	prompts chan struct{}
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasSuffix(string(p), ": ") {
		s.prompts <- struct{}{}
	}
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// questions is an agent whose run ends when so many are decided.
type questions struct {
	api.Agent
	events chan api.Event
	left   int
	said   []api.Decision
}

func (q *questions) Ask(context.Context, string, api.AskOptions) (uint64, error) { return 1, nil }

func (q *questions) Watch(context.Context, uint64) (api.Run, <-chan api.Event, error) {
	return api.Run{ID: 1, State: api.Thinking}, q.events, nil
}

func (q *questions) Decide(_ context.Context, _ uint64, id string, d api.Decision, _ api.Caller) error {
	q.said = append(q.said, d)
	q.events <- api.Event{Type: api.EventDecided, Question: &api.Question{ID: id}}
	if q.left--; q.left == 0 {
		q.events <- api.Event{Type: api.EventFinished, State: api.Done}
	}
	return nil
}

func confirm(id string) api.Event {
	return api.Event{Type: api.EventConfirm, Question: &api.Question{ID: id, Skill: "power", Risk: api.Dangerous, Expires: time.Now().Add(time.Hour)}}
}

func TestOnlyWhatIsTypedAfterThePromptAnswers(t *testing.T) {
	keys, tty := pseudoterminal(t)
	shown := &screen{prompts: make(chan struct{}, 9)}
	q := &questions{events: make(chan api.Event, 9), left: 3}
	term := terminal{in: tty, out: &bytes.Buffer{}, err: shown, inTTY: true}
	a := &asking{agent: q, terminal: term, show: showText(term), person: newPerson(term)}
	write := func(text string) {
		t.Helper()
		if _, err := keys.WriteString(text); err != nil {
			t.Error(err)
		}
	}
	write("y\nyes\ny") // ahead of any question
	q.events <- confirm("q1")
	q.events <- confirm("q2") // waits for its turn
	ended := make(chan error, 1)
	go func() { ended <- a.run(t.Context(), "x", api.AskOptions{}) }()
	<-shown.prompts
	if got := shown.String(); strings.Count(got, "May this run?") != 1 || !strings.Contains(got, "Dangerous") || !strings.Contains(got, "Enter refuses") {
		t.Errorf("shown:\n%s", got)
	}
	write("\n") // would complete the y
	<-shown.prompts
	write("a\ny\n") // the second line answers nothing
	q.events <- confirm("q3")
	<-shown.prompts
	write("once\n")
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if want := []api.Decision{api.Refuse, api.Always, api.Once}; !slices.Equal(q.said, want) {
		t.Errorf("said %v, want %v", q.said, want)
	}
}

func TestAQuestionThatIsAnsweredElsewhereTakesNoAnswer(t *testing.T) {
	keys, tty := pseudoterminal(t)
	shown := &screen{prompts: make(chan struct{}, 9)}
	q := &questions{events: make(chan api.Event, 9), left: 1}
	term := terminal{in: tty, out: &bytes.Buffer{}, err: shown, inTTY: true}
	a := &asking{agent: q, terminal: term, show: showText(term), person: newPerson(term)}
	q.events <- confirm("q1")
	ended := make(chan error, 1)
	go func() { ended <- a.run(t.Context(), "x", api.AskOptions{}) }()
	<-shown.prompts
	q.events <- api.Event{Type: api.EventDecided, Question: &api.Question{ID: "q1"}}
	q.events <- confirm("q2")
	<-shown.prompts
	if !strings.Contains(shown.String(), "answered elsewhere") {
		t.Errorf("shown:\n%s", shown)
	}
	if _, err := keys.WriteString("r\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil || !slices.Equal(q.said, []api.Decision{api.ForRun}) {
		t.Errorf("said %v, %v", q.said, err)
	}
}

func TestThePromptOffersWhatTheQuestionDoes(t *testing.T) {
	now := time.Unix(100, 0)
	q := api.Question{Decisions: []api.Decision{api.Refuse, api.Once}, Expires: now.Add(59 * time.Second)}
	if got := promptText(q, now); got != "  [y]es, once, Enter refuses (as does 59 s without an answer): " {
		t.Errorf("%q", got)
	}
	if got := promptText(api.Question{}, now); !strings.Contains(got, "for this [r]un, [a]lways for exactly this, Enter refuses: ") {
		t.Errorf("%q", got)
	}
}

package bus

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"nerva/core/api"
)

// fake is an in-memory service whose runs do what their prompt says, word by word: "say:TEXT" adds text,
// "step:SKILL" makes a step, "confirm:ID" asks and waits, "notice:TEXT" gives a notice, "wait" waits to be
// cancelled, "fail:TEXT" ends the run.
type fake struct {
	records []api.Record // of the log; nil: one that says what was asked for
	asked   int          // how often the log was
	mu      sync.Mutex
	runs    []*fakeRun
	by      api.Caller // of the last call that had one

	activated []string
	options   api.ActivateOptions
	executed  chan context.Context
	started   func(uint64)
	gone      chan string
}

type fakeRun struct {
	api.Run
	cancel   context.CancelFunc
	subs     map[chan api.Event]bool
	decision chan api.Decision
}

func newFake() *fake {
	return &fake{executed: make(chan context.Context, 1), started: func(uint64) {}, gone: make(chan string, 9)}
}

func (f *fake) service(s *Server) Service {
	f.started = s.Started
	return Service{f, names{}, f, f, f, f, f, f, func(peer string) { f.gone <- peer }}
}

// names is the fake's answer to sandboxed peers.
type names struct{}

func (names) Query(context.Context, string, int) ([]api.Result, error) {
	return []api.Result{{ID: "app:name", Kind: api.KindApp}}, nil
}

func (f *fake) caller() api.Caller {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.by
}

func (f *fake) Query(_ context.Context, text string, limit int) ([]api.Result, error) {
	list := []api.Result{
		{
			ID: "app:foot", Kind: api.KindApp, Title: "Foot " + text, Icon: "foot", Score: 1.5,
			Actions: []api.Action{{ID: "open", Title: "Open"}, {ID: "new", Title: "New Window"}}, Matches: []int{0, 2},
		},
		{ID: "window:7", Kind: api.KindWindow, Title: "bad\xffname\x00"},
	}
	if limit > 0 {
		list = list[:min(limit, len(list))]
	}
	return list, nil
}

func (f *fake) Activate(_ context.Context, id, action string, o api.ActivateOptions) error {
	if id == "app:none" {
		return api.Errorf(api.NotFound, "there is no application %q; `nerva search` lists them", id)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.activated = append(f.activated, id+" "+action)
	f.options, f.by = o, o.Caller
	return nil
}

func (f *fake) Ask(ctx context.Context, prompt string, o api.AskOptions) (uint64, error) {
	if prompt == "" {
		return 0, api.Errorf(api.InvalidInput, "the prompt is empty; say what you want")
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &fakeRun{cancel: cancel, subs: map[chan api.Event]bool{}, decision: make(chan api.Decision, 1)}
	f.mu.Lock()
	r.ID, r.Prompt, r.State, r.Caller = uint64(len(f.runs)+1), prompt, api.Thinking, o.Caller.Name
	r.Time = time.Unix(1, 5).UTC()
	f.runs = append(f.runs, r)
	f.by = o.Caller
	f.mu.Unlock()
	f.started(r.ID)
	go f.work(ctx, r)
	return r.ID, nil
}

func (f *fake) work(ctx context.Context, r *fakeRun) {
	end := api.Event{Type: api.EventFinished, State: api.Done}
	for word := range strings.FieldsSeq(r.Prompt) {
		verb, rest, _ := strings.Cut(word, ":")
		switch verb {
		case "say":
			f.emit(r, api.Event{Type: api.EventText, Delta: rest})
		case "notice":
			f.emit(r, api.Event{Type: api.EventNotice, Notice: rest})
		case "step":
			id := len(r.Steps) + 1
			f.emit(r, api.Event{Type: api.EventStep, Step: &api.Step{ID: id, Skill: rest, Input: json.RawMessage(`{}`), State: api.StepRunning}})
			f.emit(r, api.Event{Type: api.EventStep, Step: &api.Step{
				ID: id, Skill: rest, Input: json.RawMessage(`{}`), State: api.StepOK, Output: json.RawMessage(`{"n":1}`), DurationMS: 3,
			}})
		case "confirm":
			f.emit(r, api.Event{Type: api.EventState, State: api.Confirming})
			f.emit(r, api.Event{Type: api.EventConfirm, Question: &api.Question{
				ID: rest, Hash: "h", Skill: "power", Input: json.RawMessage(`{"a":"b"}`), Risk: api.Dangerous,
				Reason: "tier", TaintedBy: []string{"read_file"}, Expires: time.Unix(9, 0).UTC(),
				Decisions: []api.Decision{api.Refuse, api.Once},
			}})
			select {
			case d := <-r.decision:
				f.emit(r, api.Event{Type: api.EventDecided, Question: &api.Question{ID: rest}})
				f.emit(r, api.Event{Type: api.EventState, State: api.Running})
				f.emit(r, api.Event{Type: api.EventText, Delta: string(d)})
			case <-ctx.Done():
			}
		case "wait":
			<-ctx.Done()
		case "fail":
			end.State, end.Answer = api.FailedRun, rest
		}
	}
	if ctx.Err() != nil {
		end.State = api.CancelledRun
	} else if end.State == api.Done {
		end.Answer = r.Answer
	}
	f.emit(r, end)
}

func (f *fake) emit(r *fakeRun, e api.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e.Seq = r.Seq + 1
	fold(&r.Run, e)
	for sub := range r.subs {
		sub <- e
		if e.Type == api.EventFinished {
			close(sub)
			delete(r.subs, sub)
		}
	}
}

func (f *fake) find(run uint64) (*fakeRun, error) {
	if run == 0 || run > uint64(len(f.runs)) {
		return nil, api.Errorf(api.NotFound, "there is no run %d; `nerva runs` lists them", run)
	}
	return f.runs[run-1], nil
}

func (f *fake) Watch(ctx context.Context, run uint64) (api.Run, <-chan api.Event, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.find(run)
	if err != nil {
		return api.Run{}, nil, err
	}
	now := r.Run
	now.Steps, now.Questions = slices.Clone(r.Steps), slices.Clone(r.Questions)
	sub := make(chan api.Event, 1000)
	if r.State.Final() {
		close(sub)
		return now, sub, nil
	}
	r.subs[sub] = true
	context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if r.subs[sub] {
			delete(r.subs, sub)
			close(sub)
		}
	})
	return now, sub, nil
}

func (f *fake) Runs(_ context.Context, limit int) ([]api.Run, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []api.Run
	for _, r := range slices.Backward(f.runs) {
		if limit == 0 || len(list) < limit {
			list = append(list, r.Run)
		}
	}
	return list, nil
}

func (f *fake) Cancel(_ context.Context, run uint64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.find(run)
	if err != nil {
		return err
	}
	r.cancel()
	return nil
}

func (f *fake) Decide(_ context.Context, run uint64, question string, d api.Decision, by api.Caller) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.find(run)
	if err != nil {
		return err
	}
	if questionIndex(r.Questions, question) < 0 {
		return api.Errorf(api.NotFound, "there is no question %q", question)
	}
	f.by = by
	r.decision <- d
	return nil
}

func (f *fake) Skills(context.Context) ([]api.Skill, error) {
	return []api.Skill{{
		ID: "calculate", Title: "Calculate", Description: "does sums", Risk: api.Safe, Effect: api.Observe,
		Untrusted: true, InputSchema: json.RawMessage(`{"type":"object"}`),
	}}, nil
}

func (f *fake) Execute(ctx context.Context, skill string, input json.RawMessage, o api.AskOptions) (json.RawMessage, error) {
	switch skill {
	case "echo":
		return input, nil
	case "hang":
		f.executed <- ctx
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return nil, api.Errorf(api.Denied, "policy denies %s; change [policy] in config.toml", skill)
}

func (f *fake) Explain(_ context.Context, skill string, input json.RawMessage, o api.ExplainOptions) (api.Explanation, error) {
	if skill != "calculate" {
		return api.Explanation{}, api.Errorf(api.NotFound, "there is no skill %q", skill)
	}
	return api.Explanation{
		Skill: skill, Input: input, Risk: api.Safe, Effect: api.Observe, Decision: "allow", DecidedBy: "tier", Reason: fmt.Sprint(o.Tainted),
	}, nil
}

func (f *fake) Rules(context.Context) ([]api.Rule, error) {
	at := time.Unix(7, 0).UTC()
	return []api.Rule{
		{Name: "a", Origin: api.FromConfiguration, Decision: "deny", Skill: "open_path", Match: json.RawMessage(`{"path":"/x"}`)},
		{Name: "always-1", Origin: api.FromAnswer, Decision: "allow", Share: "windows", Host: "h", Time: &at},
	}, nil
}

func (f *fake) Forget(_ context.Context, name string) error {
	if name == "always-1" {
		return nil
	}
	return api.Errorf(api.NotFound, "there is no answer called %q", name)
}

func (f *fake) Watchers(context.Context) ([]api.Watcher, error) {
	last := time.Unix(5, 6).UTC()
	return []api.Watcher{{Name: "links", On: "clipboard", Enabled: true, Fired: 1 << 63, Last: &last}, {Name: "off", On: "timer"}}, nil
}

func (f *fake) Suggestions(_ context.Context, limit int) ([]api.Suggestion, error) {
	return []api.Suggestion{{
		ID: "3", Time: time.Unix(7, 8).UTC(), Rule: "links", Title: "Open it?", Body: "b", Actions: []api.Action{{ID: "accept", Title: "Accept"}},
	}}[:min(max(limit, 0), 1)], nil
}

func (f *fake) Accept(_ context.Context, id string, by api.Caller) error {
	f.mu.Lock()
	f.by = by
	f.mu.Unlock()
	return f.suggestion(id)
}

func (f *fake) Dismiss(_ context.Context, id string) error { return f.suggestion(id) }

func (f *fake) Never(_ context.Context, id string) error { return f.suggestion(id) }

func (f *fake) Hear(_ context.Context, rule string) error {
	if rule == "links" {
		return nil
	}
	return api.Errorf(api.NotFound, "there is no rule %q", rule)
}

func (f *fake) Workflows(context.Context) ([]api.Workflow, error) {
	day := "today"
	return []api.Workflow{{
		Name: "standup", Title: "Stand-up", Params: []api.WorkflowParam{{Name: "day", Default: &day}, {Name: "city"}},
		Steps: []api.WorkflowStep{{Skill: "notify", Input: json.RawMessage(`{"title":"a"}`)}, {Ask: "b"}},
	}}, nil
}

func (f *fake) suggestion(id string) error {
	if id == "3" {
		return nil
	}
	return api.Errorf(api.NotFound, "there is no suggestion %q any more", id)
}

func (f *fake) Status(context.Context) (api.Status, error) {
	return api.Status{
		Version: "1.2", PID: 42, UptimeS: 3, Host: "nervad", Compositor: "sway", Overlay: true, Apps: 5,
		LLM: api.StatusLLM{Provider: "offline", Reachable: true}, Config: api.StatusConfig{Path: "/c", Error: "e"},
	}, nil
}

func (f *fake) Reload(context.Context) error {
	return api.Errorf(api.InvalidInput, "config.toml:3:1: unknown key")
}

func (f *fake) Log(_ context.Context, filter api.LogFilter) ([]api.Record, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if f.records != nil {
		var older []api.Record
		for _, r := range f.records {
			if filter.Before == 0 || r.Seq < filter.Before {
				older = append(older, r)
			}
		}
		const room = 15
		if most := min(cmp.Or(filter.Limit, room), room); len(older) > most {
			older = older[len(older)-most:]
		}
		return older, nil
	}
	if filter.Before > 0 {
		return nil, nil
	}
	return []api.Record{{
		Seq: 1<<63 + 1, Time: time.Unix(7, 1).UTC(), Run: filter.Run, Skill: filter.Skill, Input: json.RawMessage(`{"x":1}`),
		Error: filter.Since.Format(time.RFC3339), Risk: api.Safe, Tainted: true, TaintedBy: []string{"read the screen at 14:02", "ä"}, Decision: "allow", DurationMS: int64(filter.Limit), Ended: filter.EndedAfter, Prev: "p", Hash: "h",
	}}, nil
}

func (f *fake) VerifyLog(context.Context) (api.Verified, error) {
	return api.Verified{Records: 99, Cut: 1 << 63}, nil
}

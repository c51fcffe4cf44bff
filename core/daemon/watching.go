package daemon

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/core/policy"
	"nerva/core/suggestions"
	"nerva/core/watchers"
)

// workers do what rules want without having been asked, one thing each at a time: one that takes long holds up no other, and
// a flood keeps the engine waiting and with it the source.
const workers = 4

// watcher is who a rule's runs and calls are on record as.
var watcher = api.Caller{Name: "watcher"}

// watching takes what the rules of watchers want and does it; it implements watchers.Outcomes and api.Watchers. What it keeps
// is other parts', but for the buttons that are shown.
type watching struct {
	engine   *watchers.Engine
	store    *suggestions.Store
	agent    agent
	notifier desk.Notifier
	// judge says what would become of a call that an event has tainted.
	judge func(a watchers.Action, taint string) policy.Decision
	// share says whether the model may be shown what has been noticed, by the kind that llm.share knows it as; an error says why
	// it never may.
	share func(ctx context.Context, kind string) (policy.Decision, error)
	// interprets says that there is no model but the interpreter, which answers in sentences that it knows.
	interprets func() bool
	// asks says whether a workflow has a question to the model in it.
	asks func(workflow string) bool
	// hold keeps another daemon from taking over.
	hold func(context.Context) (release func(), err error)
	// suggested tells of a new suggestion, changed of all that there are.
	suggested func(api.Suggestion)
	changed   func([]api.Suggestion)
	log       *slog.Logger
	jobs      chan watchers.Outcome

	telling   sync.Mutex // held until the rows are told, so that it is in order
	accepting sync.Mutex // held until the run of a suggestion has begun and the suggestion is gone, so that it begins once
	buttons   buttons
}

// agent carries out what is asked.
type agent interface {
	Execute(ctx context.Context, skill string, input json.RawMessage, o api.AskOptions) (json.RawMessage, error)
	Ask(ctx context.Context, prompt string, o api.AskOptions) (run uint64, err error)
	Watch(ctx context.Context, run uint64) (api.Run, <-chan api.Event, error)
}

// Suggest implements watchers.Outcomes.
func (w *watching) Suggest(ctx context.Context, outcomes []watchers.Outcome) error {
	if w.interprets() { // of nerva's own rules that ask a model nobody would have anything
		outcomes = slices.DeleteFunc(slices.Clone(outcomes), func(o watchers.Outcome) bool { return o.Own && o.Actions[0].Ask != "" })
	}
	if len(outcomes) == 0 {
		return nil
	}
	added, err := w.store.Add(ctx, outcomes)
	if err != nil {
		return err
	}
	if len(added) == 0 {
		return nil
	}
	for _, one := range added {
		w.suggested(one)
	}
	return w.refresh(ctx)
}

// Do implements watchers.Outcomes. What a rule may not do by itself, and what nobody would be there to agree to, becomes a
// suggestion.
func (w *watching) Do(ctx context.Context, o watchers.Outcome) error {
	if o.Kind == watchers.Notify {
		return w.notify(ctx, o)
	}
	if !o.Auto || w.doubt(ctx, o) {
		return w.offer(ctx, o)
	}
	if a := o.Actions[0]; a.Skill == "" { // it only begins here
		err := w.carryOut(ctx, o, a, watcher)
		if code := api.CodeOf(err); code == api.Busy || code == api.Denied {
			return w.offer(ctx, o)
		}
		return err
	}
	select {
	case w.jobs <- o:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// doubt says whether somebody would have to be asked before what a rule wants.
func (w *watching) doubt(ctx context.Context, o watchers.Outcome) bool {
	a := o.Actions[0]
	if a.Skill != "" {
		return w.judge(a, o.Taint()) == policy.Ask
	}
	if !w.shows(a) {
		return false
	}
	decision, err := w.share(ctx, kind(o.Source))
	return err != nil || decision != policy.Allow
}

// shows says whether a model is shown what an action has in it.
func (w *watching) shows(a watchers.Action) bool {
	return a.Ask != "" || a.Workflow != "" && w.asks(a.Workflow)
}

// offer suggests what a rule wants to do.
func (w *watching) offer(ctx context.Context, o watchers.Outcome) error {
	o.Title, o.Body = o.Rule, o.Actions[0].Summary()
	return w.Suggest(ctx, []watchers.Outcome{o})
}

// work does what rules want by themselves, until ctx ends.
func (w *watching) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case o := <-w.jobs:
			// The log of calls has the sentence, and the journal is not to have what an event had in it.
			if err := w.carryOut(ctx, o, o.Actions[0], watcher); err != nil && ctx.Err() == nil {
				w.log.Warn("what a watcher's rule wants was not done", "rule", o.Rule, "code", api.CodeOf(err))
			}
		}
	}
}

// carryOut does an action, as one that the event has tainted.
func (w *watching) carryOut(ctx context.Context, o watchers.Outcome, a watchers.Action, by api.Caller) error {
	if a.Skill == "" {
		_, err := w.begin(ctx, o, a, api.AskOptions{Caller: by})
		return err
	}
	release, err := w.hold(ctx)
	if err != nil {
		return err
	}
	defer release()
	_, err = w.agent.Execute(ctx, a.Skill, a.Input, api.AskOptions{Caller: by, TaintedBy: []string{o.Taint()}})
	return err
}

// begin starts the run of a question or a workflow, unless the model may never be shown what is in it.
func (w *watching) begin(ctx context.Context, o watchers.Outcome, a watchers.Action, options api.AskOptions) (run uint64, err error) {
	if w.shows(a) {
		if _, err := w.share(ctx, kind(o.Source)); err != nil {
			return 0, err
		}
	}
	release, err := w.hold(ctx)
	if err != nil {
		return 0, err
	}
	defer release()
	options.TaintedBy, options.Kind, options.Result = []string{o.Taint()}, kind(o.Source), ""
	if a.Workflow != "" {
		options.Result = api.KindWorkflow + ":" + a.Workflow
		if err := json.Unmarshal(a.Input, &options.Params); err != nil {
			return 0, api.Errorf(api.Failed, "the parameters of the workflow %s are no texts: %w; change the rule %q", a.Workflow, err, o.Rule)
		}
	}
	return w.agent.Ask(ctx, a.Ask, options)
}

// kind is what llm.share calls what a source tells; a new source's is not free by itself.
func kind(source string) string {
	switch source {
	case "timer", "battery", "idle":
		return "" // nothing of the user's, and nobody's words, are in them
	case "clipboard":
		return "clipboard"
	case "file", "calendar":
		return "files"
	}
	return "windows"
}
